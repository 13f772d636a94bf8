import type { Event } from '@parley/core';
import { contactOf, dedupeKey, laneOf } from '@parley/core';
import { v7 as timeOrderedId } from 'uuid';
import type { Run } from './database.js';
import { insertJobs, nextPlace } from './jobs.js';
import { hashOf } from './keys.js';
import type { Tables } from './schema.js';

/** An event as it is stored. */
export interface NewEvent {
  /** Of its job. Ascending within a process: the order of a batch. */
  readonly id: string;
  /** The hash of its dedupe key. */
  readonly key: string;
  readonly lane: string;
  readonly contact: string | undefined;
  readonly body: string;
}

export function newEvent(event: Event): NewEvent {
  return {
    id: timeOrderedId(),
    key: hashOf(dedupeKey(event)),
    lane: laneOf(event),
    contact: contactOf(event),
    body: JSON.stringify(event),
  };
}

/**
 * One statement, so one commit: a dedupe mark for each event that has none, and a job for each new mark. Two processes that
 * store the same event at once wait for each other at the mark's primary key.
 */
export function storeEvents(tables: Tables): string {
  return `WITH input AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS x(id uuid, key uuid, lane text, contact text, body text)
    ), fresh AS (
      INSERT INTO ${tables.mark} AS m (key, expires_at) SELECT key, $2::bigint + $3::bigint FROM input ORDER BY key
      ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE m.expires_at <= $2::bigint
      RETURNING key
    ), ${nextPlace(tables)}
    ${insertJobs(tables, 'inbox', {
      id: 'input.id',
      data: `jsonb_build_object('contact', contact, 'key', key, 'event', body)`,
      place: 'place.at',
      lane: 'lane',
      acceptedAt: '$2::bigint',
    })}
    FROM input JOIN fresh USING (key), place
    RETURNING id`;
}

/** Stores what is new of several calls at once and returns for each call how many that were. */
export async function acceptAll(
  run: Run,
  tables: Tables,
  calls: readonly (readonly NewEvent[])[],
  now: number,
  ttlMs: number,
): Promise<number[]> {
  const firsts = new Map<string, NewEvent>();
  for (const event of calls.flat()) if (!firsts.has(event.key)) firsts.set(event.key, event);
  const rows = await run<{ id: string }>(storeEvents(tables), [
    JSON.stringify([...firsts.values()]),
    now,
    ttlMs,
  ]);
  const stored = new Set(rows.map(({ id }) => id));
  return calls.map((events) => events.filter(({ id }) => stored.has(id)).length);
}
