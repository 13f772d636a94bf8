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
export function check(conversations: readonly ConversationOutcome[]): Counts {
  const counts: Counts = {
    replies: 0,
    lost: 0,
    doubled: 0,
    misordered: 0,
    strays: 0,
    counterErrors: 0,
    reminderErrors: 0,
  };
  for (const outcome of conversations) {
    const others = checkReplies(outcome, counts);
    checkReminders(outcome, others, counts);
    checkSession(outcome, counts);
  }
  return counts;
}

/** Returns what is no reply. */
function checkReplies({ written, said }: ConversationOutcome, counts: Counts): Said[] {
  const others: Said[] = [];
  const firsts = new Set<number>();
  let latest = -1;
  for (const message of said) {
    const reply = readReply(message.text);
    if (reply === undefined) {
      others.push(message);
      continue;
    }
    counts.replies += 1;
    if (firsts.has(reply.index)) {
      counts.doubled += 1;
      continue;
    }
    firsts.add(reply.index);
    if (reply.index < latest) counts.misordered += 1;
    latest = Math.max(latest, reply.index);
    if (!isCountedRight(reply)) counts.counterErrors += 1;
  }
  counts.lost += written.length - firsts.size;
  return others;
}

/** One for each message that the bot has promised it for, and not too early. */
function checkReminders({ written }: ConversationOutcome, others: readonly Said[], counts: Counts): void {
  const promised = new Map(written.filter(isReminded).map((message) => [nameOf(message), message.at]));
  for (const { text, createdAt } of others) {
    const name = readReminder(text);
    if (name === undefined) {
      counts.strays += 1;
      continue;
    }
    const at = promised.get(name);
    if (at === undefined || Date.parse(createdAt) < at + REMINDED_AFTER_MS) counts.reminderErrors += 1;
    promised.delete(name);
  }
  counts.reminderErrors += promised.size;
}

function checkSession({ written, session, outside }: ConversationOutcome, counts: Counts): void {
  if (written.length === 0) return;
  const isExact =
    session?.count === written.length &&
    session.outside >= outside.answered &&
    session.outside <= outside.made;
  if (!isExact) counts.counterErrors += 1;
}

/** Messages are counted in order: the first is number one. */
function isCountedRight({ index, count }: Reply): boolean {
  return count === index + 1;
}
