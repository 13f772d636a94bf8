import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type BotFolder, botFolder, path } from './bot-folder.js';
import { buildParley } from './run-parley.js';

let bots: BotFolder;

beforeAll(() => buildParley(), 60_000);
beforeEach(() => {
  const engine = { use: path('../../engine-sqlite/src/index.ts'), file: 'bot.db', maxAttempts: 1 };
  bots = botFolder('sqlite:bot.db', engine);
});
afterEach(() => bots.close());

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'what a bot that ended by %s has given up is redriven while it is down, in order when it is back',
  async (signal) => {
    await bots.threeDeadLetters(signal);
    // What a killed bot leaves beside its file is no running bot.
    expect(existsSync(join(bots.folder, 'bot.db.sock'))).toBe(signal === 'SIGKILL');
    expect((await bots.listed()).map(({ conversation }) => conversation)).toEqual([
      'leads:1',
      'leads:2',
      'leads:1',
    ]);
    const all = await bots.parley('dead-letters', 'redrive', '--all', '--conversation', 'leads:1');
    expect(all).toEqual({ code: 0, stdout: 'redriven: 2\n', stderr: '' });
    expect(JSON.parse((await bots.parley('stats', '--json')).stdout)).toMatchObject({
      pendingEvents: 2,
      deadLetters: 1,
    });

    const bot = await bots.startBot();
    await bot.hears('handled', 2);
    expect(bot.handled()).toEqual(['first', 'second']);
  },
);

test('a running bot has the file, and the same commands go through it', async () => {
  await bots.threeDeadLetters();
  const bot = await bots.startBot();
  const [first, other] = await bots.listed();
  expect(await bots.parley('dead-letters', 'drop', first?.id ?? '')).toMatchObject({
    stdout: 'dropped: 1\n',
  });
  expect(await bots.parley('dead-letters', 'redrive', other?.id ?? '')).toMatchObject({
    stdout: 'redriven: 1\n',
  });
  await bot.hears('handled', 1);
  expect(bot.handled()).toEqual(['other']);
  expect(JSON.parse((await bots.parley('erase', 'leads:1', '--yes', '--json')).stdout)).toMatchObject({
    deadLetters: 1,
  });
  expect(await bots.listed()).toEqual([]);
  await bot.end('SIGTERM');
  expect(await bots.listed()).toEqual([]);
});

test('commands that want the file at the same time, and a bot that starts meanwhile, wait for each other', async () => {
  await bots.threeDeadLetters();
  const commands = Array.from({ length: 12 }, () => bots.parley('stats', '--json'));
  const bot = await bots.startBot();
  for (const { code, stdout, stderr } of await Promise.all(commands)) {
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ deadLetters: 3 });
  }
  await bot.end('SIGTERM');
});

test('a backup of a running bot opens as it is', async () => {
  await bots.threeDeadLetters();
  await bots.startBot();
  expect(await bots.parley('backup', 'copy.db')).toMatchObject({ code: 0, stderr: '' });
  expect((await bots.parley('backup', 'copy.db')).stderr).toContain(
    'copy.db: there is a file already; name another',
  );
  const inCopy = ['dead-letters', 'list', '--json', '--engine', 'sqlite:copy.db'];
  const { stdout } = await bots.parley(...inCopy);
  expect(JSON.parse(stdout)).toEqual(await bots.listed());
});

test('a stopped bot loses to erase everything of a person, and nothing of another', async () => {
  await bots.threeDeadLetters();
  const erased = await bots.parley('erase', 'leads:1', '--yes', '--json');
  expect(JSON.parse(erased.stdout)).toMatchObject({ deadLetters: 2 });
  expect((await bots.listed()).map(({ conversation }) => conversation)).toEqual(['leads:2']);
});

test('a bot that serves no operations is named with its process and what to do', async () => {
  const { child } = await bots.startBot('unserved');
  const { code, stderr } = await bots.parley('stats');
  expect(code).toBe(1);
  expect(stderr).toContain(`process ${child.pid} has it open`);
  expect(stderr).toContain('It serves no operations: see `serveOperations` in @parley/server.');
});

test('an engine that the code of a config file makes is found as well, running or not', async () => {
  await bots.threeDeadLetters();
  const code = `import { sqlite } from '${path('../../engine-sqlite/dist/index.js')}';
    export default { engine: sqlite('${bots.folder}/bot.db') };`;
  writeFileSync(join(bots.folder, 'code.mjs'), code);
  const count = async (): Promise<number> => {
    const { stdout } = await bots.parley('stats', '--json', '--config', 'code.mjs');
    return (JSON.parse(stdout) as { deadLetters: number }).deadLetters;
  };
  expect(await count()).toBe(3);
  await bots.startBot();
  expect(await count()).toBe(3);
});

test('a file that is not there is not made', async () => {
  const { code, stderr } = await bots.parley('stats');
  expect([code, stderr]).toEqual([
    1,
    `parley: There is no file ${bots.folder}/bot.db: no bot was started with it yet, or it is elsewhere: name it with its folder\n`,
  ]);
  expect(existsSync(join(bots.folder, 'bot.db'))).toBe(false);
});
