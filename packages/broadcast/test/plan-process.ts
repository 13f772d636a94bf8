/** Plans a campaign for the people of a file: `plan-process.ts <file>`. Tells its parent what came of it, and what it took. */
import { systemClock } from '@parley/core';
import { planCampaign } from '../src/plan.js';
import type { PlanReport } from '../src/plan-report.js';

export interface ToldPlan {
  report: PlanReport;
  /** How much more memory the process had at its peak than before, which includes what it takes to run TypeScript. */
  grownBytes: number;
}

const peak = (): number => process.resourceUsage().maxRSS * 1024;
const before = peak();

const plan = await planCampaign(
  {
    name: 'big',
    account: 'leads',
    template: { body: 'Hello {contact.first_name} of {contact.city}.', language: 'en' },
    audience: [{ file: process.argv[2] ?? '' }],
  },
  {
    adapter: {
      provider: 'pigeon',
      conversations: { open: () => Promise.reject(new Error('planning sends nothing')) },
      messages: { accepts: { text: {} } },
    },
    clock: systemClock,
    isSuppressed: async (addresses) => addresses.map(() => false),
  },
);
for await (const _ of plan.recipients);
const told: ToldPlan = { report: plan.report(), grownBytes: peak() - before };
process.send?.(told);
