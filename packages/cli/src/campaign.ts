import { defineCommand } from 'citty';

/** `parley campaign`: a file of words and people, sent through any account. */
export const campaign = defineCommand({
  meta: { name: 'campaign', description: 'Campaigns: plan, run, watch, steer; who opted out' },
  subCommands: {
    plan: async () => (await import('./campaign-plan.js')).plan,
    run: async () => (await import('./campaign-run.js')).run,
    status: async () => (await import('./campaign-status.js')).status,
    pause: async () => (await import('./campaign-status.js')).pause,
    resume: async () => (await import('./campaign-run.js')).resume,
    cancel: async () => (await import('./campaign-status.js')).cancel,
    export: async () => (await import('./campaign-export.js')).exportRun,
    suppressions: async () => (await import('./campaign-suppressions.js')).suppressions,
    erase: async () => (await import('./campaign-erase.js')).eraseFromCampaigns,
  },
});
