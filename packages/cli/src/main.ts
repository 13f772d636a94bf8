#!/usr/bin/env node
import { defineCommand, runCommand, showUsage } from 'citty';
import { emulate } from './emulate.js';
import { UsageError } from './usage-error.js';

const parley = defineCommand({
  meta: { name: 'parley', description: 'One bot, every messaging provider' },
  subCommands: { emulate },
});

const rawArgs = process.argv.slice(2);
if (rawArgs.length === 0 || rawArgs.includes('--help') || rawArgs.includes('-h')) {
  await (rawArgs[0] === 'emulate' ? showUsage(emulate) : showUsage(parley));
} else {
  try {
    await runCommand(parley, { rawArgs });
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof Error && error.name === 'CLIError');
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`parley: ${withoutColour(message)}${isUsage ? ' (see parley --help)' : ''}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

function withoutColour(text: string): string {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').replaceAll('\n', ' ');
}
