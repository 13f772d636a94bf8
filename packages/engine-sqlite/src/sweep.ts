import type { ScheduledCall } from '@parley/core';
import type { Store } from './store.js';

const STEP_MS = 1_000;
const REST_MS = 60_000;
const ROWS = 1_000;

/** Deletes what has expired, in small steps: marks, state, remembered effects. */
export class Sweep {
  readonly #store: Store;
  #call: ScheduledCall | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  start(): void {}

  stop(): void {
    this.#call?.cancel();
  }
}
