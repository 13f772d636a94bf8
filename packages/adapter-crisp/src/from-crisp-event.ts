import { createHash } from 'node:crypto';
import { decode } from '@parley/adapter-kit';
import type { ConversationChanges, Event, Id, Message } from '@parley/core';
import { toId } from '@parley/core';
import {
  fromCrispAnswer,
  fromCrispAssignee,
  fromCrispContent,
  fromCrispData,
  fromCrispMessage,
  fromCrispOrigin,
  fromCrispState,
  textIn,
  toIsoTime,
  typeOfContent,
} from './from-crisp.js';
import {
  isOwnFingerprint,
  messageEventId,
  type Place,
  toMessageId,
  toPlaceId,
  type Viewpoint,
} from './ids.js';
import {
  AcknowledgeCodec,
  ComposeCodec,
  FingerprintCodec,
  MessageCodec,
  PersonEventCodec,
  SessionEventCodec,
} from './wire/codecs.js';
import type { CrispMessage } from './wire/message.js';

/** One event of the platform, however it came. */
export interface Native {
  name: string;
  /** The payload. */
  data: Record<string, unknown>;
  /** Epoch milliseconds: a hook's own time, or when the socket brought it. */
  at: number;
}

/**
 * Tells apart what the platform gives no id and no time of its own: a status may be set to the same value twice. The same text
 * for the same occurrence, whichever way it came.
 *
 * @param key all that is known of the event
 * @param line what follows each other: saying the same again at once, with nothing in between, says nothing
 */
export type Occurrence = (key: string, line?: string) => string;

interface Reading {
  native: Native;
  view: Viewpoint;
  occurrence: Occurrence;
}

type Read = (reading: Reading) => Event[];

/**
 * The neutral events of one of the platform's; usually one, and one for each message of an acknowledgement.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD if a field that is needed is not there
 */
export function fromCrispEvent(native: Native, view: Viewpoint, occurrence: Occurrence): Event[] {
  const reading = { native, view, occurrence };
  const read = Object.hasOwn(READERS, native.name) ? READERS[native.name] : undefined;
  return read === undefined ? [providerEvent(reading)] : read(reading);
}

const conversationUpdated: Read = (reading) => {
  const changes = changesIn(reading);
  return [
    {
      name: 'conversation.updated',
      ...inSession(reading),
      ...(changes.status !== undefined && { status: changes.status }),
      ...(Object.keys(changes).length > 0 && { changes }),
    },
  ];
};

/** What has a neutral word. Everything else is `provider.event`. */
const READERS: Readonly<Record<string, Read>> = {
  'message:send': (reading) => [message(reading, 'user')],
  'message:received': (reading) => [message(reading, 'operator')],
  'message:updated': (reading) => [messageUpdated(reading)],
  'message:removed': (reading) => [messageRemoved(reading)],
  'message:compose:send': (reading) => [typing(reading, 'contact')],
  'message:compose:receive': (reading) => [typing(reading, 'agent')],
  'message:acknowledge:read:received': (reading) => acknowledged(reading, 'message.read'),
  'message:acknowledge:delivered': (reading) => acknowledged(reading, 'message.delivered'),
  'message:acknowledge:ignored': (reading) => acknowledged(reading, 'message.failed'),
  'session:request:initiated': (reading) => [{ name: 'conversation.created', ...inSession(reading) }],
  'session:removed': (reading) => [{ name: 'conversation.deleted', ...inSession(reading) }],
  'session:set_routing': (reading) => [assigned(reading)],
  'session:set_state': conversationUpdated,
  'session:set_block': conversationUpdated,
  'session:update_verify': conversationUpdated,
  'session:set_email': conversationUpdated,
  'session:set_phone': conversationUpdated,
  'session:set_address': conversationUpdated,
  'session:set_subject': conversationUpdated,
  'session:set_avatar': conversationUpdated,
  'session:set_nickname': conversationUpdated,
  'session:set_origin': conversationUpdated,
  'session:set_data': conversationUpdated,
  'session:set_segments': conversationUpdated,
  'session:set_participants': conversationUpdated,
  'session:set_inbox': conversationUpdated,
  'session:sync:topic': conversationUpdated,
  'people:bind:session': conversationUpdated,
  'people:profile:created': (reading) => [{ name: 'contact.created', ...aboutPerson(reading) }],
  'people:profile:updated': (reading) => [{ name: 'contact.updated', ...aboutPerson(reading) }],
  'people:sync:profile': (reading) => [{ name: 'contact.updated', ...aboutPerson(reading) }],
  'people:profile:removed': (reading) => [{ name: 'contact.deleted', ...aboutPerson(reading) }],
};

/** What every event begins with. */
function headOf({ native, view }: Reading, id: string, at = native.at) {
  return {
    id: toId(view.account, id),
    provider: 'crisp',
    account: view.account,
    at: toIsoTime(at),
    native: native.name,
  };
}

/** An event of a session without an id of its own. */
function inSession(reading: Reading) {
  const data = decode(SessionEventCodec, reading.native.data, () => `Crisp ${reading.native.name}`);
  const conversationId = toPlaceId(reading.view, placeOf(data));
  const line = `${reading.native.name}:${data.session_id}`;
  return { ...headOf(reading, undatedId(reading, data.session_id, line)), conversationId };
}

/** Blocking closes a conversation; what it is after unblocking, the event does not tell. */
function changesIn({ native, view }: Reading): ConversationChanges {
  const { data, name } = native;
  switch (name) {
    case 'session:set_state':
      return typeof data.state === 'string' ? { status: fromCrispState(data.state) } : {};
    case 'session:set_block':
      return data.is_blocked === true ? { status: 'closed' } : {};
    case 'session:set_data':
      return { fields: fromCrispData(data.data) };
    case 'session:set_subject':
      return typeof data.subject === 'string' ? { name: data.subject } : {};
    case 'session:set_origin': {
      const channel = fromCrispOrigin(textIn(data, 'origin'));
      return channel === undefined ? {} : { channel };
    }
    case 'people:bind:session': {
      const id = textIn(data, 'people_id');
      const website = textIn(data, 'website_id');
      return id ? { contactId: toPlaceId(view, { id, ...(website && { website }) }) } : {};
    }
    default:
      return {};
  }
}

function assigned(reading: Reading): Event {
  const { view, native } = reading;
  const operator = textIn(native.data, 'routing_id');
  return {
    name: 'conversation.assigned',
    ...inSession(reading),
    assigneeIds: operator ? [toId(view.account, operator)] : [],
    toSelf: operator === view.selfId,
    changes: operator ? fromCrispAssignee(operator, view) : { assigneeId: null, participants: [] },
  };
}

/** @param side whose event it is, should the message itself not say */
function message(reading: Reading, side: 'user' | 'operator'): Event {
  const { native, view } = reading;
  const from = `Crisp ${native.name}`;
  const source = decode(MessageCodec, native.data, from);
  const place = placeOf(decode(SessionEventCodec, native.data, from));
  const neutral = fromCrispMessage({ ...source, from: source.from ?? side }, view, place, native.at);
  return fromNewMessage(neutral, native.name, isMentioned(source, view));
}

/** A message as the event that announces it; catching up makes the same one of what it finds. */
export function fromNewMessage(neutral: Message, native: string, mentionsUs: boolean): Event {
  const { id, account, conversationId, createdAt: at, channel } = neutral;
  const head = { id: messageEventId(id), provider: 'crisp', account, at, native, conversationId };
  if (mentionsUs && neutral.author.self !== true)
    return { name: 'mention.received', ...head, message: neutral };
  if (neutral.note === true) return { name: 'note.created', ...head, message: neutral };
  if (neutral.direction === 'in') {
    // Whatever it was: a visitor who writes opens it.
    const changes: ConversationChanges = { status: 'open', ...(channel !== undefined && { channel }) };
    return { name: 'message.received', ...head, message: neutral, changes };
  }
  return { name: 'message.sent', ...head, message: neutral };
}

/** An operator called us, who are one. */
export function isMentioned({ mentions, from }: CrispMessage, { selfId }: Viewpoint): boolean {
  return from !== 'user' && mentions?.includes(selfId) === true;
}

/** A picker that was answered and a field that was filled in are what the visitor says. */
function messageUpdated(reading: Reading): Event {
  const { native, view } = reading;
  const from = `Crisp ${native.name}`;
  const { fingerprint } = decode(FingerprintCodec, native.data, from);
  const conversationId = toPlaceId(view, placeOf(decode(SessionEventCodec, native.data, from)));
  const { content } = native.data;
  const messageId = toMessageId(conversationId, fingerprint);
  const answer = fromAnswered(messageId, content, native.at);
  if (answer !== undefined) return answer;
  const at = toIsoTime(native.at);
  // The payload names no author. The chat box lets nobody else change a message, so it is one of our side.
  const author = isOwnFingerprint(view.owner, fingerprint)
    ? { role: 'bot' as const, id: toId(view.account, view.selfId), self: true as const }
    : { role: 'agent' as const };
  return {
    name: 'message.updated',
    ...headOf(reading, undatedId(reading, `${textIn(native.data, 'session_id')}/${fingerprint}`)),
    conversationId,
    message: {
      id: messageId,
      account: view.account,
      conversationId,
      direction: 'out',
      author,
      content: fromCrispContent(typeOfContent(content), content),
      createdAt: at,
      updatedAt: at,
    },
  };
}

/** What the visitor answered to one of our messages; its id is that of the question. Undefined while it is not answered. */
export function fromAnswered(messageId: Id, content: unknown, at: number): Event | undefined {
  const answer = fromCrispAnswer(content);
  if (answer === undefined) return undefined;
  const colon = messageId.indexOf(':');
  const account = messageId.slice(0, colon);
  const conversationId = messageId.slice(0, messageId.lastIndexOf('/'));
  const time = toIsoTime(at);
  return {
    name: 'message.received',
    id: toId(account, `answer:${messageId.slice(colon + 1)}:${digest(answer)}`),
    provider: 'crisp',
    account,
    at: time,
    native: 'message:updated',
    conversationId,
    message: {
      id: messageId,
      account,
      conversationId,
      direction: 'in',
      author: { role: 'contact' },
      content: answer,
      channel: 'web',
      createdAt: time,
    },
  };
}

function messageRemoved(reading: Reading): Event {
  const { native, view } = reading;
  const from = `Crisp ${native.name}`;
  const { fingerprint } = decode(FingerprintCodec, native.data, from);
  const conversationId = toPlaceId(view, placeOf(decode(SessionEventCodec, native.data, from)));
  const messageId = toMessageId(conversationId, fingerprint);
  return {
    name: 'message.deleted',
    ...headOf(reading, `removed:${messageId.slice(view.account.length + 1)}`),
    conversationId,
    messageId,
  };
}

/** A program does not type: what is marked as automated is our own indicator, or that of another bot. */
function typing(reading: Reading, by: 'contact' | 'agent'): Event {
  const { native } = reading;
  const data = decode(ComposeCodec, native.data, () => `Crisp ${native.name}`);
  const { type, timestamp, automated, session_id: session } = data;
  if (automated === true || (type !== 'start' && type !== 'stop')) return providerEvent(reading);
  const id = timestamp ? `${native.name}:${session}:${type}:${timestamp}` : undatedId(reading, session);
  return {
    name: type === 'start' ? 'typing.started' : 'typing.stopped',
    ...headOf(reading, id, timestamp ?? native.at),
    conversationId: toPlaceId(reading.view, placeOf(data)),
    by,
  };
}

function acknowledged(
  reading: Reading,
  name: 'message.read' | 'message.delivered' | 'message.failed',
): Event[] {
  const { native, view } = reading;
  const data = decode(AcknowledgeCodec, native.data, () => `Crisp ${native.name}`);
  const conversationId = toPlaceId(view, placeOf(data));
  // Without fingerprints it is about all messages, whichever those are.
  if (!data.fingerprints || data.fingerprints.length === 0) return [providerEvent(reading)];
  return data.fingerprints.map((fingerprint) => {
    const messageId = toMessageId(conversationId, fingerprint);
    const head = {
      ...headOf(reading, `${native.name}:${messageId.slice(view.account.length + 1)}`),
      conversationId,
      messageId,
    };
    if (name !== 'message.failed') return { name, ...head };
    const { type, reason } = data.details ?? {};
    const why = [type, reason].filter(Boolean).join(': ');
    return { name, ...head, ...(why !== '' && { reason: why }) };
  });
}

function aboutPerson(reading: Reading) {
  const data = decode(PersonEventCodec, reading.native.data, () => `Crisp ${reading.native.name}`);
  const place = { id: data.people_id, ...(data.website_id && { website: data.website_id }) };
  return {
    ...headOf(reading, undatedId(reading, data.people_id)),
    contactId: toPlaceId(reading.view, place),
  };
}

function providerEvent(reading: Reading): Event {
  const { native, view } = reading;
  const session = textIn(native.data, 'session_id');
  const website = textIn(native.data, 'website_id');
  return {
    name: 'provider.event',
    ...headOf(reading, undatedId(reading, session ?? website ?? '')),
    ...(session && { conversationId: toPlaceId(view, { id: session, ...(website && { website }) }) }),
    payload: native.data,
  };
}

function placeOf(data: { session_id: string; website_id?: string | null }): Place {
  return { id: data.session_id, ...(data.website_id && { website: data.website_id }) };
}

/** Made of the contents, since there is nothing else, and of which occurrence of them it is. */
function undatedId({ native, occurrence }: Reading, subject: string, line?: string): string {
  const key = `${native.name}:${subject}:${digest(native.data)}`;
  return `${key}:${occurrence(key, line)}`;
}

function digest(value: unknown): string {
  return createHash('sha256').update(inOrder(value)).digest('base64url').slice(0, 16);
}

/** JSON whose keys are sorted: a hook and the socket may bring them in another order. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
