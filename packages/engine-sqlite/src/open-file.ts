import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/core';
import { createPrivately } from './create-privately.js';
import { lockFile } from './file-lock.js';
import { nodeSqlite } from './node-sqlite.js';
import { APPLICATION_ID, MIGRATIONS } from './schema.js';
import { sqliteCode, toStorageError } from './storage-error.js';

export interface OpenFile {
  readonly db: DatabaseSync;
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** How often the file was opened. */
  readonly opened: number;
  close(): void;
}

/** 32 MB: longer, and a restart takes longer; shorter, and hot pages are written more often. */
const WAL_PAGES = 8_000;
const NOT_A_DATABASE = 26;
const DAMAGED = 11;

/**
 * Locks, opens and, where needed, creates or migrates the file.
 *
 * @throws ERR_CONFLICT if another engine has it open
 * @throws ERR_CONFIG if it cannot be ours: no such folder, no permission, no database, another program's, a newer schema
 * @throws ERR_UNAVAILABLE if the disk refuses
 */
export function openFile(file: string, synchronous: 'full' | 'normal'): OpenFile {
  const path = locate(file);
  createPrivately(`${path}-lock`);
  const lock = lockFile(path);
  let db: DatabaseSync | undefined;
  try {
    createPrivately(path);
    db = new (nodeSqlite().DatabaseSync)(path, { timeout: 0 });
    const opened = prepare(db, path, synchronous);
    const close = (): void => {
      db?.close();
      lock.release();
    };
    return { db, path, opened, close };
  } catch (error) {
    db?.close();
    lock.release();
    if (sqliteCode(error) === NOT_A_DATABASE) {
      throw refused(path, 'this is no SQLite database. Name another file, or move this one away', error);
    }
    if (sqliteCode(error) === DAMAGED) {
      throw refused(path, 'the database is damaged. Put a backup in its place', error);
    }
    throw toStorageError(error, path);
  }
}

function locate(file: string): string {
  if (file === '' || file.startsWith(':')) {
    throw refused(
      file,
      'expected the path of a file; for a bot that may forget everything, use memoryEngine()',
    );
  }
  const path = resolve(file);
  try {
    if (existsSync(path)) {
      const real = realpathSync(path);
      if (!statSync(real).isFile()) throw refused(path, 'this is not a file. Name a file in it');
      accessSync(real, constants.R_OK | constants.W_OK);
      accessSync(dirname(real), constants.W_OK);
      return real;
    }
    const folder = realpathSync(dirname(path));
    accessSync(folder, constants.W_OK);
    return join(folder, basename(path));
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw refused(path, `there is no folder ${dirname(path)}. Create it first`, error);
    }
    if (code === 'EROFS') throw refused(path, 'its file system is read-only', error);
    throw refused(
      path,
      'no permission to write the file and its folder. SQLite keeps files beside it',
      error,
    );
  }
}

function prepare(db: DatabaseSync, path: string, synchronous: string): number {
  assertOurs(db, path);
  const journal = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (journal !== 'wal') {
    throw refused(path, 'SQLite cannot keep a write-ahead log here. Use a local disk, not a network share');
  }
  // What is deleted is overwritten with zeros, so that nothing of an erased person stays in free pages.
  db.exec(`
    PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA secure_delete = ON;
    PRAGMA cache_size = -32768;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = ${WAL_PAGES};
    PRAGMA journal_size_limit = ${WAL_PAGES * 4096};
  `);
  migrate(db);
  const { value } = db
    .prepare(
      "INSERT INTO meta VALUES ('opened', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
    )
    .get() as { value: number };
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('pid', ?)").run(process.pid);
  return value;
}

function assertOurs(db: DatabaseSync, path: string): void {
  const id = numberOf(db, 'application_id');
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  if (id !== APPLICATION_ID && tables !== 0) {
    throw refused(path, 'this database belongs to another program. Name another file');
  }
  const version = numberOf(db, 'user_version');
  if (version > MIGRATIONS.length) {
    throw refused(
      path,
      `it was written by a newer @parley/engine-sqlite (schema ${version}; this one knows ${MIGRATIONS.length}). ` +
        'Update the package, or go back to a backup from before its last update',
    );
  }
}

function migrate(db: DatabaseSync): void {
  for (let version = numberOf(db, 'user_version'); version < MIGRATIONS.length; version += 1) {
    db.exec(`
      BEGIN IMMEDIATE;
      ${MIGRATIONS[version]}
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${version + 1};
      COMMIT;
    `);
  }
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

function refused(path: string, why: string, cause?: unknown): ParleyError {
  return new ParleyError('ERR_CONFIG', `sqlite: ${path || '(empty path)'}: ${why}`, { cause });
}
