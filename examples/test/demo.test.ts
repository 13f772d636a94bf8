import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';

const root = dirname(dirname(import.meta.dirname));
const MINUTE_MS = 60_000;

/** Runs the demo as its reader does, with standard input left open and no terminal. */
async function demo(...args: string[]): Promise<{ code: number | null; transcript: string; errors: string }> {
  const child: ChildProcess = spawn(process.execPath, ['dist/demo.js', ...args], {
    cwd: join(root, 'examples'),
  });
  let [transcript, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    transcript += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, transcript, errors };
}

describe('the demo', () => {
  beforeAll(async () => {
    await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
  }, 2 * MINUTE_MS);

  test(
    'plays a conversation in both directions, and ends',
    async () => {
      const { code, transcript, errors } = await demo('--once');
      expect(errors).toBe('');
      expect(transcript).not.toContain('\u001b');
      expect(code).toBe(0);
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
      const { code, transcript } = await demo();
      expect(code).toBe(0);
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
    const { code, errors } = await demo('--twice');
    expect(code).toBe(2);
    expect(errors).toMatch(/--twice.*--once/s);
  });
});
