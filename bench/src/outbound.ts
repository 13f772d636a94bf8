import { Pool } from 'undici';
import type { BenchOptions } from './benchmarks.js';
import { makeBot } from './bots.js';
import { startHelper } from './helper-process.js';
import { cpuMicros, interleave, scaled } from './measure.js';
import type { ProviderReport } from './provider-process.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { WEB1ON1 } from './web1on1-wire.js';
import type { Wire } from './wire.js';

/** Conversations that are written to at the same time, each waiting for one message before it says the next. */
const CONVERSATIONS = 64;
/** What an account opens to its provider by default. */
const CONNECTIONS = 16;
const TEXT = 'Your car is ready. You can pick it up today until half past five.';

/** `say` until the provider has accepted the message, against a bare POST of the same bytes and reading the answer. */
export function outbound(options: BenchOptions): Promise<Measured[]> {
  return outboundOf(WEB1ON1, '', options);
}

/** The same at another provider; `prefix` is for the names in the report. */
export async function outboundOf(
  wire: Wire,
  prefix: string,
  { effort, cores }: BenchOptions,
): Promise<Measured[]> {
  const each = scaled(120, effort, 1);
  await using provider = startHelper('provider-process', cores?.others);
  const { origin } = (await provider.ask({ awake: true })) as ProviderReport;

  const pool = new Pool(origin, { connections: CONNECTIONS });
  const bare = (conversation: number) =>
    repeat(each, () => postBare(pool, wire, wire.conversationId(conversation)));

  const bot = makeBot(origin, undefined, undefined, wire);
  const outside = (conversation: number) =>
    repeat(each, async () => {
      const said = await bot.say(`bench:${wire.conversationId(conversation)}`, TEXT);
      await said.sent();
    });

  let turnsLeft = 0;
  let turnsDone = Promise.withResolvers<void>();
  bot.on('message.received', async (turn) => {
    await repeat(each, async () => {
      const said = await turn.say(TEXT);
      await said.sent();
    });
    turnsLeft -= 1;
    if (turnsLeft === 0) turnsDone.resolve();
  });
  const inside = async (): Promise<void> => {
    turnsLeft = CONVERSATIONS;
    turnsDone = Promise.withResolvers();
    for (const call of wire.webhooks(CONVERSATIONS, CONVERSATIONS)) await bot.webhook('bench', call);
    await turnsDone.promise;
  };

  await bot.start();
  const perMessage = (micros: number): number => micros / (CONVERSATIONS * each);
  try {
    const costs = await interleave(scaled(10, effort, 1), {
      floor: async () => perMessage(await cpuMicros(() => inParallel(bare))),
      outside: async () => perMessage(await cpuMicros(() => inParallel(outside))),
      inside: async () => perMessage(await cpuMicros(inside)),
    });
    const { floor } = costs;
    const unit = 'µs CPU per message';
    const note = `${each} a turn, the turn itself included`;
    return [
      judged(
        { name: `${prefix}say outside a turn`, unit, floor, ours: costs.outside },
        'ratio <= budget',
        1.6,
      ),
      judged(
        { name: `${prefix}say inside a turn`, unit, floor, ours: costs.inside, note },
        'ratio <= budget',
        1.6,
      ),
    ];
  } finally {
    await bot.close();
    await pool.close();
  }
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time += 1) await work();
}

async function inParallel(work: (conversation: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: CONVERSATIONS }, (_, conversation) => work(conversation)));
}

/** The adapter's request, made by hand. */
async function postBare(pool: Pool, wire: Wire, conversation: string): Promise<void> {
  const { path, headers, body, isTaken } = wire.post(conversation, TEXT);
  const answer = await pool.request({
    method: 'POST',
    path,
    headers: {
      accept: 'application/json',
      'user-agent': 'parley',
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
  if (!isTaken(answer.statusCode, await answer.body.json())) {
    throw new Error(`the provider answered ${answer.statusCode}`);
  }
}
