import type { EngineStats } from '@parley/core';
import { startWeb1on1, type Web1on1Emulator, type Web1on1Snapshot } from '@parley/emulators';
import { Bot } from './bot.js';
import { connect, leftIn, webhookUrlOf, wiringOf } from './connect.js';
import { openFolder } from './folder.js';
import { createObserver, NOTHING_SHOWN } from './observer.js';
import { load, save, webhooksLeft } from './saved.js';
import { type Progress, Script } from './script.js';
import { createTranscript, type Transcript } from './transcript.js';

/** Shorter than usual, so that nobody has to wait for a demonstration. */
const HASTE = { webhookRetryFirstMs: 300 };

/** A provider, a bot in a process of its own, and somebody who writes down what happens at the provider. */
export interface Stage {
  readonly emulator: Web1on1Emulator;
  readonly bot: Bot;
  readonly script: Script;
  readonly transcript: Transcript;
  /** How far an earlier run had come that was cut off, and how many webhooks it had not got an answer to. */
  readonly cutOff: { scenes: number; webhooks: number } | undefined;
  /** The bot begins to serve. */
  begin(): Promise<void>;
  /** Where the bot takes webhooks. */
  webhookUrl(): string;
  /** From now on the workshop answers the bot, also what it was asked before. */
  openWorkshop(): void;
  /** Prints what is new. */
  watch(): void;
  /** Waits until no webhook, turn or effect is under way any more. */
  untilQuiet(): Promise<void>;
  /** Ends the bot's process and the provider. `forget`: nobody will go on from here. */
  close(options: { forget: boolean }): Promise<void>;
}

export interface StageOptions {
  folder: string;
  /** True: what an earlier run has left is removed. */
  fresh: boolean;
  print(line: string): void;
}

/** Throws NoFolder if the folder cannot be had. */
export async function openStage({ folder: path, fresh, print }: StageOptions): Promise<Stage> {
  const folder = await openFolder(path);
  const workshop = Promise.withResolvers<void>();
  const bot = new Bot(folder.botFile, {
    says: (text) => transcript.parley(text),
    workshop: () => workshop.promise.then(() => 'is ready, and clean.'),
    wiring: () => wiringOf(emulator),
    lives: async (origin, pid, left) => {
      const url = `${origin}/webhooks/leads`;
      if (await connect(emulator, url)) {
        transcript.remark(`  ${url} has answered the challenge of ${emulator.origin}`);
      }
      transcript.remark(`  The bot is process ${pid}, on ${origin}. Its file holds ${leftIn(left)}.`);
    },
    killed: (pid) => transcript.remark(`  Somebody has killed process ${pid}, which was the bot.`),
  });
  const saved = load(folder, fresh);
  const left = await bot.open();

  const progress: Progress = saved?.progress ?? { scenes: 0, steps: [] };
  let shown = saved?.shown ?? NOTHING_SHOWN;
  let forgotten = false;
  const store = (provider: Web1on1Snapshot): void => {
    if (!forgotten) save(folder, { progress, shown, provider });
  };
  const emulator = await startWeb1on1({ snapshot: saved?.provider, save: store, ...HASTE });
  const transcript = createTranscript(emulator, print);
  const observer = createObserver(emulator, shown);
  const saveNow = (): void => store(emulator.snapshot());
  const watch = (): void => {
    if (bot.failure !== undefined) throw bot.failure;
    const news = observer.news();
    if (news.length === 0) return;
    // Before: what is printed has happened, whatever comes. After: the next run does not print it again.
    saveNow();
    for (const observation of news) transcript.show(observation);
    shown = observer.shown();
    saveNow();
  };
  const script = new Script(progress, { save: saveNow, watch, heading: transcript.heading });
  saveNow();

  return {
    emulator,
    bot,
    script,
    transcript,
    cutOff: saved && { scenes: progress.scenes, webhooks: webhooksLeft(saved.provider) },
    begin: () => script.within('a bot that serves', bot.serve(left)),
    webhookUrl: () => webhookUrlOf(emulator) ?? '',
    openWorkshop: workshop.resolve,
    watch,
    untilQuiet: () =>
      script.until('the end of what is under way', async () => {
        if (emulator.webhooks.pending > 0) return false;
        const { pendingEvents, pendingEffects } = (await bot.ask({ question: 'stats' })) as EngineStats;
        return pendingEvents + pendingEffects === 0;
      }),
    async close({ forget }) {
      forgotten = forget;
      await emulator.close();
      await bot.kill();
      if (forget) folder.remove();
    },
  };
}
