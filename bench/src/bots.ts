import type { Engine, WebhookRequest } from '@parley/core';
import { createBot, memoryEngine } from '@parley/core';
import { WEB1ON1 } from './web1on1-wire.js';

/** A bot as its users make it: one account, sessions, and an engine with its deduplication and order. */
export function makeBot(
  origin = 'http://127.0.0.1:9',
  engine: Engine = memoryEngine(),
  // Above whatever this machine can do: the limiter is on the way, and never waits.
  rate = { requests: 100_000, perMs: 1000 },
  wire = WEB1ON1,
) {
  return createBot({
    engine,
    accounts: { bench: wire.account({ origin, rate }) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: (...said) => console.error(...said) },
    session: { initial: () => ({ step: 'greeted', messages: 0 }) },
  });
}

/** A bot that counts each person's messages in their session. */
export interface CountingBot extends AsyncDisposable {
  readonly bot: ReturnType<typeof makeBot>;
  /** Resolves when the handler has run `count` times more, and its turns are committed. */
  handled(count: number): Promise<void>;
}

export async function startCountingBot(engine?: Engine, wire = WEB1ON1): Promise<CountingBot> {
  const bot = makeBot(undefined, engine, undefined, wire);
  let ran = 0;
  let waiting: { until: number; resolve(): void } | undefined;
  bot.on('message.received', (turn) => {
    turn.session.messages += 1;
    ran += 1;
    if (ran === waiting?.until) waiting.resolve();
  });
  await bot.start();
  return {
    bot,
    handled: async (count) => {
      await new Promise<void>((resolve) => {
        waiting = { until: ran + count, resolve };
      });
      // The last handler has run, its commit is not far: microtasks in memory, a transaction on disk.
      for (let looks = 0; looks < 1000; looks += 1) {
        await new Promise(setImmediate);
        if ((await bot.stats()).pendingEvents === 0) return;
      }
      throw new Error('turns are left over');
    },
    [Symbol.asyncDispose]: () => bot.close(),
  };
}

/** Hands the calls over, so many at a time as a server has connections, and resolves when all are handled. */
export async function receiveAll(
  { bot, handled }: CountingBot,
  requests: readonly WebhookRequest[],
  connections = 1,
): Promise<void> {
  const done = handled(requests.length);
  const calls = requests.values();
  const connection = async (): Promise<void> => {
    for (const request of calls) {
      const { status } = await bot.webhook('bench', request);
      if (status !== 200) throw new Error(`the bot answered a webhook with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  await done;
}
