import type { Web1on1Contact } from './contact.js';
import type { Web1on1Conversation } from './conversation.js';
import type { Web1on1Message } from './message.js';
import type { Maybe } from './reference.js';

/**
 * What every webhook call carries.
 *
 * @see developers.web1on1.chat/webhooks/payloads
 */
export interface Web1on1Payload {
  /** Names the webhook or the delivery: not evidenced which, so it is no dedupe key. */
  id?: Maybe<string>;
  /** For example `message.create.contact.chat`. */
  event: string;
  timestamp?: Maybe<string>;
  organization?: Maybe<string>;
  activity?: Maybe<{ published?: Maybe<string>; object?: Maybe<{ id?: Maybe<string> }> }>;
  data?: Maybe<Record<string, unknown>>;
}

/** `data` of every event about a message. */
export interface Web1on1MessageData {
  message: Web1on1Message;
  conversation: Web1on1Conversation;
}

/** `data` of every event about a conversation. */
export interface Web1on1ConversationData {
  conversation: Web1on1Conversation;
}

/** `data` of every event about a contact. */
export interface Web1on1ContactData {
  contact: Web1on1Contact;
}
