import type {
  Author,
  AuthorRole,
  Choice,
  Contact,
  Content,
  Conversation,
  ConversationStatus,
  FieldValue,
  Identity,
  Message,
  Participant,
} from '@parley/core';
import { toId } from '@parley/core';
import { readFieldLine } from './commands.js';
import type { Web1on1Contact } from './wire/contact.js';
import type { Web1on1Conversation, Web1on1Participant } from './wire/conversation.js';
import type { Web1on1Action, Web1on1Item, Web1on1Message } from './wire/message.js';
import type { Maybe } from './wire/reference.js';
import { referencedId } from './wire/reference.js';

/** Whose eyes the mapping sees with. */
export interface Viewpoint {
  account: string;
  /** Our own user id; undefined where neither a token nor a bot's e-mail address tells it. */
  selfId: string | undefined;
}

/** `queued` waits for somebody, `active` has somebody. What we do not know, and a missing status, counts as closed. */
const STATUSES: Readonly<Record<string, ConversationStatus>> = {
  queued: 'pending',
  active: 'open',
  closed: 'closed',
};

export function fromWeb1on1Status(status: Maybe<string> | undefined): ConversationStatus {
  return STATUSES[status ?? 'closed'] ?? 'closed';
}

/**
 * Among colleagues and bots, which is every type but `contact`. Without a type it counts as one with a consumer: there an
 * agent's words are not taken for something to answer.
 */
export function isTeam({ type }: Web1on1Conversation): boolean {
  return type !== null && type !== undefined && type !== 'contact';
}

/** The snapshot in a webhook; nothing where it does not even tell the status: the platform may send as little as an id. */
export function fromWeb1on1Snapshot(source: Web1on1Conversation, view: Viewpoint): Conversation | undefined {
  return source.status ? fromWeb1on1Conversation(source, view) : undefined;
}

export function fromWeb1on1Conversation(source: Web1on1Conversation, view: Viewpoint): Conversation {
  const { account } = view;
  const conversation: Conversation = {
    id: toId(account, source.id),
    account,
    provider: 'web1on1',
    status: fromWeb1on1Status(source.status),
    kind: isTeam(source) ? 'team' : 'contact',
  };
  const contact = referencedId(source.contact);
  const organization = referencedId(source.organization);
  const fields = fromWeb1on1Meta(source.meta);
  if (source.touchpoint) conversation.channel = source.touchpoint;
  if (source.name) conversation.name = source.name;
  if (contact !== undefined) conversation.contactId = toId(account, contact);
  if (source.participants) {
    const participants: Participant[] = [];
    for (const each of source.participants) {
      const participant = fromWeb1on1Participant(each, view);
      if (participant === undefined) continue;
      participants.push(participant);
      if (participant.accepted === true && participant.role === 'agent')
        conversation.assigneeId ??= participant.id;
    }
    conversation.participants = participants;
  }
  if (fields !== undefined) conversation.fields = fields;
  if (organization !== undefined) conversation.organization = organization;
  if (source.createdAt) conversation.createdAt = toIsoTime(source.createdAt);
  if (source.updatedAt) conversation.updatedAt = toIsoTime(source.updatedAt);
  return conversation;
}

/** `admin`, `owner`, `supervisor`, `guest` are people as well as `agent`. */
function fromWeb1on1Participant(source: Web1on1Participant, view: Viewpoint): Participant | undefined {
  const user = referencedId(source.user);
  if (user === undefined) return undefined;
  const participant: Participant = {
    id: toId(view.account, user),
    role: source.role === 'bot' || source.role === 'contact' ? source.role : 'agent',
  };
  if (source.name) participant.name = source.name;
  if (typeof source.active === 'boolean') participant.active = source.active;
  if (typeof source.accepted === 'boolean') participant.accepted = source.accepted;
  if (typeof source.inbox === 'boolean') participant.invited = source.inbox;
  if (typeof source.follow === 'boolean') participant.following = source.follow;
  if (user === view.selfId) participant.self = true;
  return participant;
}

/** The plain values of a `meta` object. Nested ones (an inbound service's `variables`) stay in the raw payload. */
export function fromWeb1on1Meta(
  meta: Maybe<Record<string, unknown>> | undefined,
): Record<string, FieldValue> | undefined {
  if (!meta) return undefined;
  let fields: Record<string, FieldValue> | undefined;
  for (const key in meta) {
    const value = meta[key];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      fields ??= {};
      fields[key] = value;
    }
  }
  return fields;
}

/**
 * A message in our words. With the conversation it belongs to, the author's name and what kind of user it is are known;
 * without, a message speaks for whom its role says.
 */
export function fromWeb1on1Message(
  source: Web1on1Message,
  view: Viewpoint,
  conversation?: Web1on1Conversation,
): Message {
  const { account } = view;
  const author = fromWeb1on1Author(source, view, conversation);
  const message: Message = {
    id: toId(account, source.id),
    account,
    conversationId: toId(account, conversation?.id ?? referencedId(source.conversation) ?? ''),
    direction: isInbound(source, author, conversation) ? 'in' : 'out',
    author,
    content: fromWeb1on1Content(source),
    createdAt: toIsoTime(source.createdAt ?? source.updatedAt),
  };
  const channel = source.touchpoint ?? conversation?.touchpoint;
  if (channel) message.channel = channel;
  if (isNote(source, conversation)) message.note = true;
  const quote = source.meta?.quotedMessage;
  if (typeof quote === 'string') message.quote = quote;
  if (source.updatedAt) message.updatedAt = toIsoTime(source.updatedAt);
  return message;
}

/** Types that a consumer can see. All others are records that the platform keeps in the stream. */
const VISIBLE: ReadonlySet<string> = new Set(['chat', 'card', 'postback']);

/**
 * True for what the contact never sees: the side stream, what is no chat at all, and in a conversation with a consumer
 * whatever has role `bot`, which the platform shows to agents only.
 */
export function isNote(source: Web1on1Message, conversation?: Web1on1Conversation): boolean {
  if (source.role === 'contact') return false;
  if (source.isBackchannel === true || !VISIBLE.has(source.type ?? 'chat')) return true;
  return source.role !== 'agent' && !(conversation !== undefined && isTeam(conversation));
}

/** From the contact; in a team conversation, what any other member says. */
function isInbound(source: Web1on1Message, author: Author, conversation?: Web1on1Conversation): boolean {
  if (source.role === 'contact') return true;
  return (
    author.self !== true &&
    conversation !== undefined &&
    isTeam(conversation) &&
    !isNote(source, conversation)
  );
}

function fromWeb1on1Author(
  source: Web1on1Message,
  view: Viewpoint,
  conversation: Web1on1Conversation | undefined,
): Author {
  const user = referencedId(source.user);
  if (source.role === 'contact') {
    const contact = referencedId(conversation?.contact);
    return contact === undefined ? { role: 'contact' } : { role: 'contact', id: toId(view.account, contact) };
  }
  if (user === undefined) return { role: source.type === 'status' ? 'system' : roleOf(source) };
  const id = toId(view.account, user);
  if (user === view.selfId) return { role: 'bot', id, self: true };
  const participant = conversation?.participants?.find((each) => referencedId(each.user) === user);
  const author: Author = { role: participant?.role === 'bot' ? 'bot' : roleOf(source), id };
  if (participant?.name) author.name = participant.name;
  return author;
}

/** A missing role is `bot` by the platform's default, but commands and fields have none and come from people too. */
function roleOf(source: Web1on1Message): AuthorRole {
  if (source.role === 'agent') return 'agent';
  if (source.role === 'bot') return 'bot';
  return VISIBLE.has(source.type ?? 'chat') ? 'bot' : 'agent';
}

/** What a message says. */
export function fromWeb1on1Content(source: Web1on1Message): Content {
  const type = source.type ?? 'chat';
  const text = source.text ?? '';
  switch (type) {
    case 'chat':
    case 'card':
      return fromChat(source, text);
    case 'postback':
      return { kind: 'choice', value: text };
    case 'mention':
    case 'command':
      return { kind: 'text', text };
    case 'status':
      return { kind: 'system', text };
    case 'field':
      return fromField(source, text);
    default:
      return text === '' ? { kind: 'unknown', type } : { kind: 'unknown', type, text };
  }
}

function fromChat(source: Web1on1Message, text: string): Content {
  const template = source.meta?.template;
  if (typeof template === 'string') return fromTemplate(template, text, source.meta ?? {});
  if (source.items && source.items.length > 0) {
    const cards = source.items.map(fromItem);
    return text === '' ? { kind: 'carousel', cards } : { kind: 'carousel', text, cards };
  }
  if (source.actions && source.actions.length > 0) {
    const choices = fromActions(source.actions);
    if (choices.length > 0) return { kind: 'choices', text, choices };
  }
  const { contentType } = source;
  if (!contentType || contentType === 'text/plain') return { kind: 'text', text };
  if (contentType === 'text/html') return { kind: 'text', text, format: 'html' };
  if (contentType === 'text/markdown') return { kind: 'text', text, format: 'markdown' };
  if (contentType === 'text/url' || (contentType.startsWith('text/') && !text.startsWith('http'))) {
    return { kind: 'text', text };
  }
  return { kind: 'media', url: text, mimeType: contentType };
}

function fromTemplate(template: string, name: string, meta: Record<string, unknown>): Content {
  const variables: Record<string, string> = {};
  for (const key in meta) {
    const value = meta[key];
    if (key !== 'template' && typeof value === 'string') variables[key] = value;
  }
  return name === ''
    ? { kind: 'template', template, variables }
    : { kind: 'template', template, name, variables };
}

/** `.licenseplate GT-482-K`; an event names the key in `meta.key` as well. */
function fromField(source: Web1on1Message, text: string): Content {
  const line = readFieldLine(text);
  if (line === undefined) return { kind: 'unknown', type: 'field', text };
  const { key, form } = source.meta ?? {};
  const field: Content = { kind: 'field', key: typeof key === 'string' ? key : line.key, value: line.value };
  if (typeof form === 'string') field.form = form;
  return field;
}

function fromItem(item: Web1on1Item): {
  title: string;
  description?: string;
  mediaUrl?: string;
  choices?: Choice[];
} {
  const choices = item.actions ? fromActions(item.actions) : [];
  return {
    title: item.title,
    ...(item.description && { description: item.description }),
    ...(item.mediaUrl && { mediaUrl: item.mediaUrl }),
    ...(choices.length > 0 && { choices }),
  };
}

/** Buttons we have a word for; a reply without a label is labelled by its payload. */
function fromActions(actions: readonly Web1on1Action[]): Choice[] {
  const choices: Choice[] = [];
  for (const { type, text, payload, uri } of actions) {
    const label = text ?? payload ?? uri ?? '';
    switch (type) {
      case 'reply':
        choices.push({ type: 'reply', label, value: payload ?? label });
        break;
      case 'postback':
        choices.push({ type: 'postback', label, value: payload ?? label });
        break;
      case 'link':
      case 'webview':
        choices.push({ type: 'link', label, url: uri ?? payload ?? '' });
    }
  }
  return choices;
}

export function fromWeb1on1Contact(source: Web1on1Contact, view: Pick<Viewpoint, 'account'>): Contact {
  const { account } = view;
  const profile = source.profile ?? {};
  const identities: Identity[] = [];
  const contact: Contact = { id: toId(account, source.id), account, identities };
  const organization = referencedId(source.organization);
  const fields = fromWeb1on1Meta(source.meta);
  if (profile.name) contact.name = profile.name;
  if (profile.givenName) contact.givenName = profile.givenName;
  if (profile.familyName) contact.familyName = profile.familyName;
  if (profile.telephone) {
    contact.phone = profile.telephone;
    identities.push({ account, channel: 'phone', value: profile.telephone });
  }
  if (profile.email) {
    contact.email = profile.email;
    identities.push({ account, channel: 'email', value: profile.email });
  }
  if (profile.locale) contact.locale = profile.locale;
  if (fields !== undefined) contact.fields = fields;
  if (organization !== undefined) contact.organization = organization;
  if (source.createdAt) contact.createdAt = toIsoTime(source.createdAt);
  if (source.updatedAt) contact.updatedAt = toIsoTime(source.updatedAt);
  return contact;
}

/** When nothing says when: a time that is certainly older than every real one. */
const NO_TIME = '1970-01-01T00:00:00.000Z';

/** ISO 8601 in UTC with milliseconds. A time without an offset is UTC at this platform (API basics). */
export function toIsoTime(source: Maybe<string> | undefined): string {
  if (!source) return NO_TIME;
  if (source.length === 24 && source.endsWith('Z')) return source;
  const hasOffset = /(?:Z|[+-]\d\d:?\d\d)$/i.test(source) || !source.includes('T');
  const time = Date.parse(hasOffset ? source : `${source}Z`);
  return Number.isNaN(time) ? NO_TIME : new Date(time).toISOString();
}
