import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@parley/core';
import { DeadLetterTable } from './dead-letter-table.js';
import { EffectTable } from './effect-table.js';
import { EventTable } from './event-table.js';
import { openFile } from './open-file.js';
import type { SqliteSettings } from './options.js';
import { Sequence } from './sequence.js';
import { StateTable } from './state-table.js';
import { toStorageError } from './storage-error.js';
import { TimerTable } from './timer-table.js';
import { Writer } from './writer.js';

/** An open file, table by table. Statements use `?` only: Node 22 does not bind `?1` by its place. */
export interface Store {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly clock: Clock;
  readonly writer: Writer;
  readonly sequence: Sequence;
  readonly events: EventTable;
  readonly effects: EffectTable;
  readonly states: StateTable;
  readonly timers: TimerTable;
  readonly dead: DeadLetterTable;
  close(): void;
}

export function openStore(file: string, { clock, dedupeTtlMs, synchronous }: SqliteSettings): Store {
  const { db, path, opened, close } = openFile(file, synchronous);
  const sequence = new Sequence(db);
  return {
    db,
    path,
    clock,
    writer: new Writer(db, path),
    sequence,
    events: new EventTable(db, sequence, dedupeTtlMs),
    effects: new EffectTable(db),
    states: new StateTable(db, clock, opened),
    timers: new TimerTable(db),
    dead: new DeadLetterTable(db),
    close,
  };
}

/** What `read` returns. @throws ERR_UNAVAILABLE if the disk refuses */
export function reading<T>({ path, writer }: Store, read: () => T): T {
  try {
    writer.beginReading();
    return read();
  } catch (error) {
    throw toStorageError(error, path);
  }
}
