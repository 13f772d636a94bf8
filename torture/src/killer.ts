import { setTimeout as wait } from 'node:timers/promises';
import { createDice } from './dice.js';
import type { TortureOptions } from './options.js';
import type { Processes } from './processes.js';

/**
 * What a kill waits for, so that it falls where it may hurt:
 * - `now`: nothing
 * - `acknowledged`: the victim has just answered a webhook with 200
 * - `turn`: it has just begun a turn
 * - `handled`: a turn's handler has just ended, and its commit is under way
 * - `send`: it has just begun to send a reply
 * - `sent`: the provider has just answered it, and that is being stored
 */
export type Moment = 'now' | 'acknowledged' | 'turn' | 'handled' | 'send' | 'sent';

const MOMENTS: readonly [Moment, ...Moment[]] = [
  'now',
  'acknowledged',
  'acknowledged',
  'turn',
  'handled',
  'handled',
  'send',
  'sent',
];
/** The moment does not come: the process is killed all the same. */
const LONGEST_AIM_MS = 400;
/** After the moment, so that kills fall before, inside and after what it begins. */
const LONGEST_AFTER_MS = 6;
const LONGEST_DOWN_MS = 800;
/** So many of the ends are not kills: the process is asked to end, as by a new version. */
const GENTLE = 0.15;

interface Plan {
  moment: Moment;
  /** Milliseconds from the moment to the kill. */
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
  readonly #onKilled: (process: number) => void;
  /** A place that is to be left alone for now. */
  readonly #spared: () => number | undefined;
  readonly #stop = new AbortController();
  restarts = 0;
  #aim: { place: number; moment: Moment; fire(): void } | undefined;

  constructor(
    options: TortureOptions,
    processes: Processes,
    parts: { onKilled(process: number): void; spared(): number | undefined },
  ) {
    this.#options = options;
    this.#processes = processes;
    this.#onKilled = parts.onKilled;
    this.#spared = parts.spared;
  }

  /** Something has happened in the process of a place. */
  sees(moment: Moment, place: number): void {
    if (this.#aim?.moment === moment && this.#aim.place === place) this.#aim.fire();
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
        moment: dice.pick(MOMENTS),
        afterMs: dice.chance(0.5) ? 0 : dice.between(0, LONGEST_AFTER_MS),
        downMs: dice.between(0, LONGEST_DOWN_MS),
        gently: dice.chance(GENTLE),
        again: dice.chance(0.15) ? dice.between(50, 500) : undefined,
      };
      if (this.#processes.at(place)?.serves !== true || place === this.#spared()) continue;
      if (!plan.gently) await this.#aimAt(place, plan.moment, plan.afterMs);
      restarts.push(this.#restart(place, plan));
      // With one process there is nobody else to torture meanwhile.
      if (this.#processes.count === 1) await restarts.at(-1);
    }
    await Promise.all(restarts);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #aimAt(place: number, moment: Moment, afterMs: number): Promise<void> {
    if (moment !== 'now') {
      await new Promise<void>((resolve) => {
        const late = setTimeout(() => fire(), LONGEST_AIM_MS);
        const fire = (): void => {
          clearTimeout(late);
          this.#aim = undefined;
          // In the same breath: whatever the process was to do next, it does not.
          if (afterMs === 0) this.#kill(place);
          resolve();
        };
        this.#aim = { place, moment, fire };
      });
      if (afterMs === 0) return;
      await wait(afterMs);
    }
    this.#kill(place);
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
      this.#kill(place);
      await starting;
      await this.#processes.at(place)?.ended;
    }
    await this.#processes.start(place);
  }

  #kill(place: number): void {
    const id = this.#processes.at(place)?.id;
    if (this.#processes.kill(place) && id !== undefined) this.#onKilled(id);
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
