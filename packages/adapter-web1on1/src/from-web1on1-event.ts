import { createHash } from 'node:crypto';
import type { Conversation, Event, Id } from '@parley/core';
import { toId } from '@parley/core';
import { isAssign, readBotCommand } from './commands.js';
import {
  fromWeb1on1Contact,
  fromWeb1on1Message,
  fromWeb1on1Snapshot,
  fromWeb1on1Status,
  toIsoTime,
  type Viewpoint,
} from './from-web1on1.js';
import { type Ignore, isIgnored } from './ignore.js';
import type { Web1on1Contact } from './wire/contact.js';
import type { Web1on1Conversation } from './wire/conversation.js';
import type { Web1on1Message } from './wire/message.js';
import type { Web1on1MessageData, Web1on1Payload } from './wire/webhook.js';

/** The id of the event that announces a message: a message is created once, whatever kind of conversation it is in. */
export function messageEventId(account: string, messageId: string): Id {
  return toId(account, `message.create:${messageId}`);
}

/** A new message, as one event; undefined if it is ignored. */
export function fromMessageCreated(
  payload: Web1on1Payload,
  data: Web1on1MessageData,
  view: Viewpoint,
  ignore: Ignore,
): Event | undefined {
  const { message, conversation } = isWhole(data) ? data : completed(payload, data);
  const { type } = message;
  const text = message.text ?? '';
  const assignees = type === 'command' && isAssign(text) ? idsOf(message.meta?.users) : undefined;
  const command = type === 'command' ? readBotCommand(text) : undefined;
  const mentionsUs = type === 'mention' && isMentioned(message, view.selfId);
  const toSelf = assignees !== undefined && view.selfId !== undefined && assignees.includes(view.selfId);
  const aimedAtUs = toSelf || command !== undefined || mentionsUs;
  if (isIgnored(ignore, view.selfId, message, conversation, aimedAtUs)) return undefined;

  const { account } = view;
  const head = {
    id: messageEventId(account, message.id),
    provider: 'web1on1',
    account,
    at: toIsoTime(message.createdAt),
    native: message.role ? `${payload.event}.${message.role}` : payload.event,
    ...inConversation(conversation, view),
  };
  if (assignees !== undefined) {
    const assigneeIds = assignees.map((user) => toId(account, user));
    return { name: 'conversation.assigned', ...head, assigneeIds, toSelf };
  }
  if (type === 'command' && command === undefined) return { name: 'provider.event', ...head, payload };

  const neutral = fromWeb1on1Message(message, view, conversation);
  if (command !== undefined) return { name: 'command.received', ...head, message: neutral, ...command };
  if (mentionsUs) return { name: 'mention.received', ...head, message: neutral };
  if (neutral.note === true) return { name: 'note.created', ...head, message: neutral };
  if (neutral.direction === 'in') return { name: 'message.received', ...head, message: neutral };
  return { name: 'message.sent', ...head, message: neutral };
}

/** A later change, removal or failure of a message. Not filtered: our own failures are the ones to hear about. */
export function fromMessageChanged(
  payload: Web1on1Payload,
  { message, conversation }: Web1on1MessageData,
  view: Viewpoint,
): Event {
  const { account } = view;
  const messageId = toId(account, message.id);
  const version = payload.event === 'message.update' ? `:${versionOf(payload, message.updatedAt)}` : '';
  const head = {
    id: toId(account, `${payload.event}:${message.id}${version}`),
    provider: 'web1on1',
    account,
    at: toIsoTime(timeOf(payload) ?? message.updatedAt),
    native: payload.event,
    ...inConversation(conversation, view),
  };
  switch (payload.event) {
    case 'message.update':
      return { name: 'message.updated', ...head, message: fromWeb1on1Message(message, view, conversation) };
    case 'message.delete':
      return { name: 'message.deleted', ...head, messageId };
    case 'message.error': {
      const reason = failureReason(payload);
      return { name: 'message.failed', ...head, messageId, ...(reason !== undefined && { reason }) };
    }
    default:
      return { name: 'provider.event', ...head, payload };
  }
}

export function fromConversationEvent(
  payload: Web1on1Payload,
  source: Web1on1Conversation,
  view: Viewpoint,
): Event {
  const { account } = view;
  const head = {
    id: eventId(payload, account, source.id, source.updatedAt),
    provider: 'web1on1',
    account,
    at: toIsoTime(timeOf(payload) ?? source.updatedAt),
    native: payload.event,
    ...inConversation(source, view),
  };
  switch (payload.event) {
    case 'conversation.create':
      return { name: 'conversation.created', ...head };
    case 'conversation.update':
      return source.status
        ? { name: 'conversation.updated', ...head, status: fromWeb1on1Status(source.status) }
        : { name: 'conversation.updated', ...head };
    case 'conversation.delete':
      return { name: 'conversation.deleted', ...head };
    default:
      return { name: 'provider.event', ...head, payload };
  }
}

export function fromContactEvent(payload: Web1on1Payload, source: Web1on1Contact, view: Viewpoint): Event {
  const { account } = view;
  const contact = fromWeb1on1Contact(source, view);
  const head = {
    id: eventId(payload, account, source.id, source.updatedAt),
    provider: 'web1on1',
    account,
    at: toIsoTime(timeOf(payload) ?? source.updatedAt),
    native: payload.event,
    contactId: contact.id,
  };
  switch (payload.event) {
    case 'contact.create':
      return { name: 'contact.created', ...head, contact };
    case 'contact.update':
      return { name: 'contact.updated', ...head, contact };
    default:
      return { name: 'contact.deleted', ...head };
  }
}

/** What has no neutral word, with the conversation it belongs to where one came along. */
export function fromOtherEvent(
  payload: Web1on1Payload,
  conversation: Web1on1Conversation | undefined,
  view: Viewpoint,
): Event {
  const { account } = view;
  return {
    name: 'provider.event',
    id: eventId(payload, account, objectId(payload), recordOf(payload)?.updatedAt),
    provider: 'web1on1',
    account,
    at: toIsoTime(timeOf(payload)),
    native: payload.event,
    ...(conversation !== undefined && inConversation(conversation, view)),
    payload,
  };
}

/**
 * A key that a redelivery repeats, by inference: the platform documents none. `payload.id` is not in it, because it may
 * name the delivery. A creation and a removal happen once; a change is known by the record's version.
 */
function eventId(payload: Web1on1Payload, account: string, id: string | undefined, updatedAt: unknown): Id {
  const { event } = payload;
  if (id !== undefined && (event.endsWith('.create') || event.endsWith('.delete'))) {
    return toId(account, `${event}:${id}`);
  }
  const version = event.endsWith('.update') && typeof updatedAt === 'string' ? updatedAt : undefined;
  return toId(account, `${event}:${id ?? ''}:${versionOf(payload, version)}`);
}

/** The record's own version, else when it happened, else the contents themselves. `timestamp` may be that of the delivery. */
function versionOf(payload: Web1on1Payload, updatedAt: string | null | undefined): string {
  return updatedAt ?? payload.activity?.published ?? digest(payload.data);
}

function digest(value: unknown): string {
  return createHash('sha1')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');
}

/** `activity.published` is when it happened; `timestamp` may be when it was sent. */
function timeOf(payload: Web1on1Payload): string | undefined {
  return payload.activity?.published ?? payload.timestamp ?? undefined;
}

/** The last part of `activity.object.id`, an API address; else the id of the record that the event is about. */
function objectId(payload: Web1on1Payload): string | undefined {
  const address = payload.activity?.object?.id;
  if (address) return address.slice(address.lastIndexOf('/') + 1);
  const id = recordOf(payload)?.id;
  return typeof id === 'string' ? id : undefined;
}

/** `data` holds the record that the event is named after. */
function recordOf({ event, data }: Web1on1Payload): { id?: unknown; updatedAt?: unknown } | undefined {
  const dot = event.indexOf('.');
  const record = data?.[dot === -1 ? event : event.slice(0, dot)];
  return typeof record === 'object' && record !== null ? record : undefined;
}

function inConversation(
  source: Web1on1Conversation,
  view: Viewpoint,
): { conversationId: Id; conversation?: Conversation } {
  const conversationId = toId(view.account, source.id);
  const conversation = fromWeb1on1Snapshot(source, view);
  return conversation === undefined ? { conversationId } : { conversationId, conversation };
}

function isWhole({ message, conversation }: Web1on1MessageData): boolean {
  return Boolean(message.type && message.createdAt && conversation.type);
}

/** What a sparse payload leaves out, its event name and its envelope tell: `message.create.<conversation>.<message>`. */
function completed(
  payload: Web1on1Payload,
  { message, conversation }: Web1on1MessageData,
): Web1on1MessageData {
  const [, , conversationType, messageType] = payload.event.split('.');
  return {
    message: {
      ...message,
      type: message.type ?? messageType,
      createdAt: message.createdAt ?? timeOf(payload),
    },
    conversation: { ...conversation, type: conversation.type ?? conversationType },
  };
}

/** `meta.targetUser` or `meta.targetBot`, one id or several. */
function isMentioned(message: Web1on1Message, selfId: string | undefined): boolean {
  if (selfId === undefined) return false;
  const { targetUser, targetBot } = message.meta ?? {};
  return idsOf(targetUser).includes(selfId) || idsOf(targetBot).includes(selfId);
}

/** One id, several, or none at all: `/assign` comes without `meta.users` too. */
function idsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** The platform's words, if it puts them where its error answers have them: the documentation does not say. */
function failureReason(payload: Web1on1Payload): string | undefined {
  const error = payload.data?.error;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}
