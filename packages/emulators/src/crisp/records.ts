import type { Json, JsonObject } from '../json.js';
import type { Tier } from './events.js';

export type ConversationState = 'pending' | 'unresolved' | 'resolved';
export type Author = 'user' | 'operator';

/** A stored message, as the API shows it. `from` is `user` for the visitor. */
export interface CrispMessage extends JsonObject {
  session_id: string;
  website_id: string;
  type: string;
  from: Author;
  origin: string;
  content: Json;
  fingerprint: number;
  /** Epoch milliseconds. */
  timestamp: number;
  /** The origin where it was read; empty while it is not. */
  read: string;
  delivered: string;
  user: JsonObject;
}

/** One conversation, with what the API shows by other routes only. */
export interface CrispConversation {
  session_id: string;
  website_id: string;
  /** null is the main inbox. */
  inbox_id: string | null;
  people_id?: string;
  state: ConversationState;
  is_verified: boolean;
  is_blocked: boolean;
  availability: 'online' | 'offline';
  active: { now: boolean; last: number };
  topic: string;
  verifications: JsonObject[];
  participants: JsonObject[];
  mentions: string[];
  compose: { operator: JsonObject; visitor: JsonObject };
  unread: { operator: number; visitor: number };
  assigned: { user_id: string } | null;
  meta: JsonObject;
  created_at: number;
  updated_at: number;
  waiting_since: number | null;
  messages: CrispMessage[];
  pages: JsonObject[];
  events: JsonObject[];
  originals: JsonObject[];
  browsing: JsonObject[];
  reminders: JsonObject[];
  reports: JsonObject[];
  call: string | null;
  /** The chat box's own token for the session. */
  token: string;
}

export interface CrispPerson {
  people_id: string;
  email: string | null;
  person: JsonObject;
  company: JsonObject | null;
  segments: string[];
  notepad: string;
  active: { now: boolean; last: number };
  score: number;
  created_at: number;
  updated_at: number;
  data: JsonObject;
  events: JsonObject[];
  subscribed: boolean;
}

export interface Member {
  user_id: string;
  type: 'operator' | 'invite';
  role: string;
  title: string;
  availability: 'online' | 'offline' | 'away';
  /** When the operator did something last, epoch milliseconds; absent when never or forgotten. */
  active?: number;
}

export interface Website {
  website_id: string;
  name: string;
  domain: string;
  logo: string | null;
  deleting: boolean;
  settings: JsonObject;
  conversations: Map<string, CrispConversation>;
  people: Map<string, CrispPerson>;
  members: Map<string, Member>;
  /** Other records by kind, then by id: inboxes, teams, campaigns and so on. */
  shelves: Map<string, Map<string, JsonObject>>;
  /** Single things by name: verification, helpdesk, plan. */
  documents: Map<string, JsonObject>;
}

export interface User {
  user_id: string;
  email: string;
  password: string;
  first_name: string;
  last_name: string;
  avatar: string | null;
}

export interface Installation extends JsonObject {
  website_id: string;
  token: string;
  /** ISO 8601. */
  since: string;
  settings: JsonObject;
  usage: Json[];
}

export interface Plugin {
  plugin_id: string;
  urn: string;
  name: string;
  /** By website id. */
  installations: Map<string, Installation>;
}

export interface Keypair {
  /** UUID. */
  identifier: string;
  /** 64 hex characters. */
  key: string;
  tier: Tier;
  /** The user, the website or the plugin. */
  owner: string;
}
