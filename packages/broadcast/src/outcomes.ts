import type { CampaignCounts } from '@parley/core';
import type { CampaignRecipient } from './run-report.js';

export type Outcome = CampaignRecipient['status'];

/** What became of the recipients of a chunk. Small, since it is written again and again. */
export interface Outcomes {
  /** A letter for each recipient. */
  letters: string;
  /** By place in the chunk. */
  reasons?: Record<number, string>;
  answers?: Record<number, string>;
  /** By place: so many of its effects were withheld or refused for all, and have certainly not left. */
  tries?: Record<number, number>;
  /** Epoch milliseconds: from then on messages of this chunk may have left. */
  begunAt?: number;
}

const LETTERS: Readonly<Record<Outcome, string>> = {
  waiting: 'w',
  unknown: 'u',
  excluded: 'x',
  canceled: 'c',
  sent: 's',
  delivered: 'd',
  read: 'r',
  failed: 'f',
};

const OUTCOMES = new Map(Object.entries(LETTERS).map(([outcome, letter]) => [letter, outcome as Outcome]));

/** What is known only replaces what says less: receipts come in any order, and some never. */
const RANK: Readonly<Record<Outcome, number>> = {
  waiting: 0,
  canceled: 1,
  excluded: 1,
  unknown: 1,
  failed: 2,
  sent: 3,
  delivered: 4,
  read: 5,
};

export function allWaiting(count: number): Outcomes {
  return { letters: LETTERS.waiting.repeat(count) };
}

export function outcomeAt({ letters }: Outcomes, place: number): Outcome {
  return OUTCOMES.get(letters[place] ?? LETTERS.waiting) ?? 'waiting';
}

/** Something that was learned of one recipient. */
export interface Learned {
  place: number;
  outcome?: Outcome;
  reason?: string;
  answer?: string;
  /** So many effects are used up without the person having got anything: the next one is another. */
  tries?: number;
  /** True: the provider had accepted it before, so failing is news. */
  afterSent?: true;
}

/** The outcomes with what was learned; undefined if all of it was known. */
export function learn(known: Outcomes, learned: Iterable<Learned>): Outcomes | undefined {
  const letters = known.letters.split('');
  const reasons = { ...known.reasons };
  const answers = { ...known.answers };
  const tries = { ...known.tries };
  let changed = false;
  for (const { place, outcome, reason, answer, afterSent, tries: tried = 0 } of learned) {
    if (place >= letters.length) continue;
    if (tried > (tries[place] ?? 0)) {
      tries[place] = tried;
      changed = true;
    }
    if (answer !== undefined && answers[place] !== answer) {
      answers[place] = answer;
      changed = true;
    }
    const before = outcomeAt(known, place);
    if (outcome === undefined || outcome === before || !raises(before, outcome, afterSent === true)) continue;
    letters[place] = LETTERS[outcome];
    if (reason === undefined) delete reasons[place];
    else reasons[place] = reason;
    changed = true;
  }
  if (!changed) return undefined;
  const result: Outcomes = { ...known, letters: letters.join('') };
  if (Object.keys(reasons).length > 0) result.reasons = reasons;
  else delete result.reasons;
  if (Object.keys(answers).length > 0) result.answers = answers;
  if (Object.keys(tries).length > 0) result.tries = tries;
  return result;
}

function raises(before: Outcome, after: Outcome, afterSent: boolean): boolean {
  if (after === 'failed' && before === 'sent') return afterSent;
  return RANK[after] > RANK[before];
}

/** Places whose message has not been tried. */
export function waitingPlaces({ letters }: Outcomes): number[] {
  return letters.split('').flatMap((letter, place) => (letter === LETTERS.waiting ? [place] : []));
}

/** How many recipients there are of each outcome. */
export type Tally = Record<Outcome, number>;

export function emptyTally(): Tally {
  return { waiting: 0, unknown: 0, excluded: 0, canceled: 0, sent: 0, delivered: 0, read: 0, failed: 0 };
}

export function count(tally: Tally, { letters }: Outcomes): void {
  for (const letter of letters) tally[OUTCOMES.get(letter) ?? 'waiting'] += 1;
}

/** Whom a message has reached counts as sent, too. */
export function countsOf({ sent, delivered, read, failed }: Tally): Required<CampaignCounts> {
  return { sent: sent + delivered + read, delivered: delivered + read, read, failed };
}
