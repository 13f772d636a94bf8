import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CrispEmulator, startCrisp, startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { type Program, root, start } from './program.js';

const MINUTE_MS = 60_000;

let emulator: Web1on1Emulator;
let support: CrispEmulator;
let folder: string;
let bot: Program | undefined;

beforeAll(async () => {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
  [emulator, support] = [await startWeb1on1(), await startCrisp()];
  folder = await mkdtemp(join(tmpdir(), 'parley-configured-'));
  // A project of its own, with the same packages installed.
  await symlink(join(root, 'examples/node_modules'), join(folder, 'node_modules'));
}, 2 * MINUTE_MS);
afterAll(async () => {
  await bot?.close();
  await Promise.all([emulator.close(), support.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program, lets somebody say hello to it, and returns where its webhooks go. */
async function greeted(args: string[], env: NodeJS.ProcessEnv, hello: (url: string) => Promise<void>) {
  bot = start('configured.js', args, { cwd: folder, env: { ...process.env, PORT: '0', ...env } });
  await bot.prints('\n');
  const url = /http:\S+/.exec(bot.output())?.[0] ?? '';
  await hello(url);
  bot.process.kill('SIGTERM');
  expect([await bot.ended, bot.errors().includes('Error')]).toEqual([0, false]);
  return new URL(url).pathname;
}

function greetedAtWeb1on1(): Promise<string> {
  const { origin, token, secret } = emulator.credentials;
  const env = { WEB1ON1_ORIGIN: origin, WEB1ON1_TOKEN: token, WEB1ON1_SECRET: secret };
  return greeted([], env, async (url) => {
    await emulator.subscribe({ url });
    const person = await emulator.contact({
      name: 'Noor',
      telephone: '+31655501234',
      channel: 'whatsapp',
    });
    person.say('Hello');
    expect((await person.next()).text).toMatch(/^Hello Noor!/);
  });
}

function greetedAtCrisp(): Promise<string> {
  const { origin, identifier, key, websiteId } = support.credentials;
  const env = {
    CRISP_ORIGIN: origin,
    CRISP_IDENTIFIER: identifier,
    CRISP_KEY: key,
    CRISP_WEBSITE: websiteId,
  };
  return greeted(['parley.config.crisp.yaml'], env, async () => {
    // No webhook: it listens to the socket.
    const visitor = support.visitor({ nickname: 'Noor' });
    visitor.say('Hello');
    expect((await visitor.next(MINUTE_MS)).content).toMatchObject({
      text: expect.stringMatching(/^Hello Noor!/),
    });
  });
}

test(
  'another engine, another account and another provider are an edit of the config file, and nothing else',
  async () => {
    const config = await readFile(join(root, 'examples/parley.config.yaml'), 'utf8');
    await writeFile(join(folder, 'parley.config.yaml'), config);
    expect(await greetedAtWeb1on1()).toBe('/webhooks/leads');
    expect(existsSync(join(folder, 'bot.db'))).toBe(true);

    await rm(join(folder, 'bot.db'));
    const edited = config.replace('sqlite:bot.db', 'memory').replace('leads:', 'sales:');
    await writeFile(join(folder, 'parley.config.yaml'), edited);
    expect(await greetedAtWeb1on1()).toBe('/webhooks/sales');
    expect(existsSync(join(folder, 'bot.db'))).toBe(false);

    const other = 'parley.config.crisp.yaml';
    await copyFile(join(root, 'examples', other), join(folder, other));
    expect(await greetedAtCrisp()).toBe('/webhooks/leads');
  },
  MINUTE_MS,
);
