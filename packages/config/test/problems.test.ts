import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ParleyError } from '@parley/core';
import { createBot, silentLog } from '@parley/core';
import { defineConfig, loadConfig, loadEngineChoice } from '../src/index.js';
import { createProject, loadInNode, type Project } from './project.js';

let project: Project;

beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const SECRET = 'hunter2';
const leads = { use: '@acme/adapter-pigeon', loft: 'north' };

/** The error of loading a config file with this text, or these values. */
async function problemOf(config: unknown, name = 'parley.config.json'): Promise<ParleyError> {
  project.write(name, typeof config === 'string' ? config : JSON.stringify(config));
  const error: unknown = await loadConfig({ cwd: project.directory, env: { EMPTY: '' } }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'ParleyError', code: 'ERR_CONFIG' });
  // With its causes, stack and properties: as somebody's console would print it.
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  return error as ParleyError;
}

describe('what is wrong is named with its place and what was expected', () => {
  test.each<[string, object, string]>([
    [
      'an unknown option',
      { accounts: { leads: { ...leads, tokn: SECRET } } },
      'accounts.leads.tokn: expected loft, token, rings, store or mute',
    ],
    ['an unknown part', { accounts: { leads }, motor: SECRET }, 'motor: expected one of accounts, engine'],
    [
      'no account',
      { accounts: {} },
      'accounts: expected at least one account: { leads: { use: <package>, ... } }',
    ],
    ['no accounts at all', {}, 'accounts: expected at least one account: { leads: { use: <package>, ... } }'],
    [
      'accounts in a list',
      { accounts: [leads] },
      'accounts: expected at least one account: { leads: { use: <package>, ... } }',
    ],
    [
      'an account that is no object',
      { accounts: { leads: SECRET } },
      'accounts.leads: expected { use: <package>, ... }, for example use: @parley/adapter-web1on1',
    ],
    [
      'an account without a package',
      { accounts: { leads: { token: SECRET } } },
      'accounts.leads: expected { use: <package>, ... }, for example use: @parley/adapter-web1on1',
    ],
    [
      'an account with an empty package',
      { accounts: { leads: { use: '' } } },
      'accounts.leads: expected { use: <package>, ... }, for example use: @parley/adapter-web1on1',
    ],
    [
      'a name that no account can have',
      { accounts: { '1': leads } },
      'accounts.1: a name is a letter, then letters, digits, - or _, at most 63',
    ],
    [
      'a variable that is not set',
      // The adapter is not asked: without the value it could only complain about what it cannot know.
      { accounts: { leads: { ...leads, token: { env: 'NONE' }, tokn: 1 } } },
      'accounts.leads.token: the environment variable NONE is not set',
    ],
    [
      'a variable that is empty',
      { accounts: { leads: { ...leads, token: [{ env: 'EMPTY' }] } } },
      'accounts.leads.token[0]: the environment variable EMPTY is empty',
    ],
    [
      'a variable without a name',
      { accounts: { leads: { ...leads, token: { env: 7 } } } },
      'accounts.leads.token.env: expected the name of an environment variable',
    ],
    [
      'an engine that is none',
      { accounts: { leads }, engine: `mysql://root:${SECRET}@db` },
      'engine: expected memory, sqlite:<file>, postgres://<user>@<host>/<database>, { use: <package>, ... } or an engine',
    ],
    [
      'an engine without a package',
      { accounts: { leads }, engine: { file: 'bot.db' } },
      'engine: expected memory, sqlite:<file>, postgres://<user>@<host>/<database>, { use: <package>, ... } or an engine',
    ],
    [
      'an engine that is a number',
      { accounts: { leads }, engine: 1 },
      'engine: expected memory, sqlite:<file>, postgres://<user>@<host>/<database>, { use: <package>, ... } or an engine',
    ],
    [
      'an engine whose variable is not set',
      { accounts: { leads }, engine: { env: 'NONE' } },
      'engine: the environment variable NONE is not set',
    ],
    [
      'a wrong option of an engine',
      { accounts: { leads }, engine: { use: '@acme/engine-slate', file: 'a', chalk: 'green' } },
      'engine.chalk: expected white',
    ],
  ])('%s', async (_what, config, expected) => {
    const { message, problems } = await problemOf(config);
    expect([message, problems]).toEqual([`parley.config.json: ${expected}`, [expected]]);
  });

  test('a package that is not installed, with the command that installs it', async () => {
    const { message } = await problemOf({ accounts: { leads: { use: '@acme/adapter-owl' } } });
    expect(message).toBe(
      `parley.config.json: accounts.leads: @acme/adapter-owl: it is not installed (npm install @acme/adapter-owl); looked from ${project.directory}`,
    );
  });

  test('an engine that is not installed', async () => {
    const { message } = await problemOf({ accounts: { leads }, engine: 'sqlite:bot.db' });
    expect(message).toContain(
      'engine: @parley/engine-sqlite: it is not installed (npm install @parley/engine-sqlite)',
    );
  });

  test.each([
    [
      '@acme/nothing',
      'expected an export named parley with "adapter" in it: this package is no adapter of Parley',
    ],
    [
      '@acme/engine-slate',
      'expected an export named parley with "adapter" in it: this package is no adapter of Parley',
    ],
    ['@acme/broken', 'it is installed and cannot be loaded: Error: no feathers'],
    ['./missing.js', 'there is no such file'],
  ])('%s in place of an adapter', async (use, expected) => {
    expect((await problemOf({ accounts: { leads: { use } } })).message).toContain(
      `accounts.leads: ${use}: ${expected}`,
    );
  });

  test('a factory that fails in its own way, by the place in its code', async () => {
    const { message } = await problemOf({
      accounts: { leads: { ...leads, loft: 'TypeError', token: SECRET } },
    });
    expect(message).toMatch(
      /^parley\.config\.json: accounts\.leads: TypeError was thrown at .*adapter-pigeon/,
    );
  });

  test('everything at once', async () => {
    const south = { ...leads, tokn: 'x' };
    const { problems } = await problemOf({
      accounts: { north: { ...leads, token: { env: 'NONE' } }, south },
      engine: 7,
      limits: {},
    });
    expect(problems?.map((problem) => problem.split(': ')[0])).toEqual([
      'limits',
      'accounts.north.token',
      'accounts.south.tokn',
      'engine',
    ]);
  });

  test('what an engine says of its surroundings keeps its code: the file is right', async () => {
    const engine = { use: '@acme/engine-slate', file: 'taken' };
    project.write('parley.config.json', JSON.stringify({ accounts: { leads }, engine }));
    const taken = { code: 'ERR_CONFLICT', message: 'slate: another process has it' };
    await expect(loadConfig({ cwd: project.directory })).rejects.toMatchObject(taken);
  });

  test('an adapter that cannot send messages, once its account is opened', async () => {
    project.write('parley.config.json', JSON.stringify({ accounts: { leads: { ...leads, mute: true } } }));
    const config = await loadConfig({ cwd: project.directory });
    expect(() => createBot({ ...config, log: silentLog })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: 'accounts.leads: pigeon cannot send messages: use loadConfig({ withoutMessages: true })',
      }),
    );
    const any = await loadConfig({ cwd: project.directory, withoutMessages: true });
    expect(createBot({ ...any, log: silentLog }).accounts.leads?.messages).toBeUndefined();
  });
});

describe('a file that cannot be read is named with the line, and nothing of it is shown', () => {
  test.each([
    [
      'parley.config.json',
      `{\n  "token": "${SECRET}"\n  "a": 1\n}`,
      'parley.config.json:3: expected valid JSON',
    ],
    ['parley.config.json', `{ ${SECRET} }`, 'parley.config.json:1: expected valid JSON'],
    [
      'parley.config.yaml',
      `accounts:\n  leads:\n    token: *${SECRET}\n`,
      'parley.config.yaml:3: expected valid YAML',
    ],
    [
      'parley.config.yaml',
      `accounts: { leads: { token: ${SECRET} }`,
      'parley.config.yaml:2: expected valid YAML',
    ],
    ['parley.config.yaml', '', 'parley.config.yaml: expected valid YAML'],
    [
      'parley.config.yaml',
      `accounts:\n  leads:\n    use: @acme/x\n    token: ${SECRET}\n`,
      'parley.config.yaml:3: expected valid YAML; a text that begins with @ needs quotes',
    ],
    ['parley.config.yaml', `- ${SECRET}`, 'parley.config.yaml: expected an object with accounts and engine'],
    ['parley.config.json', `"${SECRET}"`, 'parley.config.json: expected an object with accounts and engine'],
    [
      'parley.config.mjs',
      'export const accounts = {};',
      'parley.config.mjs: accounts: expected at least one account',
    ],
  ])('%s: %j', async (name, text, expected) => {
    expect((await problemOf(text, name)).message).toContain(expected);
  });

  test.each([
    [
      'parley.config.mjs',
      `export default {\n  token: '${SECRET}'\n  more: 1 };`,
      ':3: expected valid TypeScript or JavaScript',
    ],
    [
      'parley.config.ts',
      `const a: string = '${SECRET}';\nexport default { a ;`,
      ':2: expected valid TypeScript or JavaScript',
    ],
    [
      'parley.config.ts',
      `enum A { B }\nthrow new Error('${SECRET}');`,
      ': Error was thrown at FILE:2:7; `node FILE` shows its words',
    ],
    [
      'parley.config.mjs',
      `\n\nJSON.parse('${SECRET}');`,
      ': SyntaxError was thrown at FILE:3:6; `node FILE` shows its words',
    ],
    ['parley.config.mjs', 'throw undefined;', ': something was thrown; `node FILE` shows its words'],
    [
      'parley.config.mjs',
      "import '@acme/adapter-owl';",
      ": Cannot find package '@acme/adapter-owl' imported from FILE",
    ],
  ])('%s, run by Node: %j', async (name, text, expected) => {
    project.write(name, text);
    const { message, shown } = await loadInNode(project.directory);
    const file = `${project.directory}/${name}`;
    expect(message?.replaceAll(`file://${file}`, 'FILE').replaceAll(file, 'FILE')).toBe(`${name}${expected}`);
    expect(shown).not.toContain(SECRET);
  });

  test('what an engine says in the code of the file keeps its code', async () => {
    const code = "throw Object.assign(new Error('slate: taken'), { code: 'ERR_CONFLICT' });";
    project.write('parley.config.mjs', code);
    const taken = { code: 'ERR_CONFLICT', message: 'parley.config.mjs: slate: taken' };
    await expect(loadEngineChoice({ cwd: project.directory })).rejects.toMatchObject(taken);
  });

  test('a wrong option in the code of the file keeps its own words', async () => {
    const code =
      "import { pigeon } from '@acme/adapter-pigeon';\nexport default { accounts: { leads: pigeon({ tokn: 1 }) } };";
    expect((await problemOf(code, 'parley.config.mjs')).message).toBe(
      'parley.config.mjs: pigeon: tokn: expected loft, token, rings, store or mute',
    );
  });
});

describe('which file', () => {
  test('none', async () => {
    await expect(loadConfig({ cwd: project.directory })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `There is no config file in ${project.directory}; expected one of parley.config.ts, parley.config.mts, parley.config.js, parley.config.mjs, parley.config.json, parley.config.yaml, parley.config.yml.`,
    });
  });

  test('two: it is not for us to choose', async () => {
    project.write('parley.config.json', '{}');
    expect((await problemOf('{}', 'parley.config.yaml')).message).toBe(
      `There are parley.config.json and parley.config.yaml in ${project.directory}; keep one, or name one.`,
    );
  });

  test('one that is not there', async () => {
    await expect(loadEngineChoice({ cwd: project.directory, file: 'mine.yaml' })).rejects.toMatchObject({
      message: `There is no config file ${project.directory}/mine.yaml.`,
    });
  });
});

test('defineConfig keeps the type of what it is given', () => {
  const config = defineConfig({
    engine: 'memory',
    accounts: { leads: { use: '@parley/adapter-web1on1', token: { env: 'TOKEN' } } },
  });
  const engine: 'memory' = config.engine;
  expect(engine).toBe('memory');
  // @ts-expect-error an account needs a package
  defineConfig({ accounts: { leads: { token: 'x' } } });
});
