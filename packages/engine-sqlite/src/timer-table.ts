import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Event, TimerWrite } from '@parley/core';

export interface DueTimer {
  readonly scope: string;
  readonly name: string;
  readonly event: Event;
}

/** Timers: one per scope and name, gone when they fire. */
export class TimerTable {
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #due: StatementSync;
  readonly #next: StatementSync;
  readonly #count: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('INSERT OR REPLACE INTO timer VALUES (?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM timer WHERE scope = ? AND name = ?');
    this.#due = db.prepare('SELECT scope, name, event FROM timer WHERE at <= ? ORDER BY at LIMIT ?');
    this.#next = db.prepare('SELECT min(at) AS next FROM timer');
    this.#count = db.prepare('SELECT count(*) AS count FROM timer');
  }

  write({ scope, name, due }: TimerWrite): void {
    if (due === undefined) this.#delete.run(scope, name);
    else this.#put.run(scope, name, due.at, JSON.stringify(due.event));
  }

  /** Takes the first ones that are due. */
  take(now: number, limit: number): DueTimer[] {
    const rows = this.#due.all(now, limit) as unknown as { scope: string; name: string; event: string }[];
    return Array.from(rows, ({ scope, name, event }) => {
      this.#delete.run(scope, name);
      return { scope, name, event: JSON.parse(event) as Event };
    });
  }

  /** Epoch milliseconds of the next one. */
  next(): number | undefined {
    return (this.#next.get()?.['next'] as number | null) ?? undefined;
  }

  get size(): number {
    return this.#count.get()?.['count'] as number;
  }
}
