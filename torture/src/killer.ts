import { setTimeout as wait } from 'node:timers/promises';
import { createDice } from './dice.js';
import type { TortureOptions } from './options.js';
import type { Processes } from './processes.js';
import { MOMENTS, type Moment } from './protocol.js';
import { MANNERS, type Manner } from './words.js';

/** The moment does not come: the process is killed all the same. */
const LONGEST_AIM_MS = 800;
/** So many of the kills come at any time. */
const AT_ANY_TIME = 0.12;
/** So many of the others come from inside. */
const FROM_INSIDE = 0.7;
const MOST_LOOPS = 3;
/** So many wait for a message that is handled in a particular manner. */
const PARTICULAR = 0.6;
/** After the moment, so that kills fall before, inside and after what it begins. */
const LONGEST_AFTER_MS = 6;
const LONGEST_DOWN_MS = 800;
/** So many of the ends are not kills: the process is asked to end, as by a new version. */
const GENTLE = 0.2;

interface Plan {
  /** Undefined: at any time. */
  moment: Moment | undefined;
  /** From inside, in so many turns of the event loop after the moment; else from outside. */
  loops: number | undefined;
  /** Of the message that it waits for; any if undefined. */
  manner: Manner | undefined;
  /** From outside: milliseconds from the moment to the kill. */
  afterMs: number;
  /** Milliseconds until it is started again. */
  downMs: number;
  /** Not killed, but asked to end. */
  gently: boolean;
  /** Killed once more, so many milliseconds after it was started. */
  again: number | undefined;
}

/** Kills a process every few seconds and starts it again, sometimes killing it once more while it starts. */
export class Killer {
  readonly #options: TortureOptions;
  readonly #processes: Processes;
  /** A place that is to be left alone for now. */
  readonly #spared: () => number | undefined;
  readonly #stop = new AbortController();
  restarts = 0;
  #aim: { place: number; moment: Moment; manner: Manner | undefined; fire(): void } | undefined;

  constructor(options: TortureOptions, processes: Processes, spared: () => number | undefined) {
    this.#options = options;
    this.#processes = processes;
    this.#spared = spared;
  }

  /** A process has reached a moment, in a turn of a message of this manner. */
  sees(place: number, moment: Moment, manner: Manner | undefined): void {
    const aim = this.#aim;
    if (aim?.moment !== moment || aim.place !== place) return;
    if (aim.manner === undefined || aim.manner === manner) aim.fire();
  }

  /** Resolves after `stop`, when everybody is up again. */
  async run(): Promise<void> {
    const { killEveryMs, seed } = this.#options;
    if (killEveryMs === 0) return;
    const dice = createDice(seed, 'kills');
    const restarts: Promise<void>[] = [];
    for (;;) {
      await this.#pause(killEveryMs * (0.5 + dice.roll()));
      if (this.#stop.signal.aborted) break;
      const place = dice.between(0, this.#processes.count - 1);
      const plan: Plan = {
        moment: dice.chance(AT_ANY_TIME) ? undefined : dice.pick([...MOMENTS, 'handled']),
        loops: dice.chance(FROM_INSIDE) ? dice.between(0, MOST_LOOPS) : undefined,
        manner: dice.chance(PARTICULAR) ? dice.pick(MANNERS) : undefined,
        afterMs: dice.between(0, LONGEST_AFTER_MS),
        downMs: dice.between(0, LONGEST_DOWN_MS),
        gently: dice.chance(GENTLE),
        again: dice.chance(0.15) ? dice.between(50, 500) : undefined,
      };
      if (this.#processes.at(place)?.serves !== true || place === this.#spared()) continue;
      // In the middle of a turn that takes a while.
      if (plan.gently) await this.#until(place, 'turn', 'slow');
      else await this.#kill(place, plan);
      restarts.push(this.#restart(place, plan));
      // With one process there is nobody else to torture meanwhile.
      if (this.#processes.count === 1) await restarts.at(-1);
    }
    await Promise.all(restarts);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #kill(place: number, { moment, loops, manner, afterMs }: Plan): Promise<void> {
    if (moment !== undefined && loops !== undefined) {
      const isTurn = moment === 'turn' || moment === 'handled';
      const death = { at: moment, loops, ...(isTurn && manner !== undefined && { manner }) };
      await this.#processes.killAt(place, death, LONGEST_AIM_MS);
      return;
    }
    if (moment !== undefined) {
      await this.#until(place, moment);
      await wait(afterMs);
    }
    this.#processes.kill(place);
  }

  #until(place: number, moment: Moment, manner?: Manner): Promise<void> {
    return new Promise((resolve) => {
      const fire = (): void => {
        clearTimeout(late);
        this.#aim = undefined;
        resolve();
      };
      const late = setTimeout(fire, LONGEST_AIM_MS);
      this.#aim = { place, moment, manner, fire };
    });
  }

  async #restart(place: number, { gently, downMs, again }: Plan): Promise<void> {
    if (gently) {
      this.restarts += 1;
      await this.#processes.retire(place);
    }
    await this.#processes.at(place)?.ended;
    await wait(downMs);
    if (again !== undefined && !this.#stop.signal.aborted) {
      const starting = this.#processes.start(place);
      await wait(again);
      this.#processes.kill(place);
      await starting;
      await this.#processes.at(place)?.ended;
    }
    await this.#processes.start(place);
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
