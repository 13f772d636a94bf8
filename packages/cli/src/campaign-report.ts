import type { BadAddressRow, Exclusion, PlanReport, RunStatus, Runs, Via } from '@parley/broadcast';
import { duration } from './campaign-progress.js';
import { columns } from './columns.js';

/** What a run has come to, with why messages failed. */
export interface RunReport extends RunStatus {
  failures: readonly { reason: string; count: number }[];
}

/** Rows of a file that cannot be used. */
export interface BadRows {
  badRowCount: number;
  /** The first of them, at most 100,000. */
  badRows: readonly BadAddressRow[];
}

const SHOWN_BAD_ROWS = 20;
const SHOWN_REASONS = 10;

const EXCLUDED: Readonly<Record<Exclusion, string>> = {
  bad_row: 'bad rows',
  missing_variable: 'missing values',
  duplicate: 'duplicates',
  opted_out: 'opted out',
};

/** Who would get what. */
export function planText(report: PlanReport): string {
  const { campaign, account, provider, via, rows, recipients, messages, excluded, at } = report;
  const figures = columns([
    ['account', `${account} (${provider}, ${wayOf(via)})`],
    ['when', at ?? 'at once'],
    ['rows', String(rows)],
    ...excludedRows(excluded),
    ['recipients', String(recipients)],
    ['messages', messages > recipients ? `${messages}, several to each` : String(messages)],
  ]);
  const samples = report.samples.map(({ to, text }) => `${to}\n${indented(text)}`);
  const parts = [
    `${campaign}\n${figures}`,
    badRowsText(report),
    listed('warnings', report.warnings),
    listed('samples', samples),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** With everything that is refused. Empty if nothing is. */
export function badRowsText({ badRows, badRowCount }: BadRows): string {
  const lines = badRows
    .slice(0, SHOWN_BAD_ROWS)
    .map(({ source, line, reason }) => `${line === undefined ? source : `${source}:${line}`}: ${reason}`);
  const more = badRowCount - lines.length;
  return listed('bad rows', more === 0 ? lines : [...lines, `and ${more} more: --json has them`]);
}

export async function reportOf(runs: Runs, id: string): Promise<RunReport> {
  const status = await runs.status(id);
  return { ...status, failures: (status.counts.failed ?? 0) === 0 ? [] : await failuresOf(runs, id) };
}

async function failuresOf(runs: Runs, id: string): Promise<RunReport['failures']> {
  const found = new Map<string, number>();
  for await (const { status, reason = 'no reason is known' } of runs.recipients(id)) {
    if (status === 'failed') found.set(reason, (found.get(reason) ?? 0) + 1);
  }
  const failures = [...found].map(([reason, count]) => ({ reason, count }));
  return failures.sort((one, other) => other.count - one.count);
}

/** What has become of a run. */
export function runText(report: RunReport): string {
  const { id, state, reason, account, provider, via, counts, excluded, unknown, canceled } = report;
  const { sent, delivered, read, failed } = counts;
  const shown = report.failures.slice(0, SHOWN_REASONS);
  const more = report.failures.length - shown.length;
  return columns([
    [id, reason === undefined ? state : `${state}: ${reason}`],
    ['account', `${account} (${provider}, ${wayOf(via)})`],
    ['planned', report.plannedAt],
    ...(report.at === undefined ? [] : [['for', report.at]]),
    ...(report.startedAt === undefined ? [] : [['began', report.startedAt]]),
    ...durationOf(report),
    ...excludedRows(excluded),
    ['recipients', String(report.recipients)],
    ['waiting', String(report.waiting)],
    ['sent', told(sent)],
    ['delivered', told(delivered, report.deliveryRate)],
    ['read', told(read, report.readRate)],
    ['failed', told(failed)],
    ...shown.map(({ reason: why, count }) => [`  ${count}`, why]),
    ...(more === 0 ? [] : [['  ...', `and ${more} more reasons: see parley campaign export`]]),
    ['unknown', String(unknown)],
    ...(canceled === 0 ? [] : [['canceled', String(canceled)]]),
  ]);
}

/** A line for each run. */
export function runList(runs: readonly RunStatus[]): string {
  const rows = runs.map(({ id, state, account, recipients, waiting, counts, plannedAt }) => {
    const { sent, delivered, read, failed } = counts;
    const figures = [recipients, waiting, sent, delivered, read, failed].map((figure) => told(figure));
    return [id, state, account, ...figures, plannedAt];
  });
  const heading = ['RUN', 'STATE', 'ACCOUNT', 'RECIPIENTS', 'WAITING', 'SENT', 'DELIVERED', 'READ', 'FAILED'];
  return columns([[...heading, 'PLANNED'], ...rows]);
}

function wayOf(via: Via): string {
  return via === 'native' ? "a campaign of the provider's" : 'person by person';
}

function excludedRows(excluded: Readonly<Record<Exclusion, number>>): string[][] {
  const all = Object.values(excluded).reduce((sum, one) => sum + one, 0);
  const single = (Object.keys(EXCLUDED) as Exclusion[]).filter((why) => excluded[why] > 0);
  return [['excluded', String(all)], ...single.map((why) => [`  ${EXCLUDED[why]}`, String(excluded[why])])];
}

function durationOf({ startedAt, endedAt }: RunStatus): string[][] {
  if (startedAt === undefined || endedAt === undefined) return [];
  return [['took', duration(Date.parse(endedAt) - Date.parse(startedAt))]];
}

function told(figure: number | undefined, rate?: number): string {
  if (figure === undefined) return 'not told';
  return rate === undefined ? String(figure) : `${figure} (${(100 * rate).toFixed(1)} %)`;
}

function listed(heading: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${heading}\n${entries.map(indented).join('\n')}\n`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
