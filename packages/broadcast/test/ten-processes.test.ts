import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type ChatIncEmulator, startChatInc } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type PostgresServer, startPostgres } from '@parley/testing/postgres';
import type { RunStatus } from '../src/index.js';

const onSources = ['--import', join(import.meta.dirname, '../../../scripts/on-sources.ts')];
const PEOPLE = 120;
const PROCESSES = 10;

let server: PostgresServer;
let emulator: ChatIncEmulator | undefined;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await emulator?.close();
  emulator = undefined;
});
afterAll(() => server.close());

/** Processes of one bot that share a database, each with the campaign at hand. */
async function startProcesses(database: string, count: number): Promise<ChildProcess[]> {
  emulator ??= await startChatInc({ approvalDelayMs: 500, readWithinMs: 2000, balance: 1000 });
  const { origin, apiKey } = emulator.credentials;
  const args = [database, origin, apiKey, String(PEOPLE)];
  const started = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, 'ten-process.ts'), args, { execArgv: onSources }),
  );
  children.push(...started);
  await Promise.all(started.map((child) => once(child, 'message')));
  return started;
}

async function finished(child: ChildProcess): Promise<RunStatus> {
  const [status] = (await once(child, 'message')) as [RunStatus];
  return status;
}

test('ten processes run the same intent at once while the first answers are cut off: the balance shows one run', async () => {
  const processes = await startProcesses(await server.database(), PROCESSES);
  const { faults, balance, campaigns } = emulator as ChatIncEmulator;
  faults.next({ kind: 'drop-after', route: 'POST /v1/create/campaign' });
  faults.next({ kind: 'drop-after', route: 'POST /v1/run/campaign' });
  for (const child of processes) child.send('run');
  const statuses = await Promise.all(processes.map(finished));
  expect(faults.pending).toEqual([]);
  expect(balance()).toBe(1000 - PEOPLE);
  expect(campaigns()).toHaveLength(1);
  expect(campaigns()[0]?.runs).toHaveLength(1);
  for (const status of statuses) {
    expect(status).toMatchObject({ id: 'may-1', state: 'completed', recipients: PEOPLE, unknown: 0 });
    expect((status.counts.sent ?? 0) + (status.counts.failed ?? 0)).toBe(PEOPLE);
  }
});

test('all are killed while the answer to what is paid is on its way: one that starts later finds it, and pays nothing', async () => {
  const database = await server.database();
  const processes = await startProcesses(database, 2);
  const { balance, campaigns, faults } = emulator as ChatIncEmulator;
  faults.next({ kind: 'slow-after', route: 'POST /v1/run/campaign', delayMs: 60_000 });
  for (const child of processes) child.send('run');
  await eventually(
    () => balance() < 1000,
    () => 'nobody has paid',
    20_000,
  );
  for (const child of processes) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const [later] = (await startProcesses(database, 1)) as [ChildProcess];
  later.send('run');
  expect(await finished(later)).toMatchObject({ state: 'completed', recipients: PEOPLE, unknown: 0 });
  expect(balance()).toBe(1000 - PEOPLE);
  expect(campaigns()).toHaveLength(1);
  expect(campaigns()[0]?.runs).toHaveLength(1);
});
