import type { CampaignSpec, PlanReport } from '@parley/broadcast';
import { readCampaign } from '@parley/broadcast';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { withPlanner } from './campaign-host.js';
import { planText } from './campaign-report.js';
import { ENGINE_ARGS } from './operate.js';

/** Which campaign, and by whom. */
export const CAMPAIGN_ARGS = {
  file: { type: 'positional', description: 'The campaign: YAML or JSON', required: true },
  account: { type: 'string', description: 'Another account than the file names' },
  'skip-bad': { type: 'boolean', description: 'Leave out rows that cannot be used' },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

export async function specOf({ file, account }: { file: string; account?: string }): Promise<CampaignSpec> {
  const spec = await readCampaign(file);
  return account === undefined ? spec : { ...spec, account };
}

/** @throws if a run of this plan would be refused */
export function refuseBad({ badRowCount, recipients }: PlanReport, skipBad: boolean): void {
  if (recipients === 0) throw new Error('nobody is left to write to');
  refuseBadRows(badRowCount, skipBad);
}

export function refuseBadRows(badRowCount: number, skipBad: boolean): void {
  if (badRowCount > 0 && !skipBad)
    throw new Error(`${badRowCount} bad rows: correct them, or leave them out with --skip-bad`);
}

/** `parley campaign plan <file>`: who would get what. */
export const plan = defineCommand({
  meta: { name: 'plan', description: 'Who would get what, who not, and why: nothing is sent' },
  args: CAMPAIGN_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, CAMPAIGN_ARGS);
    refuseExtra(args._, 1);
    const spec = await specOf(args);
    const report = await withPlanner(args, spec.account, (planner) => planner.plan(spec));
    process.stdout.write(args.json === true ? `${JSON.stringify(report)}\n` : planText(report));
    refuseBad(report, args['skip-bad'] === true);
  },
});
