import { type Web1on1Options, web1on1 } from '@parley/adapter-web1on1';
import { createBot, type Engine } from '@parley/core';
import { addGreeter } from './greet-and-help.js';
import { addWhatsAppLog, type LoggedAnswer } from './whatsapp-log.js';

/**
 * One bot for two customers of yours, each with an account of their own. Ids begin with the account's name, so that an
 * answer always goes out through the account that the message came in by, and nothing of one is mixed with the other.
 *
 * Webhooks go to `/webhooks/north` and `/webhooks/south`.
 */
export function createTwoAccountBot(
  { north, south }: Record<'north' | 'south', Web1on1Options>,
  log: (answer: LoggedAnswer) => void,
  engine?: Engine,
) {
  const bot = createBot({ accounts: { north: web1on1(north), south: web1on1(south) }, engine });
  addGreeter(bot);
  addWhatsAppLog(bot, log);

  // Where the two differ, a filter says so.
  bot.hears('parking', { account: 'south' }, (turn) => turn.say('Park behind the building, it is free.'));
  return bot;
}
