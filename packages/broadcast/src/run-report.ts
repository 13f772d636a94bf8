import type { Address, CampaignCounts, RecipientStatus } from '@parley/core';
import type { Exclusion } from './plan-report.js';
import type { Via } from './spec.js';

/**
 * `planned`: frozen, not begun. `awaiting_approval`: the channel reviews the template. `scheduled`: waits for its time.
 * `outcome_unknown`: whether the provider has run it cannot be found out, and it is not run again.
 */
export type RunState =
  | 'planned'
  | 'awaiting_approval'
  | 'scheduled'
  | 'running'
  | 'paused'
  | 'completed'
  | 'rejected'
  | 'failed'
  | 'canceled'
  | 'outcome_unknown';

/** How far a run has come. */
export interface RunStatus {
  id: string;
  campaign: string;
  account: string;
  provider: string;
  via: Via;
  state: RunState;
  /** Why it is `rejected`, `failed` or `outcome_unknown`, or `paused` without anybody having asked for it. */
  reason?: string;
  /** ISO 8601, UTC. */
  plannedAt: string;
  at?: string;
  startedAt?: string;
  endedAt?: string;
  /** Who gets it: without those who opted out after the plan, who are among `excluded`. */
  recipients: number;
  excluded: Readonly<Record<Exclusion, number>>;
  /** Recipients whose message has not been tried yet. */
  waiting: number;
  /** Recipients of whom nobody knows whether the message went out: they are not tried again. */
  unknown: number;
  /** Recipients who get nothing because the run was canceled, or refused. */
  canceled: number;
  /** Totals: by recipient where the provider tells of each, else the provider's own. */
  counts: CampaignCounts;
  /** delivered / sent and read / delivered, 0 to 1. Missing while the divisor is 0 or not known. */
  deliveryRate?: number;
  readRate?: number;
}

/** A person in a run. */
export interface CampaignRecipient {
  to: Address;
  name?: string;
  /** `waiting`: not tried yet. `unknown`: nobody knows, and it is not tried again. `excluded`: opted out after the plan. */
  status: 'waiting' | 'unknown' | 'excluded' | 'canceled' | RecipientStatus;
  reason?: string;
  /** The button the person pressed. */
  answer?: string;
}
