import type { Clock } from '@parley/core';

/**
 * Holds back hooks that tell of messages while the feed, which has just started, reads the messages before them: the platform
 * delivers a refused hook again, and the socket brings what it tells as well.
 */
export interface Gate {
  /** For as long as the feed takes, unless it gets no connection, and half a minute at most. */
  close(): void;
  open(): void;
  isClosed(): boolean;
}

const LONGEST_MS = 30_000;

export function createGate(clock: Pick<Clock, 'elapsed'>): Gate {
  let closedAt: number | undefined;
  return {
    close: () => {
      closedAt = clock.elapsed();
    },
    open: () => {
      closedAt = undefined;
    },
    isClosed: () => closedAt !== undefined && clock.elapsed() - closedAt < LONGEST_MS,
  };
}
