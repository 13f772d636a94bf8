import type { Web1on1ContactProfile } from './contact.js';
import type { Web1on1Message, Web1on1MessageInput } from './message.js';
import type { Maybe, Reference } from './reference.js';

/** `queued`: waits in inboxes. `active`: somebody has accepted it. `closed`: nobody has. */
export type Web1on1ConversationStatus = 'queued' | 'active' | 'closed';

/** `contact`: with a consumer. `bot`, `agent`: a team conversation, by who started it. */
export type Web1on1ConversationType = 'contact' | 'bot' | 'agent' | 'system';

export interface Web1on1Participant {
  user?: Maybe<Reference>;
  /** `guest`, `agent`, `bot`, `admin`, `owner`, ... */
  role?: Maybe<string>;
  name?: Maybe<string>;
  organization?: Maybe<Reference>;
  /** Has joined. */
  active?: Maybe<boolean>;
  /** Is responsible for answering. */
  accepted?: Maybe<boolean>;
  follow?: Maybe<boolean>;
  /** Was assigned and has not accepted yet. */
  inbox?: Maybe<boolean>;
}

/** A conversation as the platform sends it. Fields beyond these pass as they came. */
export interface Web1on1Conversation {
  id: string;
  name?: Maybe<string>;
  type?: Maybe<Web1on1ConversationType | (string & {})>;
  status?: Maybe<Web1on1ConversationStatus | (string & {})>;
  organization?: Maybe<Reference>;
  /** Ids of the organization and its ancestors, root first, joined with `#`. */
  orgPath?: Maybe<string>;
  contact?: Maybe<Reference>;
  /** The channel in use: `whatsapp`, `sms`, `email`, ... */
  touchpoint?: Maybe<string>;
  categoryIndex?: Maybe<number>;
  category?: Maybe<string>;
  participants?: Maybe<Web1on1Participant[]>;
  /** Ids, unless populated. */
  messages?: Maybe<(string | Web1on1Message)[]>;
  results?: Maybe<unknown[]>;
  forms?: Maybe<unknown[]>;
  /** Custom values; what `/set` wrote is always a string. */
  meta?: Maybe<Record<string, unknown>>;
  createdAt?: Maybe<string>;
  updatedAt?: Maybe<string>;
  [field: string]: unknown;
}

/**
 * `POST /v2/conversations` with a contact: the one conversation of the person at this address, created where it does not
 * exist, and messages for it.
 *
 * @see developers.web1on1.chat/messaging/businessinitiated
 */
export interface Web1on1UpsertInput {
  organization: string;
  type: 'contact';
  contact: {
    /** With `email` or `telephone` (E.164), better with both. */
    profile: Web1on1ContactProfile;
    meta?: Record<string, unknown>;
  };
  /** At least one; processed in order. The first that goes to the consumer names the touchpoint. */
  messages: Web1on1MessageInput[];
}

/** `POST /v2/conversations` without a contact: a new conversation among colleagues and bots. */
export interface Web1on1TeamConversationInput {
  name: string;
  messages?: Web1on1MessageInput[];
  organization?: string;
  meta?: Record<string, unknown>;
}

/** What `PATCH` may change. A nested object or array replaces the stored one whole. */
export interface Web1on1ConversationChanges {
  name?: string;
  status?: Web1on1ConversationStatus;
  category?: string;
  categoryIndex?: number;
  participants?: Web1on1Participant[];
  meta?: Record<string, unknown>;
}
