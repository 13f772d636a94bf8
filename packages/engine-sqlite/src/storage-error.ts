import { ParleyError } from '@parley/core';

/** SQLite's primary result codes (sqlite.org/rescode.html) that are about the file and its disk, not about one statement. */
const OF_THE_FILE: Record<number, string> = {
  3: 'no permission',
  5: 'another program has locked it',
  6: 'it is locked',
  7: 'out of memory',
  8: 'it is read-only',
  10: 'the disk does not read or write',
  11: 'it is damaged: stop, and put a backup in its place',
  13: 'the disk is full',
  14: 'it cannot be opened',
  15: 'another program holds its lock',
  26: 'it is no database any more: stop, and put a backup in its place',
};

/** The primary result code of an error of SQLite's, or undefined if it is none. */
export function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** True if the file as a whole refuses, so that no other statement would fare better. */
export function isOfTheFile(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && code in OF_THE_FILE;
}

/** What callers get to see: ERR_UNAVAILABLE for what may pass, with the file and the reason. Other errors as they are. */
export function toStorageError(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const reason = OF_THE_FILE[code];
  if (reason === undefined) {
    return new ParleyError('ERR_REJECTED', `${file}: SQLite refused a statement (result code ${code})`, {
      cause: error,
    });
  }
  return new ParleyError('ERR_UNAVAILABLE', `${file}: ${reason}`, { cause: error });
}
