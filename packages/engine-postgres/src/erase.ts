import type { Erased } from '@parley/core';
import type { Database, Run } from './database.js';
import type { Tables } from './schema.js';

/** These scopes, and the conversations of those that are contacts. */
async function everythingAbout(run: Run, tables: Tables, scopes: readonly string[]): Promise<string[]> {
  const rows = await run<{ lane: string }>(
    `SELECT unnest($1::text[]) AS lane
      UNION SELECT scope FROM ${tables.state} WHERE subject = ANY($1::text[])
      UNION SELECT singleton_key FROM ${tables.inbox} WHERE data->>'contact' = ANY($1::text[])
      UNION SELECT lane FROM ${tables.letter} WHERE contact = ANY($1::text[])`,
    [scopes],
  );
  return rows.map(({ lane }) => lane);
}

/** In one commit. What is on its way out ends; a turn that runs finds its event gone and commits nothing. */
export function eraseAll(
  database: Database,
  tables: Tables,
  scopes: readonly string[],
): Promise<{ lanes: string[]; effectIds: string[]; erased: Erased }> {
  return database.transaction(async (run) => {
    const lanes = await everythingAbout(run, tables, scopes);
    const gone = async (statement: string): Promise<number> => (await run(statement, [lanes])).length;
    const events = await gone(
      `DELETE FROM ${tables.inbox} WHERE singleton_key = ANY($1::text[]) RETURNING 1`,
    );
    // One that waits for another try is held, and has certainly not left: see `retry` in outbox-storage.
    await gone(
      `DELETE FROM ${tables.outbox} WHERE singleton_key = ANY($1::text[])
        AND (state <> 'active' OR (output->>'idle')::int > retry_count) RETURNING 1`,
    );
    const effects = await run<{ id: string }>(
      `DELETE FROM ${tables.effect} WHERE lane = ANY($1::text[]) RETURNING id`,
      [lanes],
    );
    const states = await gone(`DELETE FROM ${tables.state} WHERE scope = ANY($1::text[]) RETURNING 1`);
    const timers = await gone(
      `DELETE FROM ${tables.timer} WHERE scope = ANY($1::text[]) OR lane = ANY($1::text[]) RETURNING 1`,
    );
    const deadLetters = await gone(`DELETE FROM ${tables.letter} WHERE lane = ANY($1::text[]) RETURNING 1`);
    const erased = { events, effects: effects.length, states, timers, deadLetters };
    return { keep: true, result: { lanes, effectIds: effects.map(({ id }) => id), erased } };
  });
}
