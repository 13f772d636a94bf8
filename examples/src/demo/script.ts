import { setTimeout as pause } from 'node:timers/promises';
import type { Json } from '@parley/emulators';

/** Everything takes milliseconds, on a busy machine seconds; what has not happened by then does not happen. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Something that should have been seen was not. */
export class NotSeen extends Error {}

/** How far the script has come: what the next process goes on from. */
export interface Progress {
  /** Scenes that are over. */
  scenes: number;
  /** What the steps of the present scene have returned. */
  steps: (Json | undefined)[];
}

export type Scene = readonly [heading: string, play: () => Promise<void>];

interface Surroundings {
  /** Stores how far it has come, together with everything that the providers know. */
  save(): void;
  /** Prints what is new. */
  watch(): void;
  heading(text: string): void;
}

/**
 * Plays scenes whose steps happen once each, also when the process is killed and another one plays on: a step that is over
 * is skipped, and returns what it returned then.
 */
export class Script {
  readonly progress: Progress;
  readonly #surroundings: Surroundings;
  #step = 0;

  constructor(progress: Progress, surroundings: Surroundings) {
    this.progress = progress;
    this.#surroundings = surroundings;
  }

  async play(scenes: readonly Scene[]): Promise<void> {
    for (const [index, [heading, play]] of scenes.entries()) {
      if (index < this.progress.scenes) continue;
      this.#surroundings.heading(`${index + 1}/${scenes.length}  ${heading}`);
      this.#step = 0;
      await play();
      this.#surroundings.watch();
      this.progress.scenes = index + 1;
      this.progress.steps = [];
      this.#surroundings.save();
    }
  }

  /**
   * Does something once. What does not wait, is saved in one go with having been done; what does, may be done again if it is
   * cut off.
   */
  async once<T extends Json | undefined | void>(act: () => T | Promise<T>): Promise<T> {
    const { steps } = this.progress;
    const step = this.#step;
    this.#step += 1;
    if (step < steps.length) return steps[step] as T;
    const acted = act();
    const value = acted instanceof Promise ? await acted : acted;
    steps.push(value ?? null);
    this.#surroundings.save();
    return value;
  }

  /**
   * Does something once that returns nothing: it counts as done from its begin. For what a provider tells at once, and saves
   * before it does.
   */
  act(act: () => void): void {
    const { steps } = this.progress;
    const step = this.#step;
    this.#step += 1;
    if (step < steps.length) return;
    steps.push(null);
    act();
    this.#surroundings.save();
  }

  /** Waits for something, printing what happens meanwhile. Throws NotSeen after half a minute. */
  async until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    const late = pause(PATIENCE_MS, false, { ref: false });
    while (!(await Promise.race([look(), late]))) {
      this.#surroundings.watch();
      if (Date.now() >= deadline) throw new NotSeen(`not seen within ${PATIENCE_MS / 1000} s: ${what}`);
      await pause(LOOK_EVERY_MS);
    }
    this.#surroundings.watch();
  }

  /** The same as a step: what was seen once need not be seen again. */
  async seen(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
    await this.once(() => this.until(what, look));
  }

  /** Waits for a call of ours to end. Throws NotSeen after half a minute. */
  async within<T>(what: string, call: Promise<T>): Promise<T> {
    let ended = false;
    const mark = (): void => {
      ended = true;
    };
    call.then(mark, mark);
    await this.until(what, () => ended);
    return call;
  }
}
