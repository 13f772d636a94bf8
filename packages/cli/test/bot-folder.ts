import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@parley/testing';
import { type Ended, type Running, runParley } from './run-parley.js';

export const path = (file: string): string => new URL(file, import.meta.url).pathname;

/** What a bot process tells. */
interface Told {
  serves?: true;
  dead?: true;
  handled?: string;
}

/** A bot in a process of its own. */
export interface BotProcess {
  readonly child: ChildProcess;
  says(conversationId: string, text: string): void;
  /** Resolves when it has told so many of these. */
  hears(key: keyof Told, times: number): Promise<unknown>;
  handled(): string[];
  end(signal: NodeJS.Signals): Promise<void>;
}

/** A folder with a config file, in which bots and commands run. */
export interface BotFolder {
  readonly folder: string;
  startBot(...args: string[]): Promise<BotProcess>;
  /** With this folder's engine, unless the arguments name another. */
  begin(...args: string[]): Running;
  parley(...args: string[]): Promise<Ended>;
  listed(): Promise<{ id: string; conversation: string }[]>;
  /** Leaves two dead letters of `leads:1` and one of `leads:2`, with no bot running. */
  threeDeadLetters(signal?: NodeJS.Signals): Promise<void>;
  close(): void;
}

/** `engine`: as the commands are told; `config`: as the bot's config file has it; `more`: accounts besides `leads`. */
export function botFolder(engine: string, config: object, more: Record<string, object> = {}): BotFolder {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bot-'));
  const accounts = { leads: { use: path('fake-account.ts') }, ...more };
  writeFileSync(join(folder, 'parley.config.json'), JSON.stringify({ engine: config, accounts }));
  const running: ChildProcess[] = [];
  const begin = (...args: string[]): Running =>
    runParley(isTold(args) ? args : [...args, '--engine', engine], { running, cwd: folder });
  const parley = (...args: string[]): Promise<Ended> => begin(...args).ended;
  const startBot = async (...args: string[]): Promise<BotProcess> => {
    const bot = forkBot(folder, args);
    running.push(bot.child);
    await bot.hears('serves', 1);
    return bot;
  };
  return {
    folder,
    begin,
    parley,
    startBot,
    listed: async () => JSON.parse((await parley('dead-letters', 'list', '--json')).stdout),
    async threeDeadLetters(signal = 'SIGTERM') {
      writeFileSync(join(folder, 'broken'), '');
      const bot = await startBot();
      const sayings = ['1 first', '2 other', '1 second'].map((line) => line.split(' '));
      for (const [index, [conversation, text = '']] of sayings.entries()) {
        bot.says(`leads:${conversation}`, text);
        await bot.hears('dead', index + 1);
      }
      await bot.end(signal);
      rmSync(join(folder, 'broken'));
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isTold(args: readonly string[]): boolean {
  return args.includes('--engine') || args.includes('--config');
}

function forkBot(folder: string, args: readonly string[]): BotProcess {
  const child = fork(path('bot-process.ts'), [folder, ...args], {
    execArgv: ['--import', path('../../../scripts/on-sources.ts'), '--disable-warning=ExperimentalWarning'],
  });
  const told: Told[] = [];
  child.on('message', (what: Told) => told.push(what));
  return {
    child,
    says: (conversationId, text) => child.send({ conversationId, text }),
    hears: (key, times) =>
      eventually(
        () => told.filter((what) => key in what).length >= times,
        () => `the bot told ${JSON.stringify(told)}`,
        20_000,
      ),
    handled: () => told.flatMap(({ handled }) => handled ?? []),
    async end(signal) {
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
