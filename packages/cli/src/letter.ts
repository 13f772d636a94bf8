import { conversationOf, type DeadLetter, type Effect, type Event } from '@parley/core';
import { columns } from './columns.js';

/** A dead letter without anything a person wrote. */
export interface Letter {
  id: string;
  kind: 'event' | 'effect';
  /** `message.received (text)`, `open`, ... */
  what: string;
  account: string;
  conversation: string;
  acceptedAt: string;
  givenUpAt: string;
  attempts: number;
  error: DeadLetter['error'];
}

export function withoutContent(letter: DeadLetter): Letter {
  const { id, kind, account, lane, acceptedAt, at, attempts, error } = letter;
  const what = kind === 'event' ? ofEvent(letter.event) : ofEffect(letter.effect);
  const conversation = (kind === 'event' ? conversationOf(letter.event) : undefined) ?? lane;
  return { id, kind, what, account, conversation, acceptedAt, givenUpAt: at, attempts, error };
}

function ofEvent(event: Event): string {
  return 'message' in event ? `${event.name} (${event.message.content.kind})` : event.name;
}

function ofEffect({ action }: Effect): string {
  return action.kind === 'message'
    ? `${action.note === true ? 'note' : 'message'} (${action.content.kind})`
    : action.kind;
}

const MOST_ERROR = 80;

/** A line for each, under a heading. */
export function letterList(letters: readonly Letter[]): string {
  const rows = letters.map(({ id, what, conversation, attempts, givenUpAt, error }) => {
    const words = `${error.code} ${error.message}`.replaceAll('\n', ' ');
    return [id, what, conversation, String(attempts), givenUpAt, words.slice(0, MOST_ERROR)];
  });
  return columns([['ID', 'WHAT', 'CONVERSATION', 'TRIES', 'GIVEN UP', 'ERROR'], ...rows]);
}

/** Everything about one of them but its content. */
export function letterDetails(letter: Letter, history: DeadLetter['history']): string {
  const facts = columns([
    ['id', letter.id],
    ['what', letter.what],
    ['account', letter.account],
    ['conversation', letter.conversation],
    ['accepted', letter.acceptedAt],
    ['given up', letter.givenUpAt],
    ['tries', String(letter.attempts)],
    ['error', `${letter.error.code} ${letter.error.message}`],
  ]);
  const tries = history.map(({ attempt, at, error }) => [
    `  ${attempt}`,
    at,
    `${error.code} ${error.message}`,
  ]);
  return `${facts}history\n${columns(tries)}`;
}
