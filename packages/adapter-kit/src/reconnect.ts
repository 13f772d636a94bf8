import type { Backoff, Clock } from '@parley/core';
import { backoffMs, sleep, systemClock } from '@parley/core';
import { toError } from './thrown.js';

export interface ReconnectOptions extends Partial<Backoff> {
  /** Ends the loop. */
  signal: AbortSignal;
  /** Default the machine's. */
  clock?: Clock;
  /** Told about every connection that failed, and how many did in a row. Nothing is thrown. */
  onError?: (error: Error, failures: number) => void;
  /** A connection that lasted so long was a good one: the next wait is the first again. Default 60,000. */
  stableMs?: number;
  /** From 0 to below 1. Default `Math.random`. */
  random?: () => number;
}

/**
 * Batches from one connection after the other, until the signal fires. `connect` opens one and yields what comes; when it
 * ends or throws, the next one is opened after a growing wait (`firstMs` 1,000 to `maxMs` 60,000), which a first batch or
 * `stableMs` sets back. Never rejects.
 *
 * The next batch is asked for only when the consumer asks: `connect` may take that for an acknowledgement.
 */
export async function* reconnect<Batch>(
  connect: (signal: AbortSignal) => AsyncIterable<Batch>,
  options: ReconnectOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { signal, clock = systemClock, onError, stableMs = 60_000, random = Math.random } = options;
  const backoff: Backoff = { firstMs: options.firstMs ?? 1_000, maxMs: options.maxMs ?? 60_000 };
  let failures = 0;
  while (!signal.aborted) {
    const openedAt = clock.now();
    try {
      for await (const batch of untilSignal(connect(signal), signal)) {
        failures = 0;
        yield batch;
      }
    } catch (error) {
      if (signal.aborted) return;
      onError?.(toError(error), failures + 1);
    }
    if (clock.now() - openedAt >= stableMs) failures = 0;
    failures += 1;
    if (!(await pause(clock, backoffMs(failures, backoff, random), signal))) return;
  }
}

/** False if the signal fired. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, ms, signal);
    return true;
  } catch {
    return false;
  }
}

/** The same batches, and the end as soon as the signal fires, also where the source does not listen to it. */
async function* untilSignal<Batch>(source: AsyncIterable<Batch>, signal: AbortSignal): AsyncGenerator<Batch> {
  const iterator = source[Symbol.asyncIterator]();
  const end = { done: true, value: undefined } as const;
  let stop = (): void => {};
  const stopped = new Promise<typeof end>((resolve) => {
    stop = () => resolve(end);
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not awaited: a source that is stuck would hold its consumer.
    iterator.return?.().catch(() => {});
  }
}
