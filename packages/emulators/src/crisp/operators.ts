import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.js';
import { setBlocked, setRouting } from './conversations.js';
import {
  acknowledge,
  compose,
  editMessage,
  messageOf,
  removeMessage,
  userFields,
  writeMessage,
} from './messages.js';
import { conversationOf, isAttended, issueKeypair, type Platform, tell, tellWebsite } from './platform.js';
import type { ConversationState, Keypair, Member, User, Website } from './records.js';
import { createUser } from './seed.js';
import { changeState } from './state.js';

export interface OperatorOptions {
  /** Default: the part of the e-mail address before the `@`. */
  name?: string;
  /** Default: made from the name. */
  email?: string;
  role?: 'owner' | 'member';
  /** Default: the website of the credentials. */
  websiteId?: string;
}

/** A human in the dashboard, for a test to play. */
export interface Operator {
  userId: string;
  email: string;
  password: string;
  /** Of the user tier. */
  identifier: string;
  key: string;
  /** Returns the fingerprint of the message. */
  say(sessionId: string, text: string): number;
  /** Not shown to the visitor. */
  note(sessionId: string, text: string): number;
  send(sessionId: string, message: { type: string; content: Json; fingerprint?: number }): number;
  edit(sessionId: string, fingerprint: number, content: Json): void;
  remove(sessionId: string, fingerprint: number): void;
  /** Takes the conversation. */
  take(sessionId: string): void;
  /** Gives it to somebody else, or to nobody. */
  assign(sessionId: string, userId: string | null): void;
  setState(sessionId: string, state: ConversationState): void;
  block(sessionId: string, blocked?: boolean): void;
  /** Opens the conversation, and has seen what the visitor wrote. */
  read(sessionId: string): void;
  close(sessionId: string): void;
  typing(sessionId: string, excerpt?: string): void;
  stopTyping(sessionId: string): void;
  /** Tells the website whether somebody is there. */
  setAvailability(availability: Member['availability']): void;
}

/** The same operator for the same e-mail. */
export function playOperator(platform: Platform, website: Website, options: OperatorOptions): Operator {
  const name = options.name ?? options.email?.split('@')[0] ?? 'Operator';
  const email = options.email ?? `${name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@crisp.test`;
  const known = [...platform.users.values()].find((user) => user.email === email);
  const user = known ?? createUser(platform, { email, name });
  if (!website.members.has(user.user_id)) {
    website.members.set(user.user_id, {
      user_id: user.user_id,
      type: 'operator',
      role: options.role ?? 'member',
      title: '',
      availability: 'online',
    });
  }
  const keypair =
    [...platform.keypairs.values()].find(({ tier, owner }) => tier === 'user' && owner === user.user_id) ??
    issueKeypair(platform, 'user', user.user_id, { identifier: randomUUID() });
  return play(platform, website, user, keypair);
}

function play(platform: Platform, website: Website, user: User, keypair: Keypair): Operator {
  const self = userFields(user);
  const { user_id: userId } = user;
  const conversation = (sessionId: string) => conversationOf(website, sessionId);
  const face = (): JsonObject => ({ user_id: userId, nickname: self.nickname });
  const send = (sessionId: string, message: JsonObject) => {
    noteActivity(platform, website, userId);
    return writeMessage(
      platform,
      website,
      conversation(sessionId),
      { ...message, from: 'operator', origin: 'chat', user: self },
      keypair,
    );
  };
  return {
    userId,
    email: user.email,
    password: user.password,
    identifier: keypair.identifier,
    key: keypair.key,
    say: (sessionId, text) => send(sessionId, { type: 'text', content: text }),
    note: (sessionId, text) => send(sessionId, { type: 'note', content: text }),
    send: (sessionId, message) => send(sessionId, { ...message }),
    edit(sessionId, fingerprint, content) {
      const place = conversation(sessionId);
      editMessage(platform, place, messageOf(place, fingerprint), content);
    },
    remove(sessionId, fingerprint) {
      const place = conversation(sessionId);
      removeMessage(platform, place, messageOf(place, fingerprint));
    },
    take: (sessionId) => setRouting(platform, conversation(sessionId), { user_id: userId }),
    assign: (sessionId, to) =>
      setRouting(platform, conversation(sessionId), to === null ? null : { user_id: to }),
    setState: (sessionId, state) =>
      changeState(platform, website, conversation(sessionId), state, { keypair, user: self }),
    block: (sessionId, blocked = true) => setBlocked(platform, conversation(sessionId), blocked),
    read(sessionId) {
      const place = conversation(sessionId);
      tell(platform, place, 'session:set_opened', { operator: face() });
      acknowledge(platform, place, { mark: 'read', author: 'user', origin: 'chat' });
    },
    close: (sessionId) => tell(platform, conversation(sessionId), 'session:set_closed', { operator: face() }),
    typing: (sessionId, excerpt = '') =>
      compose(platform, conversation(sessionId), { type: 'start', from: 'operator', excerpt, user: self }),
    stopTyping: (sessionId) =>
      compose(platform, conversation(sessionId), { type: 'stop', from: 'operator', user: self }),
    setAvailability: (availability) => setAvailability(platform, website, userId, availability),
  };
}

export function noteActivity(platform: Platform, website: Website, userId: string): void {
  const member = website.members.get(userId);
  if (member !== undefined) member.active = platform.clock.now();
}

function setAvailability(
  platform: Platform,
  website: Website,
  userId: string,
  availability: Member['availability'],
): void {
  const member = website.members.get(userId);
  if (member === undefined) return;
  const before = isAttended(website);
  member.availability = availability;
  tellWebsite(platform, website, 'website:update_operators_availability', {
    user_id: userId,
    availability: { type: availability },
  });
  const after = isAttended(website);
  if (before !== after) tellWebsite(platform, website, 'website:users:available', { available: after });
}
