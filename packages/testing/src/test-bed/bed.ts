import { ParleyError } from '@parley/core';
import { listenOnLoopback } from '../loopback.js';
import type { BotUnderTest } from './quiet-bot.js';

/** Your bot, between an emulated provider and people you play. */
export interface Bed<B extends BotUnderTest, Emulator> {
  readonly bot: B;
  /** For faults, the clock, agents, and whatever else the provider does. */
  readonly emulator: Emulator;
  /** Ends the bot, the listener and the emulator. */
  close(): Promise<void>;
}

interface BedParts<B extends BotUnderTest, Emulator> {
  /** What the user called, for an error. */
  name: string;
  /** Of the accounts that are at the emulator. */
  provider: string;
  emulator: Emulator;
  makeBot(): B | Promise<B>;
  /** Lets the provider and a started bot find each other; `origin` is where webhooks are taken. */
  connect(accounts: readonly string[], origin: string): unknown;
}

/**
 * Starts the bot and a listener for its webhooks.
 *
 * @throws ERR_CONFIG if the bot has no account at the provider
 */
export async function openBed<B extends BotUnderTest, Emulator extends { close(): Promise<void> }>(
  parts: BedParts<B, Emulator>,
): Promise<Bed<B, Emulator>> {
  const { name, provider, emulator } = parts;
  const opened: { close(): Promise<void> }[] = [emulator];
  // The bot goes first: what it still sends needs the emulator, what is still delivered needs the listener.
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  try {
    const bot = await parts.makeBot();
    const listener = await listenOnLoopback(async (request, response) => {
      const account = request.url.split('?')[0]?.split('/').at(-1) ?? '';
      const answer = await bot.webhook(account, request);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    opened.push(listener, bot);
    const accounts = Object.keys(bot.accounts).filter((one) => bot.accounts[one]?.provider === provider);
    if (accounts.length === 0)
      throw new ParleyError('ERR_CONFIG', `${name}: the bot has no account at ${provider}`);
    await bot.start();
    await parts.connect(accounts, listener.origin);
    return { bot, emulator, close };
  } catch (error) {
    // A test that cannot begin must not leave sockets behind that keep its runner from ending.
    await close();
    throw error;
  }
}
