import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { UsageError } from './usage-error.js';

/** @throws UsageError if there is no terminal: nobody could answer */
export function assertSomebodyIsThere(): void {
  if (!process.stdin.isTTY) throw new UsageError('nobody is there to be asked: add --yes');
}

/**
 * Asks the person at the terminal. Anything but yes is no.
 *
 * @throws UsageError if there is none
 */
export async function confirm(question: string): Promise<boolean> {
  assertSomebodyIsThere();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D close it, and then no answer comes.
  const closed = once(terminal, 'close').then(() => '');
  const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
