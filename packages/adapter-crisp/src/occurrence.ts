import type { Clock } from '@parley/core';
import type { Occurrence } from './reading.js';

/** How an event came. */
export type Source = 'hook' | 'feed';

interface Seen {
  slot: number;
  at: number;
  /** When we heard of it first, by our own measure of time. */
  heardAt: number;
  /** The time in the hook, by which its redelivery is known. */
  hookAt?: number;
  from: Set<Source>;
}

/** Equal contents within this time that came another way are the same event. */
const SAME_MS = 60_000;
/** How far the platform's clock and ours may be apart: what is heard of within a minute, both ways, is then still the same. */
const APART_MS = 300_000;
/** A socket that says the same again this soon, and nothing else in between, has doubled it. */
const DOUBLED_MS = 1_000;
/** What makes an id where nothing is remembered: processes that hear of an event in the same slot agree. */
const SLOT_MS = 10_000;

export interface Occurrences {
  /** @param at epoch milliseconds: the time in a hook, or when the socket brought it */
  of(source: Source, at: number): Occurrence;
}

/** Where all comes by hook, the time in it tells, to whichever process it comes: a redelivery holds the same one. */
export const BY_HOOK_TIME: Occurrences = { of: (_, at) => () => String(at) };

/**
 * Tells events apart that have neither id nor time, in one process for hooks and socket together.
 *
 * The same contents from the same source are two events, unless it is a hook with the same time; the same contents from the
 * other source are the same event. What it remembers is a minute or two, by our own measure: a hook may hold any time.
 */
export function createOccurrences({ elapsed }: Pick<Clock, 'elapsed'>): Occurrences {
  let recent = new Map<string, Seen[]>();
  let older = new Map<string, Seen[]>();
  let turnedAt = Number.NEGATIVE_INFINITY;
  /** The last of each line that the socket brought. */
  let last = new Map<string, { key: string; at: number; slot: number }>();

  const seenOf = (key: string, now: number): Seen[] => {
    if (now - turnedAt > SAME_MS) {
      older = recent;
      recent = new Map();
      turnedAt = now;
      last = new Map();
    }
    const known = recent.get(key);
    if (known !== undefined) return known;
    // What happens again and again is not remembered for ever either.
    const seen = (older.get(key) ?? []).filter(({ heardAt }) => now - heardAt <= 2 * SAME_MS);
    recent.set(key, seen);
    return seen;
  };

  return {
    of: (source, at) => (key, line) => {
      const now = elapsed();
      const seen = seenOf(key, now);
      const before = source === 'feed' && line !== undefined ? last.get(line) : undefined;
      if (before?.key === key && at - before.at <= DOUBLED_MS) return String(before.slot);
      const again = source === 'hook' ? seen.find(({ hookAt }) => hookAt === at) : undefined;
      if (again !== undefined) return String(again.slot);
      const same = seen.find(
        (one) =>
          !one.from.has(source) &&
          Math.abs(one.at - at) <= (now - one.heardAt <= SAME_MS ? APART_MS : SAME_MS),
      );
      const found = same ?? { slot: freeSlot(seen, at), at, heardAt: now, from: new Set<Source>() };
      if (same === undefined) seen.push(found);
      found.from.add(source);
      if (source === 'hook') found.hookAt = at;
      else if (line !== undefined) last.set(line, { key, at, slot: found.slot });
      return String(found.slot);
    },
  };
}

function freeSlot(seen: readonly Seen[], at: number): number {
  let slot = Math.floor(at / SLOT_MS);
  while (seen.some((one) => one.slot === slot)) slot += 1;
  return slot;
}
