import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Event, FailedAttempt } from '@parley/core';
import { contactOf, dedupeKey, laneOf } from '@parley/core';
import type { InboxItem } from '@parley/core/lanes';
import type { Sequence } from './sequence.js';

/** An event of this file. `order` is its row. */
export interface StoredEvent extends InboxItem {
  readonly lane: string;
  /** Processes that ended while its turn ran. */
  crashes: number;
  /** Where its running turn is written down. */
  slot: number | undefined;
}

/** An event on its way into the table, with everything worked out that needs no transaction. */
export interface NewEvent {
  readonly event: Event;
  readonly turnId: string;
  /** What a redelivery is recognised by: the bytes of `turnId`. */
  readonly mark: Uint8Array;
  readonly lane: string;
  readonly json: string;
}

/** 128 bits of a hash: it names a turn and tells nothing of the conversation that is in it. */
const MARK_BYTES = 16;

export function toNewEvent(event: Event): NewEvent {
  const mark = hash('sha256', dedupeKey(event), 'buffer').subarray(0, MARK_BYTES);
  const turnId = mark.toString('base64url');
  return { event, turnId, mark, lane: laneOf(event), json: JSON.stringify(event) };
}

interface Row {
  seq: number;
  turn: string;
  lane: string;
  accepted_at: number;
  attempts: number;
  crashes: number;
  history: string | null;
  event: string;
}

/** Events that are not done, and the marks of all that were accepted. */
export class EventTable {
  readonly #sequence: Sequence;
  readonly #ttlMs: number;
  readonly #mark: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #has: StatementSync;
  readonly #note: StatementSync;
  readonly #crashed: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync, sequence: Sequence, ttlMs: number) {
    this.#sequence = sequence;
    this.#ttlMs = ttlMs;
    this.#mark = db.prepare(
      'INSERT INTO mark VALUES (?, ?) ON CONFLICT DO UPDATE SET expires = excluded.expires WHERE expires <= ?',
    );
    this.#insert = db.prepare('INSERT INTO inbox VALUES (?, ?, ?, ?, ?, 0, 0, NULL, ?)');
    this.#delete = db.prepare('DELETE FROM inbox WHERE seq = ?');
    this.#has = db.prepare('SELECT 1 FROM inbox WHERE seq = ?');
    this.#note = db.prepare('UPDATE inbox SET attempts = ?, history = ? WHERE seq = ?');
    this.#crashed = db.prepare('UPDATE inbox SET crashes = crashes + 1 WHERE seq = ?');
    this.#all = db.prepare('SELECT * FROM inbox ORDER BY seq');
  }

  /** Undefined if it was accepted before. */
  accept(fresh: NewEvent, now: number): StoredEvent | undefined {
    const marked = this.#mark.run(fresh.mark, now + this.#ttlMs, now);
    if (marked.changes === 0) return undefined;
    return this.insert(fresh, this.#sequence.next(), now);
  }

  insert({ event, turnId, lane, json }: NewEvent, seq: number, acceptedAt: number): StoredEvent {
    this.#insert.run(seq, turnId, lane, contactOf(event) ?? null, acceptedAt, json);
    return { turnId, event, lane, acceptedAt, order: seq, attempts: 0, crashes: 0, slot: undefined };
  }

  /** False if it is gone. */
  remove({ order }: StoredEvent): boolean {
    return this.#delete.run(order).changes !== 0;
  }

  has({ order }: StoredEvent): boolean {
    return this.#has.get(order) !== undefined;
  }

  /** False if it is gone. */
  noteFailure({ order, attempts, history }: StoredEvent): boolean {
    return this.#note.run(attempts, JSON.stringify(history ?? []), order).changes !== 0;
  }

  noteCrash(seq: number): void {
    this.#crashed.run(seq);
  }

  load(): StoredEvent[] {
    return Array.from(this.#all.all() as unknown as Row[], (row) => {
      const item: StoredEvent = {
        turnId: row.turn,
        event: JSON.parse(row.event) as Event,
        lane: row.lane,
        acceptedAt: row.accepted_at,
        order: row.seq,
        attempts: row.attempts,
        crashes: row.crashes,
        slot: undefined,
      };
      if (row.history !== null) item.history = JSON.parse(row.history) as FailedAttempt[];
      return item;
    });
  }
}
