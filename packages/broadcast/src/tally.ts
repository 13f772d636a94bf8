import type { Addressee } from '@parley/core';
import type { BadRow, Exclusion, PlanReport } from './plan-report.js';

/** Counts a plan while it is made. */
export interface Tally {
  row(): void;
  /** `isDoubtful`: only a second address tells that it is somebody who was there before. */
  duplicate(isDoubtful: boolean): void;
  optedOut(): void;
  /** A mistake in the audience is somebody excluded; one in a group shows when somebody lacks a value. */
  badRow(row: BadRow, inAudience: boolean): void;
  recipient(addressee: Addressee): void;
  counts(): Pick<
    PlanReport,
    'rows' | 'recipients' | 'excluded' | 'badRowCount' | 'badRows' | 'samples' | 'messages'
  >;
  /** What the rows make one think of. */
  doubts(): string[];
}

/** What a person gets. */
export interface Sample {
  text: string;
  messages: number;
}

const MAX_BAD_ROWS = 100_000;
const SAMPLES = 3;

/** `shown`: what a person with these values gets, in words and in messages. Asked about the first few. */
export function createTally(shown: (addressee: Addressee) => Sample): Tally {
  let rows = 0;
  let recipients = 0;
  let badRowCount = 0;
  let doubtful = 0;
  const excluded: Record<Exclusion, number> = { bad_row: 0, missing_variable: 0, duplicate: 0, opted_out: 0 };
  const badRows: BadRow[] = [];
  const samples: { to: string; text: string }[] = [];
  let messagesEach = 0;
  return {
    row() {
      rows += 1;
    },
    duplicate(isDoubtful) {
      excluded.duplicate += 1;
      if (isDoubtful) doubtful += 1;
    },
    optedOut() {
      excluded.opted_out += 1;
    },
    badRow(row, inAudience) {
      badRowCount += 1;
      if (badRows.length < MAX_BAD_ROWS) badRows.push(row);
      if (inAudience) excluded[row.exclusion] += 1;
    },
    recipient(addressee) {
      recipients += 1;
      if (samples.length === SAMPLES) return;
      const { text, messages } = shown(addressee);
      samples.push({ to: addressee.to.value, text });
      messagesEach = Math.max(messagesEach, messages);
    },
    counts: () => ({
      rows,
      recipients,
      excluded: { ...excluded },
      badRowCount,
      badRows,
      samples,
      messages: recipients * messagesEach,
    }),
    doubts: () => (doubtful === 0 ? [] : [sharedAddress(doubtful)]),
  };
}

function sharedAddress(rows: number): string {
  return `audience: rows left out since a row before has their second address, or theirs as its second: ${rows}. Where several people share an address, leave its column out`;
}
