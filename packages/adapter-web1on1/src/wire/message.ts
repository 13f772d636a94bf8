import type { Maybe, Reference } from './reference.js';

/** The twelve types of a message. An open set: a type we do not know passes as it is. */
export type Web1on1MessageType =
  | 'chat'
  | 'card'
  | 'postback'
  | 'mention'
  | 'tag'
  | 'search'
  | 'command'
  | 'form'
  | 'field'
  | 'results'
  | 'report'
  | 'status';

/**
 * Who a message speaks for, and so who gets it: `agent` goes to the consumer, `bot` (the platform's default) is shown to
 * agents only, `contact` stands for the consumer.
 *
 * @see developers.web1on1.chat/messaging/chatbubblesandcards
 */
export type Web1on1Role = 'contact' | 'agent' | 'bot';

/** A button. Which fields count depends on `type`; a `link` carries its address in `uri` or in `payload`. */
export interface Web1on1Action {
  type: 'reply' | 'postback' | 'link' | 'webview' | (string & {});
  /** The label; the payload doubles as one when missing. */
  text?: Maybe<string>;
  payload?: Maybe<string>;
  uri?: Maybe<string>;
  fallback?: Maybe<string>;
  size?: Maybe<string>;
  meta?: Maybe<Record<string, unknown>>;
}

/** One card of a carousel. */
export interface Web1on1Item {
  title: string;
  description?: Maybe<string>;
  mediaUrl?: Maybe<string>;
  actions?: Maybe<Web1on1Action[]>;
}

/** Results of a form, or of a bot's report. */
export interface Web1on1Results {
  name: string;
  values: Record<string, unknown>;
}

/** A message as the platform sends it. Fields beyond these pass as they came. */
export interface Web1on1Message {
  id: string;
  conversation?: Maybe<Reference>;
  organization?: Maybe<Reference>;
  /** Ids of the organization and its ancestors, root first, joined with `#`. */
  orgPath?: Maybe<string>;
  type?: Maybe<Web1on1MessageType | (string & {})>;
  /** The words; the address of media; the payload of a postback; the line of a command. */
  text?: Maybe<string>;
  role?: Maybe<Web1on1Role | (string & {})>;
  /** The author; missing or empty for consumers. */
  user?: Maybe<Reference>;
  /** MIME type of what `text` is or points to. `text/plain` when missing. */
  contentType?: Maybe<string>;
  /** True: the internal side stream, never sent to the consumer. */
  isBackchannel?: Maybe<boolean>;
  /** `whatsapp`, `sms`, `email`, ... */
  touchpoint?: Maybe<string>;
  /** Milliseconds by which the platform defers processing. */
  delay?: Maybe<number>;
  actions?: Maybe<Web1on1Action[]>;
  items?: Maybe<Web1on1Item[]>;
  meta?: Maybe<Record<string, unknown>>;
  results?: Maybe<Web1on1Results[]>;
  /** The bot instance this message concerns. */
  instance?: Maybe<{ enabled?: Maybe<boolean>; status?: Maybe<string> }>;
  createdAt?: Maybe<string>;
  updatedAt?: Maybe<string>;
  [field: string]: unknown;
}

/** A message to be posted. Only `text` is required by the documentation, and not even that with `items` or `actions`. */
export interface Web1on1MessageInput {
  type?: Web1on1MessageType;
  text?: string;
  /** `bot` when missing: then the consumer does not get it. */
  role?: Web1on1Role;
  /** Posts on behalf of this user. */
  user?: string;
  contentType?: string;
  isBackchannel?: boolean;
  touchpoint?: string;
  /** Milliseconds; the platform waits, the call does not. */
  delay?: number;
  actions?: Web1on1Action[];
  items?: Web1on1Item[];
  meta?: Record<string, unknown>;
  results?: Web1on1Results[];
}
