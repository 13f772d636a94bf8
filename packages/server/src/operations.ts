import { open, rm } from 'node:fs/promises';
import type {
  DeadLetter,
  DeadLetterQuery,
  Engine,
  EngineStats,
  Erased,
  StateEntry,
  StateWrite,
} from '@parley/core';
import { ParleyError } from '@parley/core';
import { codeOf } from './error-code.js';

/** What one does to a bot's engine by hand, in the bot's own process or from another. */
export interface Operations {
  stats(): Promise<EngineStats>;
  listDeadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  getDeadLetter(id: string): Promise<DeadLetter | undefined>;
  redrive(id: string): Promise<boolean>;
  redriveAll(query: Omit<DeadLetterQuery, 'limit' | 'after'>): Promise<number>;
  dropDeadLetter(id: string): Promise<boolean>;
  /** See `Engine.erase`. */
  erase(scopes: readonly string[]): Promise<Erased>;
  /** See `Engine.readState`: what is kept beside conversations, for example the runs of campaigns. */
  readState(scope: string, kind: string): Promise<StateEntry | undefined>;
  /** See `Engine.writeState`. */
  writeState(write: StateWrite): Promise<boolean>;
  /**
   * Copies everything to `file`, an absolute path, while the bot runs: a new file, for its owner only.
   *
   * @throws ERR_UNSUPPORTED if the engine is no file; ERR_CONFIG if there is one of this name already, or it cannot be written
   */
  backup(file: string): Promise<void>;
}

/** An engine that only one process may have open, and that file. */
export interface FileEngine extends Engine {
  /** Absolute. */
  readonly file: string;
  backup(file: string): Promise<unknown>;
}

export function isFileEngine(engine: Engine): engine is FileEngine {
  return 'file' in engine && typeof engine.file === 'string';
}

/** The operations of an engine that this process has open. It need not be started. */
export function operationsOf(engine: Engine): Operations {
  const { deadLetters } = engine;
  return {
    stats: async () => engine.stats(),
    listDeadLetters: async (query) => deadLetters.list(query),
    getDeadLetter: async (id) => deadLetters.get(id),
    redrive: async (id) => deadLetters.redrive(id),
    redriveAll: async (query) => deadLetters.redriveAll(query),
    dropDeadLetter: async (id) => deadLetters.drop(id),
    erase: async (scopes) => engine.erase(scopes),
    readState: async (scope, kind) => engine.readState(scope, kind),
    writeState: async (write) => engine.writeState(write),
    backup: async (file) => {
      if (!isFileEngine(engine)) throw notAFile(engine);
      await createPrivately(file);
      try {
        await engine.backup(file);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },
  };
}

function notAFile({ name }: Engine): ParleyError {
  return new ParleyError('ERR_UNSUPPORTED', `The engine "${name}" is not a file that could be copied.`);
}

/** For its owner only, before anything is in it: what is copied holds tokens and what people wrote. */
async function createPrivately(file: string): Promise<void> {
  try {
    await (await open(file, 'wx', 0o600)).close();
  } catch (cause) {
    const code = codeOf(cause);
    const problem = code === 'EEXIST' ? 'there is a file already' : `it cannot be written (${code})`;
    throw new ParleyError('ERR_CONFIG', `${file}: ${problem}; name another`, { cause });
  }
}
