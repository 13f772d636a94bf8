import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres } from '@parley/testing/postgres';
import type { BenchOptions } from './benchmarks.js';
import type { HelperProcess } from './helper-process.js';
import { startHelper } from './helper-process.js';
import { median, scaled } from './measure.js';
import type { PostgresOrder, PostgresReport } from './postgres-process.js';
import type { ProviderReport } from './provider-process.js';
import type { Measured } from './result.js';
import { judged } from './result.js';

const PROCESSES = 4;
const MESSAGES = 12_000;
const CONVERSATIONS = 2000;
const IDLE = 10_000;
/** Each process has message ids of its own. */
const APART = 10_000_000;

type Ask = (process: HelperProcess, order: PostgresOrder) => Promise<PostgresReport>;
const ask: Ask = async (process, order) => (await process.ask(order)) as PostgresReport;

/**
 * Four processes on one database, which shares the machine with them and the provider: messages a second from webhook to
 * delivered reply; how soon a handler runs with 10,000 conversations idle; how long a killed process's conversations stand still.
 */
export async function postgresEngine({ effort }: BenchOptions): Promise<Measured[]> {
  await using database = await startDatabase();
  await using provider = startHelper('provider-process', undefined);
  const told = async (): Promise<ProviderReport> => (await provider.ask({ awake: false })) as ProviderReport;
  const { origin } = await told();
  const processes = Array.from({ length: PROCESSES }, () => startHelper('postgres-process', undefined));
  try {
    for (const [index, one] of processes.entries()) {
      await ask(one, { start: { url: database.url, origin, firstMessage: index * APART } });
    }
    const replies = async (count: number): Promise<void> => {
      while ((await told()).messages < count) await wait(5);
    };
    const measured = [await throughput(processes, replies, effort)];
    const before = (await told()).messages;
    measured.push(await firstWait(processes, (count) => replies(before + count), effort));
    measured.push(await recovery(processes));
    return measured;
  } finally {
    for (const one of processes) await one[Symbol.asyncDispose]();
  }
}

async function throughput(
  processes: readonly HelperProcess[],
  replies: (count: number) => Promise<void>,
  effort: number,
): Promise<Measured> {
  const each = scaled(MESSAGES / PROCESSES, effort, 10);
  const conversations = Array.from({ length: each }, (_, index) => index % CONVERSATIONS);
  const began = performance.now();
  await Promise.all(processes.map((one) => ask(one, { receive: { conversations, connections: 25 } })));
  await replies(each * PROCESSES);
  const ours = (each * PROCESSES * 1000) / (performance.now() - began);
  const figures = { name: 'PostgreSQL, four processes', unit: 'messages/s with replies', floor: ours, ours };
  return judged(figures, 'ours >= budget', 600);
}

/** Every conversation has had an event and is silent; then one after the other gets one. */
async function firstWait(
  processes: readonly HelperProcess[],
  replies: (count: number) => Promise<void>,
  effort: number,
): Promise<Measured> {
  const idle = scaled(IDLE, effort, 20);
  const [one] = processes as [HelperProcess];
  const every = Array.from({ length: idle }, (_, index) => index);
  await ask(one, { receive: { conversations: every, connections: 50 } });
  await replies(idle);
  const waits: number[] = [];
  const calls = scaled(200, effort, 3);
  for (let call = 0; call < calls; call += 1) {
    const sentAt = performance.timeOrigin + performance.now();
    await ask(one, { receive: { conversations: [call], connections: 1 } });
    await replies(idle + call + 1);
    const reports = await Promise.all(processes.map((process) => ask(process, { report: true })));
    waits.push(Math.max(...reports.map(({ lastBegunAt }) => lastBegunAt)) - sentAt);
  }
  const ours = median(waits);
  const name = 'PostgreSQL, accept to handler';
  const note = `the accept and the fetch included, with ${idle.toLocaleString('en')} conversations idle`;
  return judged({ name, unit: 'ms, median', floor: ours, ours, note }, 'ours <= budget', 20);
}

/** Every process holds turns that never end; one is killed; the others begin its turns again. */
async function recovery(processes: HelperProcess[]): Promise<Measured> {
  for (const one of processes) await ask(one, { hold: true });
  const [victim, ...others] = processes as [HelperProcess, ...HelperProcess[]];
  const conversations = Array.from({ length: 40 }, (_, index) => 1_000_000 + index);
  await ask(victim, { receive: { conversations, connections: 10 } });
  const begunBy = async (some: readonly HelperProcess[]): Promise<number> => {
    const reports = await Promise.all(some.map((process) => ask(process, { report: true })));
    return reports.reduce((sum, { begun }) => sum + begun, 0);
  };
  let held = 0;
  const before = await begunBy(others);
  // All of them have begun when no more begin.
  for (let last = -1; held !== last; await wait(500)) {
    last = held;
    held = await begunBy(processes);
  }
  const mine = conversations.length - ((await begunBy(others)) - before);
  const killedAt = performance.now();
  await victim.kill();
  processes.splice(0, 1);
  const wanted = (await begunBy(others)) + mine;
  while ((await begunBy(others)) < wanted) {
    if (performance.now() - killedAt > 60_000)
      throw new Error("the killed process's turns did not begin again");
    await wait(20);
  }
  const ours = (performance.now() - killedAt) / 1000;
  const name = 'PostgreSQL, after SIGKILL';
  const note = `until the last of its ${mine} turns has begun again elsewhere`;
  return judged({ name, unit: 'seconds', floor: ours, ours, note }, 'ours <= budget', 15);
}

interface Database extends AsyncDisposable {
  url: string;
}

/** The one in DATABASE_URL, or a server of our own in a folder of its own. */
async function startDatabase(): Promise<Database> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL !== undefined) return { url: DATABASE_URL, [Symbol.asyncDispose]: async () => {} };
  const server = await startPostgres();
  return { url: await server.database(), [Symbol.asyncDispose]: () => server.close() };
}
