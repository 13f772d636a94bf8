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
/** Different addresses of the same list, and how many milliseconds too early it may begin. */
const ADDRESSES = 10_000;
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
  const reading: Reading = {
    setup,
    known,
    signal,
    onListed,
    options: { signal },
    inARow: 0,
    websitesInARow: 0,
  };
  return {
    all: (since) => all(reading, since),
    added: (since) => added(reading, since),
    again: (since) => again(reading, since),
  };
}

interface Reading {
  setup: CatchUpSetup;
  known: Known;
  signal: AbortSignal;
  onListed: () => void;
  options: CallOptions;
  /** Conversations that could not be read, one after the other. */
  inARow: number;
  /** Websites that did not answer, one after the other. */
  websitesInARow: number;
}

async function* all(reading: Reading, since: number): AsyncGenerator<Event[], void, undefined> {
  const { places, settled } = reading.known;
  // Those are not listed any more.
  for (const [key, updatedAt] of settled) if (updatedAt < since) settled.delete(key);
  const { websites } = await list(reading);
  for (const place of places.all()) if (!websites.includes(place.website)) places.done(place);
  for (const id of websites) {
    yield* saidOn(reading, id, Math.min(since, places.get({ website: id })?.since ?? since));
  }
}

async function* added(reading: Reading, since: number): AsyncGenerator<Event[], void, undefined> {
  const { news } = await list(reading);
  for (const id of news) yield* saidOn(reading, id, since);
}

async function* again(reading: Reading, since: number): AsyncGenerator<Event[], void, undefined> {
  const { places } = reading.known;
  // What comes live waits for it, and the place comes again anyway.
  reading.options = { signal: reading.signal, retry: false };
  for (const { website, session, since: from } of places.due()) {
    if (session === undefined) yield* saidOn(reading, website, from);
    else if (places.get({ website }) === undefined) {
      try {
        const events = await saidAt(reading, { website, session }, from);
        if (events !== undefined && events.length > 0) yield events;
      } catch (error) {
        reading.inARow = 0;
        noteFailed(reading, { website }, since, error);
      }
    }
  }
}

async function list({
  setup,
  known,
  options,
  onListed,
}: Reading): Promise<{ websites: string[]; news: string[] }> {
  const at = setup.now();
  const websites = await websitesOf(setup.api, setup.view.website, options);
  const news = websites.filter((id) => !known.websites.has(id));
  if (news.length > 0) onListed();
  known.websites = new Set(websites);
  known.listedAt = at;
  return { websites, news };
}

async function* saidOn(
  reading: Reading,
  website: string,
  since: number,
): AsyncGenerator<Event[], void, undefined> {
  const { places, settled } = reading.known;
  reading.inARow = 0;
  const done = new Map<string, number>();
  try {
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      let listed = 0;
      let changed = 0;
      for await (const conversation of changedSince(reading, website, since)) {
        const { session_id: session, updated_at } = conversation;
        const updatedAt = updated_at ?? 0;
        const where = { website, session };
        const key = `${website}/${session}`;
        listed += 1;
        if (places.get(where) !== undefined) continue;
        if (done.get(session) === updatedAt || settled.get(key) === updatedAt) continue;
        done.set(session, updatedAt);
        changed += 1;
        const readAt = reading.setup.now();
        const events = await saidAt(reading, where, since, conversation);
        if (events === undefined) continue;
        if (events.length > 0) yield events;
        // Once those are accepted.
        const isSettled = latest(events) >= updatedAt || readAt - updatedAt > SETTLING_MS;
        if (updatedAt > 0 && isSettled) settled.set(key, updatedAt);
      }
      // Where all are on one page, none can move out of sight.
      if (changed === 0 || listed <= SMALLEST_PAGE) break;
    }
    places.done({ website });
    reading.websitesInARow = 0;
  } catch (error) {
    const told = noteFailed(reading, { website }, since, error);
    reading.websitesInARow += told.code === 'ERR_UNAVAILABLE' ? 1 : 0;
    // Then it is not the website that does not answer.
    if (reading.websitesInARow >= MOST_IN_A_ROW) throw told;
  }
}

/** Undefined if it cannot be read. */
async function saidAt(
  reading: Reading,
  where: Required<Where>,
  since: number,
  conversation?: CrispConversation,
): Promise<Event[] | undefined> {
  const { setup, known, options } = reading;
  const { website, session } = where;
  try {
    const item = conversation ?? (await getConversation(setup, where, options));
    const events = await saidIn(setup, { website, id: session }, item, since, options);
    reading.inARow = 0;
    known.places.done(where);
    return events;
  } catch (error) {
    const told = noteFailed(reading, where, since, error);
    reading.inARow += 1;
    if (reading.inARow >= MOST_IN_A_ROW) throw told;
    return undefined;
  }
}

/** Notes the place; throws what is not its own fault. */
function noteFailed(reading: Reading, where: Where, since: number, error: unknown): ParleyError {
  if (!isOfPlace(error)) throw error;
  const { account } = reading.setup;
  const { places } = reading.known;
  const { code, message } = error;
  const { session = 'all', website } = where;
  const gone = code === 'ERR_NOT_FOUND' && (places.get(where)?.tries ?? 0) >= GONE_AFTER;
  if (gone) places.done(where);
  else places.failed(where, since);
  // Where something does not answer, four attempts for each of many would take minutes.
  reading.options = { signal: reading.signal, retry: false };
  const what = `Crisp: cannot read what was missed${gone ? ', and gives it up' : ''}: ${message}`;
  account.log.warn({ account: account.name, code, website, session }, what);
  return error;
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
  { setup, options }: Reading,
  website: string,
  since: number,
): AsyncGenerator<CrispConversation, void, undefined> {
  // Each time another address: an answer that the platform has kept would hide what was said since.
  const from = Math.max(0, since - (setup.now() % ADDRESSES));
  const query = {
    order_date_updated: true,
    filter_date_start: new Date(from).toISOString(),
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
