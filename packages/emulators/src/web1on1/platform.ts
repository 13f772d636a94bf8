import type { Clock } from '../clock.js';
import { type Scope, scopeOfRole } from './permissions.js';
import {
  ApiError,
  Collection,
  type Contact,
  type Conversation,
  createIds,
  type IdState,
  isObject,
  type JsonObject,
  type Message,
  type Web1on1Record,
} from './records.js';
import type { Web1on1Switches } from './switches.js';

/** Something that subscribers may hear about. `data` holds resources by singular name. */
export interface Announcement {
  event: string;
  organization: string;
  /** The resource it is about, as `messages/<id>`. */
  object: string;
  summary: string;
  data: JsonObject;
  /** Who did it, as `users/<id>` or `contacts/<id>`. */
  actor: string;
  /** The user who wrote the message, if it is one. */
  author?: string;
  /** A subscription that is not told: its own creation or failure. */
  except?: string;
}

/** Resource names of the API (chipchat lib/client.js; `eventtypes` from the documentation) with their singular. */
export const RESOURCES: ReadonlyMap<string, string> = new Map(
  [
    'users bots botinstances channels contacts conversations messages organizations orggroups partners services',
    'forms workflows metrics points kbases kbitems articles files locations watemplates tests testresults links',
    'eventtypes',
  ]
    .flatMap((line) => line.split(' '))
    .map((name) => [name, name.replace(/s$/, '')]),
);

export interface DelayedMessage {
  /** Epoch milliseconds. */
  at: number;
  message: Message;
}

/** The state of one emulated Web1on1. Everything else is functions over it. */
export interface Platform {
  readonly clock: Clock;
  readonly switches: Web1on1Switches;
  /** Where the API is reached, without a trailing slash. Known once it listens. */
  origin: string;
  readonly newId: () => string;
  readonly ids: IdState;
  readonly collections: ReadonlyMap<string, Collection>;
  readonly conversations: Collection<Conversation>;
  readonly messages: Collection<Message>;
  readonly contacts: Collection<Contact>;
  readonly users: Collection;
  readonly organizations: Collection;
  readonly services: Collection;
  /** Passwords by user id; they are never part of a record. */
  readonly passwords: Map<string, string>;
  /** Messages that were accepted with a `delay` and are not stored yet. */
  readonly delayed: Set<DelayedMessage>;
  /** Tells the subscribers. */
  announce(announcement: Announcement): void;
  /** Hands a message to a consumer's phone. */
  deliver(contactId: string, message: Message): void;
}

export function createPlatform(
  clock: Clock,
  switches: Web1on1Switches,
  ids: IdState,
  outward: Pick<Platform, 'announce' | 'deliver'>,
): Platform {
  const collections = new Map(
    [...RESOURCES].map(([name, singular]) => [name, new Collection(name, singular)]),
  );
  const named = <T extends Web1on1Record>(name: string) => collections.get(name) as unknown as Collection<T>;
  return {
    clock,
    switches,
    origin: '',
    newId: createIds(clock, ids),
    ids,
    collections,
    conversations: named<Conversation>('conversations'),
    messages: named<Message>('messages'),
    contacts: named<Contact>('contacts'),
    users: named('users'),
    organizations: named('organizations'),
    services: named('services'),
    passwords: new Map(),
    delayed: new Set(),
    ...outward,
  };
}

/** Id and times of a new record. */
export function newRecord(platform: Platform): Web1on1Record {
  const at = platform.clock.iso();
  return { id: platform.newId(), createdAt: at, updatedAt: at };
}

/** The user's home organization, where a role gives the user's scope. */
export function homeOf(user: Web1on1Record): { organization: string; role: string } {
  const memberships = Array.isArray(user.organizations) ? user.organizations.filter(isObject) : [];
  const home = memberships.find((membership) => membership.selected === true) ?? memberships[0];
  return { organization: String(home?.organization ?? ''), role: String(home?.role ?? 'guest') };
}

/** A token's power follows the user's present role, not the token's claims. */
export function scopeOf(user: Web1on1Record): Scope {
  return scopeOfRole(homeOf(user).role);
}

export function displayName(user: Web1on1Record): string {
  return String(user.displayName ?? user.name ?? user.email ?? user.id);
}

/** Ids of an organization and its ancestors, root first, joined with `#`. */
export function pathOf(platform: Platform, organizationId: string): string {
  const organization = platform.organizations.get(organizationId);
  if (organization === undefined) throw new ApiError(400, 'Organization not found');
  return String(organization.path);
}

/** A conversation as subscribers see it: without the ever-growing list of message ids. */
export function shownConversation({ messages: _messages, ...shown }: Conversation): JsonObject {
  return shown;
}

/** Announces `<resource>.<operation>` for a record. */
export function announceRecord(
  platform: Platform,
  resource: string,
  operation: 'create' | 'update' | 'delete' | 'login' | 'error' | 'notify',
  record: Web1on1Record,
  actor: string,
  more: Partial<Announcement> = {},
): void {
  const singular = RESOURCES.get(resource) ?? resource;
  platform.announce({
    event: `${singular}.${operation}`,
    organization:
      resource === 'organizations' ? record.id : String(record.organization ?? homeOf(record).organization),
    object: `${resource}/${record.id}`,
    summary: `${singular[0]?.toUpperCase()}${singular.slice(1)} ${PAST[operation]}`,
    data: { [singular]: record },
    actor,
    ...more,
  });
}

const PAST = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  login: 'logged in',
  error: 'failed',
  notify: 'notified',
};
