import { parseArgs } from 'node:util';

export interface CampaignTortureOptions {
  recipients: number;
  kills: number;
  seed: number;
  /** Requests a second that the provider allows; 0: as many as come. */
  limit: number;
  lookUpAfterMs: number;
  verbose: boolean;
}

export const CAMPAIGN_HELP = `Sends a campaign to many people, one by one, through the emulated Web1on1, while the process of the bot is killed and started again
(SQLite) and answers are lost on the way; then compares who got what with what the report says.

  --recipients <n>       people who are to get it. Default 10000
  --kills <n>            processes that end by SIGKILL. Default 50
  --seed <n>             decides when. Default 1
  --limit <n>            requests a second that the provider allows, beyond which it answers 429. Default 0: no limit
  --look-up-after-ms <n> how long a request may be on its way before the bot looks whether it has arrived. Default 2000
  --verbose              each process as it is killed, to stderr
  --help                 this text

The last line on stdout is one JSON object:

  recipients        as asked for
  reached           people who got the message, by the provider
  doubled           messages beyond the first to the same person
  lost              people who are to get it and got nothing
  strangers         people who got it and are excluded: opted out, or no row for them
  reportErrors      numbers of the report that are not the provider's
  unknown           recipients of whom the report says that nobody knows
  leftOver          effects and dead letters still stored at the end
  crashes           processes that ended without being killed
  kills             processes ended by SIGKILL
  answersLost       answers that never came, or said 503, though the message was accepted
  sendingSeconds    during which a process of the bot ran
  perSecond         people reached in one of these, on average
  seconds           of it all

The exit code is 0 only if all from doubled to crashes are 0.`;

/** @throws with a sentence that names the option */
export function readCampaignOptions(args: string[]): CampaignTortureOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      recipients: { type: 'string', default: '10000' },
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      limit: { type: 'string', default: '0' },
      'look-up-after-ms': { type: 'string', default: '2000' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'recipients' | 'kills' | 'seed' | 'limit' | 'look-up-after-ms', least: number) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least)
      throw new Error(`--${name}: expected a whole number from ${least}`);
    return value;
  };
  return {
    recipients: number('recipients', 1),
    kills: number('kills', 0),
    seed: number('seed', 0),
    limit: number('limit', 0),
    lookUpAfterMs: number('look-up-after-ms', 1),
    verbose: values.verbose,
  };
}
