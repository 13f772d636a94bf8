import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the folder, beside whatever the bot's engine keeps next to its file. */
const BOT = 'bot.db';
const LOCK = `${BOT}-lock`;
const STATE = 'demo.json';

/** Where a demo that is cut off leaves what the next one goes on from. */
export interface Folder {
  readonly path: string;
  /** Nothing was in it. */
  readonly isNew: boolean;
  /** The file of the bot's engine. */
  readonly botFile: string;
  /** What was saved last, or undefined. */
  read(): unknown;
  /** All of it, or what was there before. */
  write(state: object): void;
  /** Removes what a demo puts there. */
  clear(): void;
  /** The same, and the folder if nothing else is in it. */
  remove(): void;
}

export function openFolder(path: string): Folder {
  mkdirSync(path, { recursive: true });
  const isNew = readdirSync(path).length === 0;
  const [file, next] = [join(path, STATE), join(path, `${STATE}.new`)];
  const clear = (): void => {
    const names = readdirSync(path).filter((name) => name.startsWith(BOT) || name.startsWith(STATE));
    // The lock of the bot's file goes last: whoever gets it finds nothing else.
    for (const name of [...names.filter((each) => each !== LOCK), LOCK]) {
      rmSync(join(path, name), { force: true });
    }
  };
  return {
    path,
    isNew,
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
      try {
        rmdirSync(path);
      } catch (error) {
        // Somebody else keeps something in it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      }
    },
  };
}
