import { reconnect } from '@parley/adapter-kit';
import type { AccountContext, ErrorCode, Event, FeedPort } from '@parley/core';
import { isParleyError } from '@parley/core';
import { type Agenda, createAgenda } from './agenda.js';
import { startRound } from './catch-up.js';
import { type ConnectSetup, connect } from './connect.js';
import { fromCrispEvent } from './from-crisp-event.js';
import type { Viewpoint } from './ids.js';
import { type Mark, readMark } from './mark.js';
import type { Occurrences } from './occurrence.js';
import type { Brought, Realtime } from './realtime.js';

export interface FeedSetup extends ConnectSetup {
  view: Viewpoint;
  occurrences: Occurrences;
}

/**
 * A message is stored a moment after it was accepted (202), so what was written at the end of a gap may not be there when it is
 * looked for first. Looked for once more after so long.
 */
const LOOK_AGAIN_MS = 5_000;
/** The longest wait where looking is refused. */
const LONGEST_LOOK_MS = 600_000;

/** Before single places are tried again where the quota is used up. */
const REFUSED_MS = 60_000;

/** A website that installs the plugin is heard once the server has been asked to look again: that often. */
const REBIND_MS = 60_000;

/**
 * The realtime socket, for ever: connects, reads over REST what it has missed, then goes on with what comes. A connection that
 * ends, is refused or cannot be made is followed by the next one after a growing wait.
 */
export function createFeed(setup: FeedSetup): FeedPort {
  return {
    events: (signal) => {
      setup.transport.permit('realtime', undefined);
      return listen(setup, AbortSignal.any([signal, setup.transport.closing]));
    },
  };
}

async function* listen(
  setup: FeedSetup,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], void, undefined> {
  if (signal.aborted) return;
  const { config, context } = setup;
  const mark = await readMark(context);
  // What is said after a first start is answered, also if that is cut off before it has read anything.
  await mark.store(true);
  const trouble = reporter(context);
  try {
    yield* reconnect((inner) => connection(setup, mark, inner, trouble.over), {
      ...config.reconnect,
      signal,
      clock: context.clock,
      onError: trouble.happened,
    });
  } finally {
    await mark.store(true);
  }
}

type Task = 'whole' | 'again' | 'rebind';

async function* connection(
  setup: FeedSetup,
  mark: Mark,
  signal: AbortSignal,
  onConnected: () => void,
): AsyncGenerator<readonly Event[], void, undefined> {
  const realtime = await connect(setup, signal);
  const agenda = createAgenda<Task>(setup.context.clock, realtime.wake);
  // Whoever waits for the next event would wait for ever.
  const onAbort = (): void => realtime.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    onConnected();
    let waitMs = LOOK_AGAIN_MS;
    let isWhole = yield* missed(setup, mark, agenda, 'whole', signal);
    agenda.in('whole', waitMs);
    if (setup.config.website === undefined) agenda.in('rebind', REBIND_MS);
    for (;;) {
      const brought = await realtime.next();
      const events = mark.fresh(brought.flatMap((one) => read(setup, one, realtime)));
      if (events.length > 0) {
        yield events;
        mark.took(events);
        // What is still to be read is older than these.
        if (isWhole) mark.moveTo(latest(events));
        await mark.store();
      }
      if (agenda.take('rebind')) {
        realtime.rebind();
        agenda.in('rebind', REBIND_MS);
      }
      if (agenda.take('whole')) {
        isWhole = yield* missed(setup, mark, agenda, 'whole', signal);
        waitMs = Math.min(2 * waitMs, LONGEST_LOOK_MS);
        if (!isWhole) agenda.in('whole', waitMs);
      }
      if (agenda.take('again')) yield* missed(setup, mark, agenda, 'again', signal);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    agenda.cancel();
    realtime.close();
  }
}

/** What neither another connection nor another place would change: a quota that is used up, websites that cannot be listed. */
const LASTING: readonly ErrorCode[] = [
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_RATE_LIMITED',
  'ERR_REJECTED',
  'ERR_UNEXPECTED_PAYLOAD',
];

/**
 * Reads what was missed. False if that is refused: then it is tried again later, and what comes meanwhile is not held up.
 *
 * The mark moves only once everything is read, or noted as what cannot be: another conversation may have older messages.
 */
async function* missed(
  { api, context, view, config }: FeedSetup,
  mark: Mark,
  agenda: Agenda<Task>,
  what: 'whole' | 'again',
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], boolean, undefined> {
  let newest = mark.at;
  const setup = { api, account: context, view, keepRaw: config.keepRaw };
  const round = startRound(setup, mark.places, signal);
  let leastMs = 0;
  try {
    const since = mark.since();
    for await (const found of what === 'whole' ? round.all(since) : round.again(since)) {
      const events = mark.fresh(found);
      newest = Math.max(newest, latest(found));
      if (events.length === 0) continue;
      yield events;
      mark.took(events);
    }
  } catch (error) {
    if (!isParleyError(error) || !LASTING.includes(error.code)) throw error;
    const { name: account, log } = context;
    log.warn({ account, code: error.code }, `Crisp realtime: cannot read what was missed: ${error.message}`);
    leastMs = REFUSED_MS;
    return false;
  } finally {
    const waitMs = mark.places.waitMs();
    if (waitMs !== undefined) agenda.in('again', Math.max(waitMs, leastMs));
  }
  if (what === 'whole') mark.moveTo(newest);
  await mark.store(true);
  return true;
}

/** When the newest message among them was written. */
function latest(events: readonly Event[]): number {
  let newest = 0;
  for (const event of events) {
    if (event.id.startsWith(`${event.account}:message:`)) newest = Math.max(newest, Date.parse(event.at));
  }
  return newest;
}

/** What one event of the socket becomes; one that cannot be read is told to the log and costs nothing else. */
function read(setup: FeedSetup, { name, payload, at }: Brought, realtime: Realtime): Event[] {
  const { view, occurrences, context, config } = setup;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return [];
  const data = payload as Record<string, unknown>;
  // Its events come only after this.
  if (name === 'plugin:subscription:updated') realtime.rebind();
  const { website_id: website } = data;
  if (view.website !== undefined && typeof website === 'string' && website !== view.website) return [];
  try {
    const events = fromCrispEvent({ name, data, at }, view, occurrences.of('feed', at));
    if (config.keepRaw) for (const event of events) event.raw = data;
    return events;
  } catch (error) {
    if (!isParleyError(error)) throw error;
    context.log.warn({ account: context.name, code: error.code }, error.message);
    return [];
  }
}

/** Says what is wrong, once until it works again where the keypair is refused. */
function reporter({ name, log, report }: AccountContext) {
  let refused = false;
  return {
    happened: (error: Error, failures: number): void => {
      const code = isParleyError(error) ? error.code : error.name;
      const why = isParleyError(error) ? error.message : 'Crisp realtime: unexpected';
      log.warn({ account: name, code, failures }, `${why}; connects again`);
      if (code !== 'ERR_AUTHENTICATION' || refused) return;
      refused = true;
      report({ name: 'account.refused', reason: why });
    },
    over: (): void => {
      refused = false;
    },
  };
}
