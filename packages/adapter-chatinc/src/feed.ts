import type { AccountContext, Event, FeedPort, ParleyError } from '@parley/core';
import { isParleyError, sleep } from '@parley/core';
import { compareCampaign, compareRecipient, compareWithTime, type Moment } from './changes.js';
import type { ChatIncApi } from './client/api.js';
import type { ChatIncConfig } from './config.js';
import { createPeople } from './people.js';
import type { Readings } from './readings.js';
import { readWatch, type Watch, type Watched } from './watch.js';
import type { ChatIncCampaign } from './wire/campaign.js';

export interface FeedSetup {
  api: ChatIncApi;
  readings: Readings;
  config: ChatIncConfig;
  context: AccountContext;
  /** Fires when the account is closed. */
  closing: AbortSignal;
  /** Says that there is something new to see: a campaign was made, or run. Returns how to listen no more. */
  onAction(listener: () => void): () => void;
}

/** Events that are handed over at a time. */
const BATCH = 200;
/** The longest wait after failures. */
const LONGEST_FAILURE_MS = 15 * 60_000;
/** A button that is pressed changes no counter: while a run is watched its details are read this much less often anyway. */
const UNASKED_DETAILS = 10;

/**
 * Reads the list of campaigns again and again and tells what has changed; reads the details of a campaign whose counters have changed,
 * and tells what has become of each message, if its rows tell.
 */
export function createFeed(setup: FeedSetup): FeedPort {
  return { events: (signal) => watchAll(setup, AbortSignal.any([signal, setup.closing])) };
}

async function* watchAll(
  setup: FeedSetup,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], void, undefined> {
  if (signal.aborted) return;
  const { context } = setup;
  const watch = await readWatch(context);
  const pace = paceOf(setup.config.poll);
  while (!signal.aborted) {
    const woken = new AbortController();
    const forget = setup.onAction(() => woken.abort());
    try {
      const told = yield* look(setup, watch, signal);
      pace.worked(watch, told);
    } catch (error) {
      if (signal.aborted) return;
      const code = isParleyError(error) ? error.code : 'unexpected';
      const why = isParleyError(error) ? error.message : 'unexpected';
      context.log.warn({ account: context.name, code }, `Chat Inc: results could not be read: ${why}`);
      pace.failed();
    }
    const jitter = 1 + Math.random() / 10;
    await sleep(context.clock, pace.waitMs * jitter, AbortSignal.any([signal, woken.signal])).catch(() => {
      if (woken.signal.aborted) pace.wake();
    });
    forget();
  }
}

/** One look at everything. Returns whether there was something to tell. */
async function* look(
  { api, readings, config, context }: FeedSetup,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], boolean, undefined> {
  const campaigns = await api.retrieveCampaigns({}, { signal });
  const { poll, keepRaw } = config;
  let changed = !watch.begun;
  for (const campaign of campaigns) {
    const moment: Moment = { account: context.name, now: context.clock.now(), keepRaw };
    const known = watch.campaigns.get(campaign.campaignId);
    const { events, after, decreased } = compareCampaign(known, campaign, moment);
    if (decreased) {
      context.log.info({ account: context.name }, 'Chat Inc: a counter went down; taken for an older one');
    }
    if (known === undefined && !watch.begun) {
      watch.campaigns.set(campaign.campaignId, asFound(after));
      continue;
    }
    if (events.length > 0) {
      yield events;
      changed = true;
    }
    watch.campaigns.set(campaign.campaignId, after);
    if (isDetailsTime(after, moment.now, poll.detailsMinMs)) {
      after.detailsAt = moment.now;
      try {
        const isNew = yield* lookAtPeople(readings, campaign, after, moment, signal);
        changed ||= isNew;
        after.detailsDue = false;
      } catch (error) {
        if (!isOfOneCampaign(error)) throw error;
        context.log.warn({ account: context.name, code: error.code }, error.message);
      }
    }
    const ended = compareWithTime(after, campaign, moment, poll);
    if (ended.events.length > 0) {
      yield ended.events;
      changed = true;
    }
    watch.campaigns.set(campaign.campaignId, ended.after);
  }
  watch.begun = true;
  if (changed) await watch.store();
  return changed;
}

/** True for what the next campaign need not suffer from. */
function isOfOneCampaign(error: unknown): error is ParleyError {
  return ['ERR_UNEXPECTED_PAYLOAD', 'ERR_REJECTED', 'ERR_NOT_FOUND'].some(
    (code) => isParleyError(error) && error.code === code,
  );
}

/** What was there before a first start is not told, and what has run by then is over. */
function asFound(found: Watched): Watched {
  const { people, ...rest } = found;
  return { ...rest, ...(found.run === 0 && people && { people }), done: found.run > 0, detailsDue: false };
}

function isDetailsTime({ run, done, detailsAt, detailsDue }: Watched, now: number, minMs: number): boolean {
  if (run === 0) return false;
  const sinceMs = now - detailsAt;
  return detailsDue ? sinceMs >= minMs : !done && sinceMs >= UNASKED_DETAILS * minMs;
}

/**
 * Tells what has become of each message. The first look at people of whom nothing is known only notes it. Returns whether there was
 * anything new.
 */
async function* lookAtPeople(
  readings: Readings,
  campaign: ChatIncCampaign,
  watched: Watched,
  moment: Moment,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], boolean, undefined> {
  const silent = watched.people === undefined;
  const people = watched.people ?? createPeople();
  let isNew = silent;
  let batch: Event[] = [];
  // Nothing of it comes before all of it is there, so that none of it is told without the rest.
  for await (const reading of readings.read(campaign, { signal, withRows: moment.keepRaw })) {
    const { number } = reading.recipient;
    const { events, after } = compareRecipient(people.get(number), reading, campaign, watched.run, moment);
    people.set(number, after);
    if (silent || events.length === 0) continue;
    isNew = true;
    batch.push(...events);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  watched.people = people;
  return isNew;
}

/** How long to wait until the next look. */
function paceOf({ listMs, approvalMs, approvalMaxMs }: ChatIncConfig['poll']) {
  let approvalWaitMs = approvalMs;
  let waitMs = listMs;
  let failures = 0;
  return {
    get waitMs() {
      return waitMs;
    },
    worked: (watch: Watch, told: boolean): void => {
      failures = 0;
      const all = [...watch.campaigns.values()];
      const isRunning = all.some(({ run, done }) => run > 0 && !done);
      const isOpen = all.some(
        ({ run, status }) => run === 0 && status !== 'rejected' && status !== 'disabled',
      );
      approvalWaitMs = told ? approvalMs : Math.min(2 * approvalWaitMs, approvalMaxMs);
      // With nothing to wait for, another process may still begin something.
      waitMs = isRunning ? listMs : isOpen ? approvalWaitMs : approvalMaxMs;
    },
    failed: (): void => {
      failures += 1;
      waitMs = Math.min(listMs * 2 ** failures, LONGEST_FAILURE_MS);
    },
    /** Something was begun here: there will be something to see. */
    wake: (): void => {
      approvalWaitMs = approvalMs;
    },
  };
}
