import type {
  Author,
  Contact,
  Conversation,
  ConversationStatus,
  FieldValue,
  Id,
  Message,
  MessageStatus,
  Participant,
} from '@parley/core';
import { toId } from '@parley/core';
import { fromCrispContent, typeOfContent } from './from-crisp-content.js';
import { isOwnFingerprint, type Place, toMessageId, toPlaceId, type Viewpoint } from './ids.js';
import type { CrispConversation } from './wire/conversation.js';
import type { Maybe } from './wire/maybe.js';
import type { CrispMessage } from './wire/message.js';
import type { CrispProfile } from './wire/people.js';

/** `pending` waits for a first answer, `unresolved` has somebody. What we do not know, and a missing state, counts as closed. */
const STATUSES: Readonly<Record<string, ConversationStatus>> = {
  pending: 'pending',
  unresolved: 'open',
  resolved: 'closed',
};

export function fromCrispState(state: Maybe<string> | undefined): ConversationStatus {
  return STATUSES[state ?? 'resolved'] ?? 'closed';
}

/** A blocked conversation is closed: nothing that its visitor writes reaches anybody. */
export function fromCrispConversation(source: CrispConversation, view: Viewpoint): Conversation {
  const { account } = view;
  const website = source.website_id ?? undefined;
  const meta = source.meta ?? {};
  const conversation: Conversation = {
    id: toPlaceId(view, { website, id: source.session_id }),
    account,
    provider: 'crisp',
    status: source.is_blocked === true ? 'closed' : fromCrispState(source.state),
    kind: 'contact',
  };
  const channel = fromCrispOrigin(meta.origin);
  const name = meta.subject || source.topic || meta.nickname;
  const fields = fromCrispValues(meta.data);
  const assignee = source.assigned?.user_id;
  if (channel !== undefined) conversation.channel = channel;
  if (name) conversation.name = name;
  if (meta.nickname) conversation.contactName = meta.nickname;
  const phone = toE164(meta.phone);
  if (phone !== undefined) conversation.contactPhone = phone;
  if (meta.email) conversation.contactEmail = meta.email;
  if (source.people_id) conversation.contactId = toPlaceId(view, { website, id: source.people_id });
  if (assignee) Object.assign(conversation, fromCrispAssignee(assignee, view));
  if (fields !== undefined) conversation.fields = fields;
  if (website !== undefined) conversation.organization = website;
  if (source.created_at) conversation.createdAt = toIsoTime(source.created_at);
  if (source.updated_at) conversation.updatedAt = toIsoTime(source.updated_at);
  return conversation;
}

/** The operator who has it is the one who takes part in it. */
export function fromCrispAssignee(
  operator: string,
  view: Viewpoint,
): { assigneeId: Id; participants: Participant[] } {
  const id = toId(view.account, operator);
  const participant: Participant = { id, role: 'agent', accepted: true };
  if (operator === view.selfId) participant.self = true;
  return { assigneeId: id, participants: [participant] };
}

/** `chat` is the web; `urn:crisp.im:whatsapp:0` is `whatsapp`. */
export function fromCrispOrigin(origin: Maybe<string> | undefined): string | undefined {
  if (!origin) return undefined;
  if (origin === 'chat') return 'web';
  const [scheme, , channel] = origin.split(':');
  return scheme === 'urn' && channel ? channel : origin;
}

/** The plain values. */
export function fromCrispData(data: unknown): Record<string, FieldValue> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, FieldValue] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}

/** The plain values that are not empty: an empty text is a value that was removed, see `toMetaData`. */
export function fromCrispValues(
  data: Maybe<Record<string, unknown>> | undefined,
): Record<string, FieldValue> | undefined {
  const fields = Object.entries(fromCrispData(data)).filter(([, value]) => value !== '');
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/**
 * A message in our words. `from` and `type` decide who wrote it, never the name of the event that brought it: notes were seen
 * under both.
 *
 * @param place its conversation
 * @param at when it was heard of, in epoch milliseconds: for one without a time of its own
 */
export function fromCrispMessage(source: CrispMessage, view: Viewpoint, place: Place, at = 0): Message {
  const { account } = view;
  const conversationId = toPlaceId(view, place);
  const isNote = source.type === 'note' || source.type === 'event';
  const isInbound = source.from === 'user' && !isNote;
  const message: Message = {
    id: toMessageId(conversationId, source.fingerprint),
    account,
    conversationId,
    direction: isInbound ? 'in' : 'out',
    author: fromCrispAuthor(source, view, isInbound),
    content: fromCrispContent(source.type || typeOfContent(source.content), source.content),
    createdAt: toIsoTime(source.timestamp ?? at),
  };
  const channel = fromCrispOrigin(source.origin);
  if (channel !== undefined) message.channel = channel;
  if (isNote) message.note = true;
  else if (!isInbound) message.status = fromCrispMarks(source);
  return message;
}

function fromCrispAuthor(source: CrispMessage, view: Viewpoint, isInbound: boolean): Author {
  if (source.type === 'event') return { role: 'system' };
  const { account } = view;
  const { user_id: user, nickname } = source.user ?? {};
  const name = nickname ? { name: nickname } : {};
  // The id that comes along is the session's, and a session is not a person.
  if (isInbound) return { role: 'contact', ...name };
  if (isOwnFingerprint(view.owner, source.fingerprint)) {
    return { role: 'bot', id: toId(account, view.selfId), self: true };
  }
  return {
    role: source.automated === true ? 'bot' : 'agent',
    ...(user && { id: toId(account, user) }),
    ...name,
  };
}

/** `read` and `delivered` name the origin where it was. */
function fromCrispMarks({ read, delivered, ignored }: CrispMessage): MessageStatus {
  if (read) return 'read';
  if (delivered) return 'delivered';
  return ignored && Object.keys(ignored).length > 0 ? 'failed' : 'sent';
}

export function fromCrispProfile(
  source: CrispProfile,
  view: Viewpoint,
  website: string | undefined,
  data?: Record<string, unknown>,
): Contact {
  const { account } = view;
  const { nickname, phone, locales } = source.person ?? {};
  const contact: Contact = {
    id: toPlaceId(view, { id: source.people_id, ...(website !== undefined && { website }) }),
    account,
    identities: [],
  };
  const fields = fromCrispValues(data);
  if (nickname) contact.name = nickname;
  const number = toE164(phone);
  if (number !== undefined) {
    contact.phone = number;
    contact.identities.push({ account, channel: 'phone', value: number });
  }
  if (source.email) {
    contact.email = source.email;
    contact.identities.push({ account, channel: 'email', value: source.email });
  }
  if (locales?.[0]) contact.locale = locales[0];
  if (fields !== undefined) contact.fields = fields;
  const organization = website ?? view.website;
  if (organization !== undefined) contact.organization = organization;
  if (source.created_at) contact.createdAt = toIsoTime(source.created_at);
  if (source.updated_at) contact.updatedAt = toIsoTime(source.updated_at);
  return contact;
}

/** The platform takes a phone number as it is typed: one without a country code is not passed off as E.164. */
export function toE164(phone: Maybe<string> | undefined): string | undefined {
  const bare = phone?.replaceAll(/[\s().-]/g, '').replace(/^00/, '+') ?? '';
  return /^\+[1-9]\d{6,14}$/.test(bare) ? bare : undefined;
}

/** ISO 8601 in UTC. Of what is no moment, the oldest one. */
export function toIsoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '1970-01-01T00:00:00.000Z' : date.toISOString();
}
