import { randomInt, randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { type Platform, tell, withoutUndefined } from './platform.js';
import type { ConversationState, CrispConversation, Website } from './records.js';

/** Made when the chat box opens, or over REST. Nobody is told before its first message. */
export function createConversation(
  platform: Platform,
  website: Website,
  sessionId = `session_${randomUUID()}`,
): CrispConversation {
  const now = platform.clock.now();
  const conversation: CrispConversation = {
    session_id: sessionId,
    website_id: website.website_id,
    inbox_id: null,
    state: 'pending',
    is_verified: false,
    is_blocked: false,
    availability: 'offline',
    active: { now: false, last: now },
    topic: '',
    verifications: [],
    participants: [],
    mentions: [],
    compose: { operator: {}, visitor: {} },
    unread: { operator: 0, visitor: 0 },
    assigned: null,
    meta: {
      nickname: `visitor${randomInt(100_000, 1_000_000)}`,
      email: '',
      phone: '',
      address: '',
      subject: '',
      ip: '',
      avatar: '',
      origin: 'chat',
      segments: [],
      data: {},
      device: {},
    },
    created_at: now,
    updated_at: now,
    waiting_since: null,
    messages: [],
    pages: [],
    events: [],
    originals: [],
    browsing: [],
    reminders: [],
    reports: [],
    call: null,
    token: randomUUID(),
  };
  website.conversations.set(sessionId, conversation);
  return conversation;
}

const STATUS: Record<ConversationState, number> = { pending: 0, unresolved: 1, resolved: 2 };

/** A conversation as the API shows it. */
export function shownConversation(conversation: CrispConversation): JsonObject {
  const { state, assigned, people_id, waiting_since, messages } = conversation;
  const last = messages.findLast(({ type }) => type !== 'event');
  const excerpt = last === undefined ? '' : excerptOf(last.content);
  return withoutUndefined({
    session_id: conversation.session_id,
    website_id: conversation.website_id,
    inbox_id: conversation.inbox_id,
    people_id,
    state,
    status: STATUS[state],
    is_verified: conversation.is_verified,
    is_blocked: conversation.is_blocked,
    availability: conversation.availability,
    active: conversation.active,
    last_message: excerpt,
    preview_message: last && { type: last.type, from: last.from, excerpt, fingerprint: last.fingerprint },
    topic: conversation.topic,
    verifications: conversation.verifications,
    participants: conversation.participants,
    mentions: conversation.mentions,
    compose: conversation.compose,
    unread: conversation.unread,
    assigned: assigned ?? {},
    meta: conversation.meta,
    created_at: conversation.created_at,
    updated_at: conversation.updated_at,
    waiting_since: waiting_since ?? undefined,
  });
}

/** What stands for a message in a list. */
export function excerptOf(content: unknown): string {
  if (typeof content === 'string') return content.slice(0, 140);
  const { text, name, url } = content as JsonObject;
  return String(text ?? name ?? url ?? '').slice(0, 140);
}

export function setState(
  platform: Platform,
  conversation: CrispConversation,
  state: ConversationState,
): void {
  if (conversation.state === state) return;
  conversation.state = state;
  if (state === 'resolved') conversation.waiting_since = null;
  touch(platform, conversation);
  tell(platform, conversation, 'session:set_state', { state });
}

export function setRouting(
  platform: Platform,
  conversation: CrispConversation,
  assigned: { user_id: string } | null,
): void {
  const previous = conversation.assigned?.user_id ?? null;
  conversation.assigned = assigned === null ? null : { user_id: assigned.user_id };
  touch(platform, conversation);
  tell(platform, conversation, 'session:set_routing', {
    routing_id: assigned?.user_id ?? null,
    previous_routing_id: previous,
  });
}

export function setInbox(platform: Platform, conversation: CrispConversation, inboxId: string | null): void {
  const previous = conversation.inbox_id;
  conversation.inbox_id = inboxId;
  touch(platform, conversation);
  // The common field carries the new inbox, also where the main inbox is not mentioned otherwise.
  tell(platform, conversation, 'session:set_inbox', { inbox_id: inboxId, previous_inbox_id: previous });
}

export function setBlocked(platform: Platform, conversation: CrispConversation, blocked: boolean): void {
  conversation.is_blocked = blocked;
  touch(platform, conversation);
  tell(platform, conversation, 'session:set_block', { is_blocked: blocked });
}

export function setOnline(platform: Platform, conversation: CrispConversation, online: boolean): void {
  const availability = online ? 'online' : 'offline';
  conversation.active = { now: online, last: platform.clock.now() };
  if (conversation.availability === availability) return;
  conversation.availability = availability;
  tell(platform, conversation, 'session:update_availability', { availability });
}

export function removeConversation(
  platform: Platform,
  website: Website,
  conversation: CrispConversation,
): void {
  website.conversations.delete(conversation.session_id);
  tell(platform, conversation, 'session:removed');
}

export function touch(platform: Platform, conversation: CrispConversation): void {
  conversation.updated_at = platform.clock.now();
}
