import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { accountOf, type Erased } from '@parley/core';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseUnknown } from './arguments.js';
import { columns } from './columns.js';
import { ENGINE_ARGS, operate } from './operate.js';
import { UsageError } from './usage-error.js';

const ARGS = {
  contact: {
    type: 'positional',
    description: 'Id of the contact; then of more, or of conversations',
    required: true,
  },
  yes: { type: 'boolean', description: 'Do not ask' },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

/** `parley erase <contactId>`: removes everything that is stored about a person. */
export const erase = defineCommand({
  meta: { name: 'erase', description: 'Removes everything that is stored about a contact' },
  args: ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ARGS);
    const ids = args._;
    for (const id of ids) checkId(id);
    if (args.yes !== true) await confirm(ids);
    const erased = await operate(args, (operations) => operations.erase(ids));
    process.stdout.write(args.json === true ? `${JSON.stringify(erased)}\n` : columns(rowsOf(erased)));
  },
});

function checkId(id: string): void {
  try {
    accountOf(id);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Before the engine is opened: nothing is held while a person thinks. */
async function confirm(ids: readonly string[]): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('nobody is there to be asked: add --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const question = `Everything stored about ${ids.join(', ')} goes: state, what waits, timers, dead letters. For ever. Go on? [y/N] `;
  // Ctrl-C and Ctrl-D close it, and then no answer comes.
  const closed = once(terminal, 'close').then(() => '');
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('nothing was erased');
}

function rowsOf(erased: Erased): string[][] {
  return [
    ['events', String(erased.events)],
    ['effects', String(erased.effects)],
    ['states', String(erased.states)],
    ['timers', String(erased.timers)],
    ['dead letters', String(erased.deadLetters)],
  ];
}
