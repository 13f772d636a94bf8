import type { Campaign, CampaignCounts } from '@parley/core';
import type { Exclusion } from './plan-report.js';
import type { RunState } from './run-report.js';
import type { CampaignTemplate, Via } from './spec.js';

/** What is kept of a run besides its recipients. Whoever writes it first has planned the run. */
export interface RunHeader {
  id: string;
  campaign: string;
  title: string;
  account: string;
  provider: string;
  via: Via;
  template: CampaignTemplate;
  /** Names the chunks: of the plans of several processes only one is the run's. */
  plan: string;
  chunks: number;
  recipients: number;
  excluded: Record<Exclusion, number>;
  /** ISO 8601, UTC, as all times here. */
  plannedAt: string;
  at?: string;
  startedAt?: string;
  endedAt?: string;
  /** How far it has come; what somebody wants of it is `wanted`. */
  state: Exclude<RunState, 'paused'>;
  reason?: string;
  wanted: 'go' | 'pause' | 'cancel';
  /** All chunks before this one are done: sent, or, where the provider sends, noted as reached. */
  done: number;
  native?: NativeProgress;
  /** How often somebody was erased from it: whoever holds recipients in memory reads them again. */
  erasures?: number;
  /** Epoch milliseconds: of everything that belongs to this run. */
  expiresAt: number;
}

/** How far a run by the provider's own campaign has come. Each field is written before the step after it begins. */
export interface NativeProgress {
  /** The provider has been told of so many people. */
  addressed?: number;
  /** The list that they are on, if it is not the first one: without those who opted out while the template was reviewed. */
  audience?: string;
  /** The list that the provider was to be told of last, and of how many people: it may know of it, whatever it answered. */
  told?: { audience?: string; people: number };
  campaignId?: string;
  /** What `find` said right before the run, and when that was. From here on it may have been paid. */
  before?: Pick<Campaign, 'runs' | 'counts'>;
  requestedAt?: number;
  /** So many times the provider has refused for certain what may be asked for again. */
  refusals?: number;
  /** The provider's totals. */
  counts?: CampaignCounts;
  /** Epoch milliseconds: when the provider last told anything new. */
  newsAt?: number;
  /** True: the provider was told to pause, and not to go on since. */
  paused?: true | undefined;
  /** True: the provider can pause what it has begun. */
  pausable?: true;
}

/** Nothing happens in such a run any more, but for receipts. */
export function isOver({ endedAt }: Pick<RunHeader, 'endedAt'>): boolean {
  return endedAt !== undefined;
}
