import type {
  Card,
  Choice,
  ContactInput,
  Content,
  ContentLimits,
  ConversationQuery,
  ConversationStatus,
  FieldValue,
} from '@parley/core';
import { ParleyError, textOf } from '@parley/core';
import { fromCrispData } from './from-crisp.js';
import type { CrispState } from './wire/conversation.js';
import type {
  CrispAuthor,
  CrispCarouselTarget,
  CrispContent,
  CrispMessageInput,
  CrispMessageType,
  CrispPickerChoice,
} from './wire/message.js';
import type { CrispProfileInput, CrispValues } from './wire/people.js';

/** What Crisp shows. No number is documented for lengths, buttons or cards, so none is claimed. A card's buttons are links. */
export const ACCEPTS: ContentLimits = {
  text: { formats: ['markdown'] },
  media: { caption: false },
  choices: { types: ['reply', 'postback', 'link'] },
  carousel: { description: true, choiceTypes: ['link'] },
};

export interface Utterance {
  content: Content;
  fingerprint: number;
  note?: boolean;
  channel?: string;
  quote?: string;
  author?: CrispAuthor;
}

/**
 * The message to post: always as an operator, and always marked as automated.
 *
 * @throws ERR_UNSUPPORTED for a kind that Crisp has no form for
 */
export function toCrispMessage(utterance: Utterance): CrispMessageInput {
  const { content, fingerprint, note, channel, quote, author } = utterance;
  const said = note === true ? toNote(content) : toCrispContent(content, fingerprint);
  return {
    ...said,
    ...(quote !== undefined &&
      typeof said.content === 'string' && { content: withQuote(quote, said.content) }),
    from: 'operator',
    origin: toCrispOrigin(channel),
    fingerprint,
    automated: true,
    ...(author !== undefined && { user: { type: 'participant', ...author } }),
  };
}

/** Type and content. */
export function toCrispContent(
  content: Content,
  fingerprint: number,
): { type: CrispMessageType; content: CrispContent } {
  switch (content.kind) {
    case 'text':
      return { type: 'text', content: content.text };
    case 'media':
      return {
        type: 'file',
        content: { name: content.name ?? nameIn(content.url), url: content.url, type: content.mimeType },
      };
    case 'choices': {
      const choices = content.choices.map(toPickerChoice);
      // An id of its own, so that the chat box takes two pickers for two.
      return { type: 'picker', content: { id: `parley-${fingerprint}`, text: content.text, choices } };
    }
    case 'carousel':
      return {
        type: 'carousel',
        content: { text: content.text ?? '', targets: content.cards.map(toTarget) },
      };
    case 'choice':
    case 'field':
    case 'location':
    case 'system':
    case 'template':
    case 'unknown':
      throw new ParleyError(
        'ERR_UNSUPPORTED',
        `Crisp has no message form for content kind "${content.kind}"`,
      );
  }
}

/** A note is text. */
function toNote(content: Content): { type: 'note'; content: string } {
  const text =
    content.kind === 'media' ? [content.caption, content.url].filter(Boolean).join('\n') : textOf(content);
  if (text) return { type: 'note', content: text };
  throw new ParleyError('ERR_UNSUPPORTED', `Crisp: a note is text; content kind "${content.kind}" has none`);
}

function withQuote(quote: string, text: string): string {
  const lines = quote.split('\n').map((line) => `> ${line}`);
  return `${lines.join('\n')}\n\n${text}`;
}

function toPickerChoice(choice: Choice): CrispPickerChoice {
  if (choice.type === 'link') {
    const { label, url } = choice;
    return { value: url, label, selected: false, action: { type: 'link', target: url } };
  }
  return { value: choice.value, label: choice.label, selected: false };
}

function toTarget(card: Card): CrispCarouselTarget {
  const actions = (card.choices ?? []).flatMap((choice) => {
    if (choice.type === 'link') return [{ label: choice.label, url: choice.url }];
    throw new ParleyError('ERR_UNSUPPORTED', `Crisp: a card's button is a link, not a ${choice.type}`);
  });
  return {
    title: card.title,
    description: card.description ?? '',
    ...(card.mediaUrl !== undefined && { image: card.mediaUrl }),
    actions,
  };
}

/** The last part of the address that is a name. */
function nameIn(url: string): string {
  const path = URL.parse(url)?.pathname ?? '';
  return decoded(path).split('/').at(-1) || 'file';
}

/** As it is, if it is not percent-encoded after all. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The origin of what we say: where it was written, not where it goes. The platform delivers on the conversation's own channel.
 *
 * @throws ERR_UNSUPPORTED for the name of another channel
 */
export function toCrispOrigin(channel: string | undefined): string {
  if (channel === undefined || channel === 'web') return 'chat';
  if (channel === 'email' || channel.startsWith('urn:')) return channel;
  throw new ParleyError(
    'ERR_UNSUPPORTED',
    `Crisp delivers on the conversation's own channel: channel "${channel}" cannot be chosen`,
  );
}

export function toCrispState(status: ConversationStatus): CrispState {
  switch (status) {
    case 'open':
      return 'unresolved';
    case 'pending':
      return 'pending';
    case 'closed':
      return 'resolved';
  }
}

/**
 * The data to write, whole: whether `PATCH` keeps the keys it is not given is not documented, and a key cannot be removed
 * where it does. So one that is to be removed becomes an empty text, which is read as nothing.
 */
export function toMetaData(
  current: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, FieldValue>>,
): CrispValues {
  return { ...fromCrispData(current), ...changes };
}

/**
 * The filters of the list; a contact is looked up in another way. There is none for `pending` and `open` apart, and `closed` has none
 * because it means the blocked ones as well, in whatever state they are.
 */
export function toListQuery({ status, updatedSince }: ConversationQuery): Record<string, string | boolean> {
  return {
    order_date_updated: true,
    ...((status === 'open' || status === 'pending') && { filter_not_resolved: true }),
    ...(updatedSince !== undefined && { filter_date_start: new Date(updatedSince).toISOString() }),
  };
}

/** What a contact's change writes; its `fields` are data of their own. */
export function toCrispProfile(input: ContactInput): CrispProfileInput {
  const { name, givenName, familyName, phone, email, locale } = input;
  const nickname = name ?? ([givenName, familyName].filter(Boolean).join(' ') || undefined);
  const person = {
    ...(nickname !== undefined && { nickname }),
    ...(phone !== undefined && { phone }),
    ...(locale !== undefined && { locales: [locale] }),
  };
  return {
    ...(email !== undefined && { email }),
    ...(Object.keys(person).length > 0 && { person }),
  };
}
