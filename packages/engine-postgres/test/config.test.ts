import { expect, test } from '@jest/globals';
import { parley } from '../src/index.js';

const connectionString = 'postgres://bot:hunter2@localhost/bot';

test('a config file makes the engine; nothing is connected yet', async () => {
  const engine = parley.engine({ connectionString, schema: 'support', poolSize: 2 });
  expect(engine.name).toBe('postgres');
  await engine.close();
});

test.each<[string, object]>([
  ['connectionString: expected postgres://user:password@host:5432/database', {}],
  ['connectionString: expected postgres://user:password@host:5432/database', { connectionString: 'hunter2' }],
  [
    'schema: expected lower case letters, digits and _, at most 41 of them',
    { connectionString, schema: 'A' },
  ],
  ['poolSize: expected a number, 1 or more', { connectionString, poolSize: '8' }],
])('refuses a wrong option of a config file: %s', (problem, options) => {
  expect(() => parley.engine({ ...options })).toThrow(
    expect.objectContaining({
      code: 'ERR_CONFIG',
      problems: [problem],
      message: expect.not.stringContaining('hunter2'),
    }),
  );
});

test('names an unknown option and the known ones', () => {
  expect(() => parley.engine({ connectionString, pool: 8 })).toThrow(
    expect.objectContaining({
      problems: [expect.stringMatching(/^pool: expected one of connectionString, /)],
    }),
  );
});
