import type { Maybe } from './maybe.js';
import type { CrispGeolocation, CrispValues } from './people.js';

export type CrispState = 'pending' | 'unresolved' | 'resolved';

export interface CrispParticipant {
  /** For example `email`. */
  type?: Maybe<string>;
  target?: Maybe<string>;
}

/** What is known about the visitor. `connection` and `device` are not for writing. */
export interface CrispMeta {
  nickname?: Maybe<string>;
  email?: Maybe<string>;
  phone?: Maybe<string>;
  address?: Maybe<string>;
  subject?: Maybe<string>;
  ip?: Maybe<string>;
  avatar?: Maybe<string>;
  origin?: Maybe<string>;
  segments?: Maybe<string[]>;
  data?: Maybe<Record<string, unknown>>;
  connection?: Maybe<{ isp?: Maybe<string>; asn?: Maybe<string> }>;
  device?: Maybe<CrispDevice>;
}

export interface CrispDevice {
  capabilities?: Maybe<string[]>;
  geolocation?: Maybe<CrispGeolocation>;
  system?: Maybe<{
    os?: Maybe<{ name?: Maybe<string>; version?: Maybe<string> }>;
    engine?: Maybe<{ name?: Maybe<string>; version?: Maybe<string> }>;
    browser?: Maybe<{ major?: Maybe<string>; name?: Maybe<string>; version?: Maybe<string> }>;
    useragent?: Maybe<string>;
  }>;
  /** Minutes. */
  timezone?: Maybe<number>;
  locales?: Maybe<string[]>;
}

/** Any part of it; `segments` replaces the list, whether `data` is merged is not documented. */
export interface CrispMetaInput {
  nickname?: string;
  email?: string;
  phone?: string;
  address?: string;
  subject?: string;
  ip?: string;
  avatar?: string;
  segments?: string[];
  data?: CrispValues;
  device?: CrispDevice;
}

/** @see docs.crisp.chat/references/rest-api/v1, get a conversation */
export interface CrispConversation {
  session_id: string;
  website_id?: Maybe<string>;
  /** Nothing: the main inbox. */
  inbox_id?: Maybe<string>;
  people_id?: Maybe<string>;
  state?: Maybe<string>;
  status?: Maybe<number>;
  is_verified?: Maybe<boolean>;
  is_blocked?: Maybe<boolean>;
  availability?: Maybe<string>;
  active?: unknown;
  last_message?: Maybe<string>;
  preview_message?: unknown;
  topic?: Maybe<string>;
  verifications?: unknown;
  participants?: Maybe<CrispParticipant[]>;
  mentions?: Maybe<string[]>;
  compose?: unknown;
  unread?: Maybe<{ operator?: Maybe<number>; visitor?: Maybe<number> }>;
  assigned?: Maybe<{ user_id?: Maybe<string> }>;
  meta?: Maybe<CrispMeta>;
  /** Epoch milliseconds, like all times. */
  created_at?: Maybe<number>;
  updated_at?: Maybe<number>;
  waiting_since?: Maybe<number>;
}

export interface CrispSearchFilter {
  model: string;
  criterion: string;
  operator: 'eq' | 'neq' | 'gte' | 'lte' | 'gt' | 'lt';
  query: string[];
}

export interface CrispRouting {
  assigned?: Maybe<{ user_id?: Maybe<string> }>;
}

export interface CrispVerifications {
  verified?: boolean;
  verifications?: { identity?: string; method?: string; annotation?: string }[];
}

export interface CrispPage {
  page_title?: string;
  page_url?: string;
  page_referrer?: string;
  timestamp?: number;
}

/** Something that a website, a plugin or a person's browser noted. */
export interface CrispCustomEvent {
  text?: string;
  data?: Record<string, unknown>;
  color?: string;
  timestamp?: number;
}

export interface CrispStoredFile {
  name?: string;
  type?: string;
  url?: string;
  fingerprint?: number;
  timestamp?: number;
}

/** An e-mail as it came. */
export interface CrispOriginal {
  website_id?: string;
  session_id?: string;
  original_id?: string;
  type?: string;
  headers?: Record<string, unknown>;
  content?: string;
  timestamp?: number;
}

export interface CrispSpam {
  spam_id?: string;
  type?: string;
  reason?: string;
  metadata?: Record<string, unknown>;
  headers?: Record<string, unknown>;
  timestamp?: number;
}

/** The outcome arrives as the event `widget:action:processed`. */
export interface CrispWidgetAction {
  correlation_id?: string;
  strategy?: { attempts?: number; exhaustion?: number };
}
