import type { Maybe } from './maybe.js';

/** Who wrote: `user` is the visitor, `operator` everybody on our side of the conversation. */
export type CrispSide = 'user' | 'operator';

export type CrispMessageType =
  | 'text'
  | 'note'
  | 'file'
  | 'animation'
  | 'audio'
  | 'picker'
  | 'field'
  | 'carousel'
  | 'event';

export interface CrispFile {
  name: string;
  url: string;
  /** A media type. */
  type: string;
}

export interface CrispAnimation {
  url: string;
  type: string;
}

export interface CrispAudio {
  url: string;
  type: string;
  /** Seconds. */
  duration: number;
}

export interface CrispPickerChoice {
  value: string;
  label: string;
  selected: boolean;
  icon?: string;
  /** `link` is the only type that sources show. */
  action?: { type: string; target?: string };
}

/** Choose one. The answer comes as `message:updated` with `selected`. */
export interface CrispPicker {
  id: string;
  text: string;
  choices: CrispPickerChoice[];
  required?: boolean;
}

/** Fill in. The answer comes as `message:updated` with `value`. */
export interface CrispField {
  id: string;
  text: string;
  explain: string;
  value?: string;
  required?: boolean;
}

export interface CrispCarousel {
  text: string;
  targets: CrispCarouselTarget[];
}

export interface CrispCarouselTarget {
  title: string;
  description: string;
  image?: string;
  actions: { label: string; url: string }[];
}

/** A line that the platform writes, for example namespace `state:resolved`. */
export interface CrispEventLine {
  namespace: string;
  text?: string;
}

export type CrispContent =
  | string
  | CrispFile
  | CrispAnimation
  | CrispAudio
  | CrispPicker
  | CrispField
  | CrispCarousel
  | CrispEventLine;

/** Who is shown as the author. For `type`, `website` and `participant` were seen; the platform refuses others. */
export interface CrispAuthor {
  type?: Maybe<string>;
  user_id?: Maybe<string>;
  nickname?: Maybe<string>;
  avatar?: Maybe<string>;
}

/**
 * A message to post.
 *
 * @see docs.crisp.chat/references/rest-api/v1, send a message in conversation
 */
export interface CrispMessageInput {
  type: CrispMessageType;
  from: CrispSide;
  /** `chat`, `email`, or `urn:<organization>:<channel>:<number>`. */
  origin: string;
  content: CrispContent;
  /** Chosen by the client; the platform makes one up if it is missing. */
  fingerprint?: number;
  user?: CrispAuthor;
  /** Ids of operators. */
  mentions?: string[];
  references?: { type?: string; name?: string; target?: string }[];
  original?: { type: string; content: string };
  properties?: Record<string, string | number | boolean>;
  /** Epoch milliseconds, for imports. */
  timestamp?: number;
  stealth?: boolean;
  translated?: boolean;
  /** Sent by a program. */
  automated?: boolean;
}

/** A message as it is stored, and as `message:send` and `message:received` bring it. */
export interface CrispMessage {
  website_id?: Maybe<string>;
  session_id?: Maybe<string>;
  fingerprint: number | string;
  type?: Maybe<string>;
  from?: Maybe<string>;
  origin?: Maybe<string>;
  content?: unknown;
  /** Epoch milliseconds. */
  timestamp?: Maybe<number>;
  user?: Maybe<CrispAuthor>;
  mentions?: Maybe<string[]>;
  /** The origin at which it was read; nothing while it is not. */
  read?: Maybe<string | boolean>;
  delivered?: Maybe<string | boolean>;
  /** By channel: why it could not be delivered. */
  ignored?: Maybe<Record<string, unknown>>;
  edited?: Maybe<boolean>;
  translated?: Maybe<boolean>;
  automated?: Maybe<boolean>;
  stamped?: Maybe<boolean>;
  preview?: unknown;
  references?: unknown;
  original?: Maybe<{ original_id?: Maybe<string> }>;
  properties?: Maybe<Record<string, unknown>>;
}
