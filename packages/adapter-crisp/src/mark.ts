import type { AccountContext, Event, Id } from '@parley/core';
import type { PlatformClock } from './client/platform-clock.js';
import { createFailedPlaces, type FailedPlaces } from './failed-places.js';
import { parseMark, type StoredMark } from './stored-mark.js';

/** Ids that are kept to recognize what comes again; about as many again are kept for a while. */
const MOST_IDS = 20_000;
/** How often the mark is stored, at most. */
const STORE_EVERY_MS = 5_000;
/** Events that happened so long before the mark may still be on their way. */
export const OVERLAP_MS = 60_000;

/** How far the feed has come. */
export interface Mark {
  /** Epoch milliseconds of the platform's clock: what a visitor wrote before is accepted, but for the overlap. */
  readonly at: number;
  /** When listening began, ever. */
  readonly from: number;
  /** Takes to the platform's clock what our own has told, once that is known. */
  settle(): void;
  /** What the mark has passed and could not be read. */
  readonly places: FailedPlaces;
  /** The time to read from. */
  since(): number;
  /** Leaves out what was accepted already. */
  fresh(events: readonly Event[]): Event[];
  /** These are accepted. */
  took(events: readonly Event[]): void;
  /** All messages up to here are accepted. */
  moveTo(at: number): void;
  store(force?: boolean): Promise<void>;
}

/** Reads the account's mark; without one, it begins now: what was said before a first start is not answered. */
export async function readMark(
  context: AccountContext,
  platform: Pick<PlatformClock, 'now' | 'aheadMs'>,
): Promise<Mark> {
  const { clock, checkpoint, log, name } = context;
  // Before anything is awaited: what is written while the mark is read is new.
  const now = platform.now();
  const text = await checkpoint?.read();
  const stored = text === undefined ? undefined : parseMark(text);
  if (text !== undefined && stored === undefined) {
    const what =
      'Crisp realtime: how far it had come cannot be read: what was said before now is not looked for';
    log.error({ account: name }, what);
  }
  let at = stored?.at ?? now;
  let storedAt = Number.NEGATIVE_INFINITY;
  let from = stored?.from ?? at;
  let own = stored === undefined ? platform.aheadMs() === undefined : stored.own;
  let recent = new Map<Id, number>(stored?.ids);
  let older = new Map<Id, number>();
  const places = createFailedPlaces(clock, stored?.failed, ({ website, session = 'all' }) => {
    const what = 'Crisp: too much cannot be read: what was missed here is given up';
    log.error({ account: name, website, session }, what);
  });
  return {
    get from() {
      return from;
    },
    settle: () => {
      const aheadMs = platform.aheadMs();
      if (own && aheadMs !== undefined) {
        at += aheadMs;
        from += aheadMs;
        own = false;
      }
      // Noted while our clock was ahead.
      at = Math.min(at, platform.now());
      from = Math.min(from, at);
    },
    places,
    get at() {
      return at;
    },
    since: () => Math.max(at - OVERLAP_MS, from),
    fresh: (events) => {
      const inBatch = new Set<Id>();
      return events.filter(({ id }) => {
        if (recent.has(id) || older.has(id) || inBatch.has(id)) return false;
        inBatch.add(id);
        return true;
      });
    },
    took: (events) => {
      for (const event of events) recent.set(event.id, Date.parse(event.at));
      if (recent.size > MOST_IDS) [older, recent] = [recent, new Map<Id, number>()];
    },
    moveTo: (moment) => {
      // A message may be dated ahead; whoever believed that would never read back again.
      at = Math.max(at, Math.min(moment, platform.now()));
    },
    store: async (force = false) => {
      if (checkpoint === undefined || (!force && clock.elapsed() - storedAt < STORE_EVERY_MS)) return;
      storedAt = clock.elapsed();
      const failed = places.all();
      const reach = Math.min(at - OVERLAP_MS, ...failed.map(({ since }) => since));
      const ids = [...older, ...recent].filter(([, moment]) => moment >= reach).slice(-1_000);
      try {
        await checkpoint.write(JSON.stringify({ at, from, ids, failed, own } satisfies StoredMark));
      } catch {
        // An older mark means reading a little more after a restart.
        log.warn({ account: name }, 'Crisp realtime: how far it has come could not be stored');
      }
    },
  };
}
