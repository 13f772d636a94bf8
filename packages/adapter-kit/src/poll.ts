import type { Clock } from '@parley/core';
import { backoffMs, systemClock } from '@parley/core';
import { pause } from './reconnect.js';
import { toError } from './thrown.js';

export interface PollOptions {
  /** Ends the loop. */
  signal: AbortSignal;
  /** From the end of one read to the begin of the next, plus up to a tenth at random. */
  intervalMs: number;
  /** The longest wait after failures. Default ten times `intervalMs`. */
  maxMs?: number;
  /** Default the machine's. */
  clock?: Clock;
  /** Told about every read that failed, and how many did in a row. Nothing is thrown. */
  onError?: (error: Error, failures: number) => void;
  /** From 0 to below 1. Default `Math.random`. */
  random?: () => number;
}

/**
 * Reads again and again until the signal fires, and yields what is not empty. After a failure it waits longer each time.
 * Never rejects.
 *
 * `read` is called again only when the consumer asks for more: it may move its checkpoint past the previous batch then.
 */
export async function* poll<Item>(
  read: (signal: AbortSignal) => Promise<readonly Item[]>,
  options: PollOptions,
): AsyncGenerator<readonly Item[], void, undefined> {
  const { signal, intervalMs, clock = systemClock, onError, random = Math.random } = options;
  const backoff = { firstMs: intervalMs, maxMs: options.maxMs ?? 10 * intervalMs };
  let failures = 0;
  while (!signal.aborted) {
    let items: readonly Item[] = [];
    try {
      items = await read(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onError?.(toError(error), failures);
    }
    if (items.length > 0) yield items;
    const waitMs = failures > 0 ? backoffMs(failures + 1, backoff, random) : intervalMs * (1 + random() / 10);
    if (!(await pause(clock, waitMs, signal))) return;
  }
}
