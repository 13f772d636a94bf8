import type { DeadLetterQuery } from '@parley/core';
import type { Operations } from '@parley/server';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown, wholeNumber } from './arguments.js';
import { letterDetails, letterList, withoutContent } from './letter.js';
import { ENGINE_ARGS, operate } from './operate.js';
import { UsageError } from './usage-error.js';

const FILTERS = {
  account: { type: 'string', description: 'Only of this account' },
  conversation: { type: 'string', description: 'Only of this conversation' },
  kind: { type: 'string', description: 'Only `event` or only `effect`' },
} satisfies ArgsDef;

const LIST_ARGS = {
  ...FILTERS,
  limit: { type: 'string', description: 'How many', default: '100' },
  after: { type: 'string', description: 'Those that come after this id' },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

const list = defineCommand({
  meta: { name: 'list', description: 'Lists them, oldest first, without what people wrote' },
  args: LIST_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, LIST_ARGS);
    refuseExtra(args._, 0);
    const limit = wholeNumber('limit', args.limit, { from: 1, to: 10_000 });
    const query = { ...queryOf(args), limit, ...(args.after === undefined ? {} : { after: args.after }) };
    const found = await operate(args, (operations) => operations.listDeadLetters(query));
    const letters = found.map(withoutContent);
    if (args.json === true) return print(JSON.stringify(letters));
    if (letters.length === 0) return print('no dead letters');
    process.stdout.write(letterList(letters));
    if (letters.length === limit) print(`there may be more: --after ${letters.at(-1)?.id}`);
  },
});

const SHOW_ARGS = {
  id: { type: 'positional', description: 'Of the dead letter', required: true },
  'with-content': { type: 'boolean', description: 'Also what people wrote' },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

const show = defineCommand({
  meta: { name: 'show', description: 'Shows one with its cause and its history' },
  args: SHOW_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, SHOW_ARGS);
    refuseExtra(args._, 1);
    const found = await operate(args, (operations) => operations.getDeadLetter(args.id));
    if (found === undefined) throw unknown([args.id]);
    const letter = withoutContent(found);
    const whole = found.kind === 'event' ? { event: found.event } : { effect: found.effect };
    const content = args['with-content'] === true ? whole : {};
    if (args.json === true) return print(JSON.stringify({ ...letter, history: found.history, ...content }));
    process.stdout.write(letterDetails(letter, found.history));
    if (args['with-content'] === true) print(JSON.stringify(whole, undefined, 2));
  },
});

const REDRIVE_ARGS = {
  all: { type: 'boolean', description: 'All that fit the filters, in their old order' },
  ...FILTERS,
  ...ENGINE_ARGS,
} satisfies ArgsDef;

const redrive = defineCommand({
  meta: { name: 'redrive', description: 'Tries them again: redrive <id>..., or redrive --all' },
  args: REDRIVE_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, REDRIVE_ARGS);
    const query = queryOf(args);
    if (args.all === true) {
      refuseExtra(args._, 0);
      const redriven = await operate(args, (operations) => operations.redriveAll(query));
      return print(args.json === true ? JSON.stringify({ redriven }) : `redriven: ${redriven}`);
    }
    if (Object.keys(query).length > 0) throw new UsageError('filters go with --all');
    await each(args, 'redriven', (operations, id) => operations.redrive(id));
  },
});

const drop = defineCommand({
  meta: { name: 'drop', description: 'Forgets them: drop <id>...' },
  args: ENGINE_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ENGINE_ARGS);
    await each(args, 'dropped', (operations, id) => operations.dropDeadLetter(id));
  },
});

/** `parley dead-letters`: what was given up. */
export const deadLetters = defineCommand({
  meta: { name: 'dead-letters', description: 'What was given up: list, show, redrive, drop' },
  subCommands: { list, show, redrive, drop },
});

interface Filtered {
  account?: string;
  conversation?: string;
  kind?: string;
}

function queryOf({ account, conversation, kind }: Filtered): DeadLetterQuery {
  if (kind !== undefined && kind !== 'event' && kind !== 'effect')
    throw new UsageError('--kind must be event or effect');
  return {
    ...(account === undefined ? {} : { account }),
    ...(conversation === undefined ? {} : { lane: conversation }),
    ...(kind === undefined ? {} : { kind }),
  };
}

/** Does `work` to each of the named ones, in order, and says how many there were; one that is unknown does not stop the others. */
async function each(
  args: { _: string[]; engine?: string; config?: string; json?: boolean },
  done: 'redriven' | 'dropped',
  work: (operations: Operations, id: string) => Promise<boolean>,
): Promise<void> {
  const ids = args._;
  if (ids.length === 0) throw new UsageError('name at least one dead letter by its id');
  const missing: string[] = [];
  await operate(args, async (operations) => {
    for (const id of ids) if (!(await work(operations, id))) missing.push(id);
  });
  const count = ids.length - missing.length;
  print(args.json === true ? JSON.stringify({ [done]: count }) : `${done}: ${count}`);
  if (missing.length > 0) throw unknown(missing);
}

function unknown(ids: readonly string[]): Error {
  return new Error(`there is no dead letter ${ids.join(', ')}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
