// One of several processes that share a database.
import { postgres } from '@parley/engine-postgres';
import { makeBot } from './bots.js';
import { countMessagesFrom, objectId, signedWebhook } from './webhooks.js';

export interface PostgresOrder {
  start?: { url: string; origin: string; firstMessage: number };
  /** The conversations that somebody writes in, in order. */
  receive?: { conversations: number[]; connections: number };
  /** From now on handlers never end. */
  hold?: true;
  report?: true;
}

export interface PostgresReport {
  /** Handlers that have begun. */
  begun: number;
  /** Milliseconds from handing a webhook over until its handler ran here, of those this process handed over itself. */
  waits: number[];
  /** Epoch milliseconds at which the last handler began. */
  lastBegunAt: number;
  pending: number;
}

let bot: ReturnType<typeof makeBot> | undefined;
let holds = false;
let begun = 0;
let lastBegunAt = 0;
const waits: number[] = [];
const handedOverAt = new Map<string, number>();

async function start({ url, origin, firstMessage }: NonNullable<PostgresOrder['start']>): Promise<void> {
  countMessagesFrom(firstMessage);
  bot = makeBot(origin, postgres(url), { requests: 4000, perMs: 1000 });
  bot.on('message.received', async (turn) => {
    begun += 1;
    lastBegunAt = performance.timeOrigin + performance.now();
    const at = handedOverAt.get(turn.conversationId);
    if (at !== undefined) waits.push(performance.now() - at);
    if (holds) await new Promise(() => {});
    turn.session.messages += 1;
    await turn.say('Your car is ready.');
  });
  await bot.start();
}

async function receive({ conversations, connections }: NonNullable<PostgresOrder['receive']>): Promise<void> {
  const calls = conversations.values();
  const connection = async (): Promise<void> => {
    for (const conversation of calls) {
      const request = signedWebhook(conversation);
      handedOverAt.set(`bench:${objectId('64d2', conversation)}`, performance.now());
      const answer = await bot?.webhook('bench', request);
      if (answer?.status !== 200) throw new Error(`the bot answered a webhook with ${answer?.status}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

async function report(): Promise<PostgresReport> {
  const stats = await bot?.stats();
  const pending = (stats?.pendingEvents ?? 0) + (stats?.pendingEffects ?? 0);
  return { begun, waits, lastBegunAt, pending };
}

process.on('message', (order: PostgresOrder) => {
  if (order.hold) holds = true;
  const doing = async (): Promise<PostgresReport> => {
    if (order.start !== undefined) await start(order.start);
    if (order.receive !== undefined) {
      waits.length = 0;
      await receive(order.receive);
    }
    return order.report ? report() : { begun, waits, lastBegunAt, pending: 0 };
  };
  doing().then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => {
  void bot?.close({ timeoutMs: 1000 }).finally(() => process.exit());
});
