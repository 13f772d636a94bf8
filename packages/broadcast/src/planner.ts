import type { Adapter } from '@parley/core';
import type { PlanReport } from './plan-report.js';
import { planOnly, planRun, type RunOptions } from './plan-run.js';
import type { RunStatus } from './run-report.js';
import { statusOf } from './run-status.js';
import type { CampaignSpec } from './spec.js';
import type { StateAccess } from './state-access.js';
import { RunStore } from './store.js';
import { SuppressionList } from './suppressions.js';

/** Plans campaigns and runs, which whoever has the account then drives. */
export interface Planner {
  /**
   * Who would get what. No request leaves, nothing is kept.
   *
   * @throws ERR_CONFIG with everything that is wrong with the campaign itself; bad rows are in the report
   */
  plan(spec: CampaignSpec): Promise<PlanReport>;
  /**
   * Freezes who gets what; a bot that has this account begins to send. The same intent is run once, whoever asks for it and however
   * often: whoever comes later gets the status of that run.
   *
   * @throws ERR_CONFIG with everything that is wrong, before any request; ERR_CONFLICT if a run of this id is of another campaign or account
   */
  run(spec: CampaignSpec, options?: RunOptions): Promise<RunStatus>;
}

/**
 * For a process that sends nothing itself, such as a command beside a running bot.
 *
 * @param state an engine, or a running bot's operations with a clock
 * @param accounts what they accept is read, and nothing of them is called
 * @param options.keepDays days for which a run is kept, with its recipients. Default 90
 */
export function openPlanner(
  state: StateAccess,
  accounts: Readonly<Record<string, Adapter>>,
  { keepDays = 90 }: { keepDays?: number } = {},
): Planner {
  const store = new RunStore(state);
  const suppressions = new SuppressionList(state);
  const adapterOf = (account: string): Adapter | undefined =>
    Object.hasOwn(accounts, account) ? accounts[account] : undefined;
  const parts = { store, suppressions, clock: state.clock, adapterOf, keepDays };
  return {
    plan: (spec) => planOnly(parts, spec),
    run: async (spec, options = {}) => statusOf(store, await planRun(parts, spec, options)),
  };
}
