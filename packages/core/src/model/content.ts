/**
 * What a message says, in neutral words. Every kind is plain JSON.
 *
 * A provider that cannot show a kind gets a degraded one: see `plan`.
 */
export type Content =
  | TextContent
  | MediaContent
  | LocationContent
  | ChoicesContent
  | ChoiceContent
  | CarouselContent
  | TemplateContent
  | FieldContent
  | SystemContent
  | UnknownContent;

export type ContentKind = Content['kind'];

export interface TextContent {
  kind: 'text';
  text: string;
  /** How `text` is marked up; plain when missing. */
  format?: 'markdown' | 'html';
}

/** A picture, a sound, a document: always by URL. */
export interface MediaContent {
  kind: 'media';
  url: string;
  /** For example `image/png`. */
  mimeType: string;
  name?: string;
  caption?: string;
  sizeBytes?: number;
}

export interface LocationContent {
  kind: 'location';
  latitude: number;
  longitude: number;
  label?: string;
  address?: string;
}

/** Text with buttons under it. */
export interface ChoicesContent {
  kind: 'choices';
  text: string;
  choices: Choice[];
}

/**
 * A button. `reply`: pressing it says `label` in the person's name and carries `value`. `postback`: pressing it sends
 * only `value`. `link`: pressing it opens `url`.
 */
export type Choice =
  | { type: 'reply'; label: string; value: string }
  | { type: 'postback'; label: string; value: string }
  | { type: 'link'; label: string; url: string };

/** What comes back when a person presses a button. */
export interface ChoiceContent {
  kind: 'choice';
  value: string;
  /** The button's label, where the provider sends it. */
  label?: string;
}

export interface CarouselContent {
  kind: 'carousel';
  text?: string;
  cards: Card[];
}

export interface Card {
  title: string;
  description?: string;
  mediaUrl?: string;
  choices?: Choice[];
}

/** A message approved by the channel beforehand, for example a WhatsApp template, with its placeholders filled. */
export interface TemplateContent {
  kind: 'template';
  /** The provider's id of the template. */
  template: string;
  /** The template's name, where the provider wants it too. */
  name?: string;
  language?: string;
  variables: Record<string, string>;
}

/** A value recorded in a form of the conversation, for example a licence plate. Not shown to the contact. */
export interface FieldContent {
  kind: 'field';
  key: string;
  value: string;
  /** The provider's id of the form that holds the field. */
  form?: string;
}

/** Something the platform says about the conversation itself. */
export interface SystemContent {
  kind: 'system';
  text: string;
}

/** A kind that this version does not know: `type` is the provider's word for it. */
export interface UnknownContent {
  kind: 'unknown';
  type: string;
  text?: string;
}

/** The words of a content: its text, a caption, a label, or nothing. */
export function textOf(content: Content): string | undefined {
  switch (content.kind) {
    case 'text':
    case 'choices':
    case 'system':
    case 'carousel':
    case 'unknown':
      return content.text;
    case 'choice':
      return content.label ?? content.value;
    case 'media':
      return content.caption;
    case 'location':
      return content.label;
    case 'field':
      return content.value;
    case 'template':
      return content.name;
  }
}
