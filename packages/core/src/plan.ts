import { ParleyError } from './errors.js';
import type { ContentLimits } from './limits.js';
import type {
  Card,
  CarouselContent,
  Choice,
  ChoicesContent,
  Content,
  MediaContent,
  TextContent,
} from './model/content.js';

/** What will be sent in place of a content, and what was lost on the way. */
export interface Plan {
  /** In the order they leave; empty if the content cannot be shown at all. */
  parts: Content[];
  losses: Loss[];
  /** The buttons that became a numbered list: answering `1` presses the first. Empty if none did. */
  offers: Offer[];
}

export interface Offer {
  label: string;
  value: string;
}

export interface Loss {
  code:
    | 'split' /** one message became several */
    | 'markup' /** marked-up text goes out plain */
    | 'as-text' /** a picture, place or card goes out as words and a link */
    | 'caption-apart' /** the caption follows in a message of its own */
    | 'numbered' /** buttons became a numbered list */
    | 'choice-type' /** a button became one of another type */
    | 'unsupported' /** cannot be shown in any way: nothing is sent */;
  /** In one sentence, without the content's words. */
  reason: string;
}

/**
 * Turns a content into what a channel with these limits can show. Pure: `preview` calls it without sending.
 *
 * Nothing that a person should read is dropped: what cannot be a button, a card or a picture becomes words.
 */
export function plan(content: Content, limits: ContentLimits): Plan {
  const result: Plan = { parts: [], losses: [], offers: [] };
  switch (content.kind) {
    case 'text':
      planText(content, limits, result);
      break;
    case 'media':
      planMedia(content, limits, result);
      break;
    case 'location':
      if (limits.location) result.parts.push(content);
      else {
        const { label, address, latitude, longitude } = content;
        const link = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
        planText(words(label, address, link), limits, result);
        lose(result, 'as-text', 'the channel shows no locations: a link to a map goes out');
      }
      break;
    case 'choices':
      planChoices(content, limits, result);
      break;
    case 'carousel':
      planCarousel(content, limits, result);
      break;
    case 'template':
      if (limits.template) result.parts.push(content);
      else
        lose(
          result,
          'unsupported',
          'the channel has no templates, and the text of this one is not known here',
        );
      break;
    case 'field':
      if (limits.field) result.parts.push(content);
      else lose(result, 'unsupported', 'the provider has no form fields');
      break;
    case 'choice':
    case 'system':
    case 'unknown':
      lose(result, 'unsupported', `a content of kind "${content.kind}" only ever comes in`);
      break;
  }
  return result;
}

/** Like `plan`, for senders: throws `ERR_UNSUPPORTED` if nothing would be sent. */
export function planOrThrow(content: Content, limits: ContentLimits, account: string): Plan {
  const result = plan(content, limits);
  if (result.parts.length > 0) return result;
  const reasons = result.losses.map((loss) => loss.reason).join('; ');
  throw new ParleyError('ERR_UNSUPPORTED', `${account} cannot send this: ${reasons || 'it is empty'}`, {
    account,
  });
}

function lose(result: Plan, code: Loss['code'], reason: string): void {
  result.losses.push({ code, reason });
}

function words(...lines: (string | undefined)[]): TextContent {
  return { kind: 'text', text: lines.filter((line) => line !== undefined && line !== '').join('\n') };
}

function planText(content: TextContent, { text }: ContentLimits, result: Plan): void {
  let shown = content;
  if (content.format !== undefined && !text.formats?.includes(content.format)) {
    shown = { kind: 'text', text: content.format === 'html' ? withoutTags(content.text) : content.text };
    lose(result, 'markup', `the channel shows no ${content.format}`);
  }
  if (text.maxLength === undefined || shown.text.length <= text.maxLength) {
    if (shown.text !== '') result.parts.push(shown);
    return;
  }
  const pieces = split(shown.text, text.maxLength);
  for (const piece of pieces) result.parts.push({ ...shown, text: piece });
  lose(result, 'split', `longer than ${text.maxLength}: goes out as ${pieces.length} messages`);
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

function withoutTags(html: string): string {
  const lines = html.replace(/<(?:br|\/p|\/div|\/li)\b[^<>]*>/gi, '\n').replace(/<[^<>]*>/g, '');
  return lines.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] as string).trim();
}

/** Pieces of at most `max`, cut at a line end or a space where there is one, never inside a surrogate pair. */
function split(text: string, max: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const head = rest.slice(0, max + 1);
    const space = Math.max(head.lastIndexOf('\n'), head.lastIndexOf(' '));
    let at = space > max / 2 ? space : max;
    if (at > 1 && isHighSurrogate(rest.charCodeAt(at - 1))) at -= 1;
    pieces.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  if (rest !== '') pieces.push(rest);
  return pieces.filter((piece) => piece !== '');
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function accepts(patterns: readonly string[] | undefined, mimeType: string): boolean {
  if (patterns === undefined) return true;
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? mimeType.startsWith(pattern.slice(0, -1)) : pattern === mimeType,
  );
}

function planMedia(content: MediaContent, limits: ContentLimits, result: Plan): void {
  const { media } = limits;
  const fits =
    media !== undefined &&
    accepts(media.mimeTypes, content.mimeType) &&
    (media.maxBytes === undefined || content.sizeBytes === undefined || content.sizeBytes <= media.maxBytes);
  if (!fits) {
    planText(words(content.caption ?? content.name, content.url), limits, result);
    lose(result, 'as-text', `the channel does not take ${content.mimeType} of this size: a link goes out`);
    return;
  }
  if (content.caption === undefined || media.caption) {
    result.parts.push(content);
    return;
  }
  const { caption, ...bare } = content;
  result.parts.push(bare);
  planText({ kind: 'text', text: caption }, limits, result);
  lose(result, 'caption-apart', 'the channel shows no captions: it follows as a message');
}

type Limits = NonNullable<ContentLimits['choices']>;

/** The buttons as this channel can show them, or undefined if they have to become a list. */
function asButtons(
  choices: readonly Choice[],
  limits: Limits | undefined,
  result: Plan,
): Choice[] | undefined {
  if (limits === undefined || choices.length > (limits.max ?? Number.POSITIVE_INFINITY)) return undefined;
  const buttons: Choice[] = [];
  for (const choice of choices) {
    if (choice.label.length > (limits.labelMaxLength ?? Number.POSITIVE_INFINITY)) return undefined;
    if (limits.types.includes(choice.type)) {
      buttons.push(choice);
      continue;
    }
    if (choice.type === 'link') return undefined;
    const other = choice.type === 'reply' ? 'postback' : 'reply';
    if (!limits.types.includes(other)) return undefined;
    buttons.push({ ...choice, type: other });
    lose(result, 'choice-type', `the channel has no ${choice.type} buttons: it becomes a ${other}`);
  }
  return buttons;
}

/** The buttons as lines; what can be answered gets the next number. */
function asLines(choices: readonly Choice[], result: Plan): string[] {
  return choices.map((choice) => {
    if (choice.type === 'link') return `${choice.label}: ${choice.url}`;
    result.offers.push({ label: choice.label, value: choice.value });
    return `${result.offers.length}. ${choice.label}`;
  });
}

function planChoices(content: ChoicesContent, limits: ContentLimits, result: Plan): void {
  const buttons = asButtons(content.choices, limits.choices, result);
  const fitsText = content.text.length <= (limits.text.maxLength ?? Number.POSITIVE_INFINITY);
  if (buttons !== undefined && fitsText) {
    result.parts.push(
      buttons.length === 0 ? { kind: 'text', text: content.text } : { ...content, choices: buttons },
    );
    return;
  }
  planText(words(content.text, ...asLines(content.choices, result)), limits, result);
  lose(result, 'numbered', 'the channel cannot show these buttons: they go out as a list');
}

function planCarousel(content: CarouselContent, limits: ContentLimits, result: Plan): void {
  const { carousel } = limits;
  const onCards =
    carousel?.choiceTypes === undefined ? limits.choices : { ...limits.choices, types: carousel.choiceTypes };
  const maxChoices = carousel?.maxChoices ?? Number.POSITIVE_INFINITY;
  const showable = (card: Card): boolean => {
    const { choices = [], description } = card;
    if (choices.length > maxChoices || (description !== undefined && !carousel?.description)) return false;
    return asButtons(choices, onCards, { parts: [], losses: [], offers: [] }) !== undefined;
  };
  if (carousel === undefined || !content.cards.every(showable)) {
    planCardsAsText(content, limits, result);
    return;
  }
  const cards = content.cards.map((card) =>
    card.choices === undefined ? card : { ...card, choices: asButtons(card.choices, onCards, result) ?? [] },
  );
  const size = carousel.maxCards ?? cards.length;
  for (let from = 0; from < cards.length; from += size) {
    const part: CarouselContent = { kind: 'carousel', cards: cards.slice(from, from + size) };
    if (from === 0 && content.text !== undefined) part.text = content.text;
    result.parts.push(part);
  }
  if (cards.length > size) lose(result, 'split', `more than ${size} cards: they go out as several carousels`);
}

function planCardsAsText(content: CarouselContent, limits: ContentLimits, result: Plan): void {
  if (content.text !== undefined) planText({ kind: 'text', text: content.text }, limits, result);
  for (const { title, description, mediaUrl, choices = [] } of content.cards) {
    planText(words(title, description, mediaUrl, ...asLines(choices, result)), limits, result);
  }
  lose(result, 'as-text', 'the channel cannot show these cards: they go out as text');
}
