import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { ParleyError } from '@parley/core';
import { toStorageError } from './storage-error.js';
import type { Store } from './store.js';

/** 256 MB: a second or two, for which the process stands still. */
const MOST_BYTES = 2 ** 28;

/**
 * Rewrites the file and empties its log. `secure_delete` alone overwrites what is deleted where it lies, and leaves what
 * SQLite has copied from page to page before.
 */
export class Scrub {
  readonly #store: Store;
  #next: Promise<void> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * All who ask within one turn of the event loop share one.
   *
   * @throws ERR_UNAVAILABLE if the disk refuses, or if a backup is being made
   */
  run(): Promise<void> {
    this.#next ??= this.#afterThisTurn();
    return this.#next;
  }

  async #afterThisTurn(): Promise<void> {
    await setImmediate();
    this.#next = undefined;
    const { db, path, writer } = this.#store;
    let checkpoint: Record<string, unknown> | undefined;
    try {
      writer.endReading();
      if (statSync(path).size <= MOST_BYTES) db.exec('VACUUM');
      checkpoint = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } catch (error) {
      throw toStorageError(error, path);
    }
    if (checkpoint?.['busy'] !== 0) {
      throw new ParleyError('ERR_UNAVAILABLE', `${path}: its log is being read, by a backup for example`);
    }
  }
}
