import { resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import { createPrivately } from './create-privately.js';
import { nodeSqlite } from './node-sqlite.js';

/**
 * Copies the file as it is at this moment, while it is being written. Over a connection of its own, which sees one moment
 * however long the copy takes.
 */
export async function backUp(from: string, to: string): Promise<void> {
  if (resolve(to) === from)
    throw new ParleyError('ERR_CONFIG', `${to}: this is the file itself; name another`);
  const { DatabaseSync, backup } = nodeSqlite();
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    createPrivately(to);
    await backup(source, to);
  } catch (error) {
    throw new ParleyError('ERR_UNAVAILABLE', `${to}: the backup could not be written`, { cause: error });
  } finally {
    source.close();
  }
}
