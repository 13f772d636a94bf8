import { describe, expect, test } from '@jest/globals';
import type { Effect } from '@parley/core';
import {
  accountOf,
  backoffMs,
  createLimiter,
  externalIdOf,
  memoryEngine,
  memoryTokenStore,
  sleep,
  toId,
} from '@parley/core';
import { anEvent, virtualClock } from '@parley/testing';
import fc from 'fast-check';

describe('the limiter', () => {
  test('lets at most the rate through in any window, first come first served', async () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 5 }), async (gaps, requests) => {
        const clock = virtualClock();
        const limiter = createLimiter({ requests, perMs: 1000 }, clock);
        const left: number[] = [];
        const order: number[] = [];
        for (const [index, gap] of gaps.entries()) {
          await clock.advance(gap);
          const go = (): void => {
            left.push(clock.now());
            order.push(index);
          };
          const waiting = limiter.acquire();
          if (waiting === undefined) go();
          else void waiting.then(go);
        }
        await clock.advance(200_000);
        expect(order).toEqual(gaps.map((_, index) => index));
        for (let index = requests; index < left.length; index += 1) {
          expect((left[index] as number) - (left[index - requests] as number)).toBeGreaterThanOrEqual(1000);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('holds everything back while it is paused, and forgets who was cancelled', async () => {
    const clock = virtualClock();
    const limiter = createLimiter({ requests: 1, perMs: 10 }, clock);
    const passed: string[] = [];
    const cancel = new AbortController();
    limiter.pause(5000);
    const first = limiter.acquire(cancel.signal)?.catch((error: { code: string }) => passed.push(error.code));
    void limiter.acquire()?.then(() => passed.push('second'));
    await clock.advance(4999);
    expect(passed).toEqual([]);
    cancel.abort();
    await first;
    await clock.advance(1);
    expect(passed).toEqual(['ERR_ABORTED', 'second']);
    await expect(limiter.acquire(AbortSignal.abort())).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(() => createLimiter({ requests: 0, perMs: 1 }, clock)).toThrow(/rate/);
  });
});

describe('state', () => {
  test('takes a write only on the version it read, all of a commit or nothing', async () => {
    const engine = memoryEngine({ clock: virtualClock() });
    expect(await engine.writeState({ scope: 'a', kind: 'x', value: '1', version: 0 })).toBe(true);
    expect(await engine.writeState({ scope: 'a', kind: 'x', value: '2', version: 0 })).toBe(false);
    const read = await engine.readState('a', 'x');
    expect(await engine.writeState({ scope: 'a', kind: 'x', value: '2', version: read?.version ?? 0 })).toBe(
      true,
    );
    expect(read?.value).toBe('1');
    expect(
      await engine.writeState({ scope: 'a', kind: 'x', value: undefined, version: read?.version ?? 0 }),
    ).toBe(false);
    const again = await engine.readState('a', 'x');
    await engine.writeState({ scope: 'a', kind: 'x', value: undefined, version: again?.version ?? 0 });
    expect(await engine.readState('a', 'x')).toBeUndefined();
  });

  test('drops expired entries from memory without being asked for them', async () => {
    const clock = virtualClock();
    const { State } = await import('../src/engine-memory/state.js');
    const state = new State(clock);
    for (let key = 0; key < 1000; key += 1) {
      state.commit([
        { scope: `short ${key}`, kind: 'x', value: 'x', version: 0, expiresAt: clock.now() + 1000 },
      ]);
    }
    await clock.advance(1000);
    for (let key = 0; key < 1100; key += 1)
      state.commit([{ scope: `long ${key}`, kind: 'x', value: 'x', version: 0 }]);
    expect(state.size).toBeLessThan(1200);
  });
});

describe('dedupe marks', () => {
  test('stay bounded however many events come', async () => {
    const { Seen } = await import('../src/engine-memory/seen.js');
    const seen = new Seen(virtualClock(), 1000, 100);
    for (let key = 0; key < 10_000; key += 1) expect(seen.add(`event ${key}`)).toBe(true);
    expect(seen.size).toBeLessThanOrEqual(200);
    expect(seen.add('event 9999')).toBe(false);
  });

  test('are kept for at least their time', async () => {
    const { Seen } = await import('../src/engine-memory/seen.js');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 20 }), async (gaps) => {
        const clock = virtualClock();
        const seen = new Seen(clock, 1000, 1_000_000);
        const last = new Map<string, number>();
        for (const [index, gap] of gaps.entries()) {
          await clock.advance(gap);
          const key = `event ${index % 3}`;
          const isNew = seen.add(key);
          const before = last.get(key);
          if (before === undefined) expect(isNew).toBe(true);
          else if (clock.now() - before < 1000) expect(isNew).toBe(false);
          if (isNew) last.set(key, clock.now());
        }
      }),
    );
  });
});

describe('the memory engine', () => {
  test('keeps nothing of a conversation once it is done with it', async () => {
    const clock = virtualClock();
    const engine = memoryEngine({ clock });
    await engine.start({
      log: { debug() {}, info() {}, warn() {}, error() {} },
      turn: async (attempt) => {
        await attempt.record(effectOf(`${attempt.turnId}#0.0`));
        return { kind: 'done', writes: [], effects: [] };
      },
      deliver: async () => ({ kind: 'sent', at: '2026-01-01T00:00:00.000Z' }),
      lookUp: async () => ({ kind: 'unknown' }),
      notice: () => {},
    });
    await engine.accept([anEvent('message.received')]);
    await clock.settle();
    expect(await engine.stats()).toEqual({
      pendingEvents: 0,
      pendingEffects: 0,
      scheduled: 0,
      retries: 0,
      oldestEventMs: 0,
      deadLetters: 0,
      blockedLanes: 0,
    });
    expect(clock.pending).toBeLessThanOrEqual(1);
  });

  test('tells the age of the oldest event and which lanes wait', async () => {
    const clock = virtualClock();
    const engine = memoryEngine({ clock, random: () => 0, backoffMs: 10_000, maxBackoffMs: 10_000 });
    await engine.start({
      log: { debug() {}, info() {}, warn() {}, error() {} },
      turn: async () => ({ kind: 'failed', error: { code: 'Error', message: 'at x:1:1' } }),
      deliver: async () => ({ kind: 'retry', error: { code: 'ERR_UNAVAILABLE', message: 'down' } }),
      lookUp: async () => ({ kind: 'unknown' }),
      notice: () => {},
    });
    await engine.accept([anEvent('message.received'), anEvent('message.received')]);
    await engine.enqueue(effectOf('say:1'));
    await clock.advance(4000);
    expect(await engine.stats()).toMatchObject({
      pendingEvents: 2,
      pendingEffects: 1,
      oldestEventMs: 4000,
      blockedLanes: 2,
    });
    await engine.close();
  });

  test('loses the oldest dead letter, and says so, when there are too many', async () => {
    const clock = virtualClock();
    const engine = memoryEngine({ clock, maxAttempts: 1, maxDeadLetters: 2 });
    const lines: string[] = [];
    await engine.start({
      log: { debug() {}, info() {}, warn() {}, error: (_, message) => lines.push(message) },
      turn: async () => ({ kind: 'failed', error: { code: 'Error', message: 'at x:1:1' } }),
      deliver: async () => ({ kind: 'withheld', reason: 'test' }),
      lookUp: async () => ({ kind: 'unknown' }),
      notice: () => {},
    });
    await engine.accept([1, 2, 3].map((number) => anEvent('message.received', { id: `leads:${number}` })));
    await clock.settle();
    expect((await engine.deadLetters.list()).map(({ id }) => id.slice(-1))).toEqual(['2', '3']);
    expect(lines).toEqual([expect.stringContaining('oldest')]);
    expect(await engine.deadLetters.drop('nobody')).toBe(false);
    expect(await engine.deadLetters.redrive('nobody')).toBe(false);
  });
});

describe('small things', () => {
  test('back off twice as long each time, within the bound, minus the jitter', () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, backoff, () => 0))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoffMs(1, backoff, () => 1)).toBe(50);
  });

  test('keep account and external id apart, whatever the external id holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (external) => {
        const id = toId('leads', external);
        expect([accountOf(id), externalIdOf(id)]).toEqual(['leads', external]);
      }),
    );
    for (const bad of ['', 'leads', ':x', 'leads:'])
      expect(() => externalIdOf(bad)).toThrow(/account:externalId/);
  });

  test('sleep on a clock, and wake up for a signal', async () => {
    const clock = virtualClock();
    const woken: string[] = [];
    const controller = new AbortController();
    void sleep(clock, 100).then(() => woken.push('slept'));
    void sleep(clock, 100, controller.signal).catch(() => woken.push('aborted'));
    controller.abort();
    await clock.advance(100);
    expect(woken).toEqual(['aborted', 'slept']);
    expect(clock.pending).toBe(0);
  });

  test('run work under a token lock one after the other, also after a failure', async () => {
    const store = memoryTokenStore();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = store.withLock('a', async () => {
      await gate.promise;
      order.push('first');
      throw new Error('failed');
    });
    const second = store.withLock('a', async () => order.push('second'));
    await store.withLock('b', async () => order.push('other key'));
    gate.resolve();
    await expect(first).rejects.toThrow('failed');
    await second;
    expect(order).toEqual(['other key', 'first', 'second']);
  });
});

function effectOf(id: string): Effect {
  return {
    id,
    account: 'leads',
    lane: 'leads:c1',
    createdAt: '2026-01-01T00:00:00.000Z',
    action: { kind: 'message', conversationId: 'leads:c1', content: { kind: 'text', text: 'hi' } },
  };
}
