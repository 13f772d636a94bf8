import type { TimerWrite } from '@parley/core';
import type { Run } from './database.js';
import { newEvent } from './events.js';
import { insertJobs, rowPlace } from './jobs.js';
import type { Tables } from './schema.js';

/** A timer on its way into the database; without `at` it is cancelled. */
export interface TimerInput {
  scope: string;
  name: string;
  at?: number;
  key?: string;
  lane?: string;
  contact?: string | undefined;
  body?: string;
}

export const TIMER_INPUT = `(scope text, name text, at bigint, key uuid, lane text, contact text, body text)`;

export function timerInput({ scope, name, due }: TimerWrite): TimerInput {
  if (due === undefined) return { scope, name };
  const { key, lane, contact, body } = newEvent(due.event);
  return { scope, name, at: Math.ceil(due.at), key, lane, contact, body };
}

/** A statement cannot write one timer twice: the last write of a turn holds. */
export function lastOfEach(timers: readonly TimerWrite[]): TimerWrite[] {
  return [...new Map(timers.map((timer) => [JSON.stringify([timer.scope, timer.name]), timer])).values()];
}

/** Parts of a WITH, which set and cancel the timers of the part called `from`. */
export function writeTimers({ timer }: Tables, from: string): string {
  return `cancelled AS (
      DELETE FROM ${timer} t USING ${from} w WHERE w.at IS NULL AND t.scope = w.scope AND t.name = w.name
    ), set AS (
      INSERT INTO ${timer} (scope, name, at, key, lane, contact, body)
      SELECT scope, name, at, key, lane, contact, body FROM ${from} WHERE at IS NOT NULL ORDER BY scope, name
      ON CONFLICT (scope, name) DO UPDATE SET at = excluded.at, key = excluded.key, lane = excluded.lane,
        contact = excluded.contact, body = excluded.body
    )`;
}

export async function setTimer(run: Run, tables: Tables, write: TimerWrite): Promise<void> {
  await run(
    `WITH timer AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS x${TIMER_INPUT}),
      ${writeTimers(tables, 'timer')} SELECT 1`,
    [JSON.stringify([timerInput(write)])],
  );
}

/** Of one look, at most so many: the rest at the next. */
const MOST = 500;

/**
 * Timers that are due become events, each in one commit with its end: it fires once, whoever looks and whatever dies.
 * Returns how many there were.
 */
export async function fireTimers(run: Run, tables: Tables, now: number, ttlMs: number): Promise<number> {
  const rows = await run<{ fired: number }>(
    `WITH due AS (
      SELECT * FROM ${tables.timer} WHERE at <= $1::bigint ORDER BY at LIMIT ${MOST} FOR UPDATE SKIP LOCKED
    ), ended AS (
      DELETE FROM ${tables.timer} t USING due WHERE t.scope = due.scope AND t.name = due.name
    ), fresh AS (
      INSERT INTO ${tables.mark} AS m (key, expires_at)
      SELECT DISTINCT key, $1::bigint + $2::bigint FROM due ORDER BY key
      ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE m.expires_at <= $1::bigint
      RETURNING key
    ), accepted AS (
      ${insertJobs(tables, 'inbox', {
        id: 'gen_random_uuid()',
        data: `jsonb_build_object('contact', contact, 'key', key, 'event', body)`,
        place: rowPlace(tables),
        lane: 'lane',
        acceptedAt: '$1::bigint',
      })}
      FROM (
        SELECT * FROM (SELECT DISTINCT ON (key) due.* FROM due JOIN fresh USING (key) ORDER BY key, at) AS each
        ORDER BY at
      ) AS one
    )
    SELECT count(*)::int AS fired FROM due`,
    [now, ttlMs],
  );
  return rows[0]?.fired ?? 0;
}

/** Scheduled effects that are due join the end of their lanes. Returns how many there were. */
export async function releaseEffects(run: Run, tables: Tables, now: number): Promise<number> {
  const rows = await run<{ released: number }>(
    `WITH due AS (
      SELECT id, lane, due_at FROM ${tables.effect} WHERE due_at <= $1::bigint
      ORDER BY due_at LIMIT ${MOST} FOR UPDATE SKIP LOCKED
    ), released AS (
      UPDATE ${tables.effect} e SET due_at = NULL FROM due WHERE e.id = due.id
    ), leaving AS (
      ${insertJobs(tables, 'outbox', {
        id: 'gen_random_uuid()',
        data: 'to_jsonb(id)',
        place: rowPlace(tables),
        lane: 'lane',
        acceptedAt: '$1::bigint',
      })}
      FROM (SELECT * FROM due ORDER BY due_at) AS one
    )
    SELECT count(*)::int AS released FROM due`,
    [now],
  );
  return rows[0]?.released ?? 0;
}

/** When the next timer or scheduled effect is due, in epoch milliseconds. */
export async function nextDue(run: Run, { timer, effect }: Tables): Promise<number | undefined> {
  const [row] = await run<{ at: number | null }>(
    `SELECT least((SELECT min(at) FROM ${timer}), (SELECT min(due_at) FROM ${effect}))::float8 AS at`,
  );
  return row?.at ?? undefined;
}
