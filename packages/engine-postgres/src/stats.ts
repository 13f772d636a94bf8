import type { EngineStats } from '@parley/core';
import type { Run } from './database.js';
import type { Tables } from './schema.js';

/** Counts of all processes together. `ours`: what waits for its next try in this one, and what of it is waiting right now. */
export async function readStats(
  run: Run,
  tables: Tables,
  ours: { retries: number; blocked: number },
  now: number,
): Promise<EngineStats> {
  const failed = `count(*) FILTER (WHERE (output->>'attempts')::int > 0)::int`;
  const [row] = await run<{
    events: number;
    effects: number;
    oldest: number | null;
    event_retries: number;
    effect_retries: number;
    scheduled: number;
    letters: number;
  }>(
    `SELECT i.*, o.*, (SELECT count(*) FROM ${tables.timer})::int
        + (SELECT count(*) FROM ${tables.effect} WHERE due_at IS NOT NULL)::int AS scheduled,
        (SELECT count(*) FROM ${tables.letter})::int AS letters
      FROM (SELECT count(*)::int AS events, ${failed} AS event_retries,
        (extract(epoch FROM min(source_created_on)) * 1000)::float8 AS oldest FROM ${tables.inbox}) AS i,
        (SELECT count(*)::int AS effects, ${failed} AS effect_retries FROM ${tables.outbox}) AS o`,
  );
  const retries = (row?.event_retries ?? 0) + (row?.effect_retries ?? 0);
  return {
    pendingEvents: row?.events ?? 0,
    pendingEffects: row?.effects ?? 0,
    scheduled: row?.scheduled ?? 0,
    retries,
    oldestEventMs: Math.max(0, Math.round(now - (row?.oldest ?? now))),
    deadLetters: row?.letters ?? 0,
    // Of other processes' retries it is not known which are running at the moment: they count as waiting.
    blockedLanes: ours.blocked + Math.max(0, retries - ours.retries),
  };
}
