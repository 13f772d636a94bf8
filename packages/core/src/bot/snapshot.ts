import type { StateEntry, StateWrite } from '../engine.js';
import type { Conversation, FieldValue } from '../model/conversation.js';
import type { Event } from '../model/event.js';

/** Milliseconds for which a late snapshot is recognised: providers deliver up to a day late. */
const REMEMBERED_MS = 25 * 3_600_000;

/** The kind of state of a conversation that this is. */
export const SNAPSHOT = 'snapshot';

/** Stored as its time, a bar, its JSON: comparing needs no parsing. */
function storedAt(entry: StateEntry): string {
  return entry.value.slice(0, entry.value.indexOf('|'));
}

/**
 * The conversation as this event shows it: its snapshot, or what is stored with the event's changes made. Undefined if it
 * shows nothing, or something older than what is stored.
 */
export function shownBy(event: Event, stored: StateEntry | undefined): Conversation | undefined {
  if ('conversation' in event && event.conversation !== undefined) return event.conversation;
  if (!('changes' in event) || event.changes === undefined) return undefined;
  const { changes, conversationId: id, account, provider, at } = event;
  if (stored !== undefined && at < storedAt(stored)) return undefined;
  const known = stored === undefined ? undefined : readSnapshot(stored);
  const status = changes.status ?? known?.status;
  // Where not even that is known, a snapshot would be made up.
  if (status === undefined) return undefined;
  const { assigneeId, fields, ...rest } = changes;
  const shown: Conversation = {
    kind: 'contact',
    ...known,
    ...rest,
    id,
    account,
    provider,
    status,
    updatedAt: at,
  };
  if (assigneeId === null) delete shown.assigneeId;
  else if (assigneeId !== undefined) shown.assigneeId = assigneeId;
  if (fields !== undefined) shown.fields = mergedFields(known?.fields, fields);
  return shown;
}

function mergedFields(
  known: Record<string, FieldValue> | undefined,
  changes: Record<string, FieldValue>,
): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries({ ...known, ...changes }).filter(([, value]) => value !== ''));
}

function readSnapshot(entry: StateEntry): Conversation {
  return JSON.parse(entry.value.slice(entry.value.indexOf('|') + 1)) as Conversation;
}

/** The newer of what came with the event and what is stored. Without a time, what came is taken. */
export function newestConversation(
  came: Conversation | undefined,
  stored: StateEntry | undefined,
): Conversation | undefined {
  if (stored === undefined) return came;
  if (came !== undefined && (came.updatedAt === undefined || came.updatedAt >= storedAt(stored))) return came;
  return readSnapshot(stored);
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
