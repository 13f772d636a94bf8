import type { Addressee } from '@parley/core';
import { render } from './placeholders.js';
import type { BadRow, Exclusion, PlanReport } from './plan-report.js';
import type { CampaignTemplate } from './spec.js';

/** Counts a plan while it is made. */
export interface Tally {
  row(): void;
  /** `isDoubtful`: only a second address tells that it is somebody who was there before. */
  duplicate(isDoubtful: boolean): void;
  optedOut(): void;
  /** A mistake in the audience is somebody excluded; one in a group shows when somebody lacks a value. */
  badRow(row: BadRow, inAudience: boolean): void;
  recipient(addressee: Addressee): void;
  counts(): Pick<PlanReport, 'rows' | 'recipients' | 'excluded' | 'badRowCount' | 'badRows' | 'samples'>;
  /** What the rows make one think of. */
  doubts(): string[];
}

const MAX_BAD_ROWS = 100_000;
const SAMPLES = 3;

export function createTally(template: CampaignTemplate): Tally {
  let rows = 0;
  let recipients = 0;
  let badRowCount = 0;
  let doubtful = 0;
  const excluded: Record<Exclusion, number> = { bad_row: 0, missing_variable: 0, duplicate: 0, opted_out: 0 };
  const badRows: BadRow[] = [];
  const samples: { to: string; text: string }[] = [];
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
    recipient({ to, values }) {
      recipients += 1;
      if (samples.length < SAMPLES) samples.push({ to: to.value, text: sampleOf(template, values) });
    },
    counts: () => ({ rows, recipients, excluded: { ...excluded }, badRowCount, badRows, samples }),
    doubts: () => (doubtful === 0 ? [] : [sharedAddress(doubtful)]),
  };
}

/** The body and, below it, the buttons. */
function sampleOf(
  { body, buttons = [] }: CampaignTemplate,
  values: Readonly<Record<string, string>>,
): string {
  const lines = buttons.map((button) =>
    button.type === 'link' ? `[${button.label}: ${render(button.url, values)}]` : `[${button.label}]`,
  );
  return [render(body, values), ...lines].join('\n');
}

function sharedAddress(rows: number): string {
  return `audience: rows left out for a second address that an earlier row has: ${rows}. Where several people share an address, leave its column out`;
}
