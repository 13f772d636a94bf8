/** A bot of ten that run the same campaign at Chat Inc: `ten-process.ts <database> <origin> <api key> <people>`. */
import { chatinc } from '@parley/adapter-chatinc';
import { createBot, silentLog } from '@parley/core';
import { postgres } from '@parley/engine-postgres';
import { createBroadcast } from '../src/index.js';

const [connectionString = '', origin = '', apiKey = '', people = '0'] = process.argv.slice(2);
const engine = postgres({ connectionString, lookUpAfterMs: 300, backoffMs: 100 });
const promo = chatinc({ apiKey, baseUrl: `${origin}/v1`, botBaseUrl: origin });
const bot = createBot({ accounts: { promo }, engine, log: silentLog });
const broadcast = createBroadcast(bot, { log: silentLog });
await bot.start();
await broadcast.start();
process.send?.('ready');

process.once('message', () => {
  const contacts = Array.from({ length: Number(people) }, (_, index) => ({
    phone: `+316${String(10_000_000 + index)}`,
    first_name: `Person ${index}`,
  }));
  const template = { body: 'Hello {contact.first_name}, come in May.', language: 'en-US' };
  const spec = { name: 'may', account: 'promo', template, audience: [{ contacts }] };
  const run = async (): Promise<void> => {
    const { id } = await broadcast.run(spec);
    process.send?.(await broadcast.finished(id));
    process.once('message', () => {
      void broadcast.stop().then(() => bot.close());
    });
  };
  run().catch((error: unknown) => {
    process.send?.({ error: String(error) });
  });
});
