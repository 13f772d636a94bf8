import {
  type Consumer,
  type Json,
  type Message,
  startWeb1on1,
  type Web1on1Emulator,
  type Web1on1EmulatorOptions,
} from '@parley/emulators';
import { type Bed, openBed } from './bed.js';
import { type BotClient, type BotClientOptions, createBotClient, type Seen } from './bot-client.js';
import { type BotUnderTest, isQuiet } from './quiet-bot.js';

/** The options that `web1on1({...})` needs to reach the emulator. */
export interface Web1on1AccountOptions {
  token: string;
  refreshToken: string;
  email: string;
  secret: string;
  organization: string;
  origin: string;
}

export interface PersonOptions extends BotClientOptions {
  /** The touchpoint the person writes on. Default `whatsapp`. */
  channel?: string;
}

export interface Web1on1Bed<B extends BotUnderTest = BotUnderTest> extends Bed<B, Web1on1Emulator> {
  /** A person with this phone number, in E.164. */
  client(telephone: string, options?: PersonOptions): Promise<BotClient>;
}

/**
 * Your bot, between a Web1on1 on loopback and people you play: real HTTP in both directions, no account needed.
 *
 * ```ts
 * const bed = await web1on1Bed((account) => createMyBot({ leads: web1on1(account) }));
 * const noor = await bed.client('+31600000000');
 * await noor.says('hi');
 * await noor.expect(/hello/i);
 * await bed.close();
 * ```
 *
 * Every account of the bot whose provider is Web1on1 gets the webhooks. The emulator's rate limit is off unless asked for.
 *
 * @throws ERR_CONFIG if the bot has no account at Web1on1
 */
export async function web1on1Bed<B extends BotUnderTest>(
  makeBot: (account: Web1on1AccountOptions) => B | Promise<B>,
  options: Web1on1EmulatorOptions = {},
): Promise<Web1on1Bed<B>> {
  const emulator = await startWeb1on1({ rateLimit: false, ...options });
  const { token, refreshToken, botEmail: email, secret, organization, origin } = emulator.credentials;
  const bed = await openBed({
    name: 'web1on1Bed',
    provider: 'web1on1',
    emulator,
    makeBot: () => makeBot({ token, refreshToken, email, secret, organization, origin }),
    connect: async (accounts, listener) => {
      for (const account of accounts) await emulator.subscribe({ url: `${listener}/webhooks/${account}` });
    },
  });
  const quiet = () => isQuiet(bed.bot, () => emulator.webhooks.pending === 0);
  return {
    ...bed,
    async client(telephone, { channel = 'whatsapp', ...rest } = {}) {
      const consumer = await emulator.contact({ telephone, channel, ...(rest.name && { name: rest.name }) });
      return createBotClient({ ...phoneOf(consumer), isQuiet: quiet }, rest);
    },
  };
}

function phoneOf(consumer: Consumer) {
  return {
    says: (text: string) => void consumer.say(text),
    presses: (value: string) => void consumer.press(value),
    sends: (url: string, mimeType: string) => void consumer.sendMedia(url, mimeType),
    received: () => consumer.received.map(seen),
  };
}

function seen({ text = '', actions = [], items = [] }: Message): Seen {
  const inItems = items.flatMap((item) =>
    isObject(item) && Array.isArray(item.actions) ? item.actions : [],
  );
  const buttons = [...actions, ...inItems].flatMap((action) =>
    isObject(action) && typeof action.text === 'string'
      ? [{ label: action.text, value: typeof action.payload === 'string' ? action.payload : action.text }]
      : [],
  );
  return { text, buttons };
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
