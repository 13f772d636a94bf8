import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ParleyError } from '@parley/core';
import { isOfTheFile, sqliteCode, toStorageError } from './storage-error.js';

interface Operation {
  /** May run twice, and only the last run counts: it changes the database and nothing else. */
  readonly run: () => unknown;
  /** After the commit, in the order of the operations. */
  readonly applied: ((result: never) => void) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  result: unknown;
  failure: { error: unknown } | undefined;
}

const DISK_FULL = 13;

/** One transaction at a time holds up everything else in the process: longer queues are cut. */
const MOST_IN_ONE = 1_000;

/**
 * Group commit: all operations of one turn of the event loop share one transaction, and their promises resolve once it is
 * durable. One that throws is undone alone and costs the others nothing; a commit that fails undoes and rejects all.
 */
export class Writer {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #begin: StatementSync;
  readonly #beginReading: StatementSync;
  readonly #commit: StatementSync;
  #queue: Operation[] = [];
  #scheduled = false;
  #closed = false;
  #reading = false;

  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#beginReading = db.prepare('BEGIN');
    this.#commit = db.prepare('COMMIT');
  }

  /**
   * @throws ERR_UNAVAILABLE if the file refuses for the moment: nothing was written
   * @throws what `run` has thrown; nothing of it was written then
   */
  write<T>(run: () => T, applied?: (result: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) {
        reject(new ParleyError('ERR_ABORTED', `${this.#file}: the engine is closed`));
        return;
      }
      this.#queue.push({ run, applied, resolve, reject, result: undefined, failure: undefined });
      this.#schedule();
    });
  }

  /** Reads of one turn of the event loop share one transaction: each alone would lock and unlock the file for itself. */
  beginReading(): void {
    if (this.#reading || this.#db.isTransaction) return;
    this.#beginReading.run();
    this.#reading = true;
    this.#schedule();
  }

  endReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    // Not a COMMIT: there is nothing that could fail to be written.
    this.#rollBack();
  }

  /** Writes what waits, and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.endReading();
    while (this.#queue.length > 0) this.#flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    let batch = this.#queue;
    if (batch.length > MOST_IN_ONE) {
      this.#queue = batch.slice(MOST_IN_ONE);
      batch = batch.slice(0, MOST_IN_ONE);
      setImmediate(() => this.#flush());
    } else {
      this.#queue = [];
      this.#scheduled = false;
    }
    if (batch.length === 0) {
      this.endReading();
      return;
    }
    try {
      this.endReading();
      if (!this.#together(batch)) this.#apart(batch);
    } catch (error) {
      this.#rollBack();
      if (sqliteCode(error) === DISK_FULL) this.#makeRoom();
      const refusal = toStorageError(error, this.#file);
      for (const { reject } of batch) reject(refusal);
      return;
    }
    this.#answer(batch);
  }

  /** False if an operation has thrown, and nothing was written. */
  #together(batch: readonly Operation[]): boolean {
    this.#begin.run();
    for (const operation of batch) {
      try {
        operation.result = operation.run();
      } catch (error) {
        if (isOfTheFile(error)) throw error;
        this.#rollBack();
        return false;
      }
    }
    this.#commit.run();
    return true;
  }

  #apart(batch: readonly Operation[]): void {
    this.#begin.run();
    for (const operation of batch) {
      this.#db.exec('SAVEPOINT one');
      try {
        operation.result = operation.run();
      } catch (error) {
        if (isOfTheFile(error)) throw error;
        operation.failure = { error };
        this.#db.exec('ROLLBACK TO one');
      }
      this.#db.exec('RELEASE one');
    }
    this.#commit.run();
  }

  #answer(batch: readonly Operation[]): void {
    for (const { failure, result, applied, resolve, reject } of batch) {
      if (failure !== undefined) reject(toStorageError(failure.error, this.#file));
      else {
        applied?.(result as never);
        resolve(result as never);
      }
    }
  }

  /** Folds the log into the database and gives its space back: often that is room enough to go on. */
  #makeRoom(): void {
    try {
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The database has to grow for it, and cannot.
    }
  }

  /** SQLite has rolled back by itself after some errors. */
  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
  }
}
