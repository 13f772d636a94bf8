import type {
  Card,
  Choice,
  ContactInput,
  Content,
  ContentLimits,
  ConversationQuery,
  ConversationStatus,
  Id,
  Recipient,
} from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Query } from './client/query.js';
import { accept, assign, fieldLine, leave, notify } from './commands.js';
import type { Web1on1Contact, Web1on1ContactInput, Web1on1ContactProfile } from './wire/contact.js';
import type { Web1on1Conversation, Web1on1ConversationStatus } from './wire/conversation.js';
import type { Web1on1Action, Web1on1Item, Web1on1MessageInput } from './wire/message.js';

/** Who we speak as: `agent` reaches the consumer and accepts the conversation, `bot` is shown to agents only. */
export type SpeakingRole = 'agent' | 'bot';

/**
 * What Web1on1 shows. No number is documented for lengths, buttons or cards, so none is claimed; the channel behind it
 * may have its own. Locations are not in the documentation at all, and `text/html` bubbles only for agents' screens.
 */
export const ACCEPTS: ContentLimits = {
  text: {},
  media: { caption: false },
  choices: { types: ['reply', 'postback', 'link'] },
  carousel: { description: true },
  template: {},
  field: {},
};

export interface Utterance {
  content: Content;
  role: SpeakingRole;
  note?: boolean;
  channel?: string;
  quote?: string;
  /** Kept in `meta.parley`, so that a message whose answer got lost can be found again. */
  key: string;
}

/** The `meta` key that holds the correlation handle. A template has none: its `meta` are its variables. */
export const HANDLE = 'parley';

/**
 * The message to post.
 *
 * @throws ERR_UNSUPPORTED for a kind that Web1on1 has no form for
 * @throws ERR_CONFIG for a field or a template that cannot be written in its form
 */
export function toWeb1on1Message(utterance: Utterance): Web1on1MessageInput {
  const { content, key } = utterance;
  if (content.kind === 'template') return toTemplate(utterance, content);
  const body = toBody(content);
  const meta: Record<string, unknown> = { ...body.meta, [HANDLE]: key };
  if (utterance.quote !== undefined) meta.quotedMessage = utterance.quote;
  if (content.kind === 'field') return { ...body, meta };
  if (utterance.note === true) return { ...body, ...BACKCHANNEL, meta };
  return {
    ...body,
    role: utterance.role,
    ...(utterance.channel !== undefined && { touchpoint: utterance.channel }),
    meta,
  };
}

/** Not for the consumer twice over: role `bot` alone is shown to agents only, and the backchannel is never routed. */
const BACKCHANNEL = { role: 'bot', isBackchannel: true } as const;

/** The part of a message that says something. */
export function toBody(content: Content): Web1on1MessageInput {
  switch (content.kind) {
    case 'text':
      return content.format === undefined
        ? { text: content.text }
        : { text: content.text, contentType: `text/${content.format}` };
    case 'media':
      return { text: content.url, contentType: content.mimeType };
    case 'choices':
      return { text: content.text, actions: content.choices.map(toAction) };
    case 'choice':
      return { type: 'postback', text: content.value };
    case 'carousel':
      return {
        ...(content.text !== undefined && { text: content.text }),
        items: content.cards.map(toItem),
      };
    case 'field':
      return {
        type: 'field',
        text: fieldLine(content.key, content.value),
        ...(content.form !== undefined && { meta: { form: content.form } }),
      };
    case 'template':
      return { text: content.name ?? content.template };
    case 'location':
    case 'system':
    case 'unknown':
      throw new ParleyError(
        'ERR_UNSUPPORTED',
        `Web1on1 has no message form for content kind "${content.kind}"`,
      );
  }
}

/** A WhatsApp template: its id and one `meta` key per placeholder; `text` carries its name. Its id decides its language. */
function toTemplate(
  utterance: Utterance,
  content: Extract<Content, { kind: 'template' }>,
): Web1on1MessageInput {
  if (utterance.note === true) {
    throw new ParleyError('ERR_UNSUPPORTED', 'Web1on1: a template cannot be a note');
  }
  if ('template' in content.variables) {
    throw new ParleyError('ERR_CONFIG', 'Web1on1: a template variable cannot be called "template"');
  }
  return {
    type: 'chat',
    ...toBody(content),
    role: utterance.role,
    touchpoint: utterance.channel ?? 'whatsapp',
    meta: { ...content.variables, template: content.template },
  };
}

/** A link has its address in `uri` and in `payload`: the documentation shows one, working code the other. */
function toAction(choice: Choice): Web1on1Action {
  if (choice.type === 'link') {
    return { type: 'link', text: choice.label, uri: choice.url, payload: choice.url };
  }
  return { type: choice.type, text: choice.label, payload: choice.value };
}

function toItem(card: Card): Web1on1Item {
  return {
    title: card.title,
    ...(card.description !== undefined && { description: card.description }),
    ...(card.mediaUrl !== undefined && { mediaUrl: card.mediaUrl }),
    ...(card.choices !== undefined && { actions: card.choices.map(toAction) }),
  };
}

/**
 * The commands that bring a conversation into a status. `pending` lets go first and notifies then: the routing rules
 * queue a closed conversation, while one that we still hold stays active.
 */
export function toStatusCommands(status: ConversationStatus): Web1on1MessageInput[] {
  switch (status) {
    case 'open':
      return [accept()];
    case 'closed':
      return [leave()];
    case 'pending':
      return [leave(), notify()];
  }
}

/** Lets go, then calls for these users, or for whoever the routing rules say. Same order as `pending`, same reason. */
export function toHandOverCommands(users: readonly string[] | undefined): Web1on1MessageInput[] {
  return [leave(), users === undefined || users.length === 0 ? notify() : assign(users)];
}

export function toWeb1on1Status(status: ConversationStatus): Web1on1ConversationStatus {
  switch (status) {
    case 'open':
      return 'active';
    case 'pending':
      return 'queued';
    case 'closed':
      return 'closed';
  }
}

export function toConversationQuery(
  { status, contactId, updatedSince }: ConversationQuery,
  toExternalId: (id: Id) => string,
): Query<Web1on1Conversation> {
  return {
    where: {
      ...(status !== undefined && { status: toWeb1on1Status(status) }),
      ...(contactId !== undefined && { contact: toExternalId(contactId) }),
      ...(updatedSince !== undefined && { updatedAt: { gte: updatedSince } }),
    },
    sort: ['-updatedAt'],
  };
}

/** Channels that reach a phone number. */
const BY_PHONE = ['whatsapp', 'sms', 'phone'];

/**
 * The profile by which the platform knows a person.
 *
 * @throws ERR_UNSUPPORTED for an address that is neither a phone number nor an e-mail address
 * @throws ERR_CONFIG for a phone number that is not E.164
 */
export function toProfile(recipient: Recipient): Web1on1ContactProfile {
  const profile: Web1on1ContactProfile = {};
  if (recipient.name !== undefined) profile.name = recipient.name;
  if (recipient.email !== undefined) profile.email = recipient.email;
  if (recipient.channel === 'email') return { ...profile, email: recipient.value };
  if (!BY_PHONE.includes(recipient.channel)) {
    throw new ParleyError(
      'ERR_UNSUPPORTED',
      `Web1on1 knows people by phone number or e-mail address, not by channel "${recipient.channel}"`,
    );
  }
  return { ...profile, telephone: toTelephone(recipient.value) };
}

/** @throws ERR_CONFIG for anything but `+` and 7 to 15 digits */
export function toTelephone(value: string): string {
  if (/^\+[1-9]\d{6,14}$/.test(value)) return value;
  throw new ParleyError(
    'ERR_CONFIG',
    'Web1on1 needs phone numbers in E.164: "+", the country code, digits only',
  );
}

/** The touchpoint of a recipient's channel. A bare phone number has none: the conversation's own is used. */
export function toTouchpoint(channel: string): string | undefined {
  return channel === 'phone' ? undefined : channel;
}

/** A note without a handle of its own. */
export function toNote(text: string): Web1on1MessageInput {
  return { text, ...BACKCHANNEL };
}

/**
 * What `PATCH` changes of a message: never `meta`, which it would replace whole.
 *
 * @throws ERR_UNSUPPORTED for a kind that lives in `meta`, or has no form
 */
export function toEdit(content: Content): Web1on1MessageInput {
  if (content.kind === 'template') {
    throw new ParleyError('ERR_UNSUPPORTED', 'Web1on1: a template cannot be edited');
  }
  const { text, contentType, actions, items } = toBody(content);
  return {
    ...(text !== undefined && { text }),
    ...(contentType !== undefined && { contentType }),
    ...(actions !== undefined && { actions }),
    ...(items !== undefined && { items }),
  };
}

/** A contact to be created, or with `current` the change that keeps the rest: `PATCH` replaces `profile` and `meta` whole. */
export function toWeb1on1Contact(input: ContactInput, current?: Web1on1Contact): Web1on1ContactInput {
  const { name, givenName, familyName, phone, email, locale, fields, organization } = input;
  const named: Web1on1ContactProfile = {
    ...(name !== undefined && { name }),
    ...(givenName !== undefined && { givenName }),
    ...(familyName !== undefined && { familyName }),
    ...(phone !== undefined && { telephone: toTelephone(phone) }),
    ...(email !== undefined && { email }),
    ...(locale !== undefined && { locale }),
  };
  const changesProfile = current === undefined || Object.keys(named).length > 0;
  return {
    ...(organization !== undefined && { organization }),
    ...(changesProfile && { profile: { ...current?.profile, ...named } }),
    ...(fields !== undefined && { meta: { ...current?.meta, ...fields } }),
  };
}
