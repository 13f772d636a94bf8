import type { HttpHeaders } from '@parley/adapter-kit';
import type { Clock } from '@parley/core';

/** The platform's time, by which it dates what is said: ours may be wrong. */
export interface PlatformClock {
  /** Epoch milliseconds; by our clock, until an answer has told. */
  now(): number;
  /** How far the platform is ahead of our clock, in milliseconds; undefined until an answer has told. */
  aheadMs(): number | undefined;
  /** @param sentAt when the request left, by our clock */
  heard(headers: HttpHeaders, sentAt: number): void;
}

/** `Date` tells whole seconds, and the way takes a moment: less than this is no difference. */
const SAME_MS = 2_000;

/** Learns from the header `Date` of answers, which every server with a clock sends (RFC 9110, 6.6.1). */
export function createPlatformClock(clock: Pick<Clock, 'now'>): PlatformClock {
  let ahead: number | undefined;
  return {
    now: () => clock.now() + (ahead ?? 0),
    aheadMs: () => ahead,
    heard: ({ date, age }, sentAt) => {
      const told = typeof date === 'string' ? Date.parse(date) : Number.NaN;
      const receivedAt = clock.now();
      // A cached answer has an old date, and a slow one tells little.
      if (Number.isNaN(told) || age !== undefined || Math.abs(receivedAt - sentAt) > SAME_MS) return;
      const [least, most] = [told - receivedAt, told + 1_000 - sentAt];
      ahead = least <= SAME_MS && most >= -SAME_MS ? 0 : Math.round((least + most) / 2);
    },
  };
}
