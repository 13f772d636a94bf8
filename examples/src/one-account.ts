import { web1on1 } from '@parley/adapter-web1on1';
import { createBot } from '@parley/core';
import { sqlite } from '@parley/engine-sqlite';
import { serve } from '@parley/server';
import { addReminderAnswers, type ReminderSession } from './appointment-reminder.js';
import { addGreeter } from './greet-and-help.js';
import { addWhatsAppLog, toJsonLines } from './whatsapp-log.js';

// The wiring: which provider, which account, which port, which file to remember things in. The bot's words are in the files
// it imports.
//
//   WEB1ON1_TOKEN=... WEB1ON1_SECRET=... npx --yes pnpm@12.21.0 exec node examples/dist/one-account.js
//
// With `emulate`, the same values come from its line of JSON, and WEB1ON1_ORIGIN too. Then register the webhook there:
//
//   curl -H 'content-type: application/json' -d '{"url":"http://127.0.0.1:3000/webhooks/leads"}' <origin>/_emulator/subscribe
const { WEB1ON1_TOKEN, WEB1ON1_REFRESH_TOKEN, WEB1ON1_EMAIL, WEB1ON1_SECRET, WEB1ON1_ORIGIN, PORT } =
  process.env;

const bot = createBot({
  accounts: {
    leads: web1on1({
      token: WEB1ON1_TOKEN,
      refreshToken: WEB1ON1_REFRESH_TOKEN,
      email: WEB1ON1_EMAIL,
      secret: WEB1ON1_SECRET,
      origin: WEB1ON1_ORIGIN,
    }),
  },
  engine: sqlite('bot.db'),
  session: { initial: (): ReminderSession => ({}) },
});
addGreeter(bot);
addReminderAnswers(bot);
addWhatsAppLog(bot, toJsonLines('answers.jsonl'));
bot.onError((error, { event, last }) =>
  console.error(event.id, last ? 'given up:' : 'will be tried again:', error),
);

const server = await serve(bot, { port: Number(PORT ?? 3000), signals: true });
console.log(`webhooks go to ${server.origin}/webhooks/leads`);
