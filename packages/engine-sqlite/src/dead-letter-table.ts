import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { DeadLetter, DeadLetterQuery, Effect, EffectError, Event, FailedAttempt } from '@parley/core';
import { contactOf } from '@parley/core';
import type { SqliteEffect } from './effect-table.js';
import type { StoredEvent } from './event-table.js';

/** A dead letter with what it takes to put it back. */
export interface KeptLetter {
  readonly letter: DeadLetter;
  /** Its place among all events and effects. */
  readonly seq: number;
  /** The ids of the effects that the turn of a dead event has recorded. */
  readonly records: readonly string[];
}

interface Row {
  id: string;
  kind: 'event' | 'effect';
  seq: number;
  lane: string;
  account: string;
  accepted_at: number;
  at: number;
  attempts: number;
  error: string;
  history: string;
  records: string;
  body: string;
}

const MATCHES = 'account = coalesce(?, account) AND lane = coalesce(?, lane) AND kind = coalesce(?, kind)';

export class DeadLetterTable {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #byId: StatementSync;
  readonly #page: StatementSync;
  readonly #matching: StatementSync;
  readonly #count: StatementSync;
  readonly #oldest: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT OR REPLACE INTO dead (id, kind, seq, lane, account, contact, accepted_at, at, attempts, error, history, records, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = db.prepare('DELETE FROM dead WHERE id = ?');
    this.#byId = db.prepare('SELECT * FROM dead WHERE id = ?');
    this.#page = db.prepare(
      `SELECT * FROM dead WHERE ${MATCHES} AND place > coalesce((SELECT place FROM dead WHERE id = ?), 0)
       ORDER BY place LIMIT ?`,
    );
    this.#matching = db.prepare(`SELECT id FROM dead WHERE ${MATCHES} ORDER BY seq`);
    this.#count = db.prepare('SELECT count(*) AS count FROM dead');
    this.#oldest = db.prepare('SELECT id FROM dead ORDER BY place LIMIT 1');
  }

  addEvent(item: StoredEvent, error: EffectError, at: number, records: readonly string[]): void {
    const { turnId, event, order, lane, acceptedAt, attempts, history } = item;
    const head = [turnId, 'event', order, lane, event.account, contactOf(event) ?? null, acceptedAt, at];
    this.#add(head, attempts, error, history, records, event);
  }

  addEffect({ effect, order, attempts, error, history }: SqliteEffect, at: number): void {
    const { id, lane, account, createdAt } = effect;
    const head = [id, 'effect', order, lane, account, null, Date.parse(createdAt), at];
    const why = error ?? { code: 'ERR_UNAVAILABLE', message: 'It could not be delivered' };
    this.#add(head, attempts, why, history, [], effect);
  }

  get(id: string): KeptLetter | undefined {
    const row = this.#byId.get(id) as Row | undefined;
    return row && toLetter(row);
  }

  remove(id: string): boolean {
    return this.#delete.run(id).changes !== 0;
  }

  list({ limit = 100, after, ...query }: DeadLetterQuery): DeadLetter[] {
    const rows = this.#page.all(...criteria(query), after ?? null, limit) as unknown as Row[];
    return Array.from(rows, (row) => toLetter(row).letter);
  }

  /** The ids of all that fit, in their old order. */
  matching(query: DeadLetterQuery): string[] {
    return Array.from(this.#matching.all(...criteria(query)), (row) => row['id'] as string);
  }

  get size(): number {
    return this.#count.get()?.['count'] as number;
  }

  oldest(): string | undefined {
    return this.#oldest.get()?.['id'] as string | undefined;
  }

  #add(
    head: SQLInputValue[],
    attempts: number,
    error: EffectError,
    history: readonly FailedAttempt[] = [],
    records: readonly string[],
    body: Event | Effect,
  ): void {
    const json = [error, history, records, body].map((value) => JSON.stringify(value));
    this.#insert.run(...head, attempts, ...json);
  }
}

function criteria({ account, lane, kind }: DeadLetterQuery): (string | null)[] {
  return [account ?? null, lane ?? null, kind ?? null];
}

function toLetter(row: Row): KeptLetter {
  const { id, lane, account, attempts, kind } = row;
  const head = {
    id,
    lane,
    account,
    acceptedAt: new Date(row.accepted_at).toISOString(),
    at: new Date(row.at).toISOString(),
    attempts,
    error: JSON.parse(row.error) as EffectError,
    history: JSON.parse(row.history) as FailedAttempt[],
  };
  const letter: DeadLetter =
    kind === 'event'
      ? { ...head, kind, event: JSON.parse(row.body) as Event }
      : { ...head, kind, effect: JSON.parse(row.body) as Effect };
  return { letter, seq: row.seq, records: JSON.parse(row.records) as string[] };
}
