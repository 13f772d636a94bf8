import type { Run } from './database.js';
import type { Tables } from './schema.js';
import { SETTLED_TTL_MS } from './store-effects.js';

/** In small commits: nobody waits long for a row, and a crash loses little. */
const MOST = 2_000;

/** Removes what has expired: dedupe marks, state, effect records. Returns how much; called again while there is more. */
export async function sweepSome(run: Run, tables: Tables, now: number): Promise<number> {
  let swept = 0;
  for (const statement of [
    `DELETE FROM ${tables.mark} WHERE key IN (SELECT key FROM ${tables.mark}
      WHERE expires_at <= $1::bigint ORDER BY expires_at LIMIT ${MOST} FOR UPDATE SKIP LOCKED) RETURNING 1`,
    `DELETE FROM ${tables.state} WHERE (scope, kind) IN (SELECT scope, kind FROM ${tables.state}
      WHERE expires_at <= $1::bigint ORDER BY expires_at LIMIT ${MOST} FOR UPDATE SKIP LOCKED) RETURNING 1`,
    // What is queued, or belongs to a turn that may run again, is looked at again later.
    `WITH old AS (SELECT id, status = 'queued'
          OR EXISTS (SELECT FROM ${tables.inbox} j WHERE j.name = 'inbox' AND j.id = e.turn_job)
          OR EXISTS (SELECT FROM ${tables.letter} l WHERE l.job = e.turn_job) AS needed
        FROM ${tables.effect} e WHERE expires_at <= $1::bigint ORDER BY expires_at LIMIT ${MOST} FOR UPDATE SKIP LOCKED
      ), kept AS (UPDATE ${tables.effect} e SET expires_at = $1::bigint + ${SETTLED_TTL_MS} FROM old WHERE needed AND e.id = old.id)
      DELETE FROM ${tables.effect} e USING old WHERE NOT needed AND e.id = old.id RETURNING 1`,
  ]) {
    swept = Math.max(swept, (await run(statement, [now])).length);
  }
  return swept;
}

export const SWEEP_FULL = MOST;
