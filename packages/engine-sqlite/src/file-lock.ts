import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/core';
import { nodeSqlite } from './node-sqlite.js';
import { sqliteCode } from './storage-error.js';

const BUSY = 5;

/** Another engine has the file open: one of this process, or another process, which may end. */
export class FileInUse extends ParleyError {
  readonly byProcess: number | undefined;

  constructor(file: string, byProcess: number | undefined) {
    const who =
      byProcess === process.pid
        ? 'this process has it open already'
        : `process ${byProcess ?? '(unknown)'} has it open`;
    super(
      'ERR_CONFLICT',
      `${file}: ${who}, and a file serves one engine at a time. Stop the other one, give this bot a file of its own, ` +
        'or use @parley/engine-postgres for several processes',
    );
    this.byProcess = byProcess;
  }
}

/**
 * Holds `<file>-lock` by a lock of the operating system: it ends with the process, however that dies, and it also holds
 * against a second engine in this process.
 *
 * @throws ERR_CONFLICT if somebody else has it
 */
export function lockFile(file: string): { release(): void } {
  const { DatabaseSync } = nodeSqlite();
  const lock = new DatabaseSync(`${file}-lock`, { timeout: 0 });
  try {
    // Nothing is ever written into it: the open transaction is the lock.
    lock.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== BUSY) throw error;
    throw new FileInUse(file, holderOf(file));
  }
  return { release: () => lock.close() };
}

/** The process that wrote its id into the file when it opened it. */
function holderOf(file: string): number | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new (nodeSqlite().DatabaseSync)(file, { readOnly: true });
    const pid = db.prepare("SELECT value FROM meta WHERE name = 'pid'").get()?.['value'];
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
