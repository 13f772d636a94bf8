import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Turn } from '@parley/core';
import { nameOf, REMINDED_AFTER_MS, toReminderText, toReplyText, type Written } from './words.js';

/** The session of a conversation: messages counted by turns, and calls counted from outside of them. */
export interface Counters {
  count: number;
  outside: number;
}

const SLOW_MS = 120;

type CountingTurn = Pick<Turn, 'attempt' | 'signal' | 'setTimer'> & {
  session: Counters;
  say(text: string, options?: { hold?: boolean; after?: number }): Promise<unknown>;
  step<T>(name: string, work: () => T): Promise<T>;
};

/** Counts the message in the session and replies once, in its manner. */
export async function handleMessage(
  turn: CountingTurn,
  written: Written,
  onTicket: (name: string, ticket: string) => void,
): Promise<void> {
  const isFirst = turn.attempt === 1;
  turn.session.count += 1;
  const reply = toReplyText(written, turn.session.count);
  switch (written.manner) {
    case 'plain':
      await turn.say(reply);
      break;
    case 'slow':
      await wait(SLOW_MS);
      await turn.say(reply);
      await wait(SLOW_MS);
      break;
    case 'throws':
      await turn.say(reply);
      if (isFirst) throw new OnPurpose();
      break;
    case 'holds':
      await turn.say(isFirst ? 'held back' : reply, { hold: true });
      if (isFirst) throw new OnPurpose();
      break;
    case 'steps': {
      const ticket = await turn.step('ticket', () => randomUUID());
      onTicket(nameOf(written), ticket);
      if (isFirst) throw new OnPurpose();
      await turn.say(toReplyText(written, turn.session.count, ticket));
      break;
    }
    case 'later':
      await turn.say(reply);
      await turn.say(toReminderText(nameOf(written)), { after: REMINDED_AFTER_MS });
      if (isFirst) throw new OnPurpose();
      break;
    case 'timer':
      await turn.say(reply);
      turn.setTimer(nameOf(written), { after: REMINDED_AFTER_MS });
      if (isFirst) throw new OnPurpose();
      break;
    case 'overdue':
      if (isFirst) await givenUp(turn.signal);
      await turn.say(isFirst ? 'too late' : reply);
      break;
  }
}

class OnPurpose extends Error {
  constructor() {
    super('The first try of this message fails on purpose');
  }
}

function givenUp(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
