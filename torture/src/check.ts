import type { Message } from '@parley/emulators';
import type { SessionReport } from './protocol.js';
import {
  isReminded,
  nameOf,
  REMINDED_AFTER_MS,
  type Reply,
  readReminder,
  readReply,
  type Written,
} from './words.js';

/** What one conversation came to. */
export interface ConversationOutcome {
  /** What its person wrote, in order, and when, in epoch milliseconds of the provider's clock. */
  written: readonly (Written & { at: number })[];
  /** What the bot said in it, in the order in which the provider stored it. */
  said: readonly Pick<Message, 'text' | 'createdAt'>[];
  session: SessionReport;
  /** Calls from outside of turns that changed its session: those that were answered, and all that were made. */
  outside: { answered: number; made: number };
}

type Said = ConversationOutcome['said'][number];

export interface Checked {
  counts: Counts;
  /** What is wrong, one sentence each. */
  problems: string[];
}

export interface Counts {
  replies: number;
  lost: number;
  doubled: number;
  misordered: number;
  strays: number;
  counterErrors: number;
  reminderErrors: number;
}

/** Holds every conversation against what it should have come to: each message answered once, in order, and counted once. */
export function check(conversations: readonly ConversationOutcome[]): Checked {
  const counts: Counts = {
    replies: 0,
    lost: 0,
    doubled: 0,
    misordered: 0,
    strays: 0,
    counterErrors: 0,
    reminderErrors: 0,
  };
  const problems: string[] = [];
  const find: Find = (kind, problem) => {
    counts[kind] += 1;
    problems.push(`${kind}: ${problem}`);
  };
  for (const outcome of conversations) {
    const { replies, others } = sort(outcome.said);
    counts.replies += replies.length;
    checkReplies(outcome, replies, find);
    checkReminders(outcome, others, find);
    checkSession(outcome, find);
  }
  return { counts, problems };
}

type Find = (kind: Exclude<keyof Counts, 'replies'>, problem: string) => void;

type StoredReply = Reply & { at: string };

function sort(said: ConversationOutcome['said']): { replies: StoredReply[]; others: Said[] } {
  const replies: StoredReply[] = [];
  const others: Said[] = [];
  for (const message of said) {
    const reply = readReply(message.text);
    if (reply === undefined) others.push(message);
    else replies.push({ ...reply, at: message.createdAt });
  }
  return { replies, others };
}

function checkReplies({ written }: ConversationOutcome, replies: readonly StoredReply[], find: Find): void {
  const firsts = new Set<number>();
  let latest = -1;
  for (const { name, index, count, at } of replies) {
    if (firsts.has(index)) {
      find('doubled', `${name} got another reply at ${at}`);
      continue;
    }
    firsts.add(index);
    if (index < latest)
      find('misordered', `the reply to ${name} came at ${at}, after that to a later message`);
    latest = Math.max(latest, index);
    // Messages are counted in order: the first is number one.
    if (count !== index + 1) find('counterErrors', `the reply to ${name} says number ${count}`);
  }
  for (const message of written)
    if (!firsts.has(message.index)) find('lost', `${nameOf(message)} has no reply`);
}

/** One for each message that the bot has promised it for, and not too early. */
function checkReminders({ written }: ConversationOutcome, others: readonly Said[], find: Find): void {
  const promised = new Map(written.filter(isReminded).map((message) => [nameOf(message), message.at]));
  for (const { text, createdAt } of others) {
    const name = readReminder(text);
    const at = promised.get(name ?? '');
    if (name === undefined) find('strays', `"${text}" at ${createdAt}`);
    else if (at === undefined) find('reminderErrors', `${name} got a reminder too many at ${createdAt}`);
    else if (Date.parse(createdAt) < at + REMINDED_AFTER_MS)
      find('reminderErrors', `${name} got its reminder too early, at ${createdAt}`);
    if (name !== undefined) promised.delete(name);
  }
  for (const name of promised.keys()) find('reminderErrors', `${name} has no reminder`);
}

function checkSession({ written, session, outside }: ConversationOutcome, find: Find): void {
  const [first] = written;
  if (first === undefined) return;
  const isExact =
    session?.count === written.length &&
    session.outside >= outside.answered &&
    session.outside <= outside.made;
  if (isExact) return;
  const counted = session === null ? 'is gone' : `has counted ${session.count} and ${session.outside}`;
  const expected = `${written.length} and ${outside.answered} to ${outside.made}`;
  find('counterErrors', `the session of c${first.conversation} ${counted} instead of ${expected}`);
}
