import type { Maybe } from './maybe.js';

export interface CrispWebsite {
  website_id?: string;
  name?: string;
  domain?: string;
  logo?: string;
  verified?: boolean;
  institutional?: boolean;
}

/** Proof that somebody may: `method` `password` with the account's password. */
export interface CrispVerification {
  method: string;
  secret: string;
}

/** Part of the settings; `chatbox` alone has some forty switches. */
export interface CrispSettings {
  website_id?: string;
  name?: string;
  domain?: string;
  domain_alternates?: string[];
  logo?: string;
  audit?: { log?: boolean };
  contact?: Record<string, unknown>;
  inbox?: Record<string, unknown>;
  emails?: Record<string, unknown>;
  chatbox?: Record<string, unknown>;
}

/** In the wire's spelling, which is not that of the provider's own types. */
export interface CrispOperator {
  user_id?: string;
  email?: string;
  avatar?: Maybe<string>;
  first_name?: string;
  last_name?: string;
  /** `owner` or `member`. */
  role?: string;
  title?: string;
  availability?: string;
  has_token?: boolean;
}

export interface CrispOperatorEntry {
  type?: string;
  details?: CrispOperator;
}

export interface CrispActiveOperator {
  user_id?: string;
  avatar?: Maybe<string>;
  nickname?: string;
  timestamp?: number;
}

export interface CrispOperatorAvailability {
  user_id?: string;
  type?: string;
  time?: { for?: number; since?: number };
}

export interface CrispInboxInput {
  name?: string;
  emoji?: string;
  order?: number;
  operators?: string[];
  teams?: string[];
  operator?: 'and' | 'or';
  conditions?: {
    model: 'session';
    criterion: string;
    operator: 'eq' | 'neq' | 'gte' | 'lte' | 'gt' | 'lt';
    query: string[];
  }[];
}

export interface CrispInbox extends CrispInboxInput {
  inbox_id?: string;
  team_operators?: string[];
  created_at?: number;
  updated_at?: number;
}

export interface CrispTeamInput {
  name?: string;
  emoji?: string;
  operators?: string[];
}

export interface CrispTeam extends CrispTeamInput {
  team_id?: string;
  created_at?: number;
  updated_at?: number;
}

/** Where the realtime socket is; `app` holds the path as well. */
export interface CrispEndpoints {
  socket?: Maybe<{ app?: Maybe<string>; stream?: Maybe<string> }>;
  rescue?: Maybe<{ socket?: Maybe<{ app?: Maybe<string> }> }>;
}

export interface CrispKeypair {
  identifier: string;
  key: string;
}

export interface CrispUserProfile {
  user_id?: Maybe<string>;
  email?: Maybe<string>;
  first_name?: Maybe<string>;
  last_name?: Maybe<string>;
}
