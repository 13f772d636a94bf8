import { randomUUID } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../json.js';
import { excerptOf, setState, touch } from './conversations.js';
import { notFound } from './errors.js';
import { type DelayedMessage, isAttended, type Platform, tell } from './platform.js';
import type { Author, CrispConversation, CrispMessage, Keypair, Website } from './records.js';

/** Fields that events carry only when the message has them. */
const OPTIONAL = ['references', 'properties', 'original', 'edited', 'translated', 'automated'];
const COPIED = ['mentions', 'references', 'properties', 'stealth', 'translated', 'automated'];

/**
 * A message that the API accepted, or that a person wrote. It is stored and told after the delay of the switch.
 *
 * Returns its fingerprint.
 */
export function writeMessage(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  body: JsonObject,
  author?: Keypair,
): number {
  const { switches, clock } = platform;
  const fingerprint = typeof body.fingerprint === 'number' ? body.fingerprint : platform.newFingerprint();
  const timestamp = typeof body.timestamp === 'number' ? body.timestamp : clock.now();
  const whole = { ...body, fingerprint, timestamp };
  if (switches.messageDelayMs === 0) storeMessage(platform, website, conversation, whole, author);
  else {
    const { website_id, session_id } = conversation;
    const at = clock.now() + switches.messageDelayMs;
    storeLater(platform, { at, website_id, session_id, body: whole, identifier: author?.identifier });
  }
  return fingerprint;
}

export function storeLater(platform: Platform, delayed: DelayedMessage): void {
  platform.delayed.add(delayed);
  platform.clock.after(delayed.at - platform.clock.now(), () => {
    platform.delayed.delete(delayed);
    const website = platform.websites.get(delayed.website_id);
    const conversation = website?.conversations.get(delayed.session_id);
    if (website === undefined || conversation === undefined) return;
    const author = platform.keypairs.get(delayed.identifier ?? '');
    storeMessage(platform, website, conversation, delayed.body, author);
  });
}

function storeMessage(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  body: JsonObject,
  author?: Keypair,
): void {
  const { switches } = platform;
  const isKnown = () => conversation.messages.some(({ fingerprint }) => fingerprint === body.fingerprint);
  if (switches.duplicateFingerprint === 'ignore' && isKnown()) return;
  const message = toMessage(platform, website, conversation, body, author);
  conversation.messages.push(message);
  touch(platform, conversation);
  const isNote = message.type === 'note';
  const event = message.from === 'user' ? 'message:send' : 'message:received';
  tell(platform, conversation, isNote && author ? switches.noteEvent : event, messageFields(message));
  noteMentions(platform, conversation, message);
  if (message.from === 'user') receivedFromVisitor(platform, website, conversation);
  else if (!isNote && message.type !== 'event' && message.stealth !== true) {
    conversation.waiting_since = null;
    conversation.unread.visitor += 1;
    platform.deliver(message);
    if (conversation.availability === 'offline')
      tell(platform, conversation, 'message:notify:unread:received');
  }
}

function noteMentions(platform: Platform, conversation: CrispConversation, message: CrispMessage): void {
  const news = (message.mentions as string[]).filter((id) => !conversation.mentions.includes(id));
  if (news.length === 0) return;
  conversation.mentions = [...conversation.mentions, ...news];
  tell(platform, conversation, 'session:set_mentions', { mentions: conversation.mentions });
}

function receivedFromVisitor(platform: Platform, website: Website, conversation: CrispConversation): void {
  conversation.unread.operator += 1;
  conversation.waiting_since ??= platform.clock.now();
  if (conversation.state !== 'unresolved') setState(platform, conversation, 'unresolved');
  if (!isAttended(website)) tell(platform, conversation, 'message:notify:unread:send');
}

function toMessage(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
  body: JsonObject,
  author?: Keypair,
): CrispMessage {
  const { session_id, website_id } = conversation;
  const original = isObject(body.original) ? keepOriginal(platform, conversation, body.original) : undefined;
  return {
    session_id,
    website_id,
    type: String(body.type),
    from: body.from as Author,
    origin: String(body.origin),
    content: structuredClone(body.content) as Json,
    preview: [],
    mentions: [],
    read: '',
    delivered: '',
    stamped: true,
    edited: false,
    ...Object.fromEntries(
      COPIED.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]),
    ),
    ...(original !== undefined && { original }),
    fingerprint: body.fingerprint as number,
    timestamp: body.timestamp as number,
    user: isObject(body.user) ? body.user : authorOf(platform, website, conversation, body, author),
  };
}

function keepOriginal(
  platform: Platform,
  conversation: CrispConversation,
  { type, content, headers }: JsonObject,
): JsonObject {
  const original_id = randomUUID();
  conversation.originals.push({
    website_id: conversation.website_id,
    session_id: conversation.session_id,
    original_id,
    type,
    headers: headers ?? {},
    content,
    timestamp: platform.clock.now(),
  });
  return { original_id };
}

/** Who is shown as the author when the message does not say it. */
function authorOf(
  platform: Platform,
  website: Website,
  { session_id, meta }: CrispConversation,
  { from }: JsonObject,
  author?: Keypair,
): JsonObject {
  if (from === 'user') return { user_id: session_id, nickname: meta.nickname };
  const user = author?.tier === 'user' ? platform.users.get(author.owner) : undefined;
  if (user !== undefined) return userFields(user);
  return { type: 'website', nickname: website.name, ...(website.logo && { avatar: website.logo }) };
}

export function userFields({
  user_id,
  first_name,
  last_name,
  avatar,
}: {
  user_id: string;
  first_name: string;
  last_name: string;
  avatar: string | null;
}): JsonObject {
  return {
    type: 'operator',
    user_id,
    nickname: `${first_name} ${last_name}`.trim(),
    ...(avatar && { avatar }),
  };
}

/** A message as events carry it, without the fields that all events share. */
export function messageFields(message: CrispMessage): JsonObject {
  const { type, from, origin, content, fingerprint, timestamp, user, mentions, stamped } = message;
  const optional = OPTIONAL.filter((name) => message[name] !== undefined && message[name] !== false);
  return {
    type,
    from,
    origin,
    content,
    fingerprint,
    timestamp,
    user,
    mentions,
    stamped,
    ...Object.fromEntries(optional.map((name) => [name, message[name]])),
  };
}

export function messageOf(conversation: CrispConversation, fingerprint: string | number): CrispMessage {
  const message = conversation.messages.find((one) => one.fingerprint === Number(fingerprint));
  if (message === undefined) throw notFound('message');
  return message;
}

export function editMessage(
  platform: Platform,
  conversation: CrispConversation,
  message: CrispMessage,
  content: Json,
): void {
  message.content = structuredClone(content);
  message.edited = true;
  touch(platform, conversation);
  tell(platform, conversation, 'message:updated', { fingerprint: message.fingerprint, content });
}

export function removeMessage(
  platform: Platform,
  conversation: CrispConversation,
  message: CrispMessage,
): void {
  conversation.messages = conversation.messages.filter((other) => other !== message);
  touch(platform, conversation);
  tell(platform, conversation, 'message:removed', { fingerprint: message.fingerprint });
}

export interface Acknowledgement {
  mark: 'read' | 'delivered';
  /** Who wrote the messages. */
  author: Author;
  origin: string;
  /** Without them, all. */
  fingerprints?: readonly number[];
}

export function acknowledge(
  platform: Platform,
  conversation: CrispConversation,
  { mark, author, origin, fingerprints }: Acknowledgement,
): void {
  const marked = conversation.messages.filter(
    (message) =>
      message.from === author &&
      message[mark] === '' &&
      (fingerprints === undefined || fingerprints.includes(message.fingerprint)),
  );
  for (const message of marked) message[mark] = origin;
  if (mark === 'read') {
    const left = conversation.messages.filter(
      ({ from, read, type }) => from === author && read === '' && type !== 'note' && type !== 'event',
    );
    conversation.unread[author === 'user' ? 'operator' : 'visitor'] = left.length;
  }
  const direction = author === 'user' ? 'send' : 'received';
  const event = mark === 'read' ? `read:${direction}` : 'delivered';
  tell(platform, conversation, `message:acknowledge:${event}`, {
    origin,
    fingerprints:
      fingerprints === undefined ? marked.map(({ fingerprint }) => fingerprint) : [...fingerprints],
  });
}

export interface Composing {
  type: 'start' | 'stop';
  from: Author;
  excerpt?: string;
  automated?: boolean;
  stealth?: boolean;
  user?: JsonObject;
}

export function compose(platform: Platform, conversation: CrispConversation, composing: Composing): void {
  const { type, from, excerpt, automated, user } = composing;
  const timestamp = platform.clock.now();
  const fields: JsonObject = {
    type,
    ...(excerpt !== undefined && { excerpt: excerptOf(excerpt) }),
    timestamp,
    ...(automated !== undefined && { automated }),
  };
  const side = from === 'user' ? 'visitor' : 'operator';
  conversation.compose[side] = type === 'start' ? { ...fields, ...(user && { user }) } : {};
  if (from === 'user') tell(platform, conversation, 'message:compose:send', fields);
  else tell(platform, conversation, 'message:compose:receive', { ...fields, ...(user && { user }) });
}
