import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createLifetime, poll, reconnect } from '../src/index.js';
import { quickClock } from './quick-clock.js';

/** Takes `count` batches and then fires the signal. */
async function take<T>(source: AsyncIterable<T>, count: number, stop: AbortController): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of source) {
    taken.push(batch);
    if (taken.length === count) stop.abort();
  }
  return taken;
}

describe('reconnect', () => {
  test('goes from one connection to the next, whether they end or fail, and waits longer each time', async () => {
    const clock = quickClock();
    const stop = new AbortController();
    const errors: [string, number][] = [];
    let connections = 0;
    const batches = reconnect(
      async function* () {
        connections += 1;
        if (connections <= 2) throw new Error(`no ${connections}`);
        if (connections === 3) return;
        yield [`batch ${connections}`];
        throw new Error('lost');
      },
      {
        signal: stop.signal,
        clock,
        firstMs: 100,
        maxMs: 350,
        random: () => 0,
        onError: (error, failures) => errors.push([error.message, failures]),
      },
    );
    expect(await take(batches, 3, stop)).toEqual([['batch 4'], ['batch 5'], ['batch 6']]);
    // Refused, refused, ended; then each one brought something first.
    expect(clock.waits).toEqual([100, 200, 350, 100, 100]);
    expect(errors).toEqual([
      ['no 1', 1],
      ['no 2', 2],
      ['lost', 1],
      ['lost', 1],
    ]);
  });

  test('takes a connection that lasted for a good one, even if nothing came', async () => {
    const clock = quickClock();
    const stop = new AbortController();
    let connections = 0;
    const batches = reconnect(
      async function* () {
        connections += 1;
        if (connections === 4) yield 'end';
        clock.pass(120_000);
      },
      { signal: stop.signal, clock, firstMs: 100, random: () => 0 },
    );
    await take(batches, 1, stop);
    expect(clock.waits).toEqual([100, 100, 100]);
  });

  test('ends when the signal fires, though the connection does not listen', async () => {
    const stop = new AbortController();
    const batches = reconnect(
      async function* () {
        yield 1;
        await new Promise(() => {});
      },
      { signal: stop.signal, clock: quickClock() },
    );
    const seen: number[] = [];
    for await (const batch of batches) {
      seen.push(batch);
      setImmediate(() => stop.abort());
    }
    expect(seen).toEqual([1]);
  });

  test('ends while it waits, and does not begin after the signal', async () => {
    const stop = new AbortController();
    const stuck = { now: () => 0, elapsed: () => 0, schedule: () => ({ cancel: () => {} }) };
    const opened: number[] = [];
    const connect = (): AsyncIterable<number> => {
      opened.push(1);
      setImmediate(() => stop.abort());
      return Readable.from([]);
    };
    expect(await take(reconnect(connect, { signal: stop.signal, clock: stuck }), 1, stop)).toEqual([]);
    expect(await take(reconnect(connect, { signal: stop.signal, clock: stuck }), 1, stop)).toEqual([]);
    expect(opened).toHaveLength(1);
  });

  test('closes the connection when its consumer stops', async () => {
    let closed = false;
    const batches = reconnect(
      async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          closed = true;
        }
      },
      { signal: new AbortController().signal, clock: quickClock() },
    );
    for await (const _ of batches) break;
    expect(closed).toBe(true);
  });
});

describe('poll', () => {
  test('reads at intervals, yields what is not empty, and outlives failures', async () => {
    const clock = quickClock();
    const stop = new AbortController();
    const errors: [string, number][] = [];
    const answers = [['a'], [], new Error('one'), new Error('two'), ['b']];
    const read = async () => {
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const batches = poll(read, {
      signal: stop.signal,
      intervalMs: 100,
      clock,
      random: () => 0,
      onError: (error, failures) => errors.push([error.message, failures]),
    });
    expect(await take(batches, 2, stop)).toEqual([['a'], ['b']]);
    expect(clock.waits).toEqual([100, 100, 200, 400]);
    expect(errors).toEqual([
      ['one', 1],
      ['two', 2],
    ]);
  });

  test('does not read on before its consumer asks: then the batch before is accepted', async () => {
    const stop = new AbortController();
    let reads = 0;
    const batches = poll(async () => [(reads += 1)], {
      signal: stop.signal,
      intervalMs: 1,
      clock: quickClock(),
    });
    await batches.next();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(1);
    await batches.next();
    expect(reads).toBe(2);
    stop.abort();
    expect((await batches.next()).done).toBe(true);
  });

  test('ends silently when the signal fires during a read', async () => {
    const stop = new AbortController();
    const errors: Error[] = [];
    const read = (signal: AbortSignal) =>
      new Promise<string[]>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        setImmediate(() => stop.abort());
      });
    const batches = poll(read, {
      signal: stop.signal,
      intervalMs: 1,
      clock: quickClock(),
      onError: (e) => errors.push(e),
    });
    expect(await take(batches, 1, stop)).toEqual([]);
    expect(errors).toEqual([]);
  });
});

test('an account that is closed permits nothing more, and is released once', async () => {
  let released = 0;
  const lifetime = createLifetime('Pigeon', { name: 'leads' }, async () => {
    released += 1;
  });
  lifetime.permit('messages.send', { signal: new AbortController().signal });
  const aborted = { code: 'ERR_ABORTED', account: 'leads' };
  expect(() => lifetime.permit('messages.send', { signal: AbortSignal.abort('enough') })).toThrow(
    expect.objectContaining({
      ...aborted,
      message: "Pigeon: messages.send: cancelled by the caller's signal",
      cause: 'enough',
    }),
  );
  await Promise.all([lifetime.close(), lifetime.close()]);
  expect([released, lifetime.closing.aborted]).toEqual([1, true]);
  expect(() => lifetime.permit('messages.send', undefined)).toThrow(
    expect.objectContaining({ ...aborted, message: 'Pigeon: messages.send: the account is closed' }),
  );
});
