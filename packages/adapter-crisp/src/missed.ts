import type { ErrorCode, Event } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { Agenda } from './agenda.js';
import { type Known, latest, startRound } from './catch-up.js';
import type { ConnectSetup } from './connect.js';
import type { Gate } from './gate.js';
import type { Viewpoint } from './ids.js';
import type { Mark } from './mark.js';
import type { Occurrences } from './occurrence.js';
import type { Realtime } from './realtime.js';

export interface FeedSetup extends ConnectSetup {
  view: Viewpoint;
  occurrences: Occurrences;
  /** Shut until what was missed before the start is read. */
  gate: Gate;
}

/** What a connection does at its time. */
export type Task = 'whole' | 'added' | 'again' | 'rebind';

/** One connection, and what it knows. */
export interface Line {
  setup: FeedSetup;
  mark: Mark;
  known: Known;
  /** Websites that were not known, and were asked about. */
  strangers: Set<string>;
  realtime: Realtime;
  agenda: Agenda<Task>;
  /** Until a whole round is tried again. */
  waitMs: number;
  /** False: what the mark has not passed is still to be read. */
  isWhole: boolean;
  signal: AbortSignal;
}

/**
 * A message is stored a moment after it was accepted (202), so what was written at the end of a gap may not be there when it is
 * looked for first. Looked for once more after so long.
 */
export const LOOK_AGAIN_MS = 5_000;
/** The longest wait where looking is refused. */
const LONGEST_LOOK_MS = 600_000;

/** Before single places are tried again where the quota is used up. */
const REFUSED_MS = 60_000;

/**
 * How far the mark may move. Where websites may be added, it stays behind the last look at which there are: what was said in a new
 * one before that look is still to be read.
 */
export function upTo({ setup, known }: Line, moment: number): number {
  return setup.config.website === undefined ? Math.min(moment, known.listedAt) : moment;
}

/** What neither another connection nor another place would change: a quota that is used up, websites that cannot be listed. */
const LASTING: readonly ErrorCode[] = [
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_RATE_LIMITED',
  'ERR_REJECTED',
  'ERR_UNAVAILABLE',
  'ERR_UNEXPECTED_PAYLOAD',
];

/**
 * Reads what was missed. Where that is refused as a whole, it is tried again later, and what comes meanwhile is not held up.
 *
 * The mark moves only once everything is read, or noted as what cannot be: another conversation may have older messages.
 */
export async function* missed(
  line: Line,
  what: 'whole' | 'added' | 'again',
): AsyncGenerator<readonly Event[], void, undefined> {
  const { mark, agenda, realtime, setup, known, signal } = line;
  const { api, context, view, config, transport } = setup;
  const rebind = (): void => {
    if (config.website === undefined) realtime.rebind();
    // What is written before the server has done that.
    if (what === 'added') agenda.in('whole', LOOK_AGAIN_MS);
  };
  mark.settle();
  const { now } = transport.platform;
  const reading = { api, account: context, now, view, keepRaw: config.keepRaw, from: mark.from };
  const round = startRound(reading, known, signal, rebind);
  const rounds = { whole: round.all, added: round.added, again: round.again };
  let newest = mark.at;
  let leastMs = 0;
  try {
    for await (const found of rounds[what](mark.since())) {
      const events = mark.fresh(found);
      newest = Math.max(newest, latest(found));
      if (events.length === 0) continue;
      yield events;
      mark.took(events);
    }
    if (what === 'whole') {
      line.isWhole = true;
      line.waitMs = LOOK_AGAIN_MS;
      mark.moveTo(upTo(line, newest));
    }
    await mark.store(true);
  } catch (error) {
    if (!isParleyError(error) || !LASTING.includes(error.code)) throw error;
    const { name: account, log } = context;
    log.warn({ account, code: error.code }, `Crisp realtime: cannot read what was missed: ${error.message}`);
    leastMs = REFUSED_MS;
    if (what === 'again') return;
    line.isWhole = false;
    line.waitMs = Math.min(2 * line.waitMs, LONGEST_LOOK_MS);
    agenda.in('whole', line.waitMs);
  } finally {
    const waitMs = mark.places.waitMs();
    if (waitMs !== undefined) agenda.in('again', Math.max(waitMs, leastMs));
  }
}
