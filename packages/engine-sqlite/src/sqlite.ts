import type { Accepted, EffectRecord, Engine, EngineStats, Event, StateEntry } from '@parley/core';
import { FileEngine } from './file-engine.js';
import type { SqliteOptions } from './options.js';
import { toSettings } from './options.js';

export interface SqliteEngine extends Engine {
  /** Absolute. */
  readonly file: string;
  accept(events: readonly Event[]): Promise<Accepted>;
  /** Read at once: the file is at hand. So are the effects and numbers below. */
  readState(scope: string, kind: string): StateEntry | undefined;
  effect(id: string): EffectRecord | undefined;
  stats(): EngineStats;
  /**
   * Copies everything to another file while the bot runs. The copy is of one moment and can be opened as it is.
   *
   * @throws ERR_CONFIG if it is the same file
   * @throws ERR_UNAVAILABLE if it cannot be written; what is there then is not to be used
   */
  backup(file: string): Promise<void>;
}

/**
 * Keeps everything in one file: nothing that was accepted is lost when the process dies, and no effect happens twice. One
 * process at a time; for several see `@parley/engine-postgres`.
 *
 * The file is opened by `bot.start()`, or by the first call that needs it, and created if it is missing. Beside it are
 * `-wal`, `-shm`, `-lock` and `-running` files.
 *
 * Every call may reject with ERR_CONFIG (the file cannot be opened: the message says why), ERR_CONFLICT (another process, or
 * another engine of this one, has it open) and ERR_UNAVAILABLE (the disk refuses for the moment; nothing was written).
 */
export function sqlite(file: string, options: SqliteOptions = {}): SqliteEngine {
  return new FileEngine(file, toSettings(options));
}
