import type { DatabaseSync } from 'node:sqlite';
import type { TokenPair, TokenStore } from '@parley/core';
import { memoryTokenStore } from '@parley/core';
import type { Writer } from './writer.js';

/** Tokens in the file. The lock is one of this process, since no other one has the file open. */
export function fileTokenStore(open: () => { db: DatabaseSync; writer: Writer }): TokenStore {
  const locks = memoryTokenStore();
  return {
    get: async (key) => {
      const row = open().db.prepare('SELECT pair FROM token WHERE key = ?').get(key);
      return row && (JSON.parse(row['pair'] as string) as TokenPair);
    },
    set: async (key, pair) => {
      const { db, writer } = open();
      const json = JSON.stringify(pair);
      await writer.write(() => db.prepare('INSERT OR REPLACE INTO token VALUES (?, ?)').run(key, json));
    },
    delete: async (key) => {
      const { db, writer } = open();
      await writer.write(() => db.prepare('DELETE FROM token WHERE key = ?').run(key));
    },
    withLock: (key, work) => locks.withLock(key, work),
  };
}
