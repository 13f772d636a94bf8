import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDatabase, startServer } from './database.js';
import type { TortureOptions } from './options.js';

/** Where the engine keeps its things, for one run. */
export interface Place {
  /** A file, or an address, or nothing. */
  readonly address: string;
  /** Removes it, and ends the server that was started for it. */
  close(): Promise<void>;
}

export async function openPlace({ engine, url }: TortureOptions): Promise<Place> {
  switch (engine) {
    case 'memory':
      return { address: '', close: async () => {} };
    case 'sqlite': {
      const folder = await mkdtemp(join(tmpdir(), 'parley-torture-'));
      return { address: join(folder, 'bot.db'), close: () => rm(folder, { recursive: true, force: true }) };
    }
    case 'postgres':
      return url === undefined ? startServer() : makeDatabase(url);
  }
}
