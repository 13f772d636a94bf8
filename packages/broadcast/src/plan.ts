import type { Adapter, Addressee, Clock } from '@parley/core';
import type { PlanReport } from './plan-report.js';
import type { CampaignSpec, Via } from './spec.js';

/** What planning needs of its surroundings. Nothing of the adapter is called: only what it accepts is read. */
export interface PlanParts {
  /** The account that the campaign names. Undefined if the bot has none of this name: then that is among the problems. */
  adapter: Pick<Adapter, 'provider' | 'conversations' | 'messages' | 'campaigns'> | undefined;
  /** Says whether `at` has passed already. */
  clock: Clock;
  /**
   * For each of these addresses (E.164, or e-mail in the form of `suppressionKey`) whether it is on the suppression list. All
   * addresses of a row are asked for, not only the one that is written to.
   */
  isSuppressed(addresses: readonly string[]): Promise<readonly boolean[]>;
  /** Recipients in a batch; the last one may have fewer. Default 100. */
  batchSize?: number;
}

/** A campaign that has no problem of its own. Its people are read while `recipients` is. */
export interface CampaignPlan {
  via: Via;
  /** ISO 8601, UTC. Missing: at once. */
  at?: string;
  /**
   * Who gets it, each once, in the order of the audience, with the values that the template needs and no others. To be read
   * once, and to its end: then there is a report.
   *
   * @throws ERR_CONFIG if a file can no longer be read
   */
  recipients: AsyncIterable<readonly Addressee[]>;
  /** @throws ERR_CONFLICT before `recipients` has been read to its end */
  report(): PlanReport;
}

/**
 * Checks the campaign against the account and the columns of its files, and makes ready to read its people.
 *
 * @throws ERR_CONFIG with everything that is wrong with the campaign itself, each with its place and what to do; mistakes in single
 * rows are in the report
 */
export declare function planCampaign(spec: CampaignSpec, parts: PlanParts): Promise<CampaignPlan>;

/** The error that `run` has to throw instead of going on with this plan: bad rows (unless `skipBad`), nobody to write to. */
export declare function refusalOf(report: PlanReport, options: { skipBad?: boolean }): Error | undefined;
