import { resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import type { SqliteOptions } from './options.js';
import { type SqliteEngine, sqlite } from './sqlite.js';

type Kind = 'text' | 'number' | 'function' | 'clock' | readonly string[];

const KINDS = {
  file: 'text',
  synchronous: ['full', 'normal'],
  maxAttempts: 'number',
  maxDeliveryAttempts: 'number',
  maxCrashes: 'number',
  backoffMs: 'number',
  maxBackoffMs: 'number',
  turnTimeoutMs: 'number',
  concurrency: 'number',
  maxPending: 'number',
  dedupeTtlMs: 'number',
  maxDeadLetters: 'number',
  lookUpAfterMs: 'number',
  waitForFileMs: 'number',
  clock: 'clock',
  random: 'function',
} satisfies Record<keyof SqliteOptions | 'file', Kind>;

/**
 * The engine of a config file: `engine: { use: '@parley/engine-sqlite', file: 'bot.db', ... }`.
 *
 * @param place `file` is relative to its `directory`
 * @throws ERR_CONFIG with every option that is wrong or unknown, and what was expected
 */
export function fromConfig(
  given: Readonly<Record<string, unknown>>,
  place: { directory: string },
): SqliteEngine {
  const problems = Object.entries(given).flatMap(([name, value]) => problemOf(name, value));
  if (given['file'] === undefined) problems.push('file: expected the path of a file');
  if (problems.length > 0)
    throw new ParleyError('ERR_CONFIG', `sqlite: ${problems.join('; ')}`, { problems });
  const { file, ...options } = given;
  return sqlite(resolve(place.directory, file as string), options);
}

function problemOf(name: string, value: unknown): string[] {
  if (!Object.hasOwn(KINDS, name)) return [`${name}: expected one of ${Object.keys(KINDS).join(', ')}`];
  const kind: Kind = KINDS[name as keyof typeof KINDS];
  return value === undefined || fits(kind, value) ? [] : [`${name}: expected ${expectedOf(kind)}`];
}

function expectedOf(kind: Kind): string {
  if (typeof kind !== 'string') return kind.join(' or ');
  return {
    text: 'a text that is not empty',
    number: 'a whole number from 1',
    function: 'a function',
    clock: 'a clock',
  }[kind];
}

function fits(kind: Kind, value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string' && value !== '';
  if (kind === 'number') return Number.isInteger(value) && (value as number) >= 1;
  if (kind === 'function') return typeof value === 'function';
  if (kind === 'clock') return typeof value === 'object' && value !== null;
  return typeof value === 'string' && kind.includes(value);
}
