import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createBot, silentLog } from '@parley/core';
import { loadConfig, loadEngineChoice, openEngine } from '../src/index.js';
import { createProject, loadInNode, type Project } from './project.js';

let project: Project;

beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const env = { PIGEON_TOKEN: 's3cret' };

const DATA = JSON.stringify({
  engine: { use: '@acme/engine-slate', file: 'bot.db' },
  accounts: { leads: { use: '@acme/adapter-pigeon', loft: 'north', token: { env: 'PIGEON_TOKEN' } } },
});

/** What the pigeon of an account was configured with. */
async function optionsOf(name: string, given: { env?: Record<string, string>; file?: string } = {}) {
  const { accounts } = await loadConfig({ cwd: project.directory, env, ...given });
  const bot = createBot({ accounts, log: silentLog });
  const options = bot.accounts[name]?.api;
  await bot.close();
  return options;
}

describe('a config file', () => {
  test.each([
    ['parley.config.json', DATA],
    ['parley.config.ts', `const data: object = ${DATA};\nexport default data;`],
    ['parley.config.mts', `interface Any { [key: string]: unknown }\nexport default ${DATA} satisfies Any;`],
    ['parley.config.js', `export default ${DATA};`],
    ['parley.config.mjs', `export default await Promise.resolve(${DATA});`],
    [
      'parley.config.yaml',
      [
        'engine: { use: "@acme/engine-slate", file: bot.db }',
        'accounts:',
        '  leads:',
        '    use: "@acme/adapter-pigeon"',
        '    loft: north',
        '    token: { env: PIGEON_TOKEN }',
      ].join('\n'),
    ],
    ['parley.config.yml', DATA],
  ])('may be %s', async (name, text) => {
    project.write(name, text);
    const { engine } = await loadConfig({ cwd: project.directory, env });
    expect(engine.name).toBe(`${project.directory}/bot.db`);
    expect(await optionsOf('leads')).toEqual({ loft: 'north', token: 's3cret' });
  });

  test('may be an ES module in a CommonJS project, and use what Node does not strip', async () => {
    const other = createProject('commonjs');
    other.write(
      'parley.config.ts',
      `import { pigeon } from '@acme/adapter-pigeon';
       enum Loft { North = 'north' }
       export default { accounts: { [Loft.North]: pigeon({}) } };`,
    );
    const files = (): string[] => readdirSync(other.directory, { recursive: true, encoding: 'utf8' }).sort();
    const before = files();
    expect(await loadInNode(other.directory)).toEqual({ name: 'north', provider: 'pigeon' });
    // No copy of it, and of the secrets in it, stays behind.
    expect(files()).toEqual(before);
    other.remove();
  });

  test('may hold what factories returned, which is then used as it is', async () => {
    project.write(
      'engine.mjs',
      'export const engine = { start() {}, accept() {}, drain() {}, close() {}, get name() { return this.kept; }, kept: "kept" };',
    );
    project.write(
      'parley.config.mjs',
      "import { engine } from './engine.mjs'; import { pigeon } from '@acme/adapter-pigeon';\n" +
        "export default { engine, accounts: { leads: pigeon({ loft: 'south', rings: new Map([['a', 1]]) }) } };",
    );
    const { engine } = await loadConfig({ cwd: project.directory });
    const own = (await import(`${project.directory}/engine.mjs`)) as { engine: unknown };
    expect(engine).toBe(own.engine);
    expect(await optionsOf('leads')).toEqual({ loft: 'south', rings: new Map([['a', 1]]) });
  });

  test('may use a file of its own project as an adapter', async () => {
    project.write('carrier.mjs', "export { parley } from '@acme/adapter-pigeon';");
    project.write('parley.config.yaml', 'accounts: { leads: { use: ./carrier.mjs, loft: attic } }');
    expect(await optionsOf('leads')).toEqual({ loft: 'attic' });
  });

  test('may be named, and lie elsewhere: its packages and files are those of its own project', async () => {
    project.write('settings/production.json', DATA);
    const { engine } = await loadConfig({ cwd: project.directory, file: 'settings/production.json', env });
    expect(engine.name).toBe(`${project.directory}/settings/bot.db`);
  });

  test('is all there is: no other file and no variable is merged into it', async () => {
    project.write('parley.config.yaml', 'accounts: { leads: { use: "@acme/adapter-pigeon" } }');
    project.write('.configrc', 'accounts.leads.loft = "from rc"');
    project.write('.env', 'PIGEON_TOKEN=from-dotenv\nPARLEY_SEEN=yes');
    project.write(
      'package.json',
      JSON.stringify({ type: 'module', parley: { accounts: { more: { use: 'x' } } } }),
    );
    expect(await optionsOf('leads')).toEqual({});
    expect(process.env).not.toHaveProperty('PARLEY_SEEN');
  });

  test('without an engine gets the one in memory', async () => {
    project.write('parley.config.yaml', 'accounts: { leads: { use: "@acme/adapter-pigeon" } }');
    expect((await loadConfig({ cwd: project.directory })).engine).toMatchObject({ name: 'memory' });
  });
});

describe('the environment', () => {
  test('fills in variables at any depth, and leaves what holds none as it was', async () => {
    project.write(
      'parley.config.mjs',
      `export const store = { get() {}, env: 'kept', other: 1 };
       export default { accounts: { leads: { use: '@acme/adapter-pigeon', token: [{ env: 'NEW' }, { env: 'OLD' }], rings: { left: { env: 'NEW' } }, store } } };`,
    );
    const { store } = (await import(`${project.directory}/parley.config.mjs`)) as { store: unknown };
    const options = (await optionsOf('leads', { env: { NEW: 'n', OLD: 'o' } })) as Record<string, unknown>;
    expect(options).toEqual({ token: ['n', 'o'], rings: { left: 'n' }, store });
    expect(options.store).toBe(store);
  });

  test('may name the engine', async () => {
    project.write('parley.config.yaml', 'engine: { env: DATABASE_URL }');
    const url = 'postgres://bot:pass@db/bot';
    expect(await loadEngineChoice({ cwd: project.directory, env: { DATABASE_URL: url } })).toEqual({
      kind: 'package',
      use: '@parley/engine-postgres',
      options: { connectionString: url },
      directory: project.directory,
    });
  });
});

describe('which engine', () => {
  test.each([
    ['memory', { kind: 'memory' }],
    ['sqlite:data/bot.db', { use: '@parley/engine-sqlite', options: { file: 'data/bot.db' } }],
    ['sqlite:/var/lib/bot.db', { use: '@parley/engine-sqlite', options: { file: '/var/lib/bot.db' } }],
    [
      'postgresql://h/d',
      { use: '@parley/engine-postgres', options: { connectionString: 'postgresql://h/d' } },
    ],
  ])('%s stands for a package with its options', async (engine, choice) => {
    project.write('parley.config.json', JSON.stringify({ engine }));
    expect(await loadEngineChoice({ cwd: project.directory })).toMatchObject(choice);
  });

  test('is known without the accounts and their secrets', async () => {
    project.write('parley.config.json', DATA);
    const choice = await loadEngineChoice({ cwd: project.directory, env: {} });
    expect(choice).toMatchObject({ use: '@acme/engine-slate', options: { file: 'bot.db' } });
  });

  test('may come from a second place, when the project has not installed it', async () => {
    const elsewhere = createProject();
    const choice = { kind: 'package', use: '@acme/engine-slate', options: { file: 'a' } } as const;
    const opened = await openEngine({ ...choice, directory: '/' }, { alsoFrom: [elsewhere.directory] });
    expect(opened.name).toBe('/a');
    elsewhere.remove();
  });
});
