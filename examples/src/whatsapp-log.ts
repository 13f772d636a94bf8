import { appendFile } from 'node:fs/promises';
import type { TalkingBot } from '@parley/core';

export interface LoggedAnswer {
  /** ISO 8601, UTC: when the person wrote it. */
  at: string;
  account: string;
  conversation: string;
  text: string;
  /** The value of the button, if one was pressed. */
  choice?: string;
}

/**
 * Hands every WhatsApp message of a customer to `write`, and nothing of any other channel. If `write` fails, the turn
 * is tried again, so nothing is left out; `step` keeps a later failure from writing it twice.
 *
 * Parley itself never logs what people write. To keep it, as here, is your decision: tell them, and delete it in time.
 */
export function addWhatsAppLog(bot: TalkingBot, write: (answer: LoggedAnswer) => Promise<void> | void): void {
  bot.on('message.received', { channel: 'whatsapp', role: 'contact' }, async (turn) => {
    const { createdAt, account, conversationId } = turn.message;
    const answer: LoggedAnswer = { at: createdAt, account, conversation: conversationId, text: turn.text };
    if (turn.choice !== undefined) answer.choice = turn.choice.value;
    await turn.step('log', () => write(answer));
  });
}

/** One JSON object a line, at the end of a file. */
export function toJsonLines(path: string): (answer: LoggedAnswer) => Promise<void> {
  return (answer) => appendFile(path, `${JSON.stringify(answer)}\n`);
}
