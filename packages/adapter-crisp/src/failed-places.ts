import type { Clock } from '@parley/core';
import { backoffMs } from '@parley/core';

/** A conversation, or where none is named, a whole website. */
export interface Where {
  website: string;
  session?: string;
}

/** What could not be read. */
export interface FailedPlace extends Where {
  /** What was said there since then is not read yet; epoch milliseconds, as the platform dates messages. */
  since: number;
  /** How often reading has failed. */
  tries: number;
  /** When it failed last; epoch milliseconds by our clock. */
  failedAt: number;
}

export interface FailedPlaces {
  get(where: Where): FailedPlace | undefined;
  failed(where: Where, since: number): void;
  /** It was read, or there is nothing left to read. */
  done(where: Where): void;
  /** Those whose time has come, the ones that have waited longest first. */
  due(): FailedPlace[];
  /** Until the next one is due, in milliseconds; undefined if there is none. */
  waitMs(): number | undefined;
  all(): FailedPlace[];
}

/** More are not kept: the oldest ones are given up. */
const MOST_PLACES = 200;
const CONVERSATION = { firstMs: 5_000, maxMs: 3_600_000 };
const WEBSITE = { firstMs: 5_000, maxMs: 600_000 };

/** What could not be read, each to be tried again after a wait of its own, so that it does not hold up the others. */
export function createFailedPlaces(
  clock: Pick<Clock, 'now'>,
  stored: readonly FailedPlace[] = [],
  onGivenUp: (place: FailedPlace) => void = () => {},
): FailedPlaces {
  const places = new Map(stored.map((place) => [keyOf(place), place]));
  const waitOf = ({ session, tries, failedAt }: FailedPlace): number => {
    // Somebody who set our clock back must not make it wait longer.
    const waited = Math.max(0, clock.now() - failedAt);
    return backoffMs(tries, session === undefined ? WEBSITE : CONVERSATION, () => 0) - waited;
  };
  // A conversation is not tried before its website can be read.
  const triable = (): FailedPlace[] =>
    [...places.values()].filter(
      ({ website, session }) => session === undefined || !places.has(keyOf({ website })),
    );
  return {
    get: (where) => places.get(keyOf(where)),
    failed: ({ website, session }, since) => {
      const where = { website, ...(session !== undefined && { session }) };
      const before = places.get(keyOf(where));
      places.set(keyOf(where), {
        ...where,
        since: Math.min(since, before?.since ?? since),
        tries: (before?.tries ?? 0) + 1,
        failedAt: clock.now(),
      });
      const [oldest] = places.values();
      if (places.size <= MOST_PLACES || oldest === undefined) return;
      places.delete(keyOf(oldest));
      onGivenUp(oldest);
    },
    done: (where) => void places.delete(keyOf(where)),
    due: () =>
      triable()
        .filter((place) => waitOf(place) <= 0)
        .sort((a, b) => a.failedAt - b.failedAt),
    waitMs: () => (places.size === 0 ? undefined : Math.max(0, Math.min(...triable().map(waitOf)))),
    all: () => [...places.values()],
  };
}

function keyOf({ website, session = '' }: Where): string {
  return `${website}/${session}`;
}
