import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

/** In the folder; what the bot's engine keeps beside its file begins with the same name. */
const BOT = 'bot.db';
const STATE = 'demo.json';
const LOCK = 'demo.lock';

/** Longer than a demo needs to end that was killed a moment ago. */
const IN_USE_MS = 3_000;

const SQLITE_BUSY = 5;

/** The folder cannot be had; the message says why. */
export class NoFolder extends Error {}

/** Where a demo that is cut off leaves what the next one goes on from. */
export interface Folder {
  readonly path: string;
  /** The file of the bot's engine. */
  readonly botFile: string;
  /** What was saved last, or undefined. */
  read(): unknown;
  /** All of it, or what was there before. */
  write(state: object): void;
  /** Removes what a demo puts there. */
  clear(): void;
  /** The same, and the folder if nothing else is in it. Somebody else may have it then. */
  remove(): void;
}

/** Throws NoFolder if it cannot be written, or another demo has it and does not end. */
export async function openFolder(path: string): Promise<Folder> {
  const lock = await locked(path);
  const [file, next] = [join(path, STATE), join(path, `${STATE}.new`)];
  const clear = (): void => {
    for (const name of readdirSync(path)) {
      if (name.startsWith(BOT) || name.startsWith(STATE)) rmSync(join(path, name), { force: true });
    }
  };
  return {
    path,
    botFile: join(path, BOT),
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
    write(state) {
      writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
      renameSync(next, file);
    },
    clear,
    remove() {
      clear();
      lock.close();
      rmSync(join(path, LOCK), { force: true });
      rmSync(join(path, `${LOCK}-journal`), { force: true });
      try {
        rmdirSync(path);
      } catch (error) {
        // Somebody else keeps something in it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      }
    },
  };
}

/** A lock of the operating system, which ends with the process, however that dies. The open transaction is the lock. */
async function locked(path: string): Promise<DatabaseSync> {
  for (const deadline = Date.now() + IN_USE_MS; ; ) {
    let lock: DatabaseSync | undefined;
    try {
      // Each time: the demo that has it may take the folder with it.
      mkdirSync(path, { recursive: true });
      lock = new DatabaseSync(join(path, LOCK), { timeout: 0 });
      lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      lock?.close();
      if (Date.now() > deadline) throw new NoFolder(reasonOf(error), { cause: error });
    }
    await pause(100);
  }
}

function reasonOf(error: unknown): string {
  const { errcode, message } = error as Error & { errcode?: number };
  return errcode === SQLITE_BUSY ? 'another demo is running there' : message;
}
