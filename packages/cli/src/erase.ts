import { accountOf, type Erased } from '@parley/core';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseUnknown } from './arguments.js';
import { columns } from './columns.js';
import { confirm } from './confirm.js';
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
    const question = `Everything stored about ${ids.join(', ')} goes: state, what waits, timers, dead letters. For ever. Go on?`;
    // Before the engine is opened: nothing is held while a person thinks.
    if (args.yes !== true && !(await confirm(question))) throw new Error('nothing was erased');
    const erased = await operate(args, (operations) => operations.erase(ids));
    process.stdout.write(args.json === true ? `${JSON.stringify(erased)}\n` : columns(erasedRows(erased)));
  },
});

function checkId(id: string): void {
  try {
    accountOf(id);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function erasedRows(erased: Erased): string[][] {
  return [
    ['events', String(erased.events)],
    ['effects', String(erased.effects)],
    ['states', String(erased.states)],
    ['timers', String(erased.timers)],
    ['dead letters', String(erased.deadLetters)],
  ];
}
