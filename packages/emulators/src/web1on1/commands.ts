import { acceptConversation, joinConversation, type MessageEffect, participantOf } from './participants.js';
import { announceRecord, type Platform, shownConversation } from './platform.js';
import { type Conversation, isObject, type Json, type JsonObject } from './records.js';

/** Properties that `/set @name` does not reach. */
const PROTECTED = new Set([
  'id',
  'organization',
  'orgPath',
  'type',
  'status',
  'contact',
  'participants',
  'messages',
  'results',
  'forms',
  'meta',
  'createdAt',
  'updatedAt',
]);

/** What a message of type `command` does (developers.web1on1.chat, commands). Unknown ones do nothing, like `>` ones. */
export const runCommand: MessageEffect = (platform, conversation, message) => {
  const [name = ''] = (message.text ?? '').split(/\s/, 1);
  const author = message.user ?? '';
  switch (name) {
    case '/accept':
      acceptConversation(platform, conversation, author);
      break;
    case '/join':
      joinConversation(platform, conversation, author);
      break;
    case '/leave':
      leave(conversation, author);
      break;
    case '/assign':
      assign(platform, conversation, ids(message.meta.users));
      break;
    case '/notify':
      return notifyChannels(platform, conversation, message);
    case '/set':
      setProperty(conversation, message.text ?? '');
  }
  return undefined;
};

function leave(conversation: Conversation, author: string): void {
  const participant = conversation.participants.find(({ user }) => user === author);
  if (participant === undefined) return;
  const wasAccepted = participant.accepted;
  Object.assign(participant, { active: false, accepted: false, inbox: false });
  if (wasAccepted && !conversation.participants.some(({ accepted }) => accepted))
    conversation.status = 'closed';
}

function assign(platform: Platform, conversation: Conversation, users: string[]): void {
  for (const user of users) {
    const participant = participantOf(platform, conversation, user);
    if (participant !== undefined && !participant.accepted) participant.inbox = true;
  }
  if (users.length > 0 && conversation.status === 'closed') conversation.status = 'queued';
}

/** Tells agent channels about a conversation that waits, and queues it unless someone has accepted it. */
export const notifyChannels: MessageEffect = (platform, conversation, message) => {
  const only = { channels: ids(message.meta.channels), organizations: ids(message.meta.organizations) };
  const own = conversation.orgPath.split('#');
  const channels = platform.collections.get('channels')?.list() ?? [];
  const told = channels.filter((channel) => {
    if (only.channels.length > 0) return only.channels.includes(channel.id);
    const organizations = only.organizations.length > 0 ? only.organizations : own;
    return organizations.includes(String(channel.organization));
  });
  if (conversation.status === 'closed') conversation.status = 'queued';
  const actor = message.user === undefined ? `contacts/${conversation.contact}` : `users/${message.user}`;
  return () => {
    for (const channel of told) {
      announceRecord(platform, 'channels', 'notify', channel, actor, {
        organization: conversation.organization,
        data: { channel, conversation: shownConversation(conversation), message },
      });
    }
  };
};

/** Absent, null, one id or an array of ids: the SDK sends all four. */
function ids(value: Json | undefined): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === 'string' && item !== '');
}

function setProperty(conversation: Conversation, text: string): void {
  const [, key, value = ''] = /^\/set\s+(\S+)(?:\s([\s\S]*))?$/.exec(text) ?? [];
  if (key === undefined) return;
  const isProperty = key.startsWith('@');
  const name = isProperty ? key.slice(1) : key;
  if (isProperty && (PROTECTED.has(name) || name === '')) return;
  const target: JsonObject = isProperty ? conversation : conversation.meta;
  // Defined, not assigned: a key called __proto__ stays an ordinary key.
  if (value.trim() === '') delete target[name];
  else {
    const stored = name === 'categoryIndex' && isProperty ? Number(value) : value;
    Object.defineProperty(target, name, {
      value: stored,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

/** `+Name` activates a form in a conversation, `-Name` takes it away; `meta.form` is its id. */
export const applyForm: MessageEffect = (_platform, conversation, message) => {
  const { form, categoryIndex, category } = message.meta;
  if (typeof form !== 'string') return undefined;
  const others = conversation.forms.filter((id) => id !== form);
  conversation.forms = message.text?.startsWith('-') ? others : [...others, form];
  if (typeof categoryIndex === 'number') conversation.categoryIndex = categoryIndex;
  if (typeof category === 'string') conversation.category = category;
  return undefined;
};

/** Results stay with the conversation. */
export const keepResults: MessageEffect = (_platform, conversation, message) => {
  const results = Array.isArray(message.results) ? message.results.filter(isObject) : [];
  conversation.results.push(...results);
  return undefined;
};
