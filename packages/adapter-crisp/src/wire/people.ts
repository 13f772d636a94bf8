import type { Maybe } from './maybe.js';

/** A value of somebody's data. */
export type CrispValues = Record<string, string | number | boolean>;

export interface CrispGeolocation {
  country?: Maybe<string>;
  region?: Maybe<string>;
  city?: Maybe<string>;
  coordinates?: Maybe<{ latitude?: Maybe<number>; longitude?: Maybe<number> }>;
}

export interface CrispPerson {
  nickname?: Maybe<string>;
  avatar?: Maybe<string>;
  gender?: Maybe<string>;
  phone?: Maybe<string>;
  address?: Maybe<string>;
  description?: Maybe<string>;
  website?: Maybe<string>;
  timezone?: Maybe<number>;
  profiles?: Maybe<{ type?: string; handle?: string; url?: string }[]>;
  employment?: Maybe<{ name?: string; domain?: string; title?: string; role?: string; seniority?: string }>;
  geolocation?: Maybe<CrispGeolocation>;
  locales?: Maybe<string[]>;
}

export interface CrispCompany {
  name?: Maybe<string>;
  legal_name?: Maybe<string>;
  domain?: Maybe<string>;
  url?: Maybe<string>;
  description?: Maybe<string>;
  timezone?: Maybe<number>;
  phones?: Maybe<string[]>;
  emails?: Maybe<string[]>;
  geolocation?: Maybe<CrispGeolocation>;
  metrics?: Maybe<{ employees?: number; market_cap?: number; raised?: number; arr?: number }>;
  tags?: Maybe<string[]>;
}

/** @see docs.crisp.chat/references/rest-api/v1, get people profile */
export interface CrispProfile {
  people_id: string;
  email?: Maybe<string>;
  person?: Maybe<CrispPerson>;
  company?: Maybe<CrispCompany>;
  segments?: Maybe<string[]>;
  notepad?: Maybe<string>;
  /** An object here, a number where it is written. */
  active?: unknown;
  score?: Maybe<number>;
  created_at?: Maybe<number>;
  updated_at?: Maybe<number>;
}

export interface CrispProfileInput {
  email?: string;
  person?: CrispPerson;
  company?: CrispCompany;
  segments?: string[];
  notepad?: string;
  /** Epoch milliseconds. */
  active?: number;
}

export interface CrispPeopleCampaign {
  campaign_id?: string;
  type?: string;
  name?: string;
  created_at?: number;
  updated_at?: number;
  dispatched_at?: number;
  occurred_at?: number;
  statistics?: unknown[];
}

export interface CrispImportColumn {
  /** From 1. */
  column: number;
  /** For example `email`, `person.nickname`. */
  field: string;
}

export interface CrispVisitor {
  session_id?: string;
  inbox_id?: Maybe<string>;
  nickname?: string;
  email?: string;
  avatar?: string;
  useragent?: string;
  initiated?: boolean;
  active?: boolean;
  last_page?: { page_title?: string; page_url?: string };
  geolocation?: CrispGeolocation;
  timezone?: number;
  capabilities?: string[];
  locales?: string[];
}

export interface CrispMapPoint {
  visitors?: { count?: number; threshold?: number; sessions?: CrispVisitor[] };
  geolocation?: CrispGeolocation;
}
