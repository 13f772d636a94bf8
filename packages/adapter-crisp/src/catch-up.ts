import { decode } from '@parley/adapter-kit';
import type { CallOptions, ErrorCode, Event } from '@parley/core';
import { isParleyError, type ParleyError } from '@parley/core';
import type { FailedPlaces, Where } from './failed-places.js';
import { readOr } from './read-or.js';
import { type CatchUpSetup, saidIn } from './said-in.js';
import { websitesOf } from './websites.js';
import { ConversationCodec } from './wire/codecs.js';
import type { CrispConversation } from './wire/conversation.js';

/** The most that the documentation allows. */
const PER_PAGE = 50;
/** A conversation that is written to while the list is read moves to its begin, out of sight: it is read again. */
const MOST_PASSES = 10;
/** So many conversations that cannot be read, one after the other: then it is the website that cannot be read. */
const MOST_IN_A_ROW = 5;
/** The fewest that a page of the list holds. */
const SMALLEST_PAGE = 20;
/** A message is stored a moment after it was accepted: a conversation that has just changed may not show it yet. */
const SETTLING_MS = 5_000;
/** So many times not found, in most of a day: somebody has removed the conversation. */
const GONE_AFTER = 25;

/** What is known from one round to the next. */
export interface Known {
  readonly places: FailedPlaces;
  /** All that there were when they were last listed. */
  websites: ReadonlySet<string>;
  /** When that was; epoch milliseconds. */
  listedAt: number;
  /** Conversations that need no second reading while they stay as they were when they were read: when they had changed last. */
  readonly settled: Map<string, number>;
}

/** Reading what was missed, once. What comes out is a conversation's, oldest first. */
export interface Round {
  /** The conversations of all websites that changed since a moment (epoch milliseconds), but for those that are to be tried again. */
  all(since: number): AsyncGenerator<Event[], void, undefined>;
  /** The same, of websites that are new. */
  added(since: number): AsyncGenerator<Event[], void, undefined>;
  /** What could not be read before and is to be tried again now. */
  again(since: number): AsyncGenerator<Event[], void, undefined>;
}

/**
 * A place that cannot be read costs the others nothing: it is noted among `places`, and tried again.
 *
 * @param onListed called before a website is read that was not known
 */
export function startRound(
  setup: CatchUpSetup,
  known: Known,
  signal: AbortSignal,
  onListed: () => void,
): Round {
  const { api, account } = setup;
  const { places, settled } = known;
  let inARow = 0;
  let options: CallOptions = { signal };

  const failed = (where: Where, since: number, error: unknown): ParleyError => {
    if (!isOfPlace(error)) throw error;
    const { code, message } = error;
    const { session = 'all', website } = where;
    const gone = code === 'ERR_NOT_FOUND' && (places.get(where)?.tries ?? 0) >= GONE_AFTER;
    if (gone) places.done(where);
    else places.failed(where, since);
    // Where something does not answer, four attempts for each of many would take minutes.
    options = { signal, retry: false };
    const fields = { account: account.name, code, website, session };
    account.log.warn(
      fields,
      `Crisp: cannot read what was missed${gone ? ', and gives it up' : ''}: ${message}`,
    );
    return error;
  };

  /** Undefined if it cannot be read. */
  const said = async (
    where: Required<Where>,
    since: number,
    conversation?: CrispConversation,
  ): Promise<Event[] | undefined> => {
    const { website, session } = where;
    try {
      const item = conversation ?? (await getConversation(setup, where, options));
      const events = await saidIn(setup, { website, id: session }, item, since, options);
      inARow = 0;
      places.done(where);
      return events;
    } catch (error) {
      const told = failed(where, since, error);
      inARow += 1;
      if (inARow >= MOST_IN_A_ROW) throw told;
      return undefined;
    }
  };

  async function* website(id: string, since: number): AsyncGenerator<Event[], void, undefined> {
    inARow = 0;
    const done = new Map<string, number>();
    try {
      for (let pass = 0; pass < MOST_PASSES; pass += 1) {
        let listed = 0;
        let changed = 0;
        for await (const conversation of changedSince(setup, id, since, options)) {
          const { session_id: session, updated_at } = conversation;
          const updatedAt = updated_at ?? 0;
          const where = { website: id, session };
          const key = `${id}/${session}`;
          listed += 1;
          if (places.get(where) !== undefined) continue;
          if (done.get(session) === updatedAt || settled.get(key) === updatedAt) continue;
          done.set(session, updatedAt);
          changed += 1;
          const readAt = setup.now();
          const events = await said(where, since, conversation);
          if (events === undefined) continue;
          if (events.length > 0) yield events;
          // Once those are accepted.
          const isSettled = latest(events) >= updatedAt || readAt - updatedAt > SETTLING_MS;
          if (updatedAt > 0 && isSettled) settled.set(key, updatedAt);
        }
        // Where all are on one page, none can move out of sight.
        if (changed === 0 || listed <= SMALLEST_PAGE) break;
      }
      places.done({ website: id });
    } catch (error) {
      failed({ website: id }, since, error);
    }
  }

  const list = async (): Promise<{ websites: string[]; added: string[] }> => {
    const at = setup.now();
    const websites = await websitesOf(api, setup.view.website, options);
    const added = websites.filter((id) => !known.websites.has(id));
    if (added.length > 0) onListed();
    known.websites = new Set(websites);
    known.listedAt = at;
    return { websites, added };
  };

  return {
    async *all(since) {
      // Those are not listed any more.
      for (const [key, updatedAt] of settled) if (updatedAt < since) settled.delete(key);
      const { websites } = await list();
      for (const place of places.all()) if (!known.websites.has(place.website)) places.done(place);
      for (const id of websites)
        yield* website(id, Math.min(since, places.get({ website: id })?.since ?? since));
    },
    async *added(since) {
      const { added } = await list();
      for (const id of added) yield* website(id, since);
    },
    async *again(since) {
      inARow = 0;
      for (const { website: id, session, since: from } of places.due()) {
        if (session === undefined) yield* website(id, from);
        else if (places.get({ website: id }) === undefined) {
          try {
            const events = await said({ website: id, session }, from);
            if (events !== undefined && events.length > 0) yield events;
          } catch (error) {
            inARow = 0;
            failed({ website: id }, since, error);
          }
        }
      }
    },
  };
}

/** What another connection would not change, and other places need not share. */
const OF_PLACE: readonly ErrorCode[] = [
  'ERR_CONFLICT',
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_REJECTED',
  'ERR_UNAVAILABLE',
  'ERR_UNEXPECTED_PAYLOAD',
];

function isOfPlace(error: unknown): error is ParleyError {
  return isParleyError(error) && OF_PLACE.includes(error.code);
}

async function getConversation(
  { api }: CatchUpSetup,
  where: Required<Where>,
  options: CallOptions,
): Promise<CrispConversation> {
  return decode(ConversationCodec, await api.conversations.get(where, options), 'Crisp conversation');
}

async function* changedSince(
  setup: CatchUpSetup,
  website: string,
  since: number,
  options: CallOptions,
): AsyncGenerator<CrispConversation, void, undefined> {
  const query = {
    order_date_updated: true,
    filter_date_start: new Date(since).toISOString(),
    per_page: PER_PAGE,
  };
  let older = 0;
  for await (const item of setup.api.each('conversations.list', { website, query }, options)) {
    const conversation = readOr(setup.account, () => decode(ConversationCodec, item, 'Crisp conversation'));
    if (conversation === undefined) continue;
    // Should the filter be coarser than a millisecond.
    if ((conversation.updated_at ?? since) < since) {
      older += 1;
      if (older >= PER_PAGE) return;
      continue;
    }
    yield conversation;
  }
}

/** When the newest message among them was written. */
export function latest(events: readonly Event[]): number {
  let newest = 0;
  for (const event of events) {
    if (event.id.startsWith(`${event.account}:message:`)) newest = Math.max(newest, Date.parse(event.at));
  }
  return newest;
}
