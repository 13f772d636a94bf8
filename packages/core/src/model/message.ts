import type { Attribution } from './campaign.js';
import type { Content } from './content.js';
import type { Id } from './id.js';

/** Who wrote a message: the person, a human colleague, a program, or the platform itself. */
export type AuthorRole = 'contact' | 'agent' | 'bot' | 'system';

export interface Author {
  role: AuthorRole;
  /** The contact's or the agent's id, where the provider tells it. */
  id?: Id;
  name?: string;
  /** True if this account itself wrote it: an echo of our own message. */
  self?: true;
}

/**
 * The life of an outgoing message. `queued`: durable here. `sent`: accepted by the provider. `unknown`: the provider's
 * answer never came. `withheld`: decided, but not sent on purpose.
 */
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown' | 'withheld';

export interface Message {
  id: Id;
  account: string;
  conversationId: Id;
  /** `in`: from the person to us. `out`: from us to the person, or a note. */
  direction: 'in' | 'out';
  author: Author;
  content: Content;
  /** `whatsapp`, `sms`, `email`, `web`, ... */
  channel?: string;
  /** True for a note: the contact never sees it. */
  note?: true;
  status?: MessageStatus;
  /** The text of the message that this one answers, where the channel quotes. */
  quote?: string;
  /** The campaign that it answers: set while a turn runs, where broadcasts are used (`@parley/broadcast`). */
  attribution?: Attribution;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt?: string;
}
