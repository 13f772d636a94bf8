import { type Suppression, writeCsv } from '@parley/broadcast';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseUnknown } from './arguments.js';
import { withSuppressions } from './campaign-host.js';
import { refuseBadRows } from './campaign-plan.js';
import { addedText, addFile } from './campaign-suppressions-file.js';
import { asJson, intoStdout } from './lines.js';
import { ADDRESS_ARGS, addressOf } from './one-address.js';
import { ENGINE_ARGS } from './operate.js';
import { UsageError } from './usage-error.js';

const LIST_ARGS = {
  ...ENGINE_ARGS,
  json: { type: 'boolean', description: 'A line of JSON for each, in place of CSV' },
} satisfies ArgsDef;

const list = defineCommand({
  meta: { name: 'list', description: 'All of them, as CSV' },
  args: LIST_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, LIST_ARGS);
    // Not named: it is somebody's.
    if (args._.length > 0) throw new UsageError('list takes no address; for one, ask check');
    await withSuppressions(args, (kept) => {
      const entries = kept.list();
      return intoStdout(args.json === true ? asJson(entries) : writeCsv(COLUMNS, rowsOf(entries)));
    });
  },
});

const COLUMNS = ['address', 'at', 'why'];

async function* rowsOf(entries: AsyncIterable<Suppression>): AsyncGenerator<string[]> {
  for await (const { address, at, why } of entries) yield [address, at, why];
}

const ADD_ARGS = {
  ...ADDRESS_ARGS,
  address: { ...ADDRESS_ARGS.address, required: false },
  file: { type: 'string', description: 'A CSV file of addresses: columns as in an audience, or `address`' },
  why: { type: 'string', description: 'A word that is kept with it', default: 'manual' },
  'skip-bad': { type: 'boolean', description: 'Leave out rows that cannot be used' },
} satisfies ArgsDef;

const add = defineCommand({
  meta: { name: 'add', description: 'Adds an address, or those in a file: add --file <csv>' },
  args: ADD_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ADD_ARGS);
    const { address, file, country, why, json } = args;
    const skipBad = args['skip-bad'] === true;
    if (!/^[\w-]{1,40}$/.test(why)) throw new UsageError('--why must be 1 to 40 letters, digits, _ or -');
    if (address === undefined && file !== undefined) {
      const report = await addFile(args, { file, why, skipBad, ...(country !== undefined && { country }) });
      process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : addedText(report));
      return refuseBadRows(report.badRowCount, skipBad);
    }
    if (address === undefined || file !== undefined)
      throw new UsageError('name an address, or a file of them with --file');
    if (skipBad) throw new UsageError('--skip-bad goes with --file');
    const one = addressOf({ ...args, address });
    const added = await withSuppressions(args, (kept) => kept.addAll([one], why), true);
    print(json === true ? JSON.stringify({ added }) : `added: ${added}`);
  },
});

const remove = defineCommand({
  meta: { name: 'remove', description: 'Removes an address: campaigns write to it again' },
  args: ADDRESS_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ADDRESS_ARGS);
    const address = addressOf(args);
    const isRemoved = await withSuppressions(args, (kept) => kept.remove(address));
    const removed = isRemoved ? 1 : 0;
    print(args.json === true ? JSON.stringify({ removed }) : `removed: ${removed}`);
    if (!isRemoved) throw new Error('the address is not on the list');
  },
});

const check = defineCommand({
  meta: { name: 'check', description: 'Whether an address is on the list, since when and why' },
  args: ADDRESS_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ADDRESS_ARGS);
    const address = addressOf(args);
    const found = await withSuppressions(args, (kept) => kept.find(address));
    if (args.json === true) return print(JSON.stringify({ suppressed: found !== undefined, ...found }));
    print(found === undefined ? 'not on the list' : `on the list since ${found.at}: ${found.why}`);
  },
});

/** `parley campaign suppressions`: who gets no campaign any more, at no account. */
export const suppressions = defineCommand({
  meta: {
    name: 'suppressions',
    description: 'Addresses that no campaign writes to: list, add, remove, check',
  },
  subCommands: { list, add, remove, check },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
