import { reconnect } from '@parley/adapter-kit';
import type { Event, FeedPort } from '@parley/core';
import { isParleyError } from '@parley/core';
import { createAgenda } from './agenda.js';
import { type Known, latest } from './catch-up.js';
import { connect } from './connect.js';
import { fromCrispEvent } from './from-crisp-event.js';
import { type Mark, readMark } from './mark.js';
import { type FeedSetup, type Line, LOOK_AGAIN_MS, missed, type Task, upTo } from './missed.js';
import type { Brought } from './realtime.js';

/** A website that installs the plugin is heard once the server has been asked to look again: that often. */
const REBIND_MS = 60_000;

/** Which websites there are is asked for that often, so that what was said in a new one before it is heard can be read. */
const LIST_MS = 300_000;

/**
 * The realtime socket, for ever: connects, reads over REST what it has missed, then goes on with what comes. A connection that
 * ends, is refused or cannot be made is followed by the next one after a growing wait.
 */
export function createFeed(setup: FeedSetup): FeedPort {
  return {
    events: (signal) => {
      setup.transport.permit('realtime', undefined);
      setup.gate.close();
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
  const mark = await readMark(context, setup.transport.platform);
  // What is said after a first start is answered, also if that is cut off before it has read anything.
  await mark.store(true);
  const known: Known = { places: mark.places, websites: new Set(), listedAt: 0, settled: new Map() };
  try {
    yield* reconnect((inner) => connection(setup, mark, known, inner), {
      ...config.reconnect,
      signal,
      clock: context.clock,
      onError: (error, failures) => {
        const code = isParleyError(error) ? error.code : error.name;
        const why = isParleyError(error) ? error.message : 'Crisp realtime: unexpected';
        // Hooks are not delivered again for ever, and nobody knows when there will be a socket.
        if (failures > 1) setup.gate.open();
        context.log.warn({ account: context.name, code, failures }, `${why}; connects again`);
      },
    });
  } finally {
    setup.gate.open();
    await mark.store(true);
  }
}

async function* connection(
  setup: FeedSetup,
  mark: Mark,
  known: Known,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], void, undefined> {
  const realtime = await connect(setup, signal);
  const agenda = createAgenda<Task>(setup.context.clock, realtime.wake);
  const line: Line = {
    setup,
    mark,
    known,
    strangers: new Set(),
    realtime,
    agenda,
    waitMs: LOOK_AGAIN_MS,
    isWhole: false,
    signal,
  };
  // Whoever waits for the next event would wait for ever.
  const onAbort = (): void => realtime.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    yield* missed(line, 'whole');
    setup.gate.open();
    agenda.in('whole', LOOK_AGAIN_MS);
    if (setup.config.website === undefined) {
      agenda.in('rebind', REBIND_MS);
      agenda.in('added', LIST_MS);
    }
    for (;;) {
      const brought = await realtime.next();
      if (isNewWebsite(line, brought)) yield* missed(line, 'added');
      const events = mark.fresh(brought.flatMap((one) => read(setup, one)));
      if (events.length > 0) {
        yield events;
        mark.took(events);
        if (line.isWhole) mark.moveTo(upTo(line, latest(events)));
        await mark.store();
      }
      yield* atItsTime(line);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    agenda.cancel();
    realtime.close();
  }
}

/** What is on the agenda. */
async function* atItsTime(line: Line): AsyncGenerator<readonly Event[], void, undefined> {
  const { agenda, realtime } = line;
  if (agenda.take('rebind')) {
    realtime.rebind();
    agenda.in('rebind', REBIND_MS);
  }
  if (agenda.take('whole')) yield* missed(line, 'whole');
  if (agenda.take('added')) {
    yield* missed(line, 'added');
    agenda.in('added', LIST_MS);
  }
  if (agenda.take('again')) yield* missed(line, 'again');
}

/** True if something comes from a website that was not known; asked once about each. */
function isNewWebsite({ setup, known, strangers, realtime }: Line, brought: readonly Brought[]): boolean {
  if (setup.config.website !== undefined) return false;
  let isNew = false;
  for (const { name, payload } of brought) {
    // The events of a new one come only after this.
    if (name === 'plugin:subscription:updated') {
      realtime.rebind();
      isNew = true;
    }
    const website: unknown =
      typeof payload === 'object' && payload !== null && Reflect.get(payload, 'website_id');
    if (typeof website !== 'string' || known.websites.has(website) || strangers.has(website)) continue;
    strangers.add(website);
    isNew = true;
  }
  return isNew;
}

/** What one event of the socket becomes; one that cannot be read is told to the log and costs nothing else. */
function read(setup: FeedSetup, { name, payload, at }: Brought): Event[] {
  const { view, occurrences, context, config } = setup;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return [];
  const data = payload as Record<string, unknown>;
  const { website_id: website } = data;
  if (view.website !== undefined && typeof website === 'string' && website !== view.website) return [];
  try {
    const events = fromCrispEvent({ name, data, at }, view, occurrences.of('feed', at));
    if (config.keepRaw) for (const event of events) event.raw = data;
    return events;
  } catch (error) {
    // Whatever it is, it must not cost what came with it.
    const { code, message } = isParleyError(error)
      ? error
      : { code: 'ERR_UNEXPECTED_PAYLOAD', message: `Crisp ${name}: cannot be read` };
    context.log.warn({ account: context.name, code }, message);
    return [];
  }
}
