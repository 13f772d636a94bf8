import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Clock, Engine, Event } from '@parley/core';
import { systemClock } from '@parley/core';
import { eventually } from '@parley/testing';
import fc from 'fast-check';
import { type PostgresOptions, postgres } from '../src/index.js';
import { type Databases, databases, execute } from './databases.js';
import { anEffect, quickHost, said } from './quick-host.js';

let server: Databases;
const engines: Engine[] = [];
beforeAll(async () => {
  server = await databases();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(async () => {
  await server.close();
});

function open(connectionString: string, options: Partial<PostgresOptions> = {}): Engine {
  const engine = postgres({ connectionString, backoffMs: 20, ...options });
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

test('hands out in the order of storing, once, whatever is delivered twice, in which batches, and to which process', async () => {
  const address = await server.database();
  const [one, other] = [open(address), open(address)] as const;
  const hosts = [quickHost(), quickHost()] as const;
  await one.start(hosts[0]);
  await other.start(hosts[1]);
  const order: string[] = [];
  for (const host of hosts) host.onTurn = ({ event }) => order.push(event.id);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      // Calls one after the other: to whom, and how many events; each may bring again what came before.
      fc.array(
        fc.record({ to: fc.nat(1), fresh: fc.nat(4), again: fc.array(fc.nat(20), { maxLength: 3 }) }),
        {
          maxLength: 12,
        },
      ),
      async (calls) => {
        round += 1;
        order.length = 0;
        const events: Event[] = [];
        let accepted = 0;
        for (const { to, fresh, again } of calls) {
          const batch = Array.from({ length: fresh }, (_, index) =>
            said(`n${events.length + index}`, `r${round}`),
          );
          const old = again.flatMap((index) => events[index] ?? []);
          events.push(...batch);
          const engine = to === 0 ? one : other;
          accepted += (await engine.accept([...batch, ...old, ...batch])).accepted;
        }
        await comesTo('everything is handled', () => isEmpty(one));
        expect(accepted).toBe(events.length);
        expect(order).toEqual(events.map(({ id }) => id));
      },
    ),
    { numRuns: 25 },
  );
});

test('stores an event once that all processes are given at the same moment', async () => {
  const address = await server.database();
  const all = Array.from({ length: 4 }, () => open(address));
  const events = Array.from({ length: 50 }, (_, index) => said(`n${index}`, `c${index % 7}`));
  const results = await Promise.all(
    [...all, ...all].map(async (engine, index) =>
      engine.accept(index < all.length ? events : [...events].reverse()),
    ),
  );
  expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(events.length);
  expect((await all[0]?.stats())?.pendingEvents).toBe(events.length);
});

test('orders and hands out by a sequence and not by a clock, which may be set back', async () => {
  const address = await server.database();
  const store = open(address);
  await store.accept(['first', 'second'].map((text) => said(text)));
  await store.accept(['third', 'fourth'].map((text) => said(text)));
  const years = `extract(year FROM created_on AT TIME ZONE 'UTC')::int`;
  expect(
    await execute(
      address,
      `SELECT ${years} AS placed, extract(year FROM start_after AT TIME ZONE 'UTC')::int AS due,
        count(DISTINCT created_on)::int AS places FROM parley_jobs.job GROUP BY 1, 2`,
    ),
  ).toEqual([{ placed: 2000, due: 2000, places: 2 }]);
  const host = quickHost();
  await store.start(host);
  await comesTo('everything is handled', () => isEmpty(store));
  expect(host.handled).toEqual(['first', 'second', 'third', 'fourth']);
});

test('takes over from a dead process although the clock was set back an hour since its last sign of life', async () => {
  const address = await server.database();
  const store = open(address, { takeOverAfterMs: 1_000 });
  await store.accept([said('left over')]);
  await execute(
    address,
    `UPDATE parley_jobs.job SET state = 'active', started_on = now(), heartbeat_on = now() + interval '1 hour'`,
  );
  const host = quickHost();
  await store.start(host);
  await comesTo('it is handled', () => isEmpty(store));
  expect(host.handled).toEqual(['left over']);
});

test('goes on while the clock of the process jumps back an hour, with its time-outs and its redeliveries', async () => {
  const address = await server.database();
  let offset = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset };
  const engine = open(address, { clock, turnTimeoutMs: 300 });
  const host = quickHost();
  await engine.start(host);
  await engine.accept([said('before')]);
  await comesTo('it is handled', () => isEmpty(engine));
  let tries = 0;
  host.onTurn = () => {
    tries += 1;
    if (tries > 1) return undefined;
    offset = -3_600_000;
    return new Promise(() => {});
  };
  expect(await engine.accept([said('jump')])).toEqual({ accepted: 1, duplicates: 0 });
  await comesTo('its second try is done', () => isEmpty(engine));
  expect(await engine.accept([said('before'), said('jump'), said('after')])).toEqual({
    accepted: 1,
    duplicates: 2,
  });
  await comesTo('it is handled', () => isEmpty(engine));
  expect(host.handled).toEqual(['before', 'jump', 'after']);
  expect((await engine.stats()).oldestEventMs).toBe(0);
});

test('hands an event over at once among ten thousand conversations that wait for something else', async () => {
  const address = await server.database();
  const store = open(address);
  await store.accept([]);
  const events = Array.from({ length: 10_000 }, (_, index) => said('waits', `c${index}`));
  for (let at = 0; at < events.length; at += 1_000) await store.accept(events.slice(at, at + 1_000));
  // All of them in the hands of a process that lives, and does not move.
  await execute(
    address,
    `UPDATE parley_jobs.job SET state = 'active', started_on = now(), heartbeat_on = now() + interval '4 seconds'`,
  );
  const host = quickHost();
  await store.start(host);
  await store.accept([said('now', 'fresh')]);
  await comesTo('it is handled', () => host.handled.includes('now'));
  expect(host.handled).toEqual(['now']);
});

test('repeats at once, and does not count as failed, a turn that lost the race for a contact of two conversations', async () => {
  const address = await server.database();
  const [one, other] = [open(address, { backoffMs: 60_000 }), open(address, { backoffMs: 60_000 })] as const;
  const shared = { scope: 'leads:p1', kind: 'seen' };
  const attempts: number[] = [];
  for (const engine of [one, other]) {
    await engine.start({
      ...quickHost(),
      async turn(attempt) {
        attempts.push(attempt.attempt);
        const [entry] = await attempt.readStates(shared.scope, [shared.kind]);
        const value = String(Number(entry?.value ?? 0) + 1);
        return { kind: 'done', writes: [{ ...shared, value, version: entry?.version ?? 0 }], effects: [] };
      },
    });
  }
  const events = Array.from({ length: 30 }, (_, index) => said('hello', `c${index}`));
  for (const event of events) await Promise.all([one, other].map(async (engine) => engine.accept([event])));
  await comesTo('everything is handled', () => isEmpty(one));
  expect((await one.readState(shared.scope, shared.kind))?.value).toBe('30');
  expect(attempts.filter((attempt) => attempt !== 1)).toEqual([]);
  expect(attempts.length).toBeGreaterThan(30);
});

test('takes over a rate that was changed, from the process that came last, and what has left before', async () => {
  const address = await server.database();
  for (const [before, requests] of [3, 5].entries()) {
    const limiter = open(address).limiter('leads', { requests, perMs: 600_000 });
    await limiter.acquire();
    const rows = await execute(
      address,
      `SELECT requests, array_length(left_at, 1) AS length, (SELECT count(*)::int FROM unnest(left_at) AS at WHERE at > 0) AS gone
        FROM parley.pace`,
    );
    expect(rows).toEqual([{ requests, length: requests, gone: before + 1 }]);
  }
  const strict = open(address).limiter('leads', { requests: 2, perMs: 600_000 });
  const late = strict.acquire(AbortSignal.timeout(1_000));
  await expect(late).rejects.toMatchObject({ code: 'ERR_ABORTED' });
});

test('keeps every character, and refuses no text', async () => {
  const address = await server.database();
  const engine = open(address);
  const host = quickHost();
  const texts: string[] = [];
  host.onTurn = ({ event }) => {
    if (event.name === 'message.received' && event.message.content.kind === 'text')
      texts.push(event.message.content.text);
  };
  await engine.start(host);
  const strange = [
    '\u0000 nothing \u0000',
    '\ud800 half a pair',
    '"quotes" \\ and $1',
    '👋🏽 漢字',
    '\\u0000',
  ];
  for (const [index, text] of strange.entries()) {
    await engine.accept([said(text, `c${index}`)]);
    await engine.enqueue({
      ...anEffect(`e${index}`, `leads:c${index}`),
      keyed: true,
      action: { kind: 'step', name: 's', result: text },
    });
  }
  await comesTo('everything is handled', () => isEmpty(engine));
  expect(texts.sort()).toEqual([...strange].sort());
  for (const [index, text] of strange.entries()) {
    expect((await engine.effect(`e${index}`))?.effect.action).toMatchObject({ result: text });
  }
});
