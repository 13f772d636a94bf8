import type { Maybe, Reference } from './reference.js';

/** A person or a bot that can log in. */
export interface Web1on1User {
  id: string;
  givenName?: Maybe<string>;
  familyName?: Maybe<string>;
  displayName?: Maybe<string>;
  name?: Maybe<string>;
  /** Of a bot: `bot+<user id>@web1on1.chat`. */
  email?: Maybe<string>;
  avatar?: Maybe<string>;
  status?: Maybe<string>;
  organizations?: Maybe<{ organization?: Reference; orgPath?: string; selected?: boolean; role?: string }[]>;
  meta?: Maybe<Record<string, unknown>>;
  createdAt?: Maybe<string>;
  updatedAt?: Maybe<string>;
  [field: string]: unknown;
}

/** A tenant, at one of three levels. */
export interface Web1on1Organization {
  id: string;
  name?: Maybe<string>;
  displayName?: Maybe<string>;
  email?: Maybe<string>;
  url?: Maybe<string>;
  country?: Maybe<string>;
  logo?: Maybe<string>;
  industry?: Maybe<string>;
  status?: Maybe<string>;
  stopwords?: Maybe<string[]>;
  categories?: Maybe<{ name?: string; forms?: unknown[] }[]>;
  parent?: Maybe<Reference>;
  /** Ids of the organization and its ancestors, root first, joined with `#`. */
  path?: Maybe<string>;
  /** 1 to 3. */
  level?: Maybe<number>;
  /** Mail domains. */
  whitelist?: Maybe<string[]>;
  commands?: unknown;
  tags?: Maybe<string[]>;
  meta?: Maybe<Record<string, unknown>>;
  [field: string]: unknown;
}

/** An integration of an organization. A webhook is a service of type `webhook`. */
export interface Web1on1Service {
  id: string;
  organization?: Maybe<Reference>;
  name?: Maybe<string>;
  type?: Maybe<string>;
  /** A webhook's: `url`, `secret` (generated when missing), `events` (everything when missing). */
  params?: Maybe<Record<string, unknown>>;
  /** A webhook's: `unverified` until its address has answered the challenge. */
  status?: Maybe<string>;
  meta?: Maybe<Record<string, unknown>>;
  [field: string]: unknown;
}

/** The global definition of a bot. Its id is the id of its user. */
export interface Web1on1Bot {
  id: string;
  status?: Maybe<string>;
  enabled?: Maybe<boolean>;
  meta?: Maybe<Record<string, unknown>>;
  [field: string]: unknown;
}

/** A bot in one organization. */
export interface Web1on1BotInstance {
  id: string;
  bot?: Maybe<Reference>;
  organization?: Maybe<Reference>;
  orgPath?: Maybe<string>;
  enabled?: Maybe<boolean>;
  status?: Maybe<string>;
  meta?: Maybe<Record<string, unknown>>;
  [field: string]: unknown;
}

/** A record of which only the id is documented well enough to rely on. */
export interface Web1on1Record {
  id: string;
  [field: string]: unknown;
}

/** Describes events that come in from elsewhere. */
export interface Web1on1EventType {
  name: string;
  description?: string;
  /** The JSONata expression that turns an incoming document into an upsert. */
  jsonata: string;
}
