import type { Message } from '@parley/emulators';
import type { SessionReport } from './protocol.js';
import { type Reply, readReply } from './words.js';

/** What one conversation came to. */
export interface ConversationOutcome {
  /** Messages that its person wrote. */
  written: number;
  /** What the bot said in it, in the order in which the provider stored it. */
  said: readonly Pick<Message, 'text'>[];
  session: SessionReport;
  /** Calls from outside of turns that changed its session: those that were answered, and all that were made. */
  outside: { answered: number; made: number };
}

export interface Counts {
  replies: number;
  lost: number;
  doubled: number;
  misordered: number;
  strays: number;
  counterErrors: number;
}

/** Holds every conversation against what it should have come to: each message answered once, in order, and counted once. */
export function check(conversations: readonly ConversationOutcome[]): Counts {
  const counts: Counts = { replies: 0, lost: 0, doubled: 0, misordered: 0, strays: 0, counterErrors: 0 };
  for (const outcome of conversations) checkOne(outcome, counts);
  return counts;
}

function checkOne({ written, said, session, outside }: ConversationOutcome, counts: Counts): void {
  const firsts = new Set<number>();
  let latest = -1;
  for (const message of said) {
    const reply = readReply(message.text);
    if (reply === undefined) {
      counts.strays += 1;
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
  counts.lost += written - firsts.size;
  if (written === 0) return;
  const isExact =
    session?.count === written && session.outside >= outside.answered && session.outside <= outside.made;
  if (!isExact) counts.counterErrors += 1;
}

/** Messages are counted in order: the first is number one. */
function isCountedRight({ index, count }: Reply): boolean {
  return count === index + 1;
}
