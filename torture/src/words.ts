/**
 * How the bot handles a message. The person's text says it, so that every process and every try of a turn does the same.
 *
 * - `plain`: counts and replies
 * - `slow`: the same with waits in between, for a kill, or a change of the session from outside, to fall into
 * - `throws`: the first try replies, then throws: the second must not reply again
 * - `holds`: the first try holds something back and throws: that must vanish with it
 * - `steps`: the first try takes a ticket in a `step` and throws: the second must get the same one
 * - `later`: replies, says a reminder for later, and throws at the first try: the reminder must come once
 * - `timer`: replies, sets a timer that says a reminder, and throws at the first try: it must fire once
 * - `overdue`: the first try outlives its time, and speaks afterwards: it must be refused
 */
export const MANNERS = ['plain', 'slow', 'throws', 'holds', 'steps', 'later', 'timer', 'overdue'] as const;

export type Manner = (typeof MANNERS)[number];

/** A message of a person: the `index`th of its conversation, from 0. */
export interface Written {
  conversation: number;
  index: number;
  manner: Manner;
}

/** The bot's reply to one message. */
export interface Reply {
  /** Of the message it replies to. */
  name: string;
  conversation: number;
  index: number;
  /** How many messages the session has counted, this one included. */
  count: number;
  ticket?: string;
}

export function nameOf({ conversation, index }: { conversation: number; index: number }): string {
  return `c${conversation}m${index}`;
}

export function toText(written: Written): string {
  return `${nameOf(written)} ${written.manner}`;
}

export function readText(text: string): Written {
  const [, conversation, index, manner] = /^c(\d+)m(\d+) (\w+)$/.exec(text) ?? [];
  if (manner === undefined) throw new Error('The bot got a text that nobody wrote');
  return { conversation: Number(conversation), index: Number(index), manner: manner as Manner };
}

export function toReplyText(written: Written, count: number, ticket?: string): string {
  const base = `reply to ${nameOf(written)}, number ${count}`;
  return ticket === undefined ? base : `${base}, ticket ${ticket}`;
}

export function toReminderText(name: string): string {
  return `reminder of ${name}`;
}

/** The name of the message that a text reminds of, or undefined. */
export function readReminder(text: string | undefined): string | undefined {
  return /^reminder of (c\d+m\d+)$/.exec(text ?? '')?.[1];
}

/** Milliseconds from a turn to the reminder that it promises. */
export const REMINDED_AFTER_MS = 1500;

/** Whether the bot has promised a reminder of it. */
export function isReminded({ manner }: Written): boolean {
  return manner === 'later' || manner === 'timer';
}

/** Undefined for a text that is no reply to a message. */
export function readReply(text: string | undefined): Reply | undefined {
  const found = /^reply to (c(\d+)m(\d+)), number (\d+)(?:, ticket (\S+))?$/.exec(text ?? '');
  if (found === null) return undefined;
  const [, name = '', conversation, index, count, ticket] = found;
  const reply: Reply = {
    name,
    conversation: Number(conversation),
    index: Number(index),
    count: Number(count),
  };
  if (ticket !== undefined) reply.ticket = ticket;
  return reply;
}
