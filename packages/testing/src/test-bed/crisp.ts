import {
  type CrispEmulator,
  type CrispEmulatorOptions,
  type CrispMessage,
  type CrispTier,
  type Json,
  startCrisp,
  type Visitor,
} from '@parley/emulators';
import { eventually } from '../eventually.js';
import { type Bed, openBed } from './bed.js';
import { type BotClient, type BotClientOptions, createBotClient, type Seen } from './bot-client.js';
import { type BotUnderTest, isQuiet } from './quiet-bot.js';
import { createSocketProbe, type SocketProbe } from './socket-probe.js';

/** The options that `crisp({...})` needs to reach the emulator. */
export interface CrispAccountOptions {
  tier: CrispTier;
  identifier: string;
  key: string;
  website: string;
  origin: string;
  /** Only where the bot hears by hook. */
  secret?: string;
  reconnect: { firstMs: number; maxMs: number };
}

export interface CrispBedOptions extends CrispEmulatorOptions {
  /** How the bot hears what happens: default `socket`, as the adapter does where it is told nothing. */
  hears?: 'hook' | 'socket';
}

export interface VisitorClientOptions extends BotClientOptions {
  /** Where the visitor writes: `chat` (default), `email` or `urn:...`. */
  origin?: string;
}

export interface CrispBed<B extends BotUnderTest = BotUnderTest> extends Bed<B, CrispEmulator> {
  /** A visitor of the website: known by an e-mail address, or by a name alone. */
  client(who: string, options?: VisitorClientOptions): Promise<BotClient>;
}

/** A test cuts sockets on purpose: nobody waits for a second then. */
const HASTE = { firstMs: 5, maxMs: 50 };

/**
 * Your bot, between a Crisp on loopback and visitors you play: a real socket or real hooks, no account needed.
 *
 * ```ts
 * const bed = await crispBed((account) => createMyBot({ support: crisp(account) }));
 * const ada = await bed.client('ada@client.test', { name: 'Ada' });
 * await ada.says('hi');
 * await ada.expect(/hello/i);
 * await bed.close();
 * ```
 *
 * Every account of the bot whose provider is Crisp is connected when this resolves.
 *
 * @throws ERR_CONFIG if the bot has no account at Crisp
 */
export async function crispBed<B extends BotUnderTest>(
  makeBot: (account: CrispAccountOptions) => B | Promise<B>,
  { hears = 'socket', ...options }: CrispBedOptions = {},
): Promise<CrispBed<B>> {
  const emulator = await startCrisp(options);
  const { tier, identifier, key, websiteId: website, origin, hookSecret } = emulator.credentials;
  const account = { tier, identifier, key, website, origin, reconnect: HASTE };
  let probe: SocketProbe | undefined;
  const bed = await openBed({
    name: 'crispBed',
    provider: 'crisp',
    emulator,
    makeBot: async () => {
      const bot = await makeBot(hears === 'hook' ? { ...account, secret: hookSecret } : account);
      probe = createSocketProbe(bot, emulator);
      return bot;
    },
    connect: async (accounts, listener) => {
      if (hears === 'socket') return connected(emulator, accounts.length);
      for (const each of accounts) emulator.subscribe({ url: `${listener}/webhooks/${each}` });
    },
  });
  const quiet = () => isQuiet(bed.bot, () => emulator.hooks.pending === 0 && probe?.isThrough() === true);
  return {
    ...bed,
    async client(who, { origin: writesOn, name = nameIn(who), ...rest } = {}) {
      const visitor = emulator.visitor({
        ...(who.includes('@') && { email: who }),
        nickname: name,
        ...(writesOn && { origin: writesOn }),
      });
      return createBotClient({ ...boxOf(visitor), isQuiet: quiet }, { name, ...rest });
    },
  };
}

/** Of an e-mail address, what is before the `@`. */
function nameIn(who: string): string {
  return who.split('@', 1)[0] ?? who;
}

async function connected({ rtm }: CrispEmulator, count: number): Promise<void> {
  await eventually(
    () => rtm.connections.filter(({ identifier }) => identifier !== undefined).length >= count,
    () => 'crispBed: the bot did not connect to the realtime API: was every option of the account passed on?',
  );
}

function boxOf(visitor: Visitor) {
  return {
    says: (text: string) => void visitor.say(text),
    presses: (value: string) => visitor.choose(value),
    sends: (url: string, mimeType: string) =>
      void visitor.sendFile({ name: url.split('/').at(-1) || 'file', url, type: mimeType }),
    received: () => visitor.received.map(seen),
  };
}

function seen({ content }: CrispMessage): Seen {
  if (!isObject(content)) return { text: textOf(content), buttons: [] };
  const { text, name, choices } = content;
  const buttons = (Array.isArray(choices) ? choices.filter(isObject) : []).map(({ label, value }) => ({
    label: textOf(label),
    value: textOf(value),
  }));
  return { text: textOf(text ?? name), buttons };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
