import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { JsonObject } from '../json.js';
import { notFound } from './errors.js';
import type { Tier } from './events.js';
import type { CrispConversation, CrispMessage, Keypair, Plugin, User, Website } from './records.js';
import type { CrispSwitches } from './switches.js';

/** Something that sockets and hooks may hear about. */
export interface Announcement {
  event: string;
  data: JsonObject;
  /** Absent for events that belong to no website. */
  websiteId?: string;
  /** The only keypair that is told. */
  identifier?: string;
  /** The only plugin whose keypairs and hooks are told. */
  pluginId?: string;
}

/** A message that was accepted and is not stored yet. */
export interface DelayedMessage {
  /** Epoch milliseconds. */
  at: number;
  website_id: string;
  session_id: string;
  body: JsonObject;
  /** Keypair of who sent it. */
  identifier?: string;
}

/** The state of one emulated Crisp. Everything else is functions over it. */
export interface Platform {
  readonly clock: Clock;
  readonly switches: CrispSwitches;
  /** Where the API is reached, without a trailing slash. Known once it listens. */
  origin: string;
  readonly websites: Map<string, Website>;
  readonly users: Map<string, User>;
  readonly plugins: Map<string, Plugin>;
  readonly keypairs: Map<string, Keypair>;
  readonly delayed: Set<DelayedMessage>;
  /** The latest fingerprint that was given. */
  lastFingerprint: number;
  /** A number of about 15 digits that grows. */
  newFingerprint(): number;
  announce(announcement: Announcement): void;
  /** Hands a message to the visitor's chat box. */
  deliver(message: CrispMessage): void;
}

export function createPlatform(
  clock: Clock,
  switches: CrispSwitches,
  outward: Pick<Platform, 'announce' | 'deliver'>,
): Platform {
  return {
    clock,
    switches,
    origin: '',
    websites: new Map(),
    users: new Map(),
    plugins: new Map(),
    keypairs: new Map(),
    delayed: new Set(),
    lastFingerprint: 0,
    newFingerprint() {
      this.lastFingerprint = Math.max(this.lastFingerprint + 1, clock.now() * 100 + randomInt(100));
      return this.lastFingerprint;
    },
    ...outward,
  };
}

export function issueKeypair(
  platform: Platform,
  tier: Tier,
  owner: string,
  given: Partial<Pick<Keypair, 'identifier' | 'key'>> = {},
): Keypair {
  const keypair = {
    identifier: given.identifier ?? randomUUID(),
    key: given.key ?? randomBytes(32).toString('hex'),
    tier,
    owner,
  };
  platform.keypairs.set(keypair.identifier, keypair);
  return keypair;
}

/** The websites that a keypair reaches. */
export function websitesOf(platform: Platform, { tier, owner }: Keypair): Website[] {
  return [...platform.websites.values()].filter((website) => {
    if (tier === 'user') return website.members.get(owner)?.type === 'operator';
    if (tier === 'website') return website.website_id === owner;
    return platform.plugins.get(owner)?.installations.has(website.website_id) === true;
  });
}

/** A kind of records of a website, by id. */
export function shelf(website: Website, kind: string): Map<string, JsonObject> {
  const known = website.shelves.get(kind) ?? new Map<string, JsonObject>();
  website.shelves.set(kind, known);
  return known;
}

/** A single thing of a website, made at its first use. */
export function document(website: Website, name: string, standard: JsonObject = {}): JsonObject {
  const known = website.documents.get(name) ?? structuredClone(standard);
  website.documents.set(name, known);
  return known;
}

/** The website is available as long as one operator is online. */
export function isAttended(website: Website): boolean {
  return [...website.members.values()].some(({ availability }) => availability === 'online');
}

export function conversationOf(website: Website, sessionId: string): CrispConversation {
  const conversation = website.conversations.get(sessionId);
  if (conversation === undefined) throw notFound('conversation');
  return conversation;
}

/** Tells of something in a conversation: with the fields that all such events share. */
export function tell(
  platform: Platform,
  { website_id, session_id, inbox_id }: CrispConversation,
  event: string,
  fields: JsonObject = {},
): void {
  const inbox = inbox_id === null && platform.switches.mainInbox === 'absent' ? {} : { inbox_id };
  platform.announce({ event, websiteId: website_id, data: { website_id, session_id, ...inbox, ...fields } });
}

/** Tells of something on a website. */
export function tellWebsite(
  platform: Platform,
  { website_id }: Website,
  event: string,
  fields: JsonObject = {},
): void {
  platform.announce({ event, websiteId: website_id, data: { website_id, ...fields } });
}

export function withoutUndefined(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
