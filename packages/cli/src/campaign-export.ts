import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type CampaignRecipient, writeCsv } from '@parley/broadcast';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { withRuns } from './campaign-host.js';
import { asJson, intoStdout } from './lines.js';
import { ENGINE_ARGS } from './operate.js';
import { UsageError } from './usage-error.js';

const { json: _, ...WHERE } = ENGINE_ARGS;

const EXPORT_ARGS = {
  run: { type: 'positional', description: 'The id of the run', required: true },
  format: { type: 'string', description: 'csv, or json: a line for each person', default: 'csv' },
  out: { type: 'string', description: 'File to write to; must not exist. Default: stdout' },
  ...WHERE,
} satisfies ArgsDef;

const COLUMNS = ['address', 'channel', 'name', 'status', 'reason', 'answer'];

/** `parley campaign export <run>`: everybody in a run, and what became of their message. */
export const exportRun = defineCommand({
  meta: { name: 'export', description: 'Everybody in a run, with what became of their message' },
  args: EXPORT_ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, EXPORT_ARGS);
    refuseExtra(args._, 1);
    const { run: id, format, out } = args;
    if (format !== 'csv' && format !== 'json') throw new UsageError('--format must be csv or json');
    await withRuns(args, async (runs) => {
      // Before a file is made for a run that is not there.
      await runs.status(id);
      const people = runs.recipients(id);
      const lines = format === 'csv' ? writeCsv(COLUMNS, rowsOf(people)) : asJson(people);
      await (out === undefined ? intoStdout(lines) : intoFile(lines, out));
    });
  },
});

async function* rowsOf(people: AsyncIterable<CampaignRecipient>): AsyncGenerator<string[]> {
  for await (const { to, name = '', status, reason = '', answer = '' } of people)
    yield [to.value, to.channel, name, status, reason, answer];
}

/** For its owner only: it holds addresses. */
async function intoFile(lines: AsyncIterable<string>, file: string): Promise<void> {
  const sink = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(lines, sink);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new Error(`${file}: there is a file already; name another`, { cause: error });
    await rm(file, { force: true });
    throw error;
  }
}
