import type { StateEntry, StateWrite } from '@parley/core';
import type { Run } from './database.js';
import type { Tables } from './schema.js';

export const STATE_INPUT = `(scope text, kind text, value text, version bigint, "expiresAt" float8, subject text)`;

/**
 * Parts of a WITH: `changed` has one row for each write of the part called `from` that found the version it names. Versions
 * come from one sequence, so that an entry that was removed and made again never has an old one.
 */
export function changeState({ state, version }: Tables, from: string, now: string): string {
  return `made AS (
      INSERT INTO ${state} AS s (scope, kind, value, version, expires_at, subject)
      SELECT scope, kind, value, nextval('${version}'), ceil("expiresAt"), subject FROM ${from}
      WHERE version = 0 AND value IS NOT NULL ORDER BY scope, kind
      ON CONFLICT (scope, kind) DO UPDATE SET value = excluded.value, version = excluded.version,
        expires_at = excluded.expires_at, subject = excluded.subject
      WHERE s.expires_at <= ${now}
      RETURNING 1
    ), replaced AS (
      UPDATE ${state} s SET value = w.value, version = nextval('${version}'), expires_at = ceil(w."expiresAt"),
        subject = coalesce(w.subject, s.subject)
      FROM ${from} w
      WHERE w.version > 0 AND w.value IS NOT NULL
        AND s.scope = w.scope AND s.kind = w.kind AND s.version = w.version
      RETURNING 1
    ), removed AS (
      DELETE FROM ${state} s USING ${from} w
      WHERE w.version > 0 AND w.value IS NULL AND s.scope = w.scope AND s.kind = w.kind AND s.version = w.version
      RETURNING 1
    ), absent AS (
      SELECT 1 FROM ${from} w WHERE w.version = 0 AND w.value IS NULL AND NOT EXISTS (
        SELECT FROM ${state} s WHERE s.scope = w.scope AND s.kind = w.kind
          AND (s.expires_at IS NULL OR s.expires_at > ${now})
      )
    ), changed AS (
      SELECT 1 FROM made UNION ALL SELECT 1 FROM replaced UNION ALL SELECT 1 FROM removed
      UNION ALL SELECT 1 FROM absent
    )`;
}

/** True if the version was the current one. */
export async function writeState(run: Run, tables: Tables, write: StateWrite, now: number): Promise<boolean> {
  const [row] = await run<{ changed: number }>(
    `WITH write AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS x${STATE_INPUT}),
      ${changeState(tables, 'write', '$2::bigint')}
      SELECT count(*)::int AS changed FROM changed`,
    [JSON.stringify([write]), now],
  );
  return row?.changed === 1;
}

/** Of one scope, by kind. */
export type ScopeState = ReadonlyMap<string, StateEntry>;

const NOTHING: ScopeState = new Map();

/** The states of many scopes at once, in the order asked for. */
export async function readScopes(
  run: Run,
  { state }: Tables,
  scopes: readonly string[],
  now: number,
): Promise<ScopeState[]> {
  const rows = await run<{ scope: string; kind: string; value: string; version: number }>(
    `SELECT scope, kind, value, version::float8 AS version FROM ${state}
      WHERE scope = ANY($1::text[]) AND (expires_at IS NULL OR expires_at > $2::bigint)`,
    [[...new Set(scopes)], now],
  );
  const found = new Map<string, Map<string, StateEntry>>();
  for (const { scope, kind, value, version } of rows) {
    const entries = found.get(scope) ?? new Map<string, StateEntry>();
    entries.set(kind, { value, version });
    found.set(scope, entries);
  }
  return scopes.map((scope) => found.get(scope) ?? NOTHING);
}
