import { DEFAULT_CRISP_SWITCHES, startCrisp } from '@parley/emulators';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown, wholeNumber } from './arguments.js';
import { COMMON_ARGS, commonOptions, serve, switchArgs, switchesOf } from './emulator-process.js';
import { UsageError } from './usage-error.js';

const TIERS = ['user', 'website', 'plugin'] as const;

const args = {
  ...COMMON_ARGS,
  tier: {
    type: 'string',
    description: 'Whose keypair is printed: user, website or plugin',
    default: 'plugin',
  },
  identifier: { type: 'string', description: 'Of that keypair (UUID); invented when absent' },
  key: { type: 'string', description: 'Of that keypair; invented when absent' },
  'website-id': { type: 'string', description: 'UUID; invented when absent' },
  'plugin-id': { type: 'string', description: 'UUID; invented when absent' },
  'hook-secret': { type: 'string', description: 'Of plugin hooks; invented when absent' },
  'rate-limit': {
    type: 'string',
    description: 'Requests a second in the user tier; no limit when absent',
  },
  'daily-quota': {
    type: 'boolean',
    description: '5000 requests a day for plugins, 10000 for websites',
    default: false,
  },
  ...switchArgs(DEFAULT_CRISP_SWITCHES),
} satisfies ArgsDef;

export const emulateCrisp = defineCommand({
  meta: { name: 'crisp', description: 'Crisp: REST, real-time API and hooks' },
  args,
  async run({ args: given, rawArgs }) {
    refuseUnknown(rawArgs, args);
    refuseExtra(given._, 0);
    const common = commonOptions(given);
    const tier = TIERS.find((one) => one === given.tier);
    if (tier === undefined) throw new UsageError(`--tier must be one of ${TIERS.join(', ')}`);
    const seed = {
      tier,
      identifier: uuid('identifier', given.identifier),
      key: given.key,
      websiteId: uuid('website-id', given['website-id']),
      pluginId: uuid('plugin-id', given['plugin-id']),
      hookSecret: given['hook-secret'],
    };
    const perSecond = given['rate-limit'];
    const limits = {
      dailyQuota: given['daily-quota'],
      ...(perSecond !== undefined && {
        rateLimit: {
          enabled: true,
          perSecond: wholeNumber('rate-limit', perSecond, { from: 1, to: 1_000_000 }),
        },
      }),
    };
    const switches = switchesOf(DEFAULT_CRISP_SWITCHES, given);
    await serve(common.port, () => startCrisp({ ...common, ...seed, ...limits, ...switches }));
  },
});

function uuid(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new UsageError(`--${name} must be a UUID in lower case`);
  return text;
}
