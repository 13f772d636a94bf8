import type { StatementSync } from 'node:sqlite';
import type { ScheduledCall } from '@parley/core';
import type { Store } from './store.js';

const STEP_MS = 1_000;
const REST_MS = 600_000;
/** Rows looked at in one step, at least: half a millisecond. */
const ROWS = 1_000;

type Key = string | Uint8Array;

/** SQLite sorts bytes behind all text: every key, of either kind, lies between these. */
const FIRST = '';
const LAST = new Uint8Array(17).fill(0xff);

/** Walks a table by its key and deletes what has expired. An index on the time would cost every write more than this walk. */
class Walk {
  readonly #end: StatementSync;
  readonly #delete: StatementSync;
  #from: Key = FIRST;

  constructor({ db }: Store, table: string, key: string) {
    this.#end = db.prepare(
      `SELECT ${key} AS key FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1 OFFSET ?`,
    );
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE ${key} > ? AND ${key} <= ? AND expires <= ?`);
  }

  /** Within a write. True at the end of the table. */
  step(rows: number, now: number): boolean {
    const end = (this.#end.get(this.#from, rows)?.['key'] as Key | undefined) ?? null;
    this.#delete.run(this.#from, end ?? LAST, now);
    this.#from = end ?? FIRST;
    return end === null;
  }
}

/** Deletes what has expired, in small steps: marks, state, remembered effects. What is read is checked anyway. */
export class Sweep {
  readonly #store: Store;
  readonly #marks: Walk;
  readonly #states: Walk;
  readonly #effects: StatementSync;
  #call: ScheduledCall | undefined;
  #stored = 0;
  #stopped = false;

  constructor(store: Store) {
    this.#store = store;
    this.#marks = new Walk(store, 'mark', 'key');
    this.#states = new Walk(store, 'state', 'scope');
    this.#effects = store.db.prepare(
      'DELETE FROM effect WHERE seq IN (SELECT seq FROM effect WHERE expires <= ? LIMIT ?)',
    );
  }

  start(): void {
    this.#wait(STEP_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#call?.cancel();
  }

  #wait(ms: number): void {
    if (this.#stopped) return;
    this.#call = this.#store.clock.schedule(ms, () => void this.#step(), true);
  }

  async #step(): Promise<void> {
    const { writer, clock, sequence } = this.#store;
    // Twice as fast as what comes in, so that it keeps up with any load.
    const rows = ROWS + 2 * (sequence.last - this.#stored);
    this.#stored = sequence.last;
    const now = clock.now();
    let isOver = false;
    try {
      isOver = await writer.write(() => {
        this.#effects.run(now, rows);
        const marksDone = this.#marks.step(rows, now);
        return this.#states.step(rows, now) && marksDone;
      });
    } catch {
      // The file refuses for the moment: whoever else writes says so, and the next step comes.
    }
    this.#wait(isOver ? REST_MS : STEP_MS);
  }
}
