import type { EngineStats } from '@parley/core';
import { type CrispEmulator, startCrisp, startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { Bot } from './bot.js';
import { connect, leftIn, webhookUrlOf, wiringOf } from './connect.js';
import { openFolder } from './folder.js';
import { byTime, createObserver, NOTHING_SHOWN } from './observer.js';
import { load, type Providers, save, webhooksLeft } from './saved.js';
import { type Progress, Script } from './script.js';
import { createTranscript, type Transcript } from './transcript.js';
import { watchCrisp } from './watch-crisp.js';
import { watchWeb1on1 } from './watch-web1on1.js';

/** Shorter than usual, so that nobody has to wait for a demonstration. */
const HASTE = { webhookRetryFirstMs: 300 };

/** Two providers, a bot in a process of its own, and somebody who writes down what happens at the providers. */
export interface Stage {
  readonly emulator: Web1on1Emulator;
  readonly crisp: CrispEmulator;
  readonly bot: Bot;
  readonly script: Script;
  readonly transcript: Transcript;
  /** How far an earlier run had come that was cut off, and how many webhooks it had not got an answer to. */
  readonly cutOff: { scenes: number; webhooks: number } | undefined;
  /** The bot begins to serve the one provider, and to listen to the other. */
  begin(): Promise<void>;
  /** Where the bot takes webhooks. */
  webhookUrl(): string;
  /** From now on the workshop answers the bot, also what it was asked before. */
  openWorkshop(): void;
  /** Prints what is new. */
  watch(): void;
  /** Waits until no webhook, turn or effect is under way any more. */
  untilQuiet(): Promise<void>;
  /** Ends the bot's process and the providers. `forget`: nobody will go on from here. */
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
    wiring: () => wiringOf(emulator, crisp),
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
  const pressedAt = saved?.pressedAt ?? {};
  let shown = saved?.shown ?? { web1on1: NOTHING_SHOWN, crisp: NOTHING_SHOWN };
  let forgotten = false;
  // Until one has started, what it knew before holds.
  let known: Partial<Providers> = saved ?? {};
  const store = (news: Partial<Providers>): void => {
    known = { web1on1: known.web1on1, crisp: known.crisp, ...news };
    const { web1on1, crisp: support } = known;
    if (forgotten || web1on1 === undefined || support === undefined) return;
    save(folder, { progress, shown, pressedAt, web1on1, crisp: support });
  };
  const emulator = await startWeb1on1({
    snapshot: saved?.web1on1,
    save: (web1on1) => store({ web1on1 }),
    ...HASTE,
  });
  const crisp = await startCrisp({ snapshot: saved?.crisp, save: (support) => store({ crisp: support }) });
  const transcript = createTranscript(print);
  const chatBox = watchCrisp(crisp, pressedAt);
  const observers = {
    web1on1: createObserver(watchWeb1on1(emulator), shown.web1on1),
    crisp: createObserver(chatBox, shown.crisp),
  };
  const saveNow = (): void => {
    // So that it is known from the first when a button was pressed.
    chatBox.messages();
    store({ web1on1: emulator.snapshot(), crisp: crisp.snapshot() });
  };
  const watch = (): void => {
    if (bot.failure !== undefined) throw bot.failure;
    const news = [...observers.web1on1.news(), ...observers.crisp.news()].sort(byTime);
    if (news.length === 0) return;
    // Before: what is printed has happened, whatever comes. After: the next run does not print it again.
    saveNow();
    for (const observation of news) transcript.show(observation);
    shown = { web1on1: observers.web1on1.shown(), crisp: observers.crisp.shown() };
    saveNow();
  };
  const script = new Script(progress, { save: saveNow, watch, heading: transcript.heading });
  saveNow();

  return {
    emulator,
    crisp,
    bot,
    script,
    transcript,
    cutOff: saved && { scenes: progress.scenes, webhooks: webhooksLeft(saved.web1on1) },
    begin: async () => {
      await script.within('a bot that serves', bot.serve(left));
      const listens = () => crisp.rtm.connections.some(({ identifier }) => identifier !== undefined);
      await script.until('a bot that listens to Crisp', listens);
    },
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
      await bot.kill();
      await Promise.all([emulator.close(), crisp.close()]);
      if (forget) folder.remove();
    },
  };
}
