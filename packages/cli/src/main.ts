#!/usr/bin/env node
import { defineCommand, runCommand, runMain, showUsage } from 'citty';
import { UsageError } from './usage-error.js';

const parley = defineCommand({
  meta: { name: 'parley', description: 'One bot, every messaging provider' },
  // Each loads what it needs when it is called: an emulator is no business of `stats`.
  subCommands: {
    'dead-letters': async () => (await import('./dead-letters.js')).deadLetters,
    stats: async () => (await import('./stats.js')).stats,
    erase: async () => (await import('./erase.js')).erase,
    backup: async () => (await import('./backup.js')).backup,
    campaign: async () => (await import('./campaign.js')).campaign,
    emulate: async () => (await import('./emulate.js')).emulate,
  },
});

const rawArgs = process.argv.slice(2);
if (rawArgs.length === 0) {
  await showUsage(parley);
} else if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
  await runMain(parley, { rawArgs });
} else {
  try {
    await runCommand(parley, { rawArgs });
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof Error && error.name === 'CLIError');
    process.stderr.write(`parley: ${wordsOf(error)}${isUsage ? ' (see parley --help)' : ''}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** One line; or, if there are several problems, a line for each. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const { problems = [] } = error as { problems?: readonly string[] };
  const together = problems.join('; ');
  if (problems.length < 2 || !message.endsWith(together)) return withoutColour(message);
  const heading = message.slice(0, -together.length).trimEnd();
  return [heading, ...problems].map(withoutColour).join('\n  ');
}

function withoutColour(text: string): string {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').replaceAll('\n', ' ');
}
