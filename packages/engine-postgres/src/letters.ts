import type { DeadLetter, DeadLetterQuery, Effect, EffectError, Event, FailedAttempt } from '@parley/core';
import { contactOf } from '@parley/core';
import type { Run } from './database.js';
import type { EventJob } from './inbox-jobs.js';
import { insertJobs, ONE_HELD, stillHeld } from './jobs.js';
import type { Tables } from './schema.js';
import { SETTLED_TTL_MS } from './store-effects.js';

/**
 * Ends the job of an event that is given up and keeps the event with its cause, in one commit. A dead job that stayed in its
 * queue would block its lane.
 */
export async function buryEvent(
  run: Run,
  tables: Tables,
  item: EventJob,
  error: EffectError,
  now: number,
): Promise<'noted' | 'gone'> {
  const { event, turnId, job, fetches, attempts, history = [] } = item;
  const rows = await run(
    `WITH mine AS (${ONE_HELD}), ended AS (
      DELETE FROM ${tables.inbox} j USING mine WHERE ${stillHeld('inbox', 'j', 'mine')}
      RETURNING j.id, j.singleton_key, j.created_on, j.source_created_on, j.data
    )
    INSERT INTO ${tables.letter}
      (id, kind, lane, account, contact, job, place, accepted_at, at, attempts, error, history, body)
    SELECT $3, 'event', singleton_key, $4, $5, id, created_on, extract(epoch FROM source_created_on) * 1000,
      $6::bigint, $7::int, $8, $9, data->>'event' FROM ended
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, attempts = excluded.attempts, error = excluded.error,
      history = excluded.history, job = excluded.job, place = excluded.place
    RETURNING 1`,
    [
      job,
      fetches,
      turnId,
      event.account,
      contactOf(event) ?? null,
      now,
      attempts,
      JSON.stringify(error),
      JSON.stringify(history),
    ],
  );
  if (rows.length > 0) return 'noted';
  // Unless an earlier answer was lost: then it is there.
  const there = await run(`SELECT 1 FROM ${tables.letter} WHERE job = $1::uuid`, [job]);
  return there.length > 0 ? 'noted' : 'gone';
}

interface LetterRow {
  id: string;
  kind: 'event' | 'effect';
  lane: string;
  account: string;
  accepted_at: number;
  at: number;
  attempts: number;
  error: string;
  history: string;
  body: string;
}

const COLUMNS = `id, kind, lane, account, accepted_at::float8 AS accepted_at, at::float8 AS at, attempts, error, history, body`;

function letterOf(row: LetterRow): DeadLetter {
  const { id, lane, account, attempts } = row;
  const letter = {
    id,
    lane,
    account,
    acceptedAt: new Date(row.accepted_at).toISOString(),
    at: new Date(row.at).toISOString(),
    attempts,
    error: JSON.parse(row.error) as EffectError,
    history: JSON.parse(row.history) as FailedAttempt[],
  };
  return row.kind === 'event'
    ? { ...letter, kind: 'event', event: JSON.parse(row.body) as Event }
    : { ...letter, kind: 'effect', effect: JSON.parse(row.body) as Effect };
}

const MATCHES = `($1::text IS NULL OR account = $1) AND ($2::text IS NULL OR lane = $2)
  AND ($3::text IS NULL OR kind = $3)`;

/** Oldest first. */
export async function listLetters(
  run: Run,
  { letter }: Tables,
  query: DeadLetterQuery,
): Promise<DeadLetter[]> {
  const { account = null, lane = null, kind = null, limit = 100, after = null } = query;
  const rows = await run<LetterRow>(
    `SELECT ${COLUMNS} FROM ${letter} WHERE ${MATCHES}
      AND ($5::text IS NULL OR seq > (SELECT seq FROM ${letter} WHERE id = $5)) ORDER BY seq LIMIT $4::int`,
    [account, lane, kind, limit, after],
  );
  return rows.map(letterOf);
}

export async function getLetter(run: Run, { letter }: Tables, id: string): Promise<DeadLetter | undefined> {
  const [row] = await run<LetterRow>(`SELECT ${COLUMNS} FROM ${letter} WHERE id = $1`, [id]);
  return row && letterOf(row);
}

export async function dropLetter(run: Run, { letter }: Tables, id: string): Promise<boolean> {
  return (await run(`DELETE FROM ${letter} WHERE id = $1 RETURNING 1`, [id])).length > 0;
}

/** Back to their old places in their lanes, in one commit. Returns how many there were. */
export async function redriveLetters(
  run: Run,
  tables: Tables,
  query: Omit<DeadLetterQuery, 'limit' | 'after'> & { id?: string },
  now: number,
): Promise<number> {
  const { account = null, lane = null, kind = null, id = null } = query;
  const rows = await run<{ redriven: number }>(
    `WITH back AS (
      DELETE FROM ${tables.letter} WHERE ${MATCHES} AND ($4::text IS NULL OR id = $4) RETURNING *
    ), events AS (
      ${insertJobs(tables, 'inbox', {
        id: 'job',
        data: `jsonb_build_object('contact', contact, 'event', body, 'key',
          encode(decode(translate(id, '-_', '+/') || '==', 'base64'), 'hex'))`,
        place: 'place',
        lane: 'lane',
        acceptedAt: 'accepted_at',
        output: `'{"redriven": true}'::jsonb`,
      })}
      FROM back WHERE kind = 'event'
    ), effects AS (
      INSERT INTO ${tables.effect} (id, lane, body, keyed, status, expires_at)
      SELECT id, lane, body, coalesce((body::json->>'keyed')::boolean, false), 'queued', $5::bigint + ${SETTLED_TTL_MS}
      FROM back WHERE kind = 'effect'
      ON CONFLICT (id) DO UPDATE SET status = 'queued', error = NULL, expires_at = excluded.expires_at
    ), leaving AS (
      ${insertJobs(tables, 'outbox', {
        id: 'job',
        data: 'to_jsonb(id)',
        place: 'place',
        lane: 'lane',
        acceptedAt: 'accepted_at',
      })}
      FROM back WHERE kind = 'effect'
    )
    SELECT count(*)::int AS redriven FROM back`,
    [account, lane, kind, id, now],
  );
  return rows[0]?.redriven ?? 0;
}
