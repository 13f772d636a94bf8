import type { RunStatus, Runs } from '@parley/broadcast';
import { type ArgsDef, type CommandDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { withRuns } from './campaign-host.js';
import { reportOf, runList, runText } from './campaign-report.js';
import { ENGINE_ARGS } from './operate.js';

const STATUS_ARGS = {
  run: { type: 'positional', description: 'The id of one run', required: false },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

const STEER_ARGS = {
  run: { type: 'positional', description: 'The id of the run', required: true },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

/** `parley campaign status [run]`: all runs that are kept, or one of them. */
export const status = defineCommand({
  meta: { name: 'status', description: 'How far all runs are, or one' },
  args: STATUS_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, STATUS_ARGS);
    refuseExtra(args._, 1);
    const { run: id, json } = args;
    if (id === undefined) {
      const runs = await withRuns(args, (kept) => kept.runs());
      if (json === true) return print(`${JSON.stringify(runs)}\n`);
      return print(runs.length === 0 ? 'no runs\n' : runList(runs));
    }
    const report = await withRuns(args, (kept) => reportOf(kept, id));
    print(json === true ? `${JSON.stringify(report)}\n` : runText(report));
  },
});

/** `parley campaign pause <run>`. */
export const pause = steering('pause', 'Sends nothing new until resume; what is under way ends');

/** `parley campaign cancel <run>`. */
export const cancel = steering('cancel', 'Sends nothing new, ever; what is under way ends');

function steering(name: 'pause' | 'cancel', description: string): CommandDef<typeof STEER_ARGS> {
  return defineCommand({
    meta: { name, description },
    args: STEER_ARGS,
    async run({ args, rawArgs }) {
      refuseUnknown(rawArgs, STEER_ARGS);
      refuseExtra(args._, 1);
      const known: RunStatus = await withRuns(args, (runs: Runs) => runs[name](args.run));
      print(args.json === true ? `${JSON.stringify(known)}\n` : `${known.id}: ${known.state}\n`);
    },
  });
}

function print(text: string): void {
  process.stdout.write(text);
}
