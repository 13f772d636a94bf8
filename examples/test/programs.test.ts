import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startWeb1on1 } from '@parley/emulators';
import { isAlive, type Program, root, start, until } from './program.js';

const MINUTE_MS = 60_000;

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function run(...program: Parameters<typeof start>): Program {
  const started = start(...program);
  open.push(started);
  return started;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'));
  open.push({ close: () => rm(folder, { recursive: true, force: true }) });
  return folder;
}

beforeAll(async () => {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', 'examples'], { cwd: root });
}, 2 * MINUTE_MS);

/** A run that nothing disturbs. Without --once, but nobody can type: it ends as well. */
let played:
  | Promise<{ transcript: string; code: number | null; errors: string; folder: string[] }>
  | undefined;
function undisturbed() {
  played ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-'));
    await writeFile(join(folder, 'mine.txt'), 'not the demo’s');
    const demo = start('demo.js', ['--data', folder]);
    const code = await demo.ended;
    const left = readdirSync(folder);
    await rm(folder, { recursive: true });
    return { transcript: demo.output(), code, errors: demo.errors(), folder: left };
  })();
  return played;
}

/**
 * Who wrote what, as the provider has it, over one run or several. A line says when it happened, so that one that was printed
 * again, because the process died between printing and noting it, is known for the same one.
 */
function written(transcript: string): string[] {
  const lines = transcript.match(/^\d\d:\d\d:\d\d\.\d{3} {2}(Noor|Yusuf|Mila|Ravi|Sanne|Bot) .*$/gm) ?? [];
  return [...new Set(lines)].map((line) => line.slice(14)).sort();
}

function timedLines(transcript: string): string[] {
  return transcript.match(/^\d\d:\d\d:\d\d\.\d{3} .*$/gm) ?? [];
}

/** Kills a demo and starts it again, each time when `moment` comes, until one reaches the end. */
async function killAndGoOn(moment: (demo: Program, kills: number) => Promise<unknown>): Promise<string> {
  const data = await temporaryFolder();
  let transcript = '';
  for (let kills = 0; ; kills += 1) {
    const demo = run('demo.js', ['--once', '--data', data]);
    await Promise.race([moment(demo, kills), demo.ended]);
    await demo.close();
    await until(() => !isAlive(botIn(demo.output())));
    expect(demo.errors()).toBe('');
    const wasCutOff = transcript.includes('1/10') || transcript.includes('cut off');
    if (wasCutOff) expect(demo.output()).toMatch(/\nA run was cut off in scene \d+\/10\n|^$/);
    // What was printed when the process died may be printed again; what came before that is not.
    const again = timedLines(demo.output()).filter((line) => transcript.includes(line));
    expect(again.length).toBeLessThan(20);
    transcript += demo.output();
    if ((await demo.ended) === 0) {
      expect(existsSync(data)).toBe(false);
      return transcript;
    }
  }
}

const botIn = (transcript: string): number => Number(/.*The bot is process (\d+)/s.exec(transcript)?.[1]);

describe('the demo', () => {
  test(
    'plays a conversation in both directions, and ends, with nothing left behind',
    async () => {
      const { transcript, code, errors, folder } = await undisturbed();
      expect(errors).toBe('');
      expect(code).toBe(0);
      expect(transcript).not.toContain('\u001b');
      expect(transcript).toMatch(/ Noor {4}whatsapp {2}Hello\n/);
      expect(transcript).toMatch(/ webhook {3}message\.create\.contact\.chat by Noor {2}200\n/);
      expect(transcript).toMatch(/ Bot {5}whatsapp {2}Hello Noor Visser! What can I do for you\?\n/);
      expect(transcript).toMatch(/ \[Opening hours\] \[Talk to a person\]/);
      expect(transcript).toMatch(/ Noor Visser: active, accepted by Bot\n/);
      expect(transcript).toMatch(/ Bot {5}note {6}The customer asked for a person\.\n/);
      expect(transcript).toMatch(/ Sanne {3}whatsapp {2}Hi Noor/);
      expect(transcript).toMatch(/ template "service_reminder" with /);
      expect(transcript).toMatch(/you are the customer\.\n$/);
      expect(folder).toEqual(['mine.txt']);
      expect(isAlive(botIn(transcript))).toBe(false);
    },
    MINUTE_MS,
  );

  test(
    'doubles nothing: neither what comes twice, nor what is refused, nor what gets no answer',
    async () => {
      const { transcript } = await undisturbed();
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

  test(
    'has the same conversation at Crisp, by socket, and loses nothing where that is cut',
    async () => {
      const { transcript } = await undisturbed();
      const [, atWeb1on1, atCrisp, cut] =
        /\n1\/10 (.*)\n2\/10 (.*)\n3\/10 (.*)\n4\/10 /s.exec(transcript) ?? [];
      // What was said, without when, by whom and where.
      const words = (scene = '') =>
        Array.from(scene.matchAll(/^.{22}(?:whatsapp|web chat|button) *(.*)$/gm), ([, said]) => said);
      expect(words(atCrisp)).toHaveLength(4);
      expect(words(atCrisp)).toEqual(
        words(atWeb1on1).map((said) => said?.replace('Noor Visser', 'Yusuf Demir')),
      );
      expect(atCrisp).toContain('✓ the same bot: only its config names another provider');
      expect(cut).toMatch(/Parley {2}says {6}Crisp realtime: the connection ended/);
      expect(cut).toMatch(/socket {4}the bot listens to \d+ kinds of events\n/);
      expect(words(cut)).toEqual([
        'help',
        'Do you sell bicycles?',
        'This is what I can do.',
        'Sorry, I did not understand that.',
      ]);
      expect(cut).toContain(
        '✓ 2 messages that nobody told the bot, 2 answers: it has read what it had missed',
      );
    },
    MINUTE_MS,
  );

  test(
    'kills the process of the bot in the middle of a conversation, which goes on',
    async () => {
      const { transcript } = await undisturbed();
      const [, before, between, after] =
        /8\/10 {2}kill -9:(.*)\n {2}kill -9 (\d+: .*?)\n {2}The bot is process (.*?)\n9\/10/s.exec(
          transcript,
        ) ?? [];
      expect(before).toMatch(/I am asking the workshop\.\n/);
      expect(before).toMatch(/Mila {4}whatsapp {2}What will it cost\?\n.* by Mila {2}200\n*$/s);
      expect(between).toMatch(/by Mila {2}no answer/);
      expect(after).toMatch(/Its file holds 2 events accepted and not handled, 1 message for later\./);
      expect(after).toMatch(/The workshop says that KX-901-P is ready/);
      expect(after).toMatch(/Please do not forget to fetch KX-901-P\./);
      expect(after).not.toMatch(/I am asking the workshop/);
      expect(after).toContain('✓ 6 answers and 1 reminder on the phone: nothing lost, nothing twice');
    },
    MINUTE_MS,
  );

  test(
    'gives the bot a successor whenever somebody kills its process, and nothing is lost or doubled',
    async () => {
      const demo = run('demo.js', ['--once', '--data', await temporaryFolder()]);
      for (const moment of [
        'Noor    button    hours',
        'Yusuf   button    hours',
        'the socket is cut',
        '429 (injected',
        'I am asking',
        'The workshop says',
        ' /notify',
      ]) {
        expect(await demo.prints(moment)).toBe(true);
        const pid = botIn(demo.output());
        process.kill(pid, 'SIGKILL');
        expect(await demo.prints(`Somebody has killed process ${pid}`)).toBe(true);
      }
      expect(await demo.ended).toBe(0);
      expect(demo.errors()).toBe('');
      expect(written(demo.output())).toEqual(written((await undisturbed()).transcript));
    },
    MINUTE_MS,
  );

  test(
    'goes on where it was when all of it is killed, at whatever moment',
    async () => {
      const moments = [
        'whatsapp  Hello',
        'Yusuf   button    hours',
        'the socket is cut',
        '429 (injected',
        'no answer (injected',
        'I am asking the workshop',
        '  kill -9 ',
        'The workshop says',
        ' /leave',
        'template "service_reminder"',
      ];
      const transcripts = await Promise.all([
        killAndGoOn((demo, kills) => demo.prints(moments[kills] ?? 'the end')),
        // Spread over a run by the golden ratio; the start of a process is a part of it.
        ...[0.1, 0.5].map((seed) =>
          killAndGoOn((_demo, kills) =>
            pause(kills < 5 ? 200 + 1800 * ((seed + kills * 0.618) % 1) : MINUTE_MS, undefined, {
              ref: false,
            }),
          ),
        ),
      ]);
      const expected = written((await undisturbed()).transcript);
      for (const transcript of transcripts) expect(written(transcript)).toEqual(expected);
    },
    2 * MINUTE_MS,
  );

  test(
    'begins anew with --fresh, and lets nobody else into its folder meanwhile',
    async () => {
      const data = await temporaryFolder();
      const cutOff = run('demo.js', ['--once', '--data', data]);
      expect(await cutOff.prints('5/10')).toBe(true);
      await cutOff.close();

      const fresh = run('demo.js', ['--once', '--fresh', '--data', data]);
      expect(await fresh.prints('1/10')).toBe(true);
      expect(fresh.output()).not.toContain('cut off');
      const other = run('demo.js', ['--once', '--data', data]);
      expect(await other.ended).toBe(1);
      expect(other.errors()).toMatch(/another demo is running there\. --data takes another folder/);
      expect(await fresh.ended).toBe(0);
      expect(written(fresh.output())).toEqual(written((await undisturbed()).transcript));
    },
    MINUTE_MS,
  );

  test('ends with the command that has started it, so that the next one finds its folder free', async () => {
    const data = await temporaryFolder();
    const command = `'${process.execPath}' '${join(root, 'examples/dist/demo.js')}' --once --data '${data}'; true`;
    const shell = spawn('sh', ['-c', command]);
    let output = '';
    shell.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    await until(() => botIn(output) > 0);
    shell.kill('SIGKILL');
    await until(() => !isAlive(botIn(output)));
    const next = run('demo.js', ['--once', '--data', data]);
    expect(await next.prints('A run was cut off')).toBe(true);
  });

  test('names an option that it does not have, and a folder that it cannot have', async () => {
    const demo = run('demo.js', ['--twice']);
    expect(await demo.ended).toBe(2);
    expect(demo.errors()).toMatch(/--twice.*--once/s);

    const noFolder = join(root, 'README.md');
    const elsewhere = run('demo.js', ['--data', noFolder]);
    expect(await elsewhere.ended).toBe(1);
    expect(elsewhere.errors()).toMatch(/^demo: cannot keep its data in .*README\.md: .*--data takes another/);
  });
});

describe('one account', () => {
  test(
    'takes its credentials from the environment, serves, logs, and ends on SIGTERM',
    async () => {
      const cwd = await temporaryFolder();
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
      await bot.prints('\n');

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
