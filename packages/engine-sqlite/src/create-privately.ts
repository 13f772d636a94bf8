import { closeSync, openSync } from 'node:fs';

/** Makes the file if it is missing, readable by its owner only: it holds tokens and what people wrote. The files beside it get the same mode from SQLite. */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
