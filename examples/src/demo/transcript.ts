import { styleText } from 'node:util';
import type { Observation } from './observer.js';

type Style = Parameters<typeof styleText>[0];

/** Where the text of a line begins. */
const INDENT = ' '.repeat(32);

/** Prints what happens as a conversation that a person can read. Colours only on a terminal. */
export interface Transcript {
  /** The heading of what comes next. */
  heading(text: string): void;
  /** What was counted or compared. */
  finding(text: string): void;
  remark(text: string): void;
  /** Something that Parley itself says. */
  parley(text: string): void;
  show(observation: Observation): void;
}

export function createTranscript(print: (line: string) => void): Transcript {
  const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });
  const line = (at: string, who: string, how: string, text: string, style: Style): void => {
    const [first = '', ...rest] = text.split('\n');
    print(
      `${paint('dim', at.padEnd(12))}  ${paint(style, who.padEnd(8))}${paint('dim', how.padEnd(10))}${first}`,
    );
    for (const more of rest) print(`${INDENT}${more}`);
  };

  return {
    heading: (text) => print(`\n${paint('bold', text)}`),
    finding: (text) => print(paint('green', `${' '.repeat(14)}✓ ${text}`)),
    remark: (text) => print(text),
    parley: (text) => line('', 'Parley', 'says', text, 'yellow'),
    show(observation) {
      const { how, text } = observation;
      const at = timeOf(observation.at);
      if (observation.kind === 'fact') {
        print(paint('dim', `${at.padEnd(12)}  ${' '.repeat(8)}${how.padEnd(10)}${text}`));
        return;
      }
      const { author, buttons } = observation;
      line(at, author, how, text, author === 'Bot' ? 'green' : 'cyan');
      const shown = buttons.map((button) => `[${button}]`).join(' ');
      if (shown !== '') print(`${INDENT}${paint('bold', shown)}`);
    },
  };
}

/** What a call was answered, in words. */
export function answerIn({ status, fault }: { status: number; fault?: string }): string {
  const answer = status === 0 ? 'no answer' : String(status);
  return fault === undefined ? answer : `${answer} (injected: ${fault})`;
}

/** `10:21:44.902`, UTC. */
function timeOf(at: string): string {
  return at.slice(11, 23);
}
