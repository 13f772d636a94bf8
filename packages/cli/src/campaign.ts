import { defineCommand } from 'citty';
import { eraseFromCampaigns } from './campaign-erase.js';
import { exportRun } from './campaign-export.js';
import { plan } from './campaign-plan.js';
import { resume, run } from './campaign-run.js';
import { cancel, pause, status } from './campaign-status.js';
import { suppressions } from './campaign-suppressions.js';

/** `parley campaign`: a file of words and people, sent through any account. */
export const campaign = defineCommand({
  meta: { name: 'campaign', description: 'Campaigns: plan, run, watch, steer; who opted out' },
  subCommands: {
    plan,
    run,
    status,
    pause,
    resume,
    cancel,
    export: exportRun,
    suppressions,
    erase: eraseFromCampaigns,
  },
});
