/** A process that serves a bot whose turn takes as long as the parent says. Talks to its parent in messages. */
import { createBot, silentLog } from '@parley/core';
import { fakeAdapter } from '@parley/testing';
import { serve } from '../src/index.js';

const tell = (what: object): void => {
  process.send?.(what);
};
const released = new Promise<void>((resolve) => process.once('message', () => resolve()));

const leads = fakeAdapter();
const bot = createBot({ accounts: { leads }, log: silentLog });
bot.on('message.received', async (turn) => {
  tell({ began: turn.text });
  await released;
  await turn.say('done');
});
process.on('exit', () => tell({ said: leads.texts }));
const { origin } = await serve(bot, { port: 0, signals: true, drainTimeoutMs: Number(process.argv[2]) });
const { request } = await leads.says('hello');
tell({ origin, headers: request.headers, body: Buffer.from(request.body).toString('utf8') });
