import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown, wholeNumber } from './arguments.js';
import { conduct, pausedError } from './campaign-conduct.js';
import { type CampaignHost, withCampaigns } from './campaign-host.js';
import { CAMPAIGN_ARGS, refuseBad, specOf } from './campaign-plan.js';
import { planText } from './campaign-report.js';
import { assertSomebodyIsThere, confirm } from './confirm.js';
import { ENGINE_ARGS } from './operate.js';
import { tell } from './tell.js';
import { UsageError } from './usage-error.js';

const WATCH_ARGS = {
  detach: { type: 'boolean', description: 'Leave it to the bot, and do not watch' },
  wait: { type: 'string', description: 'Minutes to wait for receipts once all is sent', default: '0' },
} satisfies ArgsDef;

const RUN_ARGS = {
  ...CAMPAIGN_ARGS,
  intent: { type: 'string', description: 'The same intent is run once, ever', default: '1' },
  yes: { type: 'boolean', description: 'Do not ask' },
  ...WATCH_ARGS,
} satisfies ArgsDef;

/** `parley campaign run <file>`: sends it, once for each intent. */
export const run = defineCommand({
  meta: { name: 'run', description: 'Sends a campaign; the same again goes on with it' },
  args: RUN_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, RUN_ARGS);
    refuseExtra(args._, 1);
    const { intent, json } = args;
    if (!/^[\w-]{1,24}$/.test(intent))
      throw new UsageError('--intent must be 1 to 24 letters, digits, _ or -');
    if (args.yes !== true) assertSomebodyIsThere();
    const waitMs = waitOf(args);
    const spec = await specOf(args);
    const skipBad = args['skip-bad'] === true;
    await withCampaigns(args, async (host) => {
      let isNew = false;
      const { id, endedAt, state } = await host.run(spec, {
        intent,
        skipBad,
        async confirm(plan) {
          isNew = true;
          if (json !== true) process.stdout.write(`${planText(plan)}\n`);
          refuseBad(plan, skipBad);
          const question = `Send ${plan.messages} messages to ${plan.recipients} people through ${plan.account}?`;
          if (args.yes !== true && !(await confirm(question))) throw new Error('nothing was sent');
        },
      });
      if (!isNew) {
        const before = state === 'paused' ? 'was planned before' : 'was planned before, and goes on';
        tell(
          `Run ${id} ${endedAt === undefined ? before : 'has ended'}; --intent <another> runs the campaign once more`,
        );
      }
      await goOn(host, id, waitMs, args);
    });
  },
});

const RESUME_ARGS = {
  run: { type: 'positional', description: 'The id of the run', required: true },
  ...WATCH_ARGS,
  ...ENGINE_ARGS,
} satisfies ArgsDef;

/** `parley campaign resume <run>`: goes on with a run that was paused or interrupted. */
export const resume = defineCommand({
  meta: { name: 'resume', description: 'Goes on with a run that was paused or interrupted' },
  args: RESUME_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, RESUME_ARGS);
    refuseExtra(args._, 1);
    const waitMs = waitOf(args);
    await withCampaigns(args, async (host) => {
      await host.resume(args.run);
      await goOn(host, args.run, waitMs, args);
    });
  },
});

/** In milliseconds. Asked for before anything is planned or resumed: a wrong command line changes nothing. */
function waitOf({ wait }: { wait: string }): number {
  return 60_000 * wholeNumber('wait', wait, { to: 10_000 });
}

async function goOn(
  host: CampaignHost,
  id: string,
  waitMs: number,
  { detach, json }: { detach?: boolean; json?: boolean },
): Promise<void> {
  const status = await host.status(id);
  if (status.state === 'paused') throw pausedError(status);
  if (detach !== true) return conduct(host, id, { waitMs, ...(json !== undefined && { json }) });
  if (json === true) process.stdout.write(`${JSON.stringify(status)}\n`);
  else process.stdout.write(`${id}: ${status.state}\n`);
  if (!host.isBot) tell('A bot that has this engine, this account and campaigns sends it once it runs');
}
