import { resolve } from 'node:path';
import { type ArgsDef, defineCommand } from 'citty';
import { refuseExtra, refuseUnknown } from './arguments.js';
import { ENGINE_ARGS, operate } from './operate.js';

const ARGS = {
  file: { type: 'positional', description: 'To write to; must not exist', required: true },
  ...ENGINE_ARGS,
} satisfies ArgsDef;

/** `parley backup <file>`: copies an engine that is a file, while its bot runs. */
export const backup = defineCommand({
  meta: { name: 'backup', description: "Copies the engine's file, while its bot runs (SQLite)" },
  args: ARGS,
  async run({ args, rawArgs }) {
    refuseUnknown(rawArgs, ARGS);
    refuseExtra(args._, 1);
    const file = resolve(args.file);
    await operate(args, (operations) => operations.backup(file));
    process.stdout.write(args.json === true ? `${JSON.stringify({ file })}\n` : `written: ${file}\n`);
  },
});
