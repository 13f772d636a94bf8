import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@parley/core';

/** A clock that stands still until a test moves it: days pass in milliseconds, and always the same way. */
export interface VirtualClock extends Clock {
  /**
   * Moves time ahead by `ms` milliseconds. Calls that become due run in order, each at its own moment, and promises
   * settle after each one, so that a chain of waits unrolls in one `advance`. Work that needs the operating system
   * (sockets, files, worker threads) is not waited for.
   *
   * Rejects if a due call throws; time then stands at that call.
   */
  advance(ms: number): Promise<void>;
  /**
   * Somebody sets the machine's clock: `now` jumps by `ms` (negative: back), and no scheduled call comes sooner or later.
   */
  jump(ms: number): void;
  /** Lets promises settle without moving time. */
  settle(): Promise<void>;
  /** How many calls are scheduled and not due yet. */
  readonly pending: number;
}

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** @param startAt ISO 8601 or epoch milliseconds; default 2026-01-01T00:00:00Z. */
export function virtualClock(startAt: string | number = '2026-01-01T00:00:00.000Z'): VirtualClock {
  let offset = new Date(startAt).getTime();
  let now = 0;
  if (Number.isNaN(offset))
    throw new RangeError('virtualClock: startAt is neither ISO 8601 nor epoch milliseconds');
  const calls: Due[] = [];
  let moving: Promise<void> = Promise.resolve();

  const moveTo = async (ms: number): Promise<void> => {
    await setImmediate();
    const end = now + ms;
    for (let next = calls[0]; next !== undefined && next.at <= end; next = calls[0]) {
      calls.shift();
      now = next.at;
      next.run();
      await setImmediate();
    }
    now = end;
  };

  return {
    now: () => offset + now,
    elapsed: () => now,
    schedule(ms, run) {
      const call: Due = { at: now + Math.max(ms, 0), run };
      calls.splice(placeFor(calls, call.at), 0, call);
      return {
        cancel: () => {
          const place = calls.indexOf(call);
          if (place !== -1) calls.splice(place, 1);
        },
      };
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError('advance: ms must be 0 or more');
      // One after the other: two moves at once would fire calls out of order.
      const moved = moving.then(() => moveTo(ms));
      moving = moved.catch(() => {});
      return moved;
    },
    jump(ms) {
      offset += ms;
    },
    settle: async () => {
      await setImmediate();
    },
    get pending() {
      return calls.length;
    },
  };
}

/** Behind everything that is due at the same moment or earlier: calls of one moment run in the order they were made. */
function placeFor(calls: readonly Due[], at: number): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((calls[middle] as Due).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
