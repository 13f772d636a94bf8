import { copyFileSync, existsSync } from 'node:fs';

/** What a process that is killed right now leaves: the file and those beside it, without what is not committed. */
export function copyOf(from: string, to: string): string {
  for (const part of ['', '-wal', '-running']) {
    if (existsSync(`${from}${part}`)) copyFileSync(`${from}${part}`, `${to}${part}`);
  }
  return to;
}
