import { setTimeout as wait } from 'node:timers/promises';
import { createDice } from './dice.js';
import type { Wire } from './wire.js';

/** Longer than a process may be silent before others take over what it was doing. */
const CUT_MS = 14_000;
const FIRST_AFTER_MS = 3000;

const LOOK_EVERY_MS = 50;
/** Longer than the engine tries to connect before its start fails. */
const START_BOUND_MS = 5000;

export interface CutterOptions {
  seed: number;
  /** Milliseconds between two cuts, on average. */
  everyMs: number;
  mayCut(): boolean;
}

/** Cuts one process off from the database, for so long that others take over, and lets it come back to find that they have. */
export class Cutter {
  readonly #wire: Wire;
  readonly #options: CutterOptions;
  readonly #stop = new AbortController();
  isCut = false;
  cuts = 0;
  #mendedAt = Number.NEGATIVE_INFINITY;

  constructor(wire: Wire, options: CutterOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** True as long as a process that starts may find no database: it may have asked just before the wire was mended. */
  get keepsOut(): boolean {
    return this.isCut || performance.now() - this.#mendedAt < START_BOUND_MS;
  }

  /** Resolves after `stop`, with the wire mended. */
  async run(): Promise<void> {
    const { seed, everyMs, mayCut } = this.#options;
    const dice = createDice(seed, 'cuts');
    await this.#pause(FIRST_AFTER_MS);
    while (!this.#stop.signal.aborted) {
      // A process that starts without its database ends, as it should.
      while (!mayCut() && !this.#stop.signal.aborted) await this.#pause(LOOK_EVERY_MS);
      if (this.#stop.signal.aborted) return;
      this.cuts += 1;
      this.isCut = true;
      this.#wire.cut(dice.pick(['refused', 'silent']));
      // Not cut short by `stop`: half a cut shows nothing.
      await wait(CUT_MS);
      this.#wire.mend();
      this.isCut = false;
      this.#mendedAt = performance.now();
      await this.#pause(everyMs * (0.5 + dice.roll()));
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
