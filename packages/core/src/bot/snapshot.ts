import type { StateEntry, StateWrite } from '../engine.js';
import type { Conversation, ConversationChanges, FieldValue } from '../model/conversation.js';
import type { Event } from '../model/event.js';

/** Milliseconds for which a late snapshot is recognised: providers deliver up to a day late. */
const REMEMBERED_MS = 25 * 3_600_000;

/** The kind of state of a conversation that this is. */
export const SNAPSHOT = 'snapshot';

// Stored as its time, a bar, its JSON; and, after a line break, the changes that were made last, as JSON. So neither the time nor
// hearing the same changes again, as with every message of a chat, needs parsing.

function storedAt(entry: StateEntry): string {
  return entry.value.slice(0, entry.value.indexOf('|'));
}

/** One flat string: a template would make a rope that keeps its pieces alive. */
function stored(at: string, rest: string): string {
  return [at, rest].join('|');
}

function changesOf(event: Event): ConversationChanges | undefined {
  return 'changes' in event ? event.changes : undefined;
}

function snapshotOf(event: Event): Conversation | undefined {
  return 'conversation' in event ? event.conversation : undefined;
}

/** The newest that is known: what the event shows or changes, unless what is stored is newer. */
export function conversationAfter(event: Event, entry: StateEntry | undefined): Conversation | undefined {
  const came = snapshotOf(event);
  if (came !== undefined) {
    if (entry === undefined || came.updatedAt === undefined || came.updatedAt >= storedAt(entry)) return came;
    return readSnapshot(entry);
  }
  const known = entry === undefined ? undefined : readSnapshot(entry);
  const changes = changesOf(event);
  if (changes === undefined || (entry !== undefined && event.at < storedAt(entry))) return known;
  return changed(known, changes, event) ?? known;
}

/** With the changes made. Undefined where not even the status is known: a snapshot would be made up. */
function changed(
  known: Conversation | undefined,
  { assigneeId, fields, ...rest }: ConversationChanges,
  event: Event,
): Conversation | undefined {
  const status = rest.status ?? known?.status;
  if (status === undefined || !('conversationId' in event) || event.conversationId === undefined) {
    return undefined;
  }
  const { conversationId: id, account, provider, at } = event;
  const after: Conversation = {
    kind: 'contact',
    ...known,
    ...rest,
    id,
    account,
    provider,
    status,
    updatedAt: at,
  };
  if (assigneeId === null) delete after.assigneeId;
  else if (assigneeId !== undefined) after.assigneeId = assigneeId;
  if (fields !== undefined) after.fields = mergedFields(known?.fields, fields);
  return after;
}

function mergedFields(
  known: Record<string, FieldValue> | undefined,
  changes: Record<string, FieldValue>,
): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries({ ...known, ...changes }).filter(([, value]) => value !== ''));
}

function readSnapshot({ value }: StateEntry): Conversation {
  const bar = value.indexOf('|');
  const end = value.indexOf('\n', bar);
  const known = JSON.parse(value.slice(bar + 1, end < 0 ? undefined : end)) as Conversation;
  // The changes may have been made again since the JSON was written.
  if (end >= 0) known.updatedAt = value.slice(0, bar);
  return known;
}

/** What to remember of this event, or undefined if nothing newer came. */
export function snapshotWrite(
  scope: string,
  event: Event,
  entry: StateEntry | undefined,
  now: number,
): StateWrite | undefined {
  const value = newValue(event, entry);
  if (value === undefined) return undefined;
  return { scope, kind: SNAPSHOT, value, version: entry?.version ?? 0, expiresAt: now + REMEMBERED_MS };
}

function newValue(event: Event, entry: StateEntry | undefined): string | undefined {
  const came = snapshotOf(event);
  if (came !== undefined) {
    const { updatedAt } = came;
    if (updatedAt === undefined || (entry !== undefined && updatedAt <= storedAt(entry))) return undefined;
    return stored(updatedAt, JSON.stringify(came));
  }
  const changes = changesOf(event);
  if (changes === undefined || (entry !== undefined && event.at < storedAt(entry))) return undefined;
  const last = ['\n', JSON.stringify(changes)].join('');
  if (entry?.value.endsWith(last)) return stored(event.at, entry.value.slice(entry.value.indexOf('|') + 1));
  const after = changed(entry && readSnapshot(entry), changes, event);
  return after && stored(event.at, [JSON.stringify(after), last].join(''));
}
