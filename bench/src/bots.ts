import { web1on1 } from '@parley/adapter-web1on1';
import type { WebhookRequest } from '@parley/core';
import { createBot } from '@parley/core';
import { BOT_USER, SECRET } from './webhooks.js';

/** The token of the account: 32 hexadecimal digits, a kind that does not expire. */
export const TOKEN = '0123456789abcdef0123456789abcdef';

/** A bot as its users make it: the memory engine with its deduplication and order, one account of Web1on1, sessions. */
export function makeBot(origin = 'http://127.0.0.1:9') {
  return createBot({
    accounts: {
      bench: web1on1({
        origin,
        token: TOKEN,
        email: `bot+${BOT_USER}@web1on1.chat`,
        secret: SECRET,
        // Above whatever this machine can do: the limiter is on the way, and never waits.
        rate: { requests: 100_000, perMs: 1000 },
      }),
    },
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

export async function startCountingBot(): Promise<CountingBot> {
  const bot = makeBot();
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
      // The last handler has run, its commit is a few microtasks away.
      await new Promise(setImmediate);
      const { pendingEvents } = await bot.stats();
      if (pendingEvents > 0) throw new Error(`${pendingEvents} turns are left over`);
    },
    [Symbol.asyncDispose]: () => bot.close(),
  };
}

/** Hands the calls over one after the other, as a server does, and resolves when all are handled. */
export async function receiveAll(
  { bot, handled }: CountingBot,
  requests: readonly WebhookRequest[],
): Promise<void> {
  const done = handled(requests.length);
  for (const request of requests) {
    const { status } = await bot.webhook('bench', request);
    if (status !== 200) throw new Error(`the bot answered a webhook with ${status}`);
  }
  await done;
}
