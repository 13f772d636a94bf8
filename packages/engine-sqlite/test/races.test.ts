import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Delivery, silentLog, type TurnAttempt, type TurnResult } from '@parley/core';
import { anEvent } from '@parley/testing';
import { erase } from '../src/erase.js';
import { toSettings } from '../src/options.js';
import { openWork, type Work } from '../src/work.js';
import { anEffect, DONE, scriptedHost } from './scripted-host.js';
import { steppingClock } from './stepping-clock.js';
import { tempFolder } from './temp-folder.js';

const SENT: Delivery = { kind: 'sent', at: '2026-01-01T00:00:00.000Z' };

let folder: ReturnType<typeof tempFolder>;
let clock: ReturnType<typeof steppingClock>;
let work: Work;

beforeEach(() => {
  folder = tempFolder();
  clock = steppingClock();
  const settings = toSettings({ clock, dedupeTtlMs: 10_000, backoffMs: 10, maxBackoffMs: 10 });
  work = openWork(folder.path('bot.db'), settings, () => silentLog);
});

afterEach(async () => {
  await work.close();
  folder.remove();
});

const count = (table: string): unknown =>
  work.store.db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'];

/** A turn that waits in the middle. */
async function inTheMiddle(then: (attempt: TurnAttempt) => TurnResult | Promise<TurnResult>) {
  const gate = Promise.withResolvers<void>();
  const host = scriptedHost({
    turn: async (attempt) => {
      await gate.promise;
      return then(attempt);
    },
  });
  work.start(host);
  void work.turns.accept([anEvent('message.received', { conversationId: 'leads:c1' })]);
  await clock.pass(0);
  return { host, go: gate.resolve };
}

const eraseAll = () => erase(work.store, work.turns, work.deliveries, work.scrub, ['leads:c1']);

describe('a conversation that is erased in the very commit in which its turn', () => {
  test('ends: nothing of the turn is written', async () => {
    const writes = [{ scope: 'leads:c1', kind: 'session', value: '1', version: 0 }];
    const { host, go } = await inTheMiddle(() => ({ kind: 'done', writes, effects: [anEffect('late')] }));
    const erasing = eraseAll();
    go();
    await clock.pass(100);
    expect(await erasing).toMatchObject({ events: 1 });
    expect([count('state'), count('effect'), count('inbox')]).toEqual([0, 0, 0]);
    expect([host.deliveries, work.stats().pendingEvents]).toEqual([[], 0]);
  });

  test('records an effect: it is refused', async () => {
    const refusals: unknown[] = [];
    const { host, go } = await inTheMiddle(async (attempt) => {
      await Promise.resolve(attempt.record(anEffect('late'))).catch((error: unknown) => refusals.push(error));
      return DONE;
    });
    const erasing = eraseAll();
    go();
    await clock.pass(100);
    await erasing;
    expect(refusals).toEqual([expect.objectContaining({ code: 'ERR_CONFLICT' })]);
    expect([host.deliveries, count('effect')]).toEqual([[], 0]);
  });

  test('has an effect on its way: whoever waits for it hears what became of it', async () => {
    const gate = Promise.withResolvers<Delivery>();
    work.start(scriptedHost({ deliver: () => gate.promise }));
    void work.deliveries.enqueue(anEffect('leaving'));
    await clock.pass(0);
    const settled = work.deliveries.settled('leaving');
    const erasing = eraseAll();
    gate.resolve(SENT);
    await clock.pass(100);
    expect(await erasing).toMatchObject({ effects: 1 });
    expect((await settled).status).toBe('sent');
  });
});

describe('an effect that leaves at once', () => {
  test.each(['before', 'with', 'just after', 'after'] as const)(
    '%s the end of its turn is forgotten with it',
    async (when) => {
      const delivered = Promise.withResolvers<Delivery>();
      const over = Promise.withResolvers<void>();
      const host = scriptedHost({
        turn: async (attempt) => {
          await attempt.record(anEffect('at once'));
          await over.promise;
          return DONE;
        },
        deliver: async () => {
          await delivered.promise;
          // Still in the same commit, but behind the end of the turn.
          if (when === 'just after') for (let step = 0; step < 50; step += 1) await Promise.resolve();
          return SENT;
        },
      });
      work.start(host);
      void work.turns.accept([anEvent('message.received', { conversationId: 'leads:c1' })]);
      await clock.pass(0);
      expect(count('effect')).toBe(1);
      if (when !== 'after') delivered.resolve(SENT);
      if (when === 'before') await clock.pass(0);
      over.resolve();
      if (when === 'after') await clock.pass(0);
      delivered.resolve(SENT);
      await clock.pass(10);
      expect([count('effect'), work.stats().pendingEffects]).toEqual([0, 0]);
    },
  );

  test('is recorded once when a turn records it twice at a time', async () => {
    const records: string[] = [];
    const { host, go } = await inTheMiddle(async (attempt) => {
      const both = [attempt.record(anEffect('same')), attempt.record(anEffect('same'))];
      for (const { effect } of await Promise.all(both.map(async (record) => record))) records.push(effect.id);
      return DONE;
    });
    go();
    await clock.pass(10);
    expect([records, host.deliveries]).toEqual([['same', 'same'], ['same']]);
  });
});

test.each([false, true])(
  'a redriven turn finds what it recorded, and then nothing is left (restart: %s)',
  async (restarts) => {
    const settings = toSettings({ clock, maxAttempts: 1 });
    const reopen = async (): Promise<void> => {
      await work.close();
      work = openWork(folder.path('bot.db'), settings, () => silentLog);
    };
    await reopen();
    const step = { kind: 'step', name: 's', result: '1' } as const;
    const found: unknown[] = [];
    const host = scriptedHost({
      turn: async (attempt) => {
        found.push((await attempt.recorded('step'))?.status);
        await attempt.record(anEffect('step', { action: step }));
        await attempt.record(anEffect('said'));
        return found.length === 1 ? { kind: 'failed', error: { code: 'Error', message: 'no' } } : DONE;
      },
    });
    work.start(host);
    void work.turns.accept([anEvent('message.received', { conversationId: 'leads:c1' })]);
    await clock.pass(0);
    expect([work.stats().deadLetters, count('effect')]).toEqual([1, 2]);
    if (restarts) {
      await reopen();
      work.start(host);
    }
    const redriving = work.dead.redriveAll();
    await clock.pass(0);
    expect(await redriving).toBe(1);
    expect([found, host.deliveries]).toEqual([[undefined, 'sent'], ['said']]);
    expect([work.stats().deadLetters, work.stats().pendingEvents, count('effect')]).toEqual([0, 0, 0]);
  },
);

test('the oldest dead letter goes, with what its turn recorded, when there are too many; the log says so', async () => {
  await work.close();
  const lines: string[] = [];
  const log = { ...silentLog, error: (_fields: unknown, message: string) => lines.push(message) };
  work = openWork(folder.path('bot.db'), toSettings({ clock, maxAttempts: 1, maxDeadLetters: 2 }), () => log);
  work.start(
    scriptedHost({
      turn: async (attempt) => {
        await attempt.record(
          anEffect(`${attempt.turnId}#0`, { action: { kind: 'step', name: 's', result: '1' } }),
        );
        return { kind: 'failed', error: { code: 'Error', message: 'no' } };
      },
    }),
  );
  for (const id of ['leads:1', 'leads:2', 'leads:3']) {
    void work.turns.accept([anEvent('message.received', { id })]);
    await clock.pass(0);
  }
  const events = work.dead.list().map((letter) => letter.kind === 'event' && letter.event.id);
  expect([events, count('effect'), lines]).toEqual([
    ['leads:2', 'leads:3'],
    2,
    ['Too many dead letters: the oldest one is lost'],
  ]);
});

test('more events than may wait are refused, also those that are being written', async () => {
  await work.close();
  work = openWork(folder.path('bot.db'), toSettings({ clock, maxPending: 2 }), () => silentLog);
  const accept = () => work.turns.accept([anEvent('message.received')]);
  const results = Promise.allSettled([accept(), accept(), accept()]);
  await clock.pass(0);
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
});

test('a scheduled effect that is cancelled when it becomes due is either withheld or sent, never both', async () => {
  const host = scriptedHost();
  work.start(host);
  const results: boolean[] = [];
  for (let index = 0; index < 20; index += 1) {
    const notBefore = new Date(clock.now() + 50).toISOString();
    void work.deliveries.enqueue(anEffect(`e${index}`, { notBefore, lane: `leads:${index}` }));
  }
  await clock.pass(0);
  const cancelled = Array.from({ length: 20 }, async (_, index) => {
    await new Promise<void>((resolve) => {
      clock.schedule(40 + index, resolve);
    });
    results[index] = await work.deliveries.cancel(`e${index}`);
  });
  await clock.pass(200);
  await Promise.all(cancelled);
  const sent = results.flatMap((wasCancelled, index) => (wasCancelled ? [] : [`e${index}`]));
  expect(host.deliveries.toSorted()).toEqual(sent.toSorted());
  expect(results[0]).toBe(true);
  expect(results[19]).toBe(false);
  expect(count('effect')).toBe(0);
});

test('a mark expires at its time, whether or not it was swept', async () => {
  work.start(scriptedHost());
  await clock.pass(5_000);
  const event = anEvent('message.received');
  const accepted: number[] = [];
  for (const wait of [0, 9_000, 1_500]) {
    await clock.pass(wait);
    const accepting = work.turns.accept([event]);
    await clock.pass(0);
    accepted.push((await accepting).accepted);
  }
  expect(accepted).toEqual([1, 0, 1]);
});

test('who waits for an effect hears it when the engine is closed first', async () => {
  work.start(scriptedHost({ deliver: () => new Promise(() => {}) }));
  void work.deliveries.enqueue(anEffect('endless'));
  await clock.pass(0);
  const waiting = work.deliveries.settled('endless');
  const closing = work.close();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  await closing;
  work = openWork(folder.path('bot.db'), toSettings({ clock }), () => silentLog);
});

test('an entry that has expired counts as none for whoever writes', async () => {
  const { writer, states } = work.store;
  const write = async (value: string, version: number): Promise<boolean> => {
    const expiresAt = clock.now() + 100;
    const writing = writer.write(() => states.write({ scope: 's', kind: 'x', value, version, expiresAt }));
    await clock.pass(0);
    return writing;
  };
  expect(await write('1', 0)).toBe(true);
  const version = states.read('s', ['x'])[0]?.version ?? -1;
  await clock.pass(100);
  expect([await write('2', version), await write('3', 0)]).toEqual([false, true]);
  expect(states.read('s', ['x'])[0]?.value).toBe('3');
});

test('tries before a restart count, and are told with the dead letter', async () => {
  const settings = toSettings({ clock, maxAttempts: 2, backoffMs: 50 });
  const host = scriptedHost({
    turn: ({ attempt }) => ({ kind: 'failed', error: { code: 'Error', message: `no ${attempt}` } }),
  });
  for (const life of [1, 2]) {
    await work.close();
    work = openWork(folder.path('bot.db'), settings, () => silentLog);
    work.start(host);
    if (life === 1) void work.turns.accept([anEvent('message.received')]);
    await clock.pass(0);
  }
  const [letter] = work.dead.list();
  expect(letter?.attempts).toBe(2);
  expect(letter?.history.map(({ error }) => error.message)).toEqual(['no 1', 'no 2']);
});
