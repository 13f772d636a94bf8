import { randomUUID } from 'node:crypto';
import { type Adapter, type Clock, ParleyError } from '@parley/core';
import { planCampaign, refusalOf } from './plan.js';
import type { PlanReport } from './plan-report.js';
import type { RunHeader } from './run-header.js';
import type { CampaignSpec } from './spec.js';
import type { RunStore } from './store.js';
import type { SuppressionList } from './suppressions.js';

const DAY_MS = 24 * 3_600_000;
/** Milliseconds for which a plan waits to be confirmed: a process that dies meanwhile leaves it to nobody. */
const CONFIRMED_WITHIN_MS = DAY_MS;
const INTENT = /^[A-Za-z0-9_-]{1,24}$/;
/** Chunks on their way into the state at once. More of them are no faster in a file, and take 60 MB more for a million people. */
const WRITTEN_AT_ONCE = 5;

export interface RunOptions {
  /**
   * Which time it is that this campaign is run: the same intent is run once, by whoever asks for it and however often. Letters,
   * digits, `_` and `-`, at most 24. Default `1`.
   */
  intent?: string;
  /** True: rows that cannot be used are left out. Default false: they refuse the run. */
  skipBad?: boolean;
  /**
   * Is shown the plan that is about to be run, and no other will be; also one that is going to be refused for its bad rows. What it throws,
   * `run` throws, and nothing is kept. It may take a day at most: then the plan is forgotten, and `run` throws ERR_CONFLICT. Not called for a run that is there already.
   */
  confirm?(plan: PlanReport): Promise<void> | void;
}

export interface PlanningParts {
  readonly store: RunStore;
  readonly suppressions: SuppressionList;
  readonly clock: Pick<Clock, 'now'>;
  adapterOf(account: string): Adapter | undefined;
  readonly keepDays: number;
}

/** Who would get what: nothing is kept, and no request leaves. */
export async function planOnly(parts: PlanningParts, spec: CampaignSpec): Promise<PlanReport> {
  const plan = await planCampaign(spec, planParts(parts, spec));
  for await (const _ of plan.recipients);
  return plan.report();
}

/**
 * The run of this campaign and intent: planned and frozen now, unless somebody has done so before.
 *
 * @throws ERR_CONFIG with all that is wrong; ERR_CONFLICT if a run of this id is of another campaign or account
 */
export async function planRun(
  parts: PlanningParts,
  spec: CampaignSpec,
  { intent = '1', ...asked }: RunOptions,
): Promise<RunHeader> {
  if (!INTENT.test(intent))
    throw new ParleyError('ERR_CONFIG', 'intent: expected 1 to 24 letters, digits, _ or -');
  const { store } = parts;
  const id = `${spec.name}-${intent}`;
  const earlier = await store.header(id);
  if (earlier !== undefined) return ofCampaign(earlier, spec);
  const header = await freeze(parts, spec, id, asked);
  // First the list: a run that is in no list would never be driven.
  await store.addToList({ id, expiresAt: header.expiresAt });
  if (await store.addHeader(header)) return header;
  await store.removeChunks(header.plan, header.chunks);
  return ofCampaign(await store.headerOrThrow(id), spec);
}

function ofCampaign(header: RunHeader, { name, account }: CampaignSpec): RunHeader {
  if (header.campaign === name && header.account === account) return header;
  throw new ParleyError(
    'ERR_CONFLICT',
    `Run "${header.id}" is one of the campaign "${header.campaign}" by the account "${header.account}": choose another intent`,
  );
}

function planParts(
  { suppressions, clock, adapterOf }: PlanningParts,
  spec: CampaignSpec,
): Parameters<typeof planCampaign>[1] {
  return {
    adapter: adapterOf(spec.account),
    clock,
    isSuppressed: (addresses) => suppressions.areSuppressed(addresses),
  };
}

/** Reads everybody into chunks of a plan of our own, which is nobody's run yet. */
async function freeze(
  parts: PlanningParts,
  spec: CampaignSpec,
  id: string,
  { skipBad = false, confirm }: Omit<RunOptions, 'intent'>,
): Promise<RunHeader> {
  const { store, keepDays } = parts;
  const planned = await planCampaign(spec, planParts(parts, spec));
  const plan = randomUUID();
  const from = Math.max(store.now(), planned.at === undefined ? 0 : Date.parse(planned.at));
  const expiresAt = from + keepDays * DAY_MS;
  const forgottenAt = confirm === undefined ? expiresAt : store.now() + CONFIRMED_WITHIN_MS;
  let chunks = 0;
  const writing = new Set<Promise<void>>();
  try {
    for await (const recipients of planned.recipients) {
      const written = store.addChunk(plan, chunks, recipients, forgottenAt);
      chunks += 1;
      writing.add(written);
      written.then(
        () => writing.delete(written),
        () => {},
      );
      if (writing.size >= WRITTEN_AT_ONCE) await Promise.race(writing);
    }
    await Promise.all(writing);
    const report = planned.report();
    await confirm?.(report);
    const refusal = refusalOf(report, { skipBad });
    if (refusal !== undefined) throw refusal;
    if (confirm !== undefined) await store.keepChunks(plan, chunks, expiresAt);
    return toHeader(spec, report, { id, plan, chunks, plannedAt: store.isoNow(), expiresAt });
  } catch (error) {
    await Promise.allSettled(writing);
    await store.removeChunks(plan, chunks);
    throw error;
  }
}

function toHeader(
  { title, template }: CampaignSpec,
  report: PlanReport,
  kept: Pick<RunHeader, 'id' | 'plan' | 'chunks' | 'plannedAt' | 'expiresAt'>,
): RunHeader {
  const { campaign, account, provider, via, at, recipients, excluded } = report;
  const header: RunHeader = {
    ...kept,
    campaign,
    title: title ?? campaign,
    account,
    provider,
    via,
    template,
    recipients,
    excluded: { ...excluded },
    state: 'planned',
    wanted: 'go',
    done: 0,
  };
  return at === undefined ? header : { ...header, at };
}
