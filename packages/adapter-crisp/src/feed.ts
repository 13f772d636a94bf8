import { decode, reconnect } from '@parley/adapter-kit';
import type { AccountContext, Clock, ErrorCode, Event, FeedPort, ScheduledCall } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { catchUp } from './catch-up.js';
import type { CrispApi } from './client/api.js';
import type { Transport } from './client/transport.js';
import { type CrispConfig, isSocketUrl } from './config.js';
import { fromCrispEvent } from './from-crisp-event.js';
import type { Viewpoint } from './ids.js';
import { type Mark, readMark } from './mark.js';
import type { Occurrences } from './occurrence.js';
import { type Brought, openRealtime, type Realtime } from './realtime.js';
import { EndpointsCodec } from './wire/codecs.js';
import { eventsOfTier } from './wire/events.js';

export interface FeedSetup {
  config: CrispConfig;
  context: AccountContext;
  transport: Transport;
  api: CrispApi;
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
  try {
    yield* reconnect((inner) => connection(setup, mark, inner), {
      ...config.reconnect,
      signal,
      clock: context.clock,
      onError: (error, failures) => {
        const code = isParleyError(error) ? error.code : error.name;
        const why = isParleyError(error) ? error.message : 'Crisp realtime: unexpected';
        context.log.warn({ account: context.name, code, failures }, `${why}; connects again`);
      },
    });
  } finally {
    await mark.store(true);
  }
}

async function* connection(
  setup: FeedSetup,
  mark: Mark,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], void, undefined> {
  const realtime = await connect(setup, signal);
  const { clock } = setup.context;
  let due = false;
  const lookIn = (ms: number): ScheduledCall =>
    clock.schedule(
      ms,
      () => {
        due = true;
        realtime.wake();
      },
      true,
    );
  let waitMs = LOOK_AGAIN_MS;
  let look = lookIn(waitMs);
  const rebinding = setup.config.website === undefined ? rebindAgain(clock, realtime) : undefined;
  // Whoever waits for the next event would wait for ever.
  const onAbort = (): void => realtime.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    let isWhole = yield* missed(setup, mark, signal);
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
      if (!due) continue;
      due = false;
      isWhole = yield* missed(setup, mark, signal);
      if (isWhole) continue;
      waitMs = Math.min(2 * waitMs, LONGEST_LOOK_MS);
      look = lookIn(waitMs);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    look.cancel();
    rebinding?.cancel();
    realtime.close();
  }
}

function rebindAgain(clock: Clock, realtime: Realtime): { cancel(): void } {
  let call: ScheduledCall;
  const rebind = (): void => {
    realtime.rebind();
    call = clock.schedule(REBIND_MS, rebind, true);
  };
  call = clock.schedule(REBIND_MS, rebind, true);
  return { cancel: () => call.cancel() };
}

/** What another connection would not change: a right that is missing, a quota that is used up. */
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
 * The mark moves only once everything is read: another conversation may have older messages.
 */
async function* missed(
  { api, context, view, config }: FeedSetup,
  mark: Mark,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], boolean, undefined> {
  let newest = mark.at;
  try {
    const setup = { api, account: context, view, keepRaw: config.keepRaw };
    for await (const found of catchUp(setup, mark.since(), signal)) {
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
    return false;
  }
  mark.moveTo(newest);
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

async function connect(setup: FeedSetup, signal: AbortSignal): Promise<Realtime> {
  const { config, context, transport } = setup;
  const url = config.rtmUrl ?? (await discover(setup, signal));
  const keypair = await transport.auth.keypair();
  try {
    const realtime = await openRealtime(
      {
        url,
        keypair,
        tier: config.tier,
        events: eventsOfTier(config.tier),
        ...(config.website !== undefined && { rooms: [config.website] }),
        account: context,
      },
      signal,
    );
    transport.auth.accepted();
    return realtime;
  } catch (error) {
    if (isParleyError(error, 'ERR_AUTHENTICATION')) await transport.auth.refused(keypair).catch(() => {});
    throw error;
  }
}

/** Asked before every connection: the address changes. */
async function discover({ api, config, context }: FeedSetup, signal: AbortSignal): Promise<string> {
  const options = { signal };
  const answer =
    config.tier === 'plugin'
      ? await api.plugin.getEndpoints({}, options)
      : config.tier === 'user'
        ? await api.user.getEndpoints({}, options)
        : await api.connect.getEndpoints({}, options);
  const url = decode(EndpointsCodec, answer, 'Crisp endpoints').socket?.app;
  if (typeof url === 'string' && isSocketUrl(url)) return url;
  throw new ParleyError(
    'ERR_UNEXPECTED_PAYLOAD',
    'Crisp endpoints: socket.app: expected wss:// with host and path; see the option rtmUrl',
    { account: context.name },
  );
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
