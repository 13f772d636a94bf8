import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Effect, EffectError, EffectStatus, FailedAttempt } from '@parley/core';
import { StoredEffect } from '@parley/core/lanes';

/** An effect of this file. `order` is its row. */
export class SqliteEffect extends StoredEffect {
  /** The turn that recorded it, while that may run again. */
  turn: string | undefined;
  /** Epoch milliseconds; undefined once it is in its lane. */
  due: number | undefined;

  constructor(effect: Effect, order: number, turn?: string, due?: number) {
    super(effect, order);
    this.turn = turn;
    this.due = due;
  }
}

export type Settled = Exclude<EffectStatus, 'queued'>;

interface Row {
  seq: number;
  turn: string | null;
  status: EffectStatus;
  due: number | null;
  attempts: number;
  begun_at: number | null;
  history: string | null;
  message_id: string | null;
  conversation_id: string | null;
  error: string | null;
  effect: string;
}

/** Effects that are queued, that an unfinished turn has recorded, or whose key is remembered. */
export class EffectTable {
  readonly #insert: StatementSync;
  readonly #byId: StatementSync;
  readonly #forgetExpired: StatementSync;
  readonly #begin: StatementSync;
  readonly #retry: StatementSync;
  readonly #settle: StatementSync;
  readonly #delete: StatementSync;
  readonly #requeue: StatementSync;
  readonly #forget: StatementSync;
  readonly #release: StatementSync;
  readonly #due: StatementSync;
  readonly #join: StatementSync;
  readonly #next: StatementSync;
  readonly #scheduled: StatementSync;
  readonly #working: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO effect VALUES (?, ?, ?, ?, ?, ?, 0, NULL, NULL, NULL, NULL, NULL, NULL, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#byId = db.prepare('SELECT * FROM effect WHERE id = ? AND (expires IS NULL OR expires > ?)');
    this.#forgetExpired = db.prepare('DELETE FROM effect WHERE id = ? AND expires <= ?');
    this.#begin = db.prepare('UPDATE effect SET attempts = ?, begun_at = ? WHERE seq = ?');
    this.#retry = db.prepare('UPDATE effect SET attempts = ?, begun_at = NULL, history = ? WHERE seq = ?');
    this.#settle = db.prepare(
      `UPDATE effect SET status = ?, attempts = ?, begun_at = NULL, due = NULL, history = ?, message_id = ?,
       conversation_id = ?, error = ?, expires = ? WHERE seq = ?`,
    );
    this.#delete = db.prepare('DELETE FROM effect WHERE seq = ?');
    this.#requeue = db.prepare(
      `UPDATE effect SET status = 'queued', attempts = 0, history = NULL, error = NULL, expires = NULL WHERE id = ?`,
    );
    this.#forget = db.prepare("DELETE FROM effect WHERE id = ? AND status <> 'queued' AND expires IS NULL");
    this.#release = db.prepare('UPDATE effect SET turn = NULL WHERE id = ? AND turn IS NOT NULL');
    this.#due = db.prepare('SELECT * FROM effect WHERE due <= ? ORDER BY due, seq LIMIT ?');
    this.#join = db.prepare('UPDATE effect SET seq = ?, due = NULL WHERE seq = ?');
    this.#next = db.prepare('SELECT min(due) AS next FROM effect WHERE due IS NOT NULL');
    this.#scheduled = db.prepare('SELECT count(*) AS count FROM effect WHERE due IS NOT NULL');
    this.#working = db.prepare(
      "SELECT * FROM effect WHERE turn IS NOT NULL OR (status = 'queued' AND due IS NULL) ORDER BY seq",
    );
  }

  /** False if there is one with this id. */
  add(record: SqliteEffect, json: string, now: number): boolean {
    const { effect, order, turn, due, status } = record;
    const insert = (): boolean =>
      this.#insert.run(order, effect.id, turn ?? null, effect.lane, status, due ?? null, json).changes !== 0;
    return insert() || (this.#forgetExpired.run(effect.id, now).changes !== 0 && insert());
  }

  find(id: string, now: number): SqliteEffect | undefined {
    const row = this.#byId.get(id, now) as Row | undefined;
    return row && toRecord(row);
  }

  /** False if it is gone, as in all that follow. */
  begin({ attempts, begunAt, order }: SqliteEffect): boolean {
    return this.#begin.run(attempts, begunAt ?? null, order).changes !== 0;
  }

  retry({ attempts, history, order }: SqliteEffect): boolean {
    return this.#retry.run(attempts, toJson(history), order).changes !== 0;
  }

  /** Remembers what became of it, until `expires` or until its turn is over. */
  settle(record: SqliteEffect, status: Settled, expires: number | undefined): boolean {
    const { attempts, history, messageId = null, conversationId = null, error, order } = record;
    const values = [status, attempts, toJson(history), messageId, conversationId, toJson(error)];
    return this.#settle.run(...values, expires ?? null, order).changes !== 0;
  }

  remove({ order }: SqliteEffect): boolean {
    return this.#delete.run(order).changes !== 0;
  }

  /** Queues a dead one again, from the start, at its old place. */
  requeue(effect: Effect, order: number, now: number): SqliteEffect {
    this.#requeue.run(effect.id);
    const record = new SqliteEffect(effect, order);
    this.add(record, JSON.stringify(effect), now);
    return this.find(effect.id, now) ?? record;
  }

  /** What a turn recorded that is over: only what is still queued, or has a key of the application's, stays. */
  release(id: string): void {
    if (this.#forget.run(id).changes === 0) this.#release.run(id);
  }

  /** Puts the first scheduled ones that are due at the end of their lanes. */
  takeDue(now: number, limit: number, nextSeq: () => number): SqliteEffect[] {
    return Array.from(this.#due.all(now, limit) as unknown as Row[], (row) => {
      const seq = nextSeq();
      this.#join.run(seq, row.seq);
      return toRecord({ ...row, seq, due: null });
    });
  }

  nextDue(): number | undefined {
    return (this.#next.get()?.['next'] as number | null) ?? undefined;
  }

  get scheduled(): number {
    return this.#scheduled.get()?.['count'] as number;
  }

  /** All but the scheduled and the remembered ones. */
  load(): SqliteEffect[] {
    return Array.from(this.#working.all() as unknown as Row[], toRecord);
  }
}

function toRecord(row: Row): SqliteEffect {
  const effect = JSON.parse(row.effect) as Effect;
  const record = new SqliteEffect(effect, row.seq, row.turn ?? undefined, row.due ?? undefined);
  record.status = row.status;
  record.attempts = row.attempts;
  record.begunAt = row.begun_at ?? undefined;
  if (row.history !== null) record.history = JSON.parse(row.history) as FailedAttempt[];
  if (row.message_id !== null) record.messageId = row.message_id;
  if (row.conversation_id !== null) record.conversationId = row.conversation_id;
  if (row.error !== null) record.error = JSON.parse(row.error) as EffectError;
  return record;
}

function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
