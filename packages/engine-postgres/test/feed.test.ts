import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AdapterDefinition, createBot, silentLog } from '@parley/core';
import { anEvent, eventually } from '@parley/testing';
import { postgres } from '../src/index.js';
import { type Databases, databases } from './databases.js';

let servers: Databases;
beforeAll(async () => {
  servers = await databases();
});
afterAll(() => servers.close());

/** A provider that tells one thing to whoever listens, and then nothing more. */
function telling(text: string): AdapterDefinition {
  const feed = {
    async *events(signal: AbortSignal) {
      yield [anEvent('message.received', { content: text, id: `leads:${text}` })];
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
  return {
    provider: 'fake',
    open: ({ name: account }) => ({ provider: 'fake', account, api: {}, feed, close: async () => {} }),
  };
}

test('one of the processes listens to a feed, and the next one when it ends', async () => {
  const url = await servers.database();
  const heard: string[] = [];
  const start = async (text: string) => {
    const bot = createBot({ accounts: { leads: telling(text) }, engine: postgres(url), log: silentLog });
    bot.on('message.received', (turn) => heard.push(turn.text));
    await bot.start();
    return bot;
  };
  const hears = (count: number) =>
    eventually(
      () => heard.length >= count,
      () => `heard only ${heard.join(', ')}`,
      20_000,
    );
  const one = await start('the first listens');
  await hears(1);
  const other = await start('the second listens');
  // It has asked for the right to listen by now, and handles events.
  await other.engine.accept([anEvent('message.received', { content: 'both handle', id: 'leads:both' })]);
  await hears(2);
  expect(heard).toEqual(['the first listens', 'both handle']);
  await one.close();
  await hears(3);
  expect(heard).toEqual(['the first listens', 'both handle', 'the second listens']);
  await other.close();
});
