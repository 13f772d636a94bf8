import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type PostgresServer, startPostgres } from '@parley/testing/postgres';
import { type BotFolder, path } from './bot-folder.js';
import { CAMPAIGN_PACKAGES, campaignFolder, crowd, gotAt, phone, writeCampaign } from './campaign-folder.js';
import { buildParley } from './run-parley.js';

let server: PostgresServer;
let shop: Web1on1Emulator;
let bots: BotFolder;

beforeAll(async () => {
  await buildParley(...CAMPAIGN_PACKAGES);
  server = await startPostgres();
});
afterAll(() => server.close());
beforeEach(async () => {
  // The server asks for none; what is checked is that nobody prints it.
  const connectionString = (await server.database()).replace('postgres@', 'postgres:hunter2@');
  const use = path('../../engine-postgres/dist/index.js');
  shop = await startWeb1on1();
  bots = campaignFolder(connectionString, { use, connectionString, maxAttempts: 1 }, { shop });
});
afterEach(async () => {
  bots.close();
  await shop.close();
});

/** Where nobody listens. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

test('the commands and running bots share a database', async () => {
  await bots.threeDeadLetters();
  expect((await bots.listed()).map(({ conversation }) => conversation)).toEqual([
    'leads:1',
    'leads:2',
    'leads:1',
  ]);

  const bot = await bots.startBot();
  const [, other] = await bots.listed();
  expect(await bots.parley('dead-letters', 'drop', other?.id ?? '')).toMatchObject({
    stdout: 'dropped: 1\n',
  });
  const redriven = await bots.parley('dead-letters', 'redrive', '--all', '--conversation', 'leads:1');
  expect(redriven).toEqual({ code: 0, stdout: 'redriven: 2\n', stderr: '' });
  await bot.hears('handled', 2);
  expect(bot.handled()).toEqual(['first', 'second']);
  await bot.end('SIGTERM');
  expect(JSON.parse((await bots.parley('stats', '--json')).stdout)).toMatchObject({
    pendingEvents: 0,
    deadLetters: 0,
  });
});

test('a person is erased while no bot runs', async () => {
  await bots.threeDeadLetters();
  const { stdout } = await bots.parley('erase', 'leads:1', '--yes', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ deadLetters: 2 });
  expect((await bots.listed()).map(({ conversation }) => conversation)).toEqual(['leads:2']);
});

test('a campaign is sent by a running bot and the command together, to each person once', async () => {
  writeCampaign(bots, { account: 'shop', people: crowd(60) });
  await bots.startBot();
  const command = bots.begin('campaign', 'run', 'may.yaml', '--yes', '--json');
  const { stdout } = await command.ended;
  expect(JSON.parse(stdout)).toMatchObject({ state: 'completed', recipients: 60, counts: { sent: 60 } });
  const got = Object.values(gotAt(shop));
  expect(got.map((texts) => texts.length)).toEqual(Array(60).fill(1));
});

test('with no bot, the command sends by itself, and a run that it left goes on in the bot', async () => {
  writeCampaign(bots, { account: 'shop', people: crowd(100) });
  const command = bots.begin('campaign', 'run', 'may.yaml', '--yes');
  await eventually(
    () => Object.keys(gotAt(shop)).length > 5,
    () => 'nothing is sent',
    20_000,
  );
  command.child.kill('SIGKILL');
  await command.ended;
  await bots.startBot();
  await eventually(
    async () => JSON.parse((await bots.parley('campaign', 'status', 'may-1', '--json')).stdout).endedAt,
    () => 'it does not end',
    40_000,
  );
  const { stdout } = await bots.parley('campaign', 'status', 'may-1', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'completed',
    counts: { sent: 100, failed: 0 },
    unknown: 0,
  });
  expect(Object.values(gotAt(shop)).flat()).toHaveLength(100);
});

test('what cannot be done says why, without the password', async () => {
  const copied = await bots.parley('backup', 'copy.db');
  expect(copied).toMatchObject({ code: 1, stderr: expect.stringContaining('"postgres" is not a file') });
  const url = new URL(await server.database());
  url.password = 'hunter2';
  url.pathname = '/nowhere';
  const missing = await bots.parley('stats', '--engine', url.href);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('the database does not exist') });
  url.port = String(await freePort());
  const closed = await bots.parley('stats', '--engine', url.href);
  expect(closed).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
  });
  expect(copied.stderr + missing.stderr + closed.stderr).not.toContain('hunter2');
});

test('a list of opt-outs is added to by commands at the same time, and a person erased from a run', async () => {
  writeCampaign(bots, { account: 'shop', people: crowd(3) });
  const campaign = (...args: string[]) => bots.parley('campaign', ...args);
  expect((await campaign('erase', phone(1), '--yes', '--json')).stdout).toContain('"runs":0');
  await campaign('run', 'may.yaml', '--yes');
  await bots.startBot();
  const files = [0, 1, 2].map((index) => crowd(1000).slice(250 * index, 250 * index + 500));
  for (const [index, people] of files.entries())
    writeFileSync(join(bots.folder, `${index}.csv`), ['phone,name', ...people].join('\n'));
  const adding = files.map((_, index) => campaign('suppressions', 'add', '--file', `${index}.csv`, '--json'));
  const added = (await Promise.all(adding)).map(({ stdout }) => JSON.parse(stdout).added);
  expect(added.reduce((sum, one) => sum + one)).toBe(1000);
  expect((await campaign('suppressions', 'list')).stdout.trimEnd().split('\n')).toHaveLength(1001);
  expect((await campaign('suppressions', 'remove', phone(1))).stdout).toBe('removed: 1\n');
  expect((await campaign('suppressions', 'check', phone(1))).stdout).toBe('not on the list\n');

  const { stdout } = await campaign('erase', phone(1), '--yes', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ runs: 1, effects: 1, suppressed: false });
  expect((await campaign('export', 'may-1')).stdout).not.toContain(phone(1));
});
