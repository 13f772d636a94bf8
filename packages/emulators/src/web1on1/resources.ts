import {
  announceConversation,
  announceMessage,
  createContact,
  createConversation,
  postMessages,
} from './conversations.js';
import { readMessage } from './message.js';
import { isAllowed, type Operation } from './permissions.js';
import { announceRecord, homeOf, newRecord, type Platform, pathOf, scopeOf } from './platform.js';
import {
  matchesFilters,
  parseQuery,
  populate,
  type Query,
  requireIndexedFilter,
  selectFields,
  sortRecords,
} from './query.js';
import {
  ApiError,
  type Collection,
  type Conversation,
  isObject,
  type JsonObject,
  type Message,
  snapshot,
  type Web1on1Record,
} from './records.js';
import { webhookParams } from './subscription.js';
import type { Webhooks } from './webhooks.js';

/** An answer of the API. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** The generic list/get/create/update/delete of every resource, and where some differ. */
export interface Resources {
  list(user: Web1on1Record, resource: string, search: string): Reply;
  get(user: Web1on1Record, resource: string, id: string, search: string): Reply;
  create(user: Web1on1Record, resource: string, body: unknown): Promise<Reply>;
  update(user: Web1on1Record, resource: string, id: string, body: unknown): Promise<Reply>;
  delete(user: Web1on1Record, resource: string, id: string): Reply;
  /** `POST /v2/conversations/:id/messages`, one message or several. */
  post(user: Web1on1Record, conversationId: string, body: unknown): Reply;
}

/** What a PATCH cannot change. */
const FIXED = ['id', 'createdAt', 'updatedAt', 'orgPath', 'path', 'level'];

export function createResources(platform: Platform, webhooks: Webhooks): Resources {
  const { switches } = platform;

  const open = (user: Web1on1Record, operation: Operation, resource: string, ofSelf = false): Collection => {
    const collection = platform.collections.get(resource);
    if (collection === undefined) throw new ApiError(404, 'Not found');
    if (!isAllowed(scopeOf(user), operation, resource, ofSelf)) throw new ApiError(403, 'Permission Denied');
    return collection;
  };
  const one = (user: Web1on1Record, operation: Operation, resource: string, id: string) => {
    const collection = open(user, operation, resource, user.id === id);
    const record = collection.get(id);
    if (record === undefined) throw new ApiError(404, `${title(collection.singular)} not found`);
    return { collection, record };
  };
  const show = (record: Web1on1Record, query: Query): JsonObject => {
    const lookUp = (resource: string, id: string) => platform.collections.get(resource)?.get(id);
    return selectFields(populate(snapshot(record), query.populate, lookUp), query.select);
  };

  return {
    list(user, resource, search) {
      const collection = open(user, 'list', resource);
      const query = parseQuery(search, switches);
      requireIndexedFilter(resource, query.filters);
      const found = collection.list().filter((record) => matchesFilters(record, query.filters));
      const end = query.offset + query.limit;
      const page = sortRecords(found, query.sort).slice(query.offset, end);
      return {
        status: 200,
        headers: {
          ...(switches.totalCount && { 'x-total-count': String(found.length) }),
          ...(end < found.length && { link: nextLink(platform, resource, query) }),
        },
        body: page.map((record) => show(record, query)),
      };
    },

    get(user, resource, id, search) {
      const { record } = one(user, 'fetch', resource, id);
      return { status: 200, body: show(record, parseQuery(search, switches)) };
    },

    async create(user, resource, body) {
      open(user, 'create', resource);
      if (!isObject(body)) throw new ApiError(400, 'A JSON object is required');
      const special = CREATE.get(resource);
      if (special !== undefined) return special(platform, user, body, webhooks);
      return { status: 201, body: insert(platform, user, resource, body) };
    },

    async update(user, resource, id, body) {
      const { record } = one(user, 'update', resource, id);
      if (!isObject(body)) throw new ApiError(400, 'A JSON object is required');
      const { password, ...changes } = body;
      if (resource === 'users' && typeof password === 'string') platform.passwords.set(id, password);
      for (const name of FIXED) delete changes[name];
      const urlBefore = isObject(record.params) ? record.params.url : undefined;
      if (isWebhook(record) && changes.params !== undefined) changes.params = webhookParams(changes.params);
      Object.assign(record, changes, { updatedAt: platform.clock.iso() });
      if (isWebhook(record)) {
        const moved = isObject(record.params) && record.params.url !== urlBefore;
        if ((moved || changes.status === 'active') && !(await webhooks.verify(record))) {
          throw new ApiError(403, 'Webhook URL could not be verified');
        }
      }
      announceChange(platform, resource, 'update', record, user);
      return { status: 200, body: snapshot(record) };
    },

    delete(user, resource, id) {
      const { collection, record } = one(user, 'delete', resource, id);
      announceChange(platform, resource, 'delete', record, user);
      collection.delete(id);
      const owned = ownedBy(platform, resource, record);
      for (const [name, ownedId] of owned) platform.collections.get(name)?.delete(ownedId);
      return switches.deleteStatus === 204 ? { status: 204 } : { status: 200, body: {} };
    },

    post(user, conversationId, body) {
      open(user, 'create', 'messages');
      const conversation = platform.conversations.get(conversationId);
      if (conversation === undefined) throw new ApiError(404, 'Conversation not found');
      if (!Array.isArray(body)) {
        const [message] = postMessages(platform, conversation, [readMessage(body)], user);
        return { status: 201, body: message };
      }
      if (body.length === 0) throw new ApiError(400, 'messages must have at least one entry');
      return { status: 201, body: postMessages(platform, conversation, body.map(readMessage), user) };
    },
  };
}

type Create = (
  platform: Platform,
  user: Web1on1Record,
  body: JsonObject,
  webhooks: Webhooks,
) => Reply | Promise<Reply>;

/** Resources whose creation is more than storing a record. */
const CREATE: ReadonlyMap<string, Create> = new Map<string, Create>([
  [
    'conversations',
    (platform, user, body) => {
      const { created, conversation } = createConversation(platform, user, body);
      return { status: created ? 201 : 200, body: snapshot(conversation) };
    },
  ],
  [
    'messages',
    (platform, user, body) => {
      const conversation = platform.conversations.get(String(body.conversation));
      if (conversation === undefined) throw new ApiError(404, 'Conversation not found');
      return { status: 201, body: postMessages(platform, conversation, [readMessage(body)], user)[0] };
    },
  ],
  [
    'contacts',
    (platform, user, body) => {
      const { organization = homeOf(user).organization, profile, ...more } = body;
      if (!isObject(profile)) throw new ApiError(400, 'profile is required');
      const actor = `users/${user.id}`;
      const { contact } = createContact(platform, String(organization), profile, actor, more);
      return { status: 201, body: snapshot(contact) };
    },
  ],
  [
    'users',
    (platform, user, { password, ...body }) => {
      if (typeof body.email !== 'string') throw new ApiError(400, 'email is required');
      if (platform.users.find(({ email }) => email === body.email))
        throw new ApiError(400, 'email is already in use');
      const organizations = [{ organization: homeOf(user).organization, selected: true, role: 'agent' }];
      const created = insert(platform, user, 'users', { status: 'active', meta: {}, organizations, ...body });
      if (typeof password === 'string') platform.passwords.set(created.id, password);
      return { status: 201, body: created };
    },
  ],
  [
    'organizations',
    (platform, user, body) => ({ status: 201, body: createOrganization(platform, user, body) }),
  ],
  [
    'services',
    async (platform, user, body, webhooks) => ({
      status: 201,
      body: await createService(platform, webhooks, `users/${user.id}`, {
        organization: homeOf(user).organization,
        ...body,
      }),
    }),
  ],
]);

function insert(platform: Platform, user: Web1on1Record, resource: string, body: JsonObject): Web1on1Record {
  const own = resource === 'users' ? {} : { organization: homeOf(user).organization };
  const record: Web1on1Record = { ...own, ...body, ...newRecord(platform) };
  if (resource !== 'users') record.orgPath = pathOf(platform, String(record.organization));
  platform.collections.get(resource)?.put(record);
  announceChange(platform, resource, 'create', record, user);
  return snapshot(record);
}

const LOWEST_LEVEL = 3;

function createOrganization(platform: Platform, user: Web1on1Record, body: JsonObject): Web1on1Record {
  if (typeof body.name !== 'string') throw new ApiError(400, 'name is required');
  const parent = body.parent === undefined ? undefined : platform.organizations.get(String(body.parent));
  if (body.parent !== undefined && parent === undefined)
    throw new ApiError(400, 'Parent organization not found');
  const level = Number(parent?.level ?? 0) + 1;
  if (level > LOWEST_LEVEL) throw new ApiError(400, 'Organizations have at most three levels');
  const record: Web1on1Record = { status: 'active', ...body, ...newRecord(platform), level };
  record.path = record.orgPath = parent === undefined ? record.id : `${parent.path}#${record.id}`;
  platform.organizations.put(record);
  announceChange(platform, 'organizations', 'create', record, user);
  return snapshot(record);
}

/** A subscription is active when its URL answered the challenge, and unverified otherwise. */
export async function createService(
  platform: Platform,
  webhooks: Webhooks,
  actor: string,
  body: JsonObject,
): Promise<Web1on1Record> {
  if (typeof body.type !== 'string') throw new ApiError(400, 'type is required');
  const service: Web1on1Record = { name: body.type, params: {}, meta: {}, ...body, ...newRecord(platform) };
  service.orgPath = pathOf(platform, String(service.organization));
  if (isWebhook(service)) {
    service.params = webhookParams(service.params);
    service.status = 'unverified';
  } else service.status ??= 'active';
  platform.services.put(service);
  if (isWebhook(service)) await webhooks.verify(service);
  announceRecord(platform, 'services', 'create', service, actor, { except: service.id });
  return snapshot(service);
}

/** Moves a subscription, and what waits for it, to another URL. */
export async function moveService(
  platform: Platform,
  webhooks: Webhooks,
  id: string,
  url: string,
): Promise<Web1on1Record> {
  const service = platform.services.get(id);
  if (service === undefined || !isWebhook(service)) throw new ApiError(404, 'Service not found');
  const params = webhookParams({ ...(isObject(service.params) && service.params), url });
  Object.assign(service, { params, updatedAt: platform.clock.iso() });
  if (await webhooks.verify(service)) return snapshot(service);
  throw new ApiError(403, NOT_VERIFIED);
}

export const NOT_VERIFIED =
  'Webhook URL could not be verified: it must answer the challenge, as plain text, with 200';

function isWebhook(record: Web1on1Record): boolean {
  return record.type === 'webhook' && isObject(record.params);
}

function announceChange(
  platform: Platform,
  resource: string,
  operation: 'create' | 'update' | 'delete',
  record: Web1on1Record,
  user: Web1on1Record,
): void {
  const actor = `users/${user.id}`;
  if (resource === 'messages') {
    const message = record as Message;
    const conversation = platform.conversations.get(message.conversation);
    if (conversation !== undefined) {
      announceMessage(platform, `message.${operation}`, conversation, message, actor);
    }
  } else if (resource === 'conversations') {
    announceConversation(platform, operation, record as Conversation, actor);
  } else announceRecord(platform, resource, operation, record, actor);
}

/** A contact goes with its conversation, a conversation with its messages. */
function ownedBy(platform: Platform, resource: string, record: Web1on1Record): [string, string][] {
  if (resource === 'contacts') {
    const conversation = platform.conversations.get(String(record.conversation));
    if (conversation === undefined) return [];
    return [['conversations', conversation.id], ...ownedBy(platform, 'conversations', conversation)];
  }
  if (resource === 'conversations') {
    return (record as Conversation).messages.map((id) => ['messages', id]);
  }
  if (resource === 'messages') {
    const conversation = platform.conversations.get(String(record.conversation));
    if (conversation !== undefined)
      conversation.messages = conversation.messages.filter((id) => id !== record.id);
  }
  return [];
}

function nextLink(platform: Platform, resource: string, query: Query): string {
  const kept = query.pairs.filter(([key]) => key !== 'limit' && key !== 'offset');
  const search = new URLSearchParams([
    ...kept,
    ['limit', String(query.limit)],
    ['offset', String(query.offset + query.limit)],
  ]).toString();
  const shown = platform.switches.rawLinkCommas ? search.replaceAll('%2C', ',') : search;
  return `<${platform.origin}/v2/${resource}?${shown}>; rel="next"`;
}

function title(singular: string): string {
  return `${singular[0]?.toUpperCase()}${singular.slice(1)}`;
}
