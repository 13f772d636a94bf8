import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlite } from '@parley/engine-sqlite';
import type { BenchOptions } from './benchmarks.js';
import type { CountingBot } from './bots.js';
import { receiveAll, startCountingBot } from './bots.js';
import { cpuMicros, interleave, liveHeapBytes, median, scaled } from './measure.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { WEB1ON1 } from './web1on1-wire.js';
import { signedWebhooks } from './webhooks.js';
import { verifyAndParseAll } from './wire.js';

const CONVERSATIONS = 2000;
const CONNECTIONS = 50;
const CALLS = 8000;
const MILLION = 1_000_000;

/**
 * The same as inbound in process, with every event, session and end of a turn in a file: write-ahead log, synced at every commit.
 * Then how many a second, how soon a handler runs, and whether memory grows.
 */
export async function sqliteInbound({ effort }: BenchOptions): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  try {
    await using counting = await startCountingBot(sqlite(join(folder, 'bench.db')));
    const measured = await costs(counting, effort);
    measured.push(await latency(counting, effort), await growth(counting, effort));
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function costs(counting: CountingBot, effort: number): Promise<Measured[]> {
  const calls = scaled(CALLS, effort, 100);
  const rates: number[] = [];
  const { floor, ours } = await interleave(scaled(9, effort, 1), {
    floor: async () => {
      const requests = signedWebhooks(calls, CONVERSATIONS);
      return (await cpuMicros(() => verifyAndParseAll(WEB1ON1, requests))) / calls;
    },
    ours: async () => {
      const requests = signedWebhooks(calls, CONVERSATIONS);
      const began = performance.now();
      const micros = await cpuMicros(() => receiveAll(counting, requests, CONNECTIONS));
      rates.push((calls / (performance.now() - began)) * 1000);
      return micros / calls;
    },
  });
  const unit = 'µs CPU per webhook';
  const rate = median(rates);
  return [
    judged({ name: 'inbound with SQLite', unit, floor, ours }, 'ratio <= budget', 6),
    judged(
      { name: 'SQLite, durable events', unit: 'per second on one core', floor: 1e6 / floor, ours: rate },
      'ours >= budget',
      5000,
    ),
  ];
}

/** From handing a webhook over until its handler runs, each after the one before, as on a day without a rush. */
async function latency({ bot }: CountingBot, effort: number): Promise<Measured> {
  const calls = scaled(2000, effort, 10);
  const waits: number[] = [];
  let began = 0;
  let ran = Promise.withResolvers<void>();
  const handler = (): void => {
    waits.push(performance.now() - began);
    ran.resolve();
  };
  bot.on('message.received', handler);
  for (const request of signedWebhooks(calls, CONVERSATIONS)) {
    ran = Promise.withResolvers();
    began = performance.now();
    await bot.webhook('bench', request);
    await ran.promise;
  }
  bot.off(handler);
  const ours = median(waits);
  const figures = { name: 'SQLite, accept to handler', unit: 'ms, median', floor: ours, ours };
  return judged(figures, 'ours <= budget', 5);
}

/** What a million events more leave on the heap, after the first fiftieth has warmed everything up. */
async function growth(counting: CountingBot, effort: number): Promise<Measured> {
  const events = scaled(MILLION, effort, 500);
  const inBatches = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 500) {
      await receiveAll(counting, signedWebhooks(Math.min(500, count - done), CONVERSATIONS), CONNECTIONS);
    }
  };
  await inBatches(events / 50);
  const before = liveHeapBytes();
  await inBatches(events);
  const after = liveHeapBytes();
  const floor = before / 2 ** 20;
  const figures = { name: 'SQLite, heap after 1 million events', unit: 'MB', floor, ours: after / 2 ** 20 };
  const note = `the floor is the heap before; the process: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`;
  return judged({ ...figures, note }, 'ratio <= budget', 1.25);
}
