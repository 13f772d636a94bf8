import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { type BotServer, serve } from '@parley/server';
import { aMessage, anEvent, eventually, fakeAdapter } from '@parley/testing';
import { buildParley, runParley } from './run-parley.js';

const WORDS = 'I have lost my umbrella';

let folder: string;
let running: ChildProcess[] = [];
let server: BotServer | undefined;

beforeAll(() => buildParley(), 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const parley = (...args: string[]) => runParley(args, { running, cwd: folder }).ended;
/** Of the bot that runs, with the engine named on the command line. */
const operated = (...args: string[]) => parley(...args, '--engine', 'sqlite:bot.db');

/** A running bot whose handler fails while `broken.now`; two dead letters of `leads:1`, one of `leads:2`. */
async function runningBot() {
  const file = join(folder, 'bot.db');
  writeFileSync(file, 'everything');
  const engine = Object.assign(memoryEngine({ maxAttempts: 1 }), {
    file,
    backup: async (to: string) => copyFileSync(file, to),
  });
  const broken = { now: true };
  const handled: string[] = [];
  const bot = createBot({ accounts: { leads: fakeAdapter() }, engine, log: silentLog });
  bot.on('message.received', (turn) => {
    if (broken.now) throw new Error(turn.text);
    handled.push(turn.text);
  });
  bot.onError(() => {});
  server = await serve(bot, { port: 0 });
  for (const [conversation, text] of [
    ['1', WORDS],
    ['2', 'other'],
    ['1', 'second'],
  ] as const) {
    const conversationId = `leads:${conversation}`;
    const message = aMessage({ conversationId, content: { kind: 'text', text } });
    await engine.accept([anEvent('message.received', { conversationId, message })]);
    await eventually(
      async () => (await bot.stats()).pendingEvents === 0,
      () => 'an event still waits',
    );
  }
  return { bot, broken, handled, letters: await bot.deadLetters.list() };
}

describe('parley dead-letters, while the bot runs', () => {
  test('list shows a line for each, without what people wrote', async () => {
    const { letters } = await runningBot();
    const { code, stdout, stderr } = await operated('dead-letters', 'list');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('umbrella');
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^ID +WHAT +CONVERSATION +TRIES +GIVEN UP +ERROR$/);
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual(
      letters.map(({ id, lane, at }) => [id, 'message.received (text)', lane, '1', at]),
    );
  });

  test('list takes filters, pages, and prints JSON', async () => {
    const { letters } = await runningBot();
    const ids = async (...args: string[]) =>
      (
        JSON.parse((await operated('dead-letters', 'list', '--json', ...args)).stdout) as { id: string }[]
      ).map(({ id }) => letters.findIndex((letter) => letter.id === id));
    expect(await ids()).toEqual([0, 1, 2]);
    expect(await ids('--conversation', 'leads:1')).toEqual([0, 2]);
    expect(await ids('--account', 'leads', '--kind', 'event', '--limit', '2')).toEqual([0, 1]);
    expect(await ids('--account', 'nobody')).toEqual([]);
    expect(await ids('--kind', 'effect')).toEqual([]);
    expect(await ids('--after', letters[1]?.id ?? '')).toEqual([2]);
    expect((await operated('dead-letters', 'list', '--json')).stdout).not.toContain('umbrella');
    const paged = await operated('dead-letters', 'list', '--limit', '1');
    expect(paged.stdout).toContain(`there may be more: --after ${letters[0]?.id}`);
  });

  test('show prints cause and history, and the content only when asked', async () => {
    const { letters } = await runningBot();
    const id = letters[0]?.id ?? '';
    const shown = await operated('dead-letters', 'show', id);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^error +Error at .*operations\.test\.ts/m);
    expect(shown.stdout).toMatch(/^history\n {2}1 {2}\d{4}-.* {2}Error at /m);
    expect(shown.stdout).not.toContain('umbrella');
    expect((await operated('dead-letters', 'show', id, '--with-content')).stdout).toContain(WORDS);

    const json = JSON.parse((await operated('dead-letters', 'show', id, '--json')).stdout);
    expect(json).toMatchObject({
      id,
      kind: 'event',
      conversation: 'leads:1',
      attempts: 1,
      history: [{ attempt: 1 }],
    });
    expect(JSON.stringify(json)).not.toContain('umbrella');
    const whole = await operated('dead-letters', 'show', id, '--json', '--with-content');
    expect(JSON.parse(whole.stdout)).toMatchObject({ event: { message: { content: { text: WORDS } } } });
  });

  test('redrive tries named ones again, then all of a conversation, in order', async () => {
    const { broken, handled, letters } = await runningBot();
    broken.now = false;
    const one = await operated('dead-letters', 'redrive', letters[1]?.id ?? '', 'nobody');
    expect(one).toEqual({
      code: 1,
      stdout: 'redriven: 1\n',
      stderr: 'parley: there is no dead letter nobody\n',
    });
    await eventually(
      () => handled.length === 1,
      () => handled.join(),
    );
    const all = await operated('dead-letters', 'redrive', '--all', '--conversation', 'leads:1', '--json');
    expect(all).toEqual({ code: 0, stdout: '{"redriven":2}\n', stderr: '' });
    await eventually(
      () => handled.length === 3,
      () => handled.join(),
    );
    expect(handled).toEqual(['other', WORDS, 'second']);
    expect((await operated('dead-letters', 'list')).stdout).toBe('no dead letters\n');
  });

  test('drop forgets the named ones', async () => {
    const { bot, letters } = await runningBot();
    const ids = letters.slice(0, 2).map(({ id }) => id);
    expect(await operated('dead-letters', 'drop', ...ids)).toMatchObject({ code: 0, stdout: 'dropped: 2\n' });
    expect((await bot.deadLetters.list()).map(({ id }) => id)).toEqual([letters[2]?.id]);
  });
});

describe('while the bot runs', () => {
  test('parley stats prints the figures', async () => {
    const { bot } = await runningBot();
    const { stdout } = await operated('stats');
    expect(stdout).toMatch(/^dead letters +3$/m);
    expect(stdout).toMatch(/^oldest of them +-$/m);
    expect(JSON.parse((await operated('stats', '--json')).stdout)).toEqual(await bot.stats());
  });

  test('parley erase removes a conversation, once somebody has said yes', async () => {
    const { bot } = await runningBot();
    const unasked = await operated('erase', 'leads:1');
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') });
    expect(await bot.deadLetters.list()).toHaveLength(3);
    const { code, stdout } = await operated('erase', 'leads:1', 'leads:none', '--yes', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ deadLetters: 2 })]);
    expect(await bot.deadLetters.list()).toHaveLength(1);
  });

  test('parley backup copies the file, relative to where it is called', async () => {
    await runningBot();
    const { code, stdout } = await operated('backup', 'copy.db');
    expect([code, stdout]).toEqual([0, `written: ${folder}/copy.db\n`]);
    expect(readFileSync(join(folder, 'copy.db'), 'utf8')).toBe('everything');
  });
});

describe('which engine', () => {
  test('comes from the config file of the folder; the accounts and their secrets are not needed', async () => {
    await runningBot();
    const config = {
      engine: 'sqlite:bot.db',
      accounts: { leads: { use: '@acme/none', token: { env: 'NONE' } } },
    };
    writeFileSync(join(folder, 'parley.config.json'), JSON.stringify(config));
    expect((await parley('stats')).stdout).toMatch(/^dead letters +3$/m);
  });

  test('comes from a named config file, from PARLEY_ENGINE, from --engine: each before the one it follows', async () => {
    await runningBot();
    writeFileSync(join(folder, 'other.yaml'), 'engine: sqlite:bot.db');
    const env = { PARLEY_ENGINE: 'sqlite:none.db' };
    const withEnv = (...args: string[]) => runParley(['stats', ...args], { running, cwd: folder, env }).ended;
    expect((await withEnv()).stderr).toContain(
      `parley: There is no file ${folder}/none.db: no bot was started`,
    );
    expect((await withEnv('--config', 'other.yaml')).code).toBe(0);
    expect((await withEnv('--engine', 'sqlite:bot.db')).code).toBe(0);
  });

  test.each([
    [['stats'], 1, 'There is no config file in FOLDER; expected one of parley.config.ts'],
    [['stats', '--engine', 'mysql://u:hunter2@h'], 2, '--engine: expected memory, sqlite:<file>'],
    [['stats', '--engine', 'memory'], 1, 'seen by its own process only'],
    [['stats', 'more', '--engine', 'memory'], 2, 'unexpected "more"'],
    [['stats', '--jsno'], 2, 'unknown option --jsno'],
    [['dead-letters'], 2, 'No command specified'],
    [['dead-letters', 'frobnicate'], 2, 'Unknown command frobnicate'],
    [['dead-letters', 'list', '--limit', '0'], 2, '--limit must be a whole number from 1 to 10000'],
    [['dead-letters', 'list', '--kind', 'turn'], 2, '--kind must be event or effect'],
    [['dead-letters', 'show'], 2, 'ID'],
    [['dead-letters', 'redrive'], 2, 'name at least one dead letter by its id'],
    [['dead-letters', 'redrive', 'x', '--account', 'leads'], 2, 'filters go with --all'],
    [['dead-letters', 'drop'], 2, 'name at least one dead letter by its id'],
    [['erase', 'noor', '--yes'], 2, '"noor" is not an id'],
    [['backup'], 2, 'FILE'],
  ])('%j ends with %d and one line that says why', async (args, expectedCode, reason) => {
    const { code, stdout, stderr } = await parley(...args);
    expect([code, stdout]).toEqual([expectedCode, '']);
    expect(stderr).toContain(reason.replace('FOLDER', folder));
    expect(stderr).not.toContain('hunter2');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each([
    [['--help'], 'dead-letters'],
    [['dead-letters', '--help'], 'redrive'],
    [['dead-letters', 'redrive', '--help'], '--conversation'],
    [['stats', '-h'], 'PARLEY_ENGINE'],
  ])('%j explains', async (args, expected) => {
    const { code, stdout } = await parley(...args);
    expect([code, stdout]).toEqual([0, expect.stringContaining(expected)]);
  });
});
