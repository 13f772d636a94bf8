import { isDeepStrictEqual } from 'node:util';
import { applyForm, keepResults, notifyChannels, runCommand } from './commands.js';
import { isForConsumer, type PostedMessage, readMessage, withoutUndefined } from './message.js';
import { acceptConversation, joinConversation, type MessageEffect } from './participants.js';
import {
  announceRecord,
  type DelayedMessage,
  displayName,
  homeOf,
  newRecord,
  type Platform,
  pathOf,
  shownConversation,
} from './platform.js';
import {
  ApiError,
  type Contact,
  type Conversation,
  isObject,
  type JsonObject,
  type Message,
  snapshot,
  type Web1on1Record,
} from './records.js';

const EFFECTS: ReadonlyMap<string, MessageEffect> = new Map([
  ['command', runCommand],
  ['form', applyForm],
  ['results', keepResults],
  ['report', keepResults],
]);

/** `POST /v2/conversations`: the contact upsert, or a team conversation. */
export function createConversation(
  platform: Platform,
  author: Web1on1Record,
  body: unknown,
): { created: boolean; conversation: Conversation } {
  if (!isObject(body)) throw new ApiError(400, 'A JSON object is required');
  const addressed = body.conversation ?? body.id;
  if (addressed !== undefined) {
    const conversation = platform.conversations.get(String(addressed));
    if (conversation === undefined) throw new ApiError(404, 'Conversation not found');
    postMessages(platform, conversation, messagesOf(body), author);
    return { created: false, conversation };
  }
  return body.type === 'contact' ? upsertContact(platform, author, body) : createTeam(platform, author, body);
}

function messagesOf(body: JsonObject): PostedMessage[] {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw new ApiError(400, 'messages must have at least one entry');
  }
  return body.messages.map(readMessage);
}

function upsertContact(platform: Platform, author: Web1on1Record, body: JsonObject) {
  if (typeof body.organization !== 'string') throw new ApiError(400, 'organization is required');
  const profile = isObject(body.contact) && isObject(body.contact.profile) ? body.contact.profile : {};
  const messages = messagesOf(body);
  const known = findContact(platform, body.organization, profile);
  // Everything that can be refused is refused before anything changes.
  if (known === undefined) pathOf(platform, body.organization);
  const existing = known && platform.conversations.get(String(known.conversation));
  requireTouchpoint(existing?.touchpoint, messages);

  const actor = `users/${author.id}`;
  if (known !== undefined && existing !== undefined) {
    Object.assign(known, { profile: { ...known.profile, ...profile }, updatedAt: platform.clock.iso() });
    announceRecord(platform, 'contacts', 'update', known, actor);
    postMessages(platform, existing, messages, author);
    return { created: false, conversation: existing };
  }
  const { conversation } = createContact(platform, body.organization, profile, actor);
  postMessages(platform, conversation, messages, author);
  return { created: true, conversation };
}

/** Matches by phone or by e-mail, within one organization. */
export function findContact(
  platform: Platform,
  organization: string,
  profile: JsonObject,
): Contact | undefined {
  const { telephone, email } = profile;
  if (telephone === undefined && email === undefined) {
    throw new ApiError(400, 'contact.profile needs a telephone or an email');
  }
  return platform.contacts.find(
    (contact) =>
      contact.organization === organization &&
      ((telephone !== undefined && contact.profile.telephone === telephone) ||
        (email !== undefined && contact.profile.email === email)),
  );
}

/** A contact with its one conversation. */
export function createContact(
  platform: Platform,
  organization: string,
  profile: JsonObject,
  actor?: string,
  more: JsonObject = {},
): { contact: Contact; conversation: Conversation } {
  const orgPath = pathOf(platform, organization);
  const contact: Contact = {
    presences: [],
    meta: {},
    ...more,
    ...newRecord(platform),
    organization,
    orgPath,
    profile,
  };
  const conversation = newConversation(platform, {
    name: String(profile.name ?? profile.telephone ?? profile.email),
    organization,
    orgPath,
    type: 'contact',
    status: 'closed',
    contact: contact.id,
  });
  contact.conversation = conversation.id;
  platform.contacts.put(contact);
  announceRecord(platform, 'contacts', 'create', contact, actor ?? `contacts/${contact.id}`);
  announceConversation(platform, 'create', conversation, actor ?? `contacts/${contact.id}`);
  return { contact, conversation };
}

function createTeam(platform: Platform, author: Web1on1Record, body: JsonObject) {
  const organization = String(body.organization ?? homeOf(author).organization);
  const messages = body.messages === undefined ? [] : messagesOf(body);
  const conversation = newConversation(platform, {
    name: String(body.name ?? displayName(author)),
    organization,
    orgPath: pathOf(platform, organization),
    type: homeOf(author).role === 'bot' ? 'bot' : 'agent',
    status: 'active',
  });
  if (isObject(body.meta)) conversation.meta = body.meta;
  joinConversation(platform, conversation, author.id);
  announceConversation(platform, 'create', conversation, `users/${author.id}`);
  postMessages(platform, conversation, messages, author);
  return { created: true, conversation };
}

type NewConversation = Pick<Conversation, 'name' | 'organization' | 'orgPath' | 'type' | 'status'> & {
  contact?: string;
};

function newConversation(platform: Platform, fields: NewConversation): Conversation {
  return platform.conversations.put({
    ...newRecord(platform),
    ...fields,
    categoryIndex: 0,
    participants: [],
    messages: [],
    results: [],
    forms: [],
    meta: {},
  });
}

/**
 * Accepts messages of one request, in order. Each is stored at once, or after its `delay`, never before the one
 * ahead of it; the answer has all of them.
 */
export function postMessages(
  platform: Platform,
  conversation: Conversation,
  posted: readonly PostedMessage[],
  author: Web1on1Record,
): Message[] {
  if (conversation.type === 'contact') requireTouchpoint(conversation.touchpoint, posted);
  let notBefore = 0;
  return posted.map((input) => {
    const message = toMessage(platform, conversation, input, author);
    notBefore = Math.max(notBefore, input.delay);
    if (notBefore === 0) store(platform, message);
    else storeLater(platform, { at: platform.clock.now() + notBefore, message });
    return snapshot(message);
  });
}

/** Stores a message when its delay is over. */
export function storeLater(platform: Platform, delayed: DelayedMessage): void {
  platform.delayed.add(delayed);
  platform.clock.after(delayed.at - platform.clock.now(), () => {
    platform.delayed.delete(delayed);
    store(platform, delayed.message);
  });
}

/** The first message to a consumer says how to reach them (developers.chatshipper.com, outbound messaging). */
function requireTouchpoint(known: string | undefined, posted: readonly PostedMessage[]): void {
  const first = posted.find((message) => message.touchpoint !== undefined || isForConsumer(message));
  if (known === undefined && first !== undefined && first.touchpoint === undefined) {
    throw new ApiError(400, 'touchpoint is required for the first message to a contact');
  }
}

function toMessage(
  platform: Platform,
  conversation: Conversation,
  { delay: _delay, ...input }: PostedMessage,
  author: Web1on1Record | undefined,
): Message {
  const reaches = conversation.type === 'contact' && isForConsumer(input);
  return withoutUndefined<Message>({
    ...newRecord(platform),
    organization: conversation.organization,
    orgPath: conversation.orgPath,
    conversation: conversation.id,
    ...input,
    user: input.role === 'contact' ? undefined : (input.user ?? author?.id),
    touchpoint: input.touchpoint ?? (reaches ? conversation.touchpoint : undefined),
  });
}

/** Stores a message, applies what it does to the conversation, tells the subscribers and the consumer. */
function store(platform: Platform, message: Message): void {
  const conversation = platform.conversations.get(message.conversation);
  if (conversation === undefined) return;
  const at = platform.clock.iso();
  Object.assign(message, { createdAt: at, updatedAt: at });
  const before = comparable(conversation);
  platform.messages.put(message);
  conversation.messages.push(message.id);
  const followUp = applyMessage(platform, conversation, message);
  const changed = !isDeepStrictEqual(before, comparable(conversation));
  conversation.updatedAt = at;

  const actor = message.user === undefined ? `contacts/${conversation.contact}` : `users/${message.user}`;
  announceMessage(
    platform,
    `message.create.${conversation.type}.${message.type}`,
    conversation,
    message,
    actor,
  );
  if (changed) announceConversation(platform, 'update', conversation, actor);
  followUp?.();
  reachConsumer(platform, conversation, message, actor);
}

function comparable({ messages: _messages, updatedAt: _updatedAt, ...rest }: Conversation): JsonObject {
  return snapshot(rest);
}

const applyMessage: MessageEffect = (platform, conversation, message) => {
  if (message.touchpoint !== undefined) conversation.touchpoint = message.touchpoint;
  if (message.type !== 'command' && message.user !== undefined) {
    if (conversation.type === 'contact' && isForConsumer(message)) {
      acceptConversation(platform, conversation, message.user);
    } else joinConversation(platform, conversation, message.user);
  }
  const followUp = EFFECTS.get(message.type)?.(platform, conversation, message);
  if (conversation.type !== 'contact') {
    if (message.type === 'command') return followUp;
    for (const participant of conversation.participants) if (!participant.active) participant.inbox = true;
  } else if (message.role === 'contact' && conversation.status !== 'active') {
    return notifyChannels(platform, conversation, message);
  }
  return followUp;
};

const WHATSAPP_WINDOW_MS = 24 * 3_600_000;

function reachConsumer(
  platform: Platform,
  conversation: Conversation,
  message: Message,
  actor: string,
): void {
  if (conversation.contact === undefined || !isForConsumer(message)) return;
  if (
    platform.switches.whatsappWindow &&
    message.touchpoint === 'whatsapp' &&
    message.meta.template === undefined
  ) {
    const heard = conversation.messages.findLast((id) => platform.messages.get(id)?.role === 'contact');
    const heardAt = Date.parse(platform.messages.get(heard ?? '')?.createdAt ?? '');
    if (!(platform.clock.now() - heardAt <= WHATSAPP_WINDOW_MS)) {
      announceMessage(platform, 'message.error', conversation, message, actor);
      return;
    }
  }
  platform.deliver(conversation.contact, message);
}

/** A consumer writes. */
export function contactWrites(
  platform: Platform,
  conversation: Conversation,
  input: { type?: string; text: string; contentType?: string; touchpoint: string; meta?: JsonObject },
): Message {
  const message = toMessage(
    platform,
    conversation,
    { ...readMessage({ ...input, role: 'contact' }) },
    undefined,
  );
  store(platform, message);
  return snapshot(message);
}

/** Announces something about a message, with its conversation as it is now. */
export function announceMessage(
  platform: Platform,
  event: string,
  conversation: Conversation,
  message: Message,
  actor: string,
): void {
  const verb = event.startsWith('message.create')
    ? `created a ${message.type} message`
    : event.replace('.', ' ');
  platform.announce({
    event,
    organization: conversation.organization,
    object: `messages/${message.id}`,
    summary: `${actorName(platform, actor)} ${verb}`,
    data: { message, conversation: shownConversation(conversation) },
    actor,
    author: message.user,
  });
}

export function announceConversation(
  platform: Platform,
  operation: 'create' | 'update' | 'delete',
  conversation: Conversation,
  actor: string,
): void {
  announceRecord(platform, 'conversations', operation, conversation, actor, {
    data: { conversation: shownConversation(conversation) },
  });
}

function actorName(platform: Platform, actor: string): string {
  const [kind, id = ''] = actor.split('/');
  if (kind === 'users') {
    const user = platform.users.get(id);
    return user === undefined ? 'User' : `User ${displayName(user)}`;
  }
  return `Contact ${platform.contacts.get(id)?.profile.name ?? ''}`.trim();
}
