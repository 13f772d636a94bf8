import type { Id } from './id.js';

/** `open`: somebody takes care of it. `pending`: waits for somebody. `closed`: nothing to do until the contact writes. */
export type ConversationStatus = 'open' | 'pending' | 'closed';

/** A value that a provider stores with a conversation or a contact. */
export type FieldValue = string | number | boolean;

export interface Participant {
  /** The agent's or bot's id. */
  id: Id;
  role: 'agent' | 'bot' | 'contact' | 'system';
  name?: string;
  /** Present in the conversation. */
  active?: boolean;
  /** Has taken responsibility for answering. */
  accepted?: boolean;
  /** Was asked, and has not accepted yet. */
  invited?: boolean;
  /** Gets to know what happens without being present. */
  following?: boolean;
  /** True if this is the account itself. */
  self?: true;
}

export interface Conversation {
  id: Id;
  account: string;
  provider: string;
  status: ConversationStatus;
  /** `contact`: with a person outside. `team`: among colleagues and bots. */
  kind: 'contact' | 'team';
  channel?: string;
  name?: string;
  /** What the contact is called, where `name` may be something else, such as a subject. */
  contactName?: string;
  contactId?: Id;
  /** E.164, where the conversation itself tells it. */
  contactPhone?: string;
  /** Where the conversation itself tells it. */
  contactEmail?: string;
  /** The participant who answers, if there is one. */
  assigneeId?: Id;
  participants?: Participant[];
  /** The provider's custom values (Web1on1: meta; Crisp: data). */
  fields?: Record<string, FieldValue>;
  /** The provider's tenant that owns it (Web1on1: organization; Crisp: website). */
  organization?: string;
  createdAt?: string;
  /** ISO 8601, UTC. Decides which of two snapshots is the newer. */
  updatedAt?: string;
}

/** A part of a snapshot. `fields` are merged by key, an empty text removes one; everything else replaces. */
export type ConversationChanges = Partial<
  Pick<
    Conversation,
    'status' | 'channel' | 'name' | 'contactName' | 'contactId' | 'participants' | 'fields' | 'organization'
  >
> & {
  /** Null: nobody any more. */
  assigneeId?: Id | null;
};
