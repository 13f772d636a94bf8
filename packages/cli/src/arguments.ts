import type { ArgsDef } from 'citty';
import { UsageError } from './usage-error.js';

export const kebab = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** citty lets unknown options pass; a mistyped one would silently do nothing. */
export function refuseUnknown(rawArgs: readonly string[], args: ArgsDef): void {
  for (const raw of rawArgs) {
    const name = /^--(?:no-)?([^=]+)/.exec(raw)?.[1];
    if (name !== undefined && !Object.hasOwn(args, name) && !Object.hasOwn(args, kebab(name))) {
      throw new UsageError(`unknown option --${name}`);
    }
  }
}

/** citty ignores a word too many as well. */
export function refuseExtra(words: readonly string[], most: number): void {
  const extra = words[most];
  if (extra !== undefined) throw new UsageError(`unexpected "${extra}"`);
}

export function wholeNumber(
  name: string,
  text: string,
  { from = 0, to }: { from?: number; to: number },
): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < from || number > to) {
    throw new UsageError(`--${name} must be a whole number from ${from} to ${to}`);
  }
  return number;
}
