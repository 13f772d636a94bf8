import { type Adapter, type AdapterDefinition, createBot, type Engine, type MessagePort } from '@parley/core';
import { addGreeter } from './greet-and-help.js';
import { addWhatsAppLog, type LoggedAnswer } from './whatsapp-log.js';

/** An account that can send messages, at whichever provider: `web1on1({ ... })`, `crisp({ ... })`. */
type TalkingAccount = AdapterDefinition<Adapter & { messages: MessagePort }>;

/**
 * One bot for two customers of yours, each with an account of their own, maybe at different providers. Ids begin with the
 * account's name, so that an answer always goes out through the account that the message came in by, and nothing of one is mixed
 * with the other.
 *
 * Webhooks go to `/webhooks/north` and `/webhooks/south`.
 */
export function createTwoAccountBot(
  accounts: Record<'north' | 'south', TalkingAccount>,
  log: (answer: LoggedAnswer) => void,
  engine?: Engine,
) {
  const bot = createBot({ accounts, engine });
  addGreeter(bot);
  addWhatsAppLog(bot, log);

  // Where the two differ, a filter says so.
  bot.hears('parking', { account: 'south' }, (turn) => turn.say('Park behind the building, it is free.'));
  return bot;
}
