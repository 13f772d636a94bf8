import type { Maybe, Reference } from './reference.js';

export interface Web1on1ContactProfile {
  name?: Maybe<string>;
  givenName?: Maybe<string>;
  familyName?: Maybe<string>;
  email?: Maybe<string>;
  /** E.164, with the `+`. */
  telephone?: Maybe<string>;
  locale?: Maybe<string>;
  address?: unknown;
}

/** A contact as the platform sends it. Fields beyond these pass as they came. */
export interface Web1on1Contact {
  id: string;
  organization?: Maybe<Reference>;
  /** The one conversation that every contact has. */
  conversation?: Maybe<Reference>;
  profile?: Maybe<Web1on1ContactProfile>;
  /** Links to channels, for example an established WhatsApp connection. */
  presences?: Maybe<unknown[]>;
  meta?: Maybe<Record<string, unknown>>;
  createdAt?: Maybe<string>;
  updatedAt?: Maybe<string>;
  [field: string]: unknown;
}

/** A contact to be created or changed. `PATCH` replaces `profile` and `meta` whole. */
export interface Web1on1ContactInput {
  organization?: string;
  profile?: Web1on1ContactProfile;
  meta?: Record<string, unknown>;
}
