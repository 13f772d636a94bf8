import { isParleyError } from '@parley/core';
import { isLostRace, refusalOf } from './refusal.js';

/** Times that a batch is repeated because the server broke a deadlock at its expense. */
const MOST_RACES = 5;

interface Waiting<Op, Result> {
  readonly op: Op;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Does together what waits together: while one batch is with the database, the next one gathers. The busier the process,
 * the fewer statements and commits an operation costs; an idle one waits for nobody.
 *
 * Batches leave one after the other, so operations are stored in the order they were asked for.
 */
export class Batches<Op, Result> {
  readonly #store: (ops: readonly Op[]) => Promise<readonly Result[]>;
  readonly #most: number;
  #waiting: Waiting<Op, Result>[] = [];
  #busy = false;

  /** `store` returns one result per operation; it is called with a single one to find out which of several is refused. */
  constructor(most: number, store: (ops: readonly Op[]) => Promise<readonly Result[]>) {
    this.#store = store;
    this.#most = most;
  }

  /** Rejects with ERR_UNAVAILABLE if the same may succeed later. */
  add(op: Op): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ op, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      // What else this turn of the event loop brings goes with it.
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      await this.#attempt(batch);
    }
    this.#busy = false;
  }

  async #attempt(batch: readonly Waiting<Op, Result>[], races = 0): Promise<void> {
    try {
      const results = await this.#store(batch.map(({ op }) => op));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (races < MOST_RACES && isLostRace(error)) return this.#attempt(batch, races + 1);
      const refusal = refusalOf(error);
      if (batch.length > 1 && !isParleyError(refusal, 'ERR_UNAVAILABLE')) {
        for (const one of batch) await this.#attempt([one]);
      } else {
        for (const { reject } of batch) reject(refusal);
      }
    }
  }
}
