import { describe, expect, test } from '@jest/globals';
import { sleep } from '@parley/core';
import fc from 'fast-check';
import { virtualClock } from '../src/index.js';

describe('the virtual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = virtualClock('2026-03-01T12:00:00.000Z');
    let ran = false;
    clock.schedule(0, () => {
      ran = true;
    });

    await clock.settle();
    expect(ran).toBe(false);
    expect(clock.pending).toBe(1);

    await clock.advance(0);
    expect(ran).toBe(true);
    expect(clock.pending).toBe(0);
    expect(new Date(clock.now()).toISOString()).toBe('2026-03-01T12:00:00.000Z');
  });

  test('unrolls a chain of waits in one move, each at its own moment', async () => {
    const clock = virtualClock(0);
    const moments: number[] = [];
    const chain = (async () => {
      for (const wait of [10, 20, 30]) {
        await sleep(clock, wait);
        moments.push(clock.now());
      }
    })();

    await clock.advance(59);
    expect(moments).toEqual([10, 30]);
    await clock.advance(1);
    await chain;
    expect(moments).toEqual([10, 30, 60]);
  });

  test('runs calls by time, and calls of one moment in the order they were made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), async (waits) => {
        const clock = virtualClock(0);
        const ran: [number, number][] = [];
        for (const [index, wait] of waits.entries())
          clock.schedule(wait, () => ran.push([clock.now(), index]));
        await clock.advance(5);
        const expected = waits
          .map((wait, index): [number, number] => [wait, index])
          .sort(([a, i], [b, j]) => a - b || i - j);
        expect(ran).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('never runs a cancelled call, and lets a signal end a wait', async () => {
    const clock = virtualClock();
    const ran: string[] = [];
    const call = clock.schedule(10, () => ran.push('cancelled'));
    clock.schedule(5, () => call.cancel());
    const aborting = new AbortController();
    const waiting = sleep(clock, 1000, aborting.signal);
    aborting.abort(new Error('enough'));

    await expect(waiting).rejects.toThrow('enough');
    await clock.advance(100);
    expect(ran).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('moves one step after the other when two are asked for at once', async () => {
    const clock = virtualClock(0);
    const moments: number[] = [];
    clock.schedule(15, () => moments.push(clock.now()));
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect(moments).toEqual([15]);
    expect(clock.now()).toBe(20);
  });

  test('passes on what a due call throws', async () => {
    const clock = virtualClock(0);
    clock.schedule(1, () => {
      throw new Error('a broken timer');
    });
    await expect(clock.advance(2)).rejects.toThrow('a broken timer');
    await clock.advance(2);
    expect(clock.now()).toBe(3);
  });
});
