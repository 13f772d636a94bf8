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
}, 60_000);
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await emulator?.close();
});
afterAll(() => server.close());

/** Processes of one bot that share a database, each with the campaign at hand. */
async function startProcesses(count: number): Promise<ChildProcess[]> {
  emulator = await startChatInc({ approvalDelayMs: 500, readWithinMs: 2000, balance: 1000 });
  const { origin, apiKey } = emulator.credentials;
  const args = [await server.database(), origin, apiKey, String(PEOPLE)];
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
  const processes = await startProcesses(PROCESSES);
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
}, 120_000);

test('whoever drives the run is killed, wherever it is: another one goes on, and the balance shows one run', async () => {
  const processes = await startProcesses(4);
  const { balance, campaigns, journal } = emulator as ChatIncEmulator;
  for (const child of processes) child.send('run');
  // Each of them as soon as the provider has heard a little more of the campaign.
  const survivor = processes.pop() as ChildProcess;
  const end = finished(survivor);
  for (const child of processes) {
    const heard = journal.entries.length;
    await eventually(
      () => journal.entries.length >= heard + 2,
      () => 'the provider hears nothing more',
      20_000,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await end).toMatchObject({ state: 'completed', recipients: PEOPLE, unknown: 0 });
  expect(balance()).toBe(1000 - PEOPLE);
  expect(campaigns()).toHaveLength(1);
}, 120_000);
