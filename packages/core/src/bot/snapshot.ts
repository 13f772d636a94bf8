import type { StateEntry, StateWrite } from '../engine.js';
import type { Conversation } from '../model/conversation.js';

/** Milliseconds for which a late snapshot is recognised: providers deliver up to a day late. */
const REMEMBERED_MS = 25 * 3_600_000;

/** The kind of state of a conversation that this is. */
export const SNAPSHOT = 'snapshot';

/** Stored as its time, a bar, its JSON: comparing needs no parsing. */
function storedAt(entry: StateEntry): string {
  return entry.value.slice(0, entry.value.indexOf('|'));
}

/** The newer of what came with the event and what is stored. Without a time, what came is taken. */
export function newestConversation(
  came: Conversation | undefined,
  stored: StateEntry | undefined,
): Conversation | undefined {
  if (stored === undefined) return came;
  if (came !== undefined && (came.updatedAt === undefined || came.updatedAt >= storedAt(stored))) return came;
  return JSON.parse(stored.value.slice(stored.value.indexOf('|') + 1)) as Conversation;
}

/** What to remember of this event's snapshot, or undefined if nothing newer came. */
export function snapshotWrite(
  conversationId: string,
  came: Conversation | undefined,
  stored: StateEntry | undefined,
  now: number,
): StateWrite | undefined {
  if (came?.updatedAt === undefined) return undefined;
  if (stored !== undefined && came.updatedAt <= storedAt(stored)) return undefined;
  return {
    scope: conversationId,
    kind: SNAPSHOT,
    // One flat string: a template would make a rope that keeps its pieces alive.
    value: [came.updatedAt, JSON.stringify(came)].join('|'),
    version: stored?.version ?? 0,
    expiresAt: now + REMEMBERED_MS,
  };
}
