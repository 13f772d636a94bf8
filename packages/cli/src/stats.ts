import type { EngineStats } from '@parley/core';
import { defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { columns } from './columns.js';
import { ENGINE_ARGS, operate } from './operate.js';

/** `parley stats`: the figures of an engine. */
export const stats = defineCommand({
  meta: { name: 'stats', description: 'What waits, what is retried, what was given up' },
  args: ENGINE_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ENGINE_ARGS);
    refuseExtra(args._, 0);
    const figures = await operate(args, (operations) => operations.stats());
    process.stdout.write(args.json === true ? `${JSON.stringify(figures)}\n` : columns(rowsOf(figures)));
  },
});

function rowsOf(figures: EngineStats): string[][] {
  return [
    ['pending events', String(figures.pendingEvents)],
    ['oldest of them', figures.pendingEvents === 0 ? '-' : `${(figures.oldestEventMs / 1000).toFixed(1)} s`],
    ['pending effects', String(figures.pendingEffects)],
    ['waiting for another try', String(figures.retries)],
    ['conversations waiting for it', String(figures.blockedLanes)],
    ['scheduled for later', String(figures.scheduled)],
    ['dead letters', String(figures.deadLetters)],
  ];
}
