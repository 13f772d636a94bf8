import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Engine } from '@parley/core';
import { eventually } from '@parley/testing';
import { postgres } from '../src/index.js';
import { type Databases, databases, execute } from './databases.js';
import type { Told } from './engine-process.js';
import { said } from './quick-host.js';

const onSources = ['--import', join(import.meta.dirname, '../../../scripts/on-sources.ts')];

let server: Databases;
const children: ChildProcess[] = [];
const engines: Engine[] = [];
beforeAll(async () => {
  server = await databases();
});
afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(async () => {
  await server.close();
});

interface Started {
  child: ChildProcess;
  told: Told[];
}

function launch(address: string, name: string, task = ''): Started {
  const script = join(import.meta.dirname, 'engine-process.ts');
  const child = fork(script, [address, name, task], { execArgv: onSources });
  const told: Told[] = [];
  child.on('message', (message) => told.push(message as Told));
  children.push(child);
  return { child, told };
}

async function started(address: string, name: string): Promise<Started> {
  const process = launch(address, name);
  await comesTo(`${name} started`, () => process.told.some(({ kind }) => kind === 'started'));
  return process;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Only stores: it never starts. */
function outside(address: string): Engine {
  const engine = postgres(address);
  engines.push(engine);
  return engine;
}

const comesTo = async (what: string, so: () => boolean | Promise<boolean>): Promise<void> => {
  await eventually(so, () => `it did not come to pass that ${what}`, 50_000);
};
const isEmpty = async (engine: Engine): Promise<boolean> => {
  const { pendingEvents, pendingEffects } = await engine.stats();
  return pendingEvents === 0 && pendingEffects === 0;
};
const turnsOf = ({ told }: Started): string[] =>
  told.flatMap((one) => (one.kind === 'turn' ? [one.text] : []));
const sentBy = ({ told }: Started): string[] => told.flatMap((one) => (one.kind === 'sent' ? [one.id] : []));

test('makes its tables once when many processes start together', async () => {
  const address = await server.database();
  const processes = Array.from({ length: 5 }, (_, index) => launch(address, `p${index}`));
  await comesTo('all have started', () =>
    processes.every(({ told }) => told.some(({ kind }) => kind === 'started')),
  );
  expect(await execute(address, `SELECT version FROM parley.migration`)).toEqual([{ version: 1 }]);
  expect(
    await execute(address, `SELECT count(*)::int AS queues FROM parley_jobs.queue WHERE name !~ '^__'`),
  ).toEqual([{ queues: 2 }]);
});

test('makes its tables once when many engines of one process open at the same moment', async () => {
  for (let round = 0; round < 3; round += 1) {
    const address = await server.database();
    const all = Array.from({ length: 8 }, () => outside(address));
    const stats = await Promise.all(all.map(async (engine) => engine.stats()));
    expect(stats.map(({ pendingEvents }) => pendingEvents)).toEqual(all.map(() => 0));
  }
});

test('refuses tables that a newer version has changed', async () => {
  const address = await server.database();
  await outside(address).stats();
  await execute(address, `INSERT INTO parley.migration (version) VALUES (1000)`);
  await expect(outside(address).stats()).rejects.toMatchObject({
    code: 'ERR_CONFIG',
    message: expect.stringContaining('newer'),
  });
});

test('takes over what a killed process was doing, before what stood behind it', async () => {
  const address = await server.database();
  const doomed = await started(address, 'doomed');
  const store = outside(address);
  await store.accept([said('hang'), said('behind')]);
  await comesTo('it hangs', () => turnsOf(doomed).includes('hang'));
  const heir = await started(address, 'heir');
  await killed(doomed.child);
  await comesTo('the heir has it', () => turnsOf(heir).includes('hang'));
  expect(turnsOf(heir)).toEqual(['hang']);
  heir.child.send('go on');
  await comesTo('everything is handled', () => isEmpty(store));
  expect(turnsOf(heir)).toEqual(['hang', 'behind']);
});

test('refuses what a process does that was stopped while others took over', async () => {
  const address = await server.database();
  const sleeper = await started(address, 'sleeper');
  const store = outside(address);
  await store.accept([said('hang')]);
  await comesTo('it hangs', () => turnsOf(sleeper).includes('hang'));
  sleeper.child.kill('SIGSTOP');
  await store.accept(Array.from({ length: 10 }, (_, index) => said(`n${index}`)));
  const heir = await started(address, 'heir');
  await comesTo('the heir has it', () => turnsOf(heir).includes('hang'));
  heir.child.send('go on');
  await comesTo('the heir has done all of it', () => isEmpty(store));

  sleeper.child.send('go on');
  sleeper.child.kill('SIGCONT');
  await killed(heir.child);
  await store.accept([said('after')]);
  await comesTo('the sleeper works again', () => turnsOf(sleeper).includes('after'));
  await comesTo('it is handled', () => isEmpty(store));
  const sent = [...sentBy(sleeper), ...sentBy(heir)];
  expect([new Set(sent).size, sent.length]).toEqual([12, 12]);
  expect((await store.readState('leads:c1', 'count'))?.value).toBe('12');
});

test('gives up an event whose process died of it ten times, and goes on with what stood behind it', async () => {
  const address = await server.database();
  const store = outside(address);
  await store.accept([said('die'), said('behind'), said('beside', 'c2')]);
  // Nine deaths, without waiting for the tenth part of an hour.
  await execute(
    address,
    `UPDATE parley_jobs.job SET retry_count = 8, started_on = now() WHERE data->>'event' LIKE '%die%'`,
  );
  const victim = await started(address, 'victim');
  await comesTo('it died', () => victim.child.signalCode === 'SIGKILL');
  expect(turnsOf(victim)).toContain('die');
  const heir = await started(address, 'heir');
  await comesTo('the rest is handled', () => isEmpty(store));
  expect([...turnsOf(victim), ...turnsOf(heir)].filter((text) => text !== 'die').sort()).toEqual([
    'behind',
    'beside',
  ]);
  const [letter] = await store.deadLetters.list();
  expect(letter?.error.message).toContain('died');
});

test('passes a token lock on when its holder is killed', async () => {
  const address = await server.database();
  const holder = launch(address, 'holder', 'lock');
  await comesTo('it holds the lock', () => holder.told.some(({ kind }) => kind === 'locked'));
  const store = outside(address);
  let mine = false;
  const waiting = store.tokens.withLock('leads', async () => {
    mine = true;
  });
  // Long enough for a lock that nobody holds.
  for (let round = 0; round < 5; round += 1) await store.tokens.withLock('other', async () => {});
  expect(mine).toBe(false);
  await killed(holder.child);
  await waiting;
  expect(mine).toBe(true);
});
