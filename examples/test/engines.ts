import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, memoryEngine } from '@parley/core';
import { postgres } from '@parley/engine-postgres';
import { sqlite } from '@parley/engine-sqlite';
import { startPostgres } from '@parley/testing/postgres';

/** A kind of engine, opened: each bot of a test gets one of its own. */
export interface Engines {
  make(): Promise<Engine>;
  close(): Promise<void>;
}

/** So that nobody waits for a second try. */
const HASTE = { backoffMs: 10 };

/** What an example must not notice the difference of. */
export const ENGINES: readonly (readonly [name: string, open: () => Promise<Engines>])[] = [
  ['memory', async () => ({ make: async () => memoryEngine(HASTE), close: async () => {} })],
  ['sqlite', openSqlite],
  ['postgres', openPostgres],
];

async function openSqlite(): Promise<Engines> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'));
  let files = 0;
  return {
    async make() {
      files += 1;
      return sqlite(join(folder, `${files}.db`), HASTE);
    },
    close: () => rm(folder, { recursive: true }),
  };
}

async function openPostgres(): Promise<Engines> {
  const server = await startPostgres({ fsync: 'off' });
  return {
    make: async () => postgres({ connectionString: await server.database(), ...HASTE }),
    close: () => server.close(),
  };
}
