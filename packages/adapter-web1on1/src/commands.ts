import { ParleyError } from '@parley/core';
import type { Web1on1MessageInput } from './wire/message.js';

// Commands are messages of type `command`: the way to change a conversation without the right to update it.
// https://developers.web1on1.chat/messaging/commands

/** Joins and takes responsibility: the conversation becomes `active` and channels are no longer notified. */
export const accept = (): Web1on1MessageInput => command('/accept');

/** Becomes a participant without taking over. */
export const join = (): Web1on1MessageInput => command('/join');

/** Lets go. The conversation is `closed` if nobody else has accepted it. */
export function leave(options: { delayMs?: number } = {}): Web1on1MessageInput {
  return options.delayMs === undefined ? command('/leave') : { ...command('/leave'), delay: options.delayMs };
}

/** Puts the conversation into the inbox of these users until one accepts. */
export function assign(users: readonly string[]): Web1on1MessageInput {
  if (users.length === 0) throw refused('/assign', 'at least one user');
  return { ...command('/assign'), meta: { users: [...users] } };
}

/** Whom to call for: channels (queues of agents), organizations, or whoever the routing rules say. */
export interface NotifyTargets {
  /** Bypasses the rules: waits in each of these channels until one of its subscribers accepts. */
  channels?: readonly string[];
  /** Only these organizations' rules. */
  organizations?: readonly string[];
}

/** Runs the routing rules; a closed conversation is queued again. */
export function notify(targets: NotifyTargets = {}): Web1on1MessageInput {
  const { channels, organizations } = targets;
  return {
    ...command('/notify'),
    meta: {
      ...(channels !== undefined && { channels: [...channels] }),
      ...(organizations !== undefined && { organizations: [...organizations] }),
    },
  };
}

/**
 * Writes one value into the conversation's `meta`, or with `@name` one of its properties (`@category`). An empty value
 * removes it. The platform keeps a string: `3` comes back as `'3'`.
 *
 * @throws ERR_CONFIG for a key that is not one word, and for a value with a line break: the command is one line
 */
export function set(key: string, value: string | number | boolean): Web1on1MessageInput {
  if (!isWord(key.startsWith('@') ? key.slice(1) : key)) {
    throw refused('/set', 'a key of letters, digits, `_`, `-` and `.`, with `@` before a property');
  }
  const text = String(value);
  if (hasLineBreak(text)) throw refused('/set', `a value of one line for "${key}"`);
  return command(`/set ${key} ${text}`);
}

/** The line that records a field: `.licenseplate GT-482-K`. */
export function fieldLine(key: string, value: string): string {
  if (!isWord(key)) throw refused('a field', 'a key of letters, digits, `_`, `-` and `.`');
  if (hasLineBreak(value)) throw refused('a field', `a value of one line for "${key}"`);
  return `.${key} ${value}`;
}

/** What a field's line says; undefined if it is not one. */
export function readFieldLine(line: string): { key: string; value: string } | undefined {
  if (!line.startsWith('.')) return undefined;
  const space = line.indexOf(' ');
  const key = space === -1 ? line.slice(1) : line.slice(1, space);
  return key === '' ? undefined : { key, value: space === -1 ? '' : line.slice(space + 1) };
}

/** What a bot command says: `>remind tomorrow` is `remind` with `tomorrow`; undefined if it is not one. */
export function readBotCommand(line: string): { command: string; args: string } | undefined {
  if (!line.startsWith('>')) return undefined;
  const words = line.slice(1).trim();
  const end = words.search(/\s/);
  if (words === '') return undefined;
  return end === -1
    ? { command: words, args: '' }
    : { command: words.slice(0, end), args: words.slice(end).trim() };
}

/** True for `/assign`, with or without anything behind it. */
export function isAssign(line: string): boolean {
  return line.startsWith('/assign') && (line.length === 7 || line[7] === ' ');
}

function command(text: string): Web1on1MessageInput {
  return { type: 'command', text, meta: {} };
}

const isWord = (key: string): boolean => /^[A-Za-z0-9_.-]+$/.test(key);

const hasLineBreak = (value: string): boolean => /[\n\r\u2028\u2029]/.test(value);

function refused(what: string, expected: string): ParleyError {
  return new ParleyError('ERR_CONFIG', `Web1on1: ${what} needs ${expected}`);
}
