import type { Clock } from '@parley/core';

export interface QuickClock extends Clock {
  /** The waits that were asked for, in milliseconds. */
  readonly waits: number[];
  /** Moves time ahead without running anything. */
  pass(ms: number): void;
}

/** A clock on which every wait is over at once, and remembered. */
export function quickClock(startAt = Date.UTC(2026, 0, 1)): QuickClock {
  let now = startAt;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    elapsed: () => now,
    pass: (ms) => {
      now += ms;
    },
    schedule: (ms, run) => {
      waits.push(ms);
      const timer = setImmediate(() => {
        now += ms;
        run();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
}
