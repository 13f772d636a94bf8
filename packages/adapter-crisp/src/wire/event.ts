import type { Maybe } from './maybe.js';

/** Every answer. */
export interface CrispEnvelope {
  reason: string;
  data?: unknown;
}

/** What a web hook carries: an event of the realtime API, with the time it was sent. */
export interface CrispHook {
  website_id?: Maybe<string>;
  event: string;
  data: Record<string, unknown>;
  timestamp?: Maybe<number>;
}

/** Of events' payloads: the fields that are read. */
export interface CrispSessionEvent {
  session_id: string;
  website_id?: Maybe<string>;
}

export interface CrispPersonEvent {
  people_id: string;
  website_id?: Maybe<string>;
}

export interface CrispComposeEvent extends CrispSessionEvent {
  type?: Maybe<string>;
  timestamp?: Maybe<number>;
  automated?: Maybe<boolean>;
}

export interface CrispAcknowledgeEvent extends CrispSessionEvent {
  fingerprints?: Maybe<(number | string)[]>;
  details?: Maybe<{ type?: Maybe<string>; reason?: Maybe<string> }>;
}
