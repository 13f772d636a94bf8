import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { systemClock } from '@parley/core';
import { parley, type SqliteOptions } from '../src/index.js';

const place = { directory: tmpdir() };

test('a config file names the file relative to itself; nothing is opened yet', async () => {
  const engine = parley.engine({ file: 'data/none.db' }, place);
  expect(engine.file).toBe(join(tmpdir(), 'data/none.db'));
  expect(existsSync(engine.file)).toBe(false);
  await engine.close();
});

test('a config file may set every option', async () => {
  const options: Required<SqliteOptions> = {
    clock: systemClock,
    synchronous: 'normal',
    maxAttempts: 1,
    maxDeliveryAttempts: 2,
    maxCrashes: 3,
    backoffMs: 4,
    maxBackoffMs: 5,
    turnTimeoutMs: 6,
    concurrency: 7,
    maxPending: 8,
    dedupeTtlMs: 9,
    maxDeadLetters: 10,
    lookUpAfterMs: 11,
    waitForFileMs: 12,
    random: () => 0,
  };
  const engine = parley.engine({ file: 'bot.db', ...options }, place);
  expect(engine.clock).toBe(systemClock);
  await engine.close();
});

test.each<[string, object]>([
  ['file: expected the path of a file', {}],
  ['file: expected a text that is not empty', { file: '' }],
  ['file: expected a text that is not empty', { file: 7 }],
  ['synchronous: expected full or normal', { file: 'a', synchronous: 'off' }],
  ['maxAttempts: expected a whole number from 1', { file: 'a', maxAttempts: '5' }],
  ['maxAttempts: expected a whole number from 1', { file: 'a', maxAttempts: 0 }],
  ['random: expected a function', { file: 'a', random: 0.5 }],
  ['clock: expected a clock', { file: 'a', clock: 'mine' }],
])('refuses a wrong option of a config file: %s', (problem, options) => {
  expect(() => parley.engine({ ...options }, place)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG', problems: [problem] }),
  );
});

test('names an unknown option and the known ones', () => {
  expect(() => parley.engine({ file: 'a', syncronous: 'full', toString: 1 }, place)).toThrow(
    expect.objectContaining({
      problems: [
        expect.stringMatching(/^syncronous: expected one of file, synchronous, /),
        expect.stringMatching(/^toString: expected one of /),
      ],
    }),
  );
});
