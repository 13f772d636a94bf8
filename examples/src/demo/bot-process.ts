// The bot of the demo: a process of its own, with everything it has to remember in one file. It may be killed at any moment.
import { crisp } from '@parley/adapter-crisp';
import { web1on1 } from '@parley/adapter-web1on1';
import { createBot, isParleyError, type Log } from '@parley/core';
import { sqlite } from '@parley/engine-sqlite';
import { serve } from '@parley/server';
import { addReminderAnswers, type ReminderSession, remind } from '../appointment-reminder.js';
import { addGreeter } from '../greet-and-help.js';
import { addRepairStatus, type RepairSession } from '../repair-status.js';
import type { FromBot, ToBot, Wiring } from './protocol.js';

/** Shorter than usual, so that nobody has to wait for a demonstration. */
const HASTE = { backoffMs: 250, lookUpAfterMs: 500 };
const REMIND_AFTER = '2s';

const [file = ''] = process.argv.slice(2);
const engine = sqlite(file, HASTE);
const asked = new Map<number, (answer: string) => void>();

const tell = (message: FromBot): void => {
  // It fails if the demo is gone, and then so is this process, in a moment.
  process.send?.(message, undefined, undefined, () => {});
};

/** Answered by the demo, once the scene has come that far. */
const askWorkshop = (): Promise<string> =>
  new Promise((resolve) => {
    const id = asked.size + 1;
    asked.set(id, resolve);
    tell({ kind: 'workshop?', id });
  });

async function run({ port, leads, support }: Wiring): Promise<void> {
  const say = (_fields: unknown, text: string): void => tell({ kind: 'says', text });
  const log: Log = { debug() {}, info() {}, warn: say, error: say };
  const bot = createBot({
    accounts: { leads: web1on1(leads), support: crisp(support) },
    engine,
    session: { initial: (): ReminderSession & RepairSession => ({}) },
    log,
  });
  addRepairStatus(bot, askWorkshop, REMIND_AFTER);
  addReminderAnswers(bot);
  addGreeter(bot);
  bot.onNotice('effect.unknown', ({ error }) => say({}, `outcome unknown: ${error.message}`));
  bot.onNotice('effect.failed', ({ error }) => say({}, `given up: ${error.code} ${error.message}`));
  bot.onNotice('webhook.refused', ({ status, code }) => say({}, `webhook refused: ${status} ${code}`));

  const server = await serve(bot, { port });
  const answer = async (to: Extract<ToBot, { kind: 'asked' }>): Promise<unknown> => {
    switch (to.question) {
      case 'stats':
        return bot.stats();
      case 'remind':
        return remind(bot, 'leads', to.appointment, to.template);
    }
  };
  process.on('message', (to: ToBot) => {
    if (to.kind === 'workshop') asked.get(to.id)?.(to.answer);
    if (to.kind !== 'asked') return;
    answer(to).then(
      (value) => tell({ kind: 'answer', id: to.id, value }),
      (error: unknown) => tell({ kind: 'answer', id: to.id, error: String(error) }),
    );
  });
  tell({ kind: 'serves', origin: server.origin });
}

// The demo is gone: nobody is left to serve.
process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches every process of the terminal; the demo ends this one when it has ended itself.
process.on('SIGINT', () => {});

process.once('message', (to: ToBot) => {
  if (to.kind === 'serve') void run(to.wiring);
});
try {
  tell({ kind: 'open', left: engine.stats() });
} catch (error) {
  if (!isParleyError(error)) throw error;
  tell({ kind: 'refused', inUse: error.code === 'ERR_CONFLICT', why: error.message });
}
