/**
 * A bot in a process of its own, configured by the file in the folder that is named. Fails while that folder has a file
 * `broken`. Takes events from its parent and tells it what it has handled.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createBroadcast } from '@parley/broadcast';
import { loadConfig } from '@parley/config';
import { createBot, silentLog } from '@parley/core';
import { serve } from '@parley/server';
import { aMessage, anEvent, eventually } from '@parley/testing';

const [folder = '', operations] = process.argv.slice(2);
const tell = (what: object): void => {
  process.send?.(what);
};

const bot = createBot({ ...(await loadConfig({ cwd: folder, withoutMessages: true })), log: silentLog });
const broadcast = createBroadcast(bot, { log: silentLog });
bot.on('message.received', (turn) => {
  if (existsSync(join(folder, 'broken'))) throw new Error(turn.text);
  tell({ handled: turn.text });
});
let dead = 0;
bot.onError((_error, { last }) => {
  if (!last) return;
  dead += 1;
  const wanted = dead;
  // It is told before it is stored, and the parent may kill us once it knows.
  const stored = async (): Promise<boolean> => (await bot.stats()).deadLetters >= wanted;
  void eventually(stored, () => 'the dead letter was not stored', 20_000).then(() => tell({ dead: true }));
});
process.on('message', ({ conversationId, text }: { conversationId: string; text: string }) => {
  const message = aMessage({ id: `leads:${text}`, conversationId, content: { kind: 'text', text } });
  void bot.engine.accept([anEvent('message.received', { id: text, conversationId, message })]);
});
await serve(bot, { port: 0, signals: true, operations: operations !== 'unserved' });
await broadcast.start();
tell({ serves: true });
