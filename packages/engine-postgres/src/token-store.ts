import type { TokenPair, TokenStore } from '@parley/core';
import { memoryTokenStore } from '@parley/core';
import type { Database } from './database.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';

/**
 * Tokens in a table, and locks that belong to a connection of their own: whoever dies loses the connection, and with it the
 * lock. A machine that vanishes without a word is noticed by the server within half a minute.
 */
export function pgTokenStore(open: () => Promise<{ database: Database; tables: Tables }>): TokenStore {
  // Who asks in this process waits here, without a connection.
  const queue = memoryTokenStore();
  const using = async <T>(
    work: (parts: { database: Database; tables: Tables }) => Promise<T>,
  ): Promise<T> => {
    try {
      return await work(await open());
    } catch (error) {
      throw refusalOf(error);
    }
  };
  return {
    get: (key) =>
      using(async ({ database, tables }) => {
        const [row] = await database.run<{ pair: string }>(
          `SELECT pair FROM ${tables.token} WHERE key = $1`,
          [key],
        );
        return row && (JSON.parse(row.pair) as TokenPair);
      }),
    set: (key, pair) =>
      using(async ({ database, tables }) => {
        await database.run(
          `INSERT INTO ${tables.token} (key, pair) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET pair = excluded.pair`,
          [key, JSON.stringify(pair)],
        );
      }),
    delete: (key) =>
      using(async ({ database, tables }) => {
        await database.run(`DELETE FROM ${tables.token} WHERE key = $1`, [key]);
      }),
    withLock: (key, work) =>
      queue.withLock(key, async () => {
        const { database, tables } = await open();
        const client = await database.connect();
        try {
          await lock(client, `${tables.token} ${key}`);
          return await work();
        } finally {
          await client.end().catch(() => {});
        }
      }),
  };
}

/** Waits as long as the holder takes. */
async function lock(client: Awaited<ReturnType<Database['connect']>>, name: string): Promise<void> {
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  } catch (error) {
    throw refusalOf(error);
  }
}
