import { setTimeout as pause } from 'node:timers/promises';
import { web1on1 } from '@parley/adapter-web1on1';
import { createBot, type Log, memoryEngine, type TalkingBot } from '@parley/core';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { type BotServer, serve } from '@parley/server';
import { addReminderAnswers, type ReminderSession } from '../appointment-reminder.js';
import { addGreeter } from '../greet-and-help.js';
import { createObserver } from './observer.js';
import { createTranscript, type Transcript } from './transcript.js';

/** Everything takes milliseconds, on a busy machine seconds; what has not happened by then does not happen. */
const PATIENCE_MS = 30_000;

/** Something that should have been seen was not. */
export class NotSeen extends Error {}

/** A provider, a bot and its server, each on a port of its own, and somebody who writes down what happens. */
export interface Stage {
  readonly emulator: Web1on1Emulator;
  readonly bot: TalkingBot<ReminderSession>;
  readonly server: BotServer;
  readonly transcript: Transcript;
  /** Prints what is new. */
  watch(): void;
  /** Waits for something, printing what happens meanwhile. Throws NotSeen after half a minute. */
  until(what: string, look: () => boolean | Promise<boolean>): Promise<void>;
  /** Waits for a call of ours to end. Throws NotSeen after half a minute. */
  within<T>(what: string, call: Promise<T>): Promise<T>;
  /** Waits until no webhook, turn or effect is under way any more. */
  untilQuiet(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(print: (line: string) => void): Promise<Stage> {
  const emulator = await startWeb1on1();
  const transcript = createTranscript(emulator, print);
  const observer = createObserver(emulator);
  const { origin, token, refreshToken, botEmail, secret } = emulator.credentials;

  const say = (_fields: unknown, message: string): void => transcript.parley(message);
  const log: Log = { debug() {}, info() {}, warn: say, error: say };
  const bot = createBot({
    accounts: { leads: web1on1({ origin, token, refreshToken, email: botEmail, secret }) },
    // Shorter than usual, so that nobody has to wait for a demonstration.
    engine: memoryEngine({ backoffMs: 250, lookUpAfterMs: 500 }),
    session: { initial: (): ReminderSession => ({}) },
    log,
  });
  addReminderAnswers(bot);
  addGreeter(bot);
  bot.onNotice('effect.unknown', ({ error }) => transcript.parley(`outcome unknown: ${error.message}`));
  bot.onNotice('effect.failed', ({ error }) => transcript.parley(`given up: ${error.code} ${error.message}`));
  bot.onNotice('webhook.refused', ({ status, code }) =>
    transcript.parley(`webhook refused: ${status} ${code}`),
  );
  const server = await serve(bot, { port: 0 });

  const watch = (): void => {
    for (const observation of observer.news()) transcript.show(observation);
  };
  const until: Stage['until'] = async (what, look) => {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await look())) {
      watch();
      if (Date.now() > deadline) throw new NotSeen(`not seen within ${PATIENCE_MS / 1000} s: ${what}`);
      await pause(10);
    }
    watch();
  };

  const within: Stage['within'] = async (what, call) => {
    let ended = false;
    const mark = (): void => {
      ended = true;
    };
    call.then(mark, mark);
    await until(what, () => ended);
    return call;
  };

  return {
    emulator,
    bot,
    server,
    transcript,
    watch,
    until,
    within,
    untilQuiet: () =>
      until('the end of what is under way', async () => {
        if (emulator.webhooks.pending > 0) return false;
        const { pendingEvents, pendingEffects } = await bot.stats();
        return pendingEvents + pendingEffects === 0;
      }),
    async close() {
      await server.close();
      await emulator.close();
    },
  };
}
