import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@parley/testing';
import { buildParley, runParley } from './run-parley.js';

const path = (file: string): string => new URL(file, import.meta.url).pathname;

let folder: string;
let running: ChildProcess[] = [];

beforeAll(buildParley, 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-sqlite-'));
  const engine = { use: path('../../engine-sqlite/src/index.ts'), file: 'bot.db', maxAttempts: 1 };
  const accounts = { leads: { use: path('fake-account.ts') } };
  writeFileSync(join(folder, 'parley.config.json'), JSON.stringify({ engine, accounts }));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  rmSync(folder, { recursive: true, force: true });
});

const parley = (...args: string[]) =>
  runParley([...args, '--engine', 'sqlite:bot.db'], { running, cwd: folder }).ended;
const listed = async (): Promise<{ id: string; conversation: string }[]> =>
  JSON.parse((await parley('dead-letters', 'list', '--json')).stdout);

/** A bot on the file, in a process of its own. */
async function startBot(...args: string[]) {
  const child = fork(path('bot-process.ts'), [folder, ...args], {
    execArgv: ['--import', path('../../../scripts/on-sources.ts'), '--disable-warning=ExperimentalWarning'],
  });
  running.push(child);
  const told: { serves?: true; dead?: true; handled?: string }[] = [];
  child.on('message', (what: object) => told.push(what));
  const hears = (key: 'serves' | 'dead' | 'handled', times: number): Promise<boolean> =>
    eventually(
      () => told.filter((what) => key in what).length >= times,
      () => `the bot told ${JSON.stringify(told)}`,
      20_000,
    );
  await hears('serves', 1);
  return {
    child,
    hears,
    says: (conversationId: string, text: string) => child.send({ conversationId, text }),
    handled: () => told.flatMap(({ handled }) => handled ?? []),
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

/** A stopped bot that has left two dead letters of one conversation and one of another in the file. */
async function threeDeadLetters(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  writeFileSync(join(folder, 'broken'), '');
  const bot = await startBot();
  for (const [index, [conversation, text]] of (
    [
      ['1', 'first'],
      ['2', 'other'],
      ['1', 'second'],
    ] as const
  ).entries()) {
    bot.says(`leads:${conversation}`, text);
    await bot.hears('dead', index + 1);
  }
  await ended(bot.child, signal);
  rmSync(join(folder, 'broken'));
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'what a bot that ended by %s has given up is redriven while it is down, in order when it is back',
  async (signal) => {
    await threeDeadLetters(signal);
    // What a killed bot leaves beside its file is no running bot.
    expect(existsSync(join(folder, 'bot.db.sock'))).toBe(signal === 'SIGKILL');
    expect((await listed()).map(({ conversation }) => conversation)).toEqual([
      'leads:1',
      'leads:2',
      'leads:1',
    ]);
    const all = await parley('dead-letters', 'redrive', '--all', '--conversation', 'leads:1');
    expect(all).toEqual({ code: 0, stdout: 'redriven: 2\n', stderr: '' });
    expect(JSON.parse((await parley('stats', '--json')).stdout)).toMatchObject({
      pendingEvents: 2,
      deadLetters: 1,
    });

    const bot = await startBot();
    await bot.hears('handled', 2);
    expect(bot.handled()).toEqual(['first', 'second']);
  },
);

test('a running bot has the file, and the same commands go through it', async () => {
  await threeDeadLetters();
  const bot = await startBot();
  const [first, other] = await listed();
  expect(await parley('dead-letters', 'drop', first?.id ?? '')).toMatchObject({ stdout: 'dropped: 1\n' });
  expect(await parley('dead-letters', 'redrive', other?.id ?? '')).toMatchObject({ stdout: 'redriven: 1\n' });
  await bot.hears('handled', 1);
  expect(bot.handled()).toEqual(['other']);
  expect(JSON.parse((await parley('erase', 'leads:1', '--yes', '--json')).stdout)).toMatchObject({
    deadLetters: 1,
  });
  expect(await listed()).toEqual([]);
  await ended(bot.child, 'SIGTERM');
  expect(await listed()).toEqual([]);
});

test('a backup of a running bot opens as it is', async () => {
  await threeDeadLetters();
  await startBot();
  expect(await parley('backup', 'copy.db')).toMatchObject({ code: 0, stderr: '' });
  expect((await parley('backup', 'copy.db')).stderr).toContain(
    'copy.db: there is a file already; name another',
  );
  const inCopy = ['dead-letters', 'list', '--json', '--engine', 'sqlite:copy.db'];
  const { stdout } = await runParley(inCopy, { running, cwd: folder }).ended;
  expect(JSON.parse(stdout)).toEqual(await listed());
});

test('a stopped bot loses to erase everything of a person, and nothing of another', async () => {
  await threeDeadLetters();
  const erased = await parley('erase', 'leads:1', '--yes', '--json');
  expect(JSON.parse(erased.stdout)).toMatchObject({ deadLetters: 2 });
  expect((await listed()).map(({ conversation }) => conversation)).toEqual(['leads:2']);
});

test('a bot that serves no operations is named with its process and what to do', async () => {
  const { child } = await startBot('unserved');
  const { code, stderr } = await parley('stats');
  expect(code).toBe(1);
  expect(stderr).toContain(`process ${child.pid} has it open`);
  expect(stderr).toContain('It serves no operations: see `serveOperations` in @parley/server.');
});

test('an engine that the code of a config file makes is found as well, running or not', async () => {
  await threeDeadLetters();
  const code = `import { sqlite } from '${path('../../engine-sqlite/dist/index.js')}';
    export default { engine: sqlite('${folder}/bot.db') };`;
  writeFileSync(join(folder, 'code.mjs'), code);
  const count = async (): Promise<number> => {
    const { stdout } = await runParley(['stats', '--json', '--config', 'code.mjs'], { running, cwd: folder })
      .ended;
    return (JSON.parse(stdout) as { deadLetters: number }).deadLetters;
  };
  expect(await count()).toBe(3);
  await startBot();
  expect(await count()).toBe(3);
});

test('a file that is not there is not made', async () => {
  const { code, stderr } = await parley('stats');
  expect([code, stderr]).toEqual([1, `parley: There is no file ${folder}/bot.db.\n`]);
  expect(existsSync(join(folder, 'bot.db'))).toBe(false);
});
