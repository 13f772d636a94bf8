import type { CampaignCounts } from '@parley/core';
import { count, countsOf, emptyTally, type Tally } from './outcomes.js';
import { isOver, type RunHeader } from './run-header.js';
import type { RunState, RunStatus } from './run-report.js';
import type { RunStore } from './store.js';

/** Entries read at once: enough to hide the way to a database. */
const READ_AT_ONCE = 50;

/** How far a run has come, by everything that is known of its recipients. */
export async function statusOf(store: RunStore, header: RunHeader): Promise<RunStatus> {
  const tally = await tallyOf(store, header);
  const recipients = header.recipients - tally.excluded;
  const counts =
    header.native?.counts === undefined ? toldOf(tally) : together(header.native.counts, tally, recipients);
  const { id, campaign, account, provider, via, excluded, plannedAt } = header;
  const status: RunStatus = {
    id,
    campaign,
    account,
    provider,
    via,
    state: stateOf(header),
    plannedAt,
    recipients,
    excluded: { ...excluded, opted_out: excluded.opted_out + tally.excluded },
    ...leftOf(header, tally, counts),
    counts,
  };
  if (header.reason !== undefined) status.reason = header.reason;
  if (header.at !== undefined) status.at = header.at;
  if (header.startedAt !== undefined) status.startedAt = header.startedAt;
  if (header.endedAt !== undefined) status.endedAt = header.endedAt;
  const deliveryRate = rate(counts.delivered, counts.sent);
  if (deliveryRate !== undefined) status.deliveryRate = deliveryRate;
  const readRate = rate(counts.read, counts.delivered);
  if (readRate !== undefined) status.readRate = readRate;
  return status;
}

/** What is wanted of a run shows at once; until it has ended, what was under way still ends. */
export function stateOf(header: RunHeader): RunState {
  if (isOver(header) || header.wanted === 'go') return header.state;
  return header.wanted === 'pause' ? 'paused' : 'canceled';
}

async function tallyOf(store: RunStore, header: RunHeader): Promise<Tally> {
  const tally = emptyTally();
  if (header.startedAt === undefined && header.native?.addressed === undefined)
    return { ...tally, waiting: header.recipients };
  for (let first = 0; first < header.chunks; first += READ_AT_ONCE) {
    const chunks = Array.from(
      { length: Math.min(READ_AT_ONCE, header.chunks - first) },
      (_, index) => first + index,
    );
    const found = await Promise.all(chunks.map((chunk) => store.outcomes(header, chunk)));
    for (const outcomes of found) if (outcomes !== undefined) count(tally, outcomes);
    // A run goes through its chunks in order: nothing is known of those that follow.
    if (header.via === 'person' && first >= header.done && found.every((outcomes) => outcomes === undefined))
      break;
  }
  const known = Object.values(tally).reduce((sum, one) => sum + one, 0);
  return { ...tally, waiting: tally.waiting + header.recipients - known };
}

/** Nobody has told of anybody who has it: whether the provider ever does, is not known. */
function toldOf(tally: Tally): CampaignCounts {
  const { delivered, read, ...sure } = countsOf(tally);
  return delivered === 0 ? sure : { ...sure, delivered, read };
}

/**
 * A provider's totals and what is known of single people: one of the two is behind. Each person counts once, though the provider may
 * count who failed on the way among those it has sent to.
 */
function together(totals: CampaignCounts, tally: Tally, recipients: number): CampaignCounts {
  const own = countsOf(tally);
  const counts: CampaignCounts = { ...totals };
  for (const name of ['sent', 'delivered', 'read', 'failed'] as const) {
    const [total, known] = [totals[name], own[name]];
    if (known > (total ?? 0)) counts[name] = known;
  }
  const knowsAll = tally.waiting === 0 || triedIn(tally) >= (totals.sent ?? 0) + (totals.failed ?? 0);
  const lost = knowsAll ? own.failed : (counts.failed ?? 0);
  const most = knowsAll ? own.sent : Math.max(0, recipients - lost);
  if (counts.failed !== undefined) counts.failed = lost;
  for (const name of ['sent', 'delivered', 'read'] as const) {
    if (counts[name] !== undefined) counts[name] = Math.min(counts[name], most);
  }
  return counts;
}

/** What those are of whom nobody has heard. */
export function untriedAre(header: RunHeader): 'waiting' | 'unknown' | 'canceled' {
  if (header.state === 'outcome_unknown') return 'unknown';
  switch (stateOf(header)) {
    case 'rejected':
    case 'failed':
      return 'canceled';
    case 'canceled':
      // The provider had begun: who was still to come, only it knows.
      return header.native?.requestedAt === undefined ? 'canceled' : 'unknown';
    default:
      return 'waiting';
  }
}

function leftOf(
  header: RunHeader,
  tally: Tally,
  counts: CampaignCounts,
): Pick<RunStatus, 'waiting' | 'unknown' | 'canceled'> {
  const told = Math.max(0, (counts.sent ?? 0) + (counts.failed ?? 0) - triedIn(tally));
  const untried = header.via === 'person' ? tally.waiting : Math.max(0, tally.waiting - told);
  const left = { waiting: 0, unknown: tally.unknown, canceled: tally.canceled };
  left[untriedAre(header)] += untried;
  return left;
}

/** Of those the provider's totals tell of, as many are known one by one. */
function triedIn({ sent, delivered, read, failed }: Tally): number {
  return sent + delivered + read + failed;
}

function rate(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
