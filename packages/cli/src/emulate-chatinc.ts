import { DEFAULT_CHATINC_SWITCHES, startChatInc } from '@parley/emulators';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown, wholeNumber } from './arguments.js';
import { COMMON_ARGS, commonOptions, serve, switchArgs, switchesOf } from './emulator-process.js';
import { UsageError } from './usage-error.js';

const args = {
  ...COMMON_ARGS,
  'api-key': { type: 'string', description: 'The whole Authorization header; invented when absent' },
  balance: {
    type: 'string',
    description: 'What the account has paid in advance',
    default: '1000000',
  },
  'not-on-whatsapp': { type: 'string', description: 'Numbers without WhatsApp, with commas between' },
  seed: { type: 'string', description: 'What becomes of messages follows from it', default: '1' },
  'rate-limit': { type: 'string', description: 'Requests a second; no limit when absent' },
  ...switchArgs(DEFAULT_CHATINC_SWITCHES),
} satisfies ArgsDef;

export const emulateChatInc = defineCommand({
  meta: { name: 'chatinc', description: 'Chat Inc: WhatsApp campaigns' },
  args,
  async run({ args: given, rawArgs }) {
    refuseUnknown(rawArgs, args);
    refuseExtra(given._, 0);
    const common = commonOptions(given);
    const perSecond = given['rate-limit'];
    const account = {
      apiKey: apiKey(given['api-key']),
      balance: wholeNumber('balance', given.balance, { to: Number.MAX_SAFE_INTEGER }),
      notOnWhatsApp: numbers('not-on-whatsapp', given['not-on-whatsapp']),
      seed: wholeNumber('seed', given.seed, { to: 2 ** 32 - 1 }),
      ...(perSecond !== undefined && {
        rateLimit: {
          enabled: true,
          perSecond: wholeNumber('rate-limit', perSecond, { from: 1, to: 1_000_000 }),
        },
      }),
    };
    const switches = switchesOf(DEFAULT_CHATINC_SWITCHES, given);
    await serve(common.port, () => startChatInc({ ...common, ...account, ...switches }));
  },
});

/** It travels in a header. */
function apiKey(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text))
    throw new UsageError('--api-key must be visible ASCII, without blanks');
  return text;
}

function numbers(name: string, text: string | undefined): string[] {
  const given = text === undefined ? [] : text.split(',');
  if (!given.every((number) => /^\+?\d{7,15}$/.test(number)))
    throw new UsageError(`--${name} must be phone numbers of 7 to 15 digits, with commas between`);
  return given;
}
