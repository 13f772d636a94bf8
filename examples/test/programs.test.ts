import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startWeb1on1 } from '@parley/emulators';

const root = dirname(dirname(import.meta.dirname));
const MINUTE_MS = 60_000;

/** An example as its reader runs it: built, in a process of its own, with standard input open and no terminal. */
interface Program {
  process: ChildProcessWithoutNullStreams;
  output(): string;
  errors(): string;
  ended: Promise<number | null>;
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function run(
  name: string,
  args: string[] = [],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Program {
  const child = spawn(process.execPath, [join(root, 'examples/dist', name), ...args], options);
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  open.push({
    close: () => {
      child.kill('SIGKILL');
      return ended;
    },
  });
  return { process: child, output: () => output, errors: () => errors, ended };
}

beforeAll(async () => {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
}, 2 * MINUTE_MS);

describe('the demo', () => {
  test(
    'plays a conversation in both directions, and ends',
    async () => {
      const demo = run('demo.js', ['--once']);
      expect(await demo.ended).toBe(0);
      expect(demo.errors()).toBe('');
      const transcript = demo.output();
      expect(transcript).not.toContain('\u001b');
      expect(transcript).toMatch(/ Noor {4}whatsapp {2}Hello\n/);
      expect(transcript).toMatch(/ webhook {3}message\.create\.contact\.chat by Noor {2}200\n/);
      expect(transcript).toMatch(/ Bot {5}whatsapp {2}Hello Noor Visser! What can I do for you\?\n/);
      expect(transcript).toMatch(/ \[Opening hours\] \[Talk to a person\]/);
      expect(transcript).toMatch(/ Noor Visser: active, accepted by Bot\n/);
      expect(transcript).toMatch(/ Bot {5}note {6}The customer asked for a person\.\n/);
      expect(transcript).toMatch(/ Sanne {3}whatsapp {2}Hi Noor/);
      expect(transcript).toMatch(/ template "service_reminder" with /);
    },
    MINUTE_MS,
  );

  test(
    'doubles nothing: neither what comes twice, nor what is refused, nor what gets no answer',
    async () => {
      // Without --once, but nobody can type: it ends as well.
      const demo = run('demo.js');
      expect(await demo.ended).toBe(0);
      const transcript = demo.output();
      expect(transcript).toMatch(/delivery 2\) {2}200\n/);
      expect(transcript).toContain('✓ 2 deliveries, 1 answer on the phone');
      expect(transcript).toMatch(/messages {2}429 \(injected: status\)\n/);
      expect(transcript).toContain('✓ 2 requests, 1 answer on the phone');
      expect(transcript).toMatch(/messages {2}no answer \(injected: drop-after\)\n/);
      expect(transcript).toContain('✓ 1 request, 1 look, 1 answer on the phone');
      expect(transcript).toContain('✓ answered 401; the bot asked the provider for nothing');
      expect(transcript).toContain('✓ Sanne has the conversation, and the bot is quiet in it');
      expect(transcript).toContain('✓ asked for twice, sent once');
    },
    MINUTE_MS,
  );

  test('names an option that it does not have', async () => {
    const demo = run('demo.js', ['--twice']);
    expect(await demo.ended).toBe(2);
    expect(demo.errors()).toMatch(/--twice.*--once/s);
  });
});

describe('one account', () => {
  test(
    'takes its credentials from the environment, serves, logs, and ends on SIGTERM',
    async () => {
      const cwd = await mkdtemp(join(tmpdir(), 'parley-'));
      open.push({ close: () => rm(cwd, { recursive: true }) });
      const emulator = await startWeb1on1();
      open.push(emulator);
      const { origin, token, refreshToken, botEmail, secret } = emulator.credentials;
      const env = {
        PORT: '0',
        WEB1ON1_ORIGIN: origin,
        WEB1ON1_TOKEN: token,
        WEB1ON1_REFRESH_TOKEN: refreshToken,
        WEB1ON1_EMAIL: botEmail,
        WEB1ON1_SECRET: secret,
      };
      const bot = run('one-account.js', [], { cwd, env });
      while (!bot.output().includes('\n'))
        await new Promise((resolve) => bot.process.stdout.once('data', resolve));

      const url = /http:\S+/.exec(bot.output())?.[0] ?? '';
      await emulator.subscribe({ url });
      const person = await emulator.contact({ name: 'Noor', telephone: '+31655501234', channel: 'whatsapp' });
      person.say('Hello');
      expect((await person.next()).text).toMatch(/^Hello Noor!/);

      bot.process.kill('SIGTERM');
      expect(await bot.ended).toBe(0);
      expect(await readFile(join(cwd, 'answers.jsonl'), 'utf8')).toMatch(/^\{.*"text":"Hello"\}\n$/);
    },
    MINUTE_MS,
  );
});
