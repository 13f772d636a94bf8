import { DEFAULT_SWITCHES, startWeb1on1 } from '@parley/emulators';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { COMMON_ARGS, commonOptions, serve, switchArgs, switchesOf } from './emulator-process.js';
import { UsageError } from './usage-error.js';

const args = {
  ...COMMON_ARGS,
  secret: { type: 'string', description: 'Webhook secret; invented when absent' },
  organization: { type: 'string', description: 'Id of the organization (24 hex); invented when absent' },
  'bot-user': { type: 'string', description: 'Id of the bot (24 hex); invented when absent' },
  'rate-limit': {
    type: 'boolean',
    description: '20 requests a second; --no-rate-limit for none',
    default: true,
  },
  ...switchArgs(DEFAULT_SWITCHES),
} satisfies ArgsDef;

export const emulateWeb1on1 = defineCommand({
  meta: { name: 'web1on1', description: 'Web1on1 (ChatShipper)' },
  args,
  async run({ args: given, rawArgs }) {
    refuseUnknown(rawArgs, args);
    refuseExtra(given._, 0);
    const common = commonOptions(given);
    const seed = {
      secret: given.secret,
      organization: objectId('organization', given.organization),
      botUser: objectId('bot-user', given['bot-user']),
    };
    const switches = switchesOf(DEFAULT_SWITCHES, given);
    await serve(common.port, () =>
      startWeb1on1({ ...common, ...seed, rateLimit: given['rate-limit'], ...switches }),
    );
  },
});

function objectId(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{24}$/.test(text))
    throw new UsageError(`--${name} must be 24 hex characters`);
  return text;
}
