import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { type Program, root, start } from './program.js';

const MINUTE_MS = 60_000;

let emulator: Web1on1Emulator;
let folder: string;
let bot: Program | undefined;

beforeAll(async () => {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
  emulator = await startWeb1on1();
  folder = await mkdtemp(join(tmpdir(), 'parley-configured-'));
  // A project of its own, with the same packages installed.
  await symlink(join(root, 'examples/node_modules'), join(folder, 'node_modules'));
}, 2 * MINUTE_MS);
afterAll(async () => {
  await bot?.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program, says hello to it, and returns where its webhooks go. */
async function greeted(): Promise<string> {
  const { origin, token, secret } = emulator.credentials;
  const env = {
    ...process.env,
    PORT: '0',
    WEB1ON1_ORIGIN: origin,
    WEB1ON1_TOKEN: token,
    WEB1ON1_SECRET: secret,
  };
  bot = start('configured.js', [], { cwd: folder, env });
  await bot.prints('\n');
  const url = /http:\S+/.exec(bot.output())?.[0] ?? '';
  await emulator.subscribe({ url });
  const person = await emulator.contact({ name: 'Noor', telephone: '+31655501234', channel: 'whatsapp' });
  person.say('Hello');
  expect((await person.next()).text).toMatch(/^Hello Noor!/);
  bot.process.kill('SIGTERM');
  expect([await bot.ended, bot.errors().includes('Error')]).toEqual([0, false]);
  return new URL(url).pathname;
}

test(
  'another engine and another account are an edit of the config file, and nothing else',
  async () => {
    const config = await readFile(join(root, 'examples/parley.config.yaml'), 'utf8');
    await writeFile(join(folder, 'parley.config.yaml'), config);
    expect(await greeted()).toBe('/webhooks/leads');
    expect(existsSync(join(folder, 'bot.db'))).toBe(true);

    await rm(join(folder, 'bot.db'));
    const edited = config.replace('sqlite:bot.db', 'memory').replace('leads:', 'sales:');
    await writeFile(join(folder, 'parley.config.yaml'), edited);
    expect(await greeted()).toBe('/webhooks/sales');
    expect(existsSync(join(folder, 'bot.db'))).toBe(false);
  },
  MINUTE_MS,
);
