import { decode } from '@parley/adapter-kit';
import type { ConversationChanges, Event, Id, Message } from '@parley/core';
import { toId } from '@parley/core';
import { fromCrispMessage, toIsoTime } from './from-crisp.js';
import { fromCrispAnswer, fromCrispContent, textIn, typeOfContent } from './from-crisp-content.js';
import { isOwnFingerprint, messageEventId, toMessageId, toPlaceId, type Viewpoint } from './ids.js';
import { digest, headOf, placeOf, providerEvent, type Reading, undatedId } from './reading.js';
import {
  AcknowledgeCodec,
  ComposeCodec,
  FingerprintCodec,
  MessageCodec,
  SessionEventCodec,
} from './wire/codecs.js';
import type { CrispMessage } from './wire/message.js';

/** @param side whose event it is, should the message itself not say */
export function message(reading: Reading, side: 'user' | 'operator'): Event {
  const { native, view } = reading;
  const from = `Crisp ${native.name}`;
  const source = decode(MessageCodec, native.data, from);
  const session = source.session_id ?? decode(SessionEventCodec, native.data, from).session_id;
  const place = placeOf({ ...source, session_id: session });
  const neutral = fromCrispMessage({ ...source, from: source.from ?? side }, view, place, native.at);
  return fromNewMessage(neutral, native.name, isMentioned(source, view));
}

/** A message as the event that announces it; catching up makes the same one of what it finds. */
export function fromNewMessage(neutral: Message, native: string, mentionsUs: boolean): Event {
  const { id, account, conversationId, createdAt: at, channel, author } = neutral;
  const head = { id: messageEventId(id), provider: 'crisp', account, at, native, conversationId };
  if (mentionsUs && author.self !== true) return { name: 'mention.received', ...head, message: neutral };
  if (neutral.note === true) return { name: 'note.created', ...head, message: neutral };
  if (neutral.direction === 'in') {
    // Whatever it was: a visitor who writes opens it.
    const changes: ConversationChanges = {
      status: 'open',
      ...(channel !== undefined && { channel }),
      ...(author.name !== undefined && { contactName: author.name }),
    };
    return { name: 'message.received', ...head, message: neutral, changes };
  }
  return { name: 'message.sent', ...head, message: neutral };
}

/** An operator called us, who are one. */
export function isMentioned({ mentions, from }: CrispMessage, { selfId }: Viewpoint): boolean {
  return from !== 'user' && mentions?.includes(selfId) === true;
}

/**
 * A picker that was answered and a field that was filled in are what the visitor says. A text may be a private note, which the payload
 * does not tell: see `createEdits`.
 */
export function messageUpdated(reading: Reading): Event {
  const { native, view } = reading;
  const from = `Crisp ${native.name}`;
  const { fingerprint } = decode(FingerprintCodec, native.data, from);
  const conversationId = toPlaceId(view, placeOf(decode(SessionEventCodec, native.data, from)));
  const { content } = native.data;
  const messageId = toMessageId(conversationId, fingerprint);
  const type = typeOfContent(content);
  if (type === 'picker' || type === 'field') {
    const given = fromCrispAnswer(content);
    const time = reading.occurrence.answer?.(messageId, given && digest(given));
    const answer = fromAnswered(messageId, content, native.at, time);
    if (answer !== undefined) return answer;
  }
  if (type === 'text') return providerEvent(reading);
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
      content: fromCrispContent(type, content),
      createdAt: at,
      updatedAt: at,
    },
  };
}

/**
 * True if an answer in a stored message may be the visitor's: our own questions leave unanswered, while somebody else's may be filled in
 * beforehand, and answering changes them.
 */
export function isAnswerable({ from, fingerprint, edited }: CrispMessage, { owner }: Viewpoint): boolean {
  return from !== 'user' && (edited === true || isOwnFingerprint(owner, fingerprint));
}

/**
 * What the visitor answered to one of our messages; its id is that of the question. Undefined while it is not answered.
 *
 * @param time how many times this answer was given: a visitor may choose again what was chosen before
 */
export function fromAnswered(messageId: Id, content: unknown, at: number, time = 1): Event | undefined {
  const answer = fromCrispAnswer(content);
  if (answer === undefined) return undefined;
  const colon = messageId.indexOf(':');
  const account = messageId.slice(0, colon);
  const conversationId = messageId.slice(0, messageId.lastIndexOf('/'));
  const id = `answer:${messageId.slice(colon + 1)}:${digest(answer)}`;
  const answeredAt = toIsoTime(at);
  return {
    name: 'message.received',
    // The first one has the id that catching up gives it, which cannot count.
    id: toId(account, time > 1 ? `${id}:${time}` : id),
    provider: 'crisp',
    account,
    at: answeredAt,
    native: 'message:updated',
    conversationId,
    message: {
      id: messageId,
      account,
      conversationId,
      direction: 'in',
      author: { role: 'contact' },
      content: answer,
      createdAt: answeredAt,
    },
  };
}

export function messageRemoved(reading: Reading): Event {
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
export function typing(reading: Reading, by: 'contact' | 'agent'): Event {
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

export function acknowledged(
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
