import type { DatabaseSync } from 'node:sqlite';

/** The places of events and effects in the order in which they were stored, never given twice among those that are left. */
export class Sequence {
  #last: number;

  constructor(db: DatabaseSync) {
    const tables = ['inbox', 'effect', 'dead'];
    const last = tables.map((table) => db.prepare(`SELECT max(seq) AS last FROM ${table}`).get()?.['last']);
    this.#last = Math.max(0, ...last.map(Number));
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
