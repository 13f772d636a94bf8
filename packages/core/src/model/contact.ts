import type { FieldValue } from './conversation.js';
import type { Id } from './id.js';

/** One address of a person: an E.164 phone number, an e-mail address, a provider's own id on the web. */
export interface Address {
  channel: string;
  /** `+31612345678`, `noor@example.com`, ... */
  value: string;
}

/** One address of a person at one account. Replies go to an identity, never to "the person". */
export interface Identity extends Address {
  account: string;
}

export interface Contact {
  id: Id;
  account: string;
  name?: string;
  givenName?: string;
  familyName?: string;
  phone?: string;
  email?: string;
  /** BCP 47, for example `nl` or `nl-NL`. */
  locale?: string;
  identities: Identity[];
  fields?: Record<string, FieldValue>;
  /** The provider's tenant that owns the record (Web1on1: organization; Crisp: website). */
  organization?: string;
  createdAt?: string;
  updatedAt?: string;
}
