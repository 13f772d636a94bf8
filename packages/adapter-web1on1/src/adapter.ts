import type {
  AccountContext,
  AdapterDefinition,
  ContactPort,
  ConversationPort,
  Id,
  MessagePort,
  WebhookPort,
} from '@parley/core';
import { ParleyError, toId } from '@parley/core';
import { createApi, type Web1on1Api } from './client/api.js';
import { createTransport } from './client/transport.js';
import { assign, set } from './commands.js';
import { readConfig, type Web1on1Config, type Web1on1Options } from './config.js';
import { findSent } from './find-sent.js';
import {
  fromWeb1on1Contact,
  fromWeb1on1Conversation,
  fromWeb1on1Message,
  toIsoTime,
  type Viewpoint,
} from './from-web1on1.js';
import { messageEventId } from './from-web1on1-event.js';
import { externalIdsOf } from './ids.js';
import { findContact, findOpened, lastOf, toUpsert } from './open.js';
import {
  ACCEPTS,
  toConversationQuery,
  toEdit,
  toHandOverCommands,
  toNote,
  toStatusCommands,
  toWeb1on1Contact,
  toWeb1on1Message,
} from './to-web1on1.js';
import { createWebhook } from './webhook.js';
import type { Web1on1Contact } from './wire/contact.js';
import type { Web1on1Conversation } from './wire/conversation.js';
import type { Web1on1Message } from './wire/message.js';

/** One account at Web1on1. There is no feed and no typing: the platform documents neither. */
export interface Web1on1Adapter {
  readonly provider: 'web1on1';
  readonly account: string;
  readonly conversations: Required<ConversationPort>;
  readonly messages: Required<Omit<MessagePort, 'typing'>>;
  readonly contacts: Required<ContactPort>;
  readonly webhook: WebhookPort;
  readonly api: Web1on1Api;
  selfId(): Id | undefined;
  close(): Promise<void>;
}

/**
 * An account at Web1on1 (ChatShipper).
 *
 * @throws ERR_CONFIG for an option that is wrong or unknown
 */
export function web1on1(options: Web1on1Options): AdapterDefinition<Web1on1Adapter> {
  const config = readConfig(options);
  return { provider: 'web1on1', open: (account) => open(config, account) };
}

function open(config: Web1on1Config, context: AccountContext): Web1on1Adapter {
  const { name: account } = context;
  const transport = createTransport(config, context);
  const api = createApi(transport);
  const { auth } = transport;
  if (config.token === undefined && config.refreshToken === undefined && config.password === undefined) {
    context.log.warn(
      { account },
      'Web1on1: no token, refreshToken or password: webhooks can be read, but nothing can be sent or asked',
    );
  }
  const toExternalId = externalIdsOf(account);
  const view = (): Viewpoint => ({ account, selfId: auth.known().selfId });
  const toConversation = (source: Web1on1Conversation) => fromWeb1on1Conversation(source, view());
  const toMessage = (source: Web1on1Message) => fromWeb1on1Message(source, view());
  const toContact = (source: Web1on1Contact) => fromWeb1on1Contact(source, view());
  const toSent = ({ id, createdAt }: Web1on1Message) => ({
    id: toId(account, id),
    at: createdAt ? toIsoTime(createdAt) : new Date(context.clock.now()).toISOString(),
    eventId: messageEventId(account, id),
  });
  const toOpened = (source: Web1on1Conversation, created: boolean, message: string | undefined) => ({
    conversation: toConversation(source),
    created,
    ...(message !== undefined && { messageId: toId(account, message) }),
  });
  /** The organization to act in: named by the request, by the option, or by the token. */
  const toTenant = async (named: string | undefined): Promise<string> => {
    const organization =
      named ?? config.organization ?? auth.known().organization ?? (await auth.ready()).organization;
    if (organization !== undefined) return organization;
    throw new ParleyError(
      'ERR_CONFIG',
      'Web1on1: the token names no organization: set the option organization',
      { account },
    );
  };

  return {
    provider: 'web1on1',
    account,
    api,
    selfId: () => {
      const { selfId } = auth.known();
      return selfId === undefined ? undefined : toId(account, selfId);
    },

    conversations: {
      get: async (id, options) => toConversation(await api.conversations.get(toExternalId(id), {}, options)),
      list: (query = {}, options) =>
        mapped(
          () => api.conversations.iterate(toConversationQuery(query, toExternalId), options),
          toConversation,
        ),
      open: async (request, options) => {
        const input = toUpsert(request, await toTenant(request.organization), config.role);
        const { conversation, created } = await api.conversations.upsert(input, options);
        return toOpened(conversation, created, lastOf(conversation, created));
      },
      findOpened: async (request, since, options) => {
        const organization = await toTenant(request.organization);
        const found = await findOpened(api, request, since, { organization, ...view() }, options);
        return found && toOpened(found.conversation, found.created, found.messageId);
      },
      setStatus: async (id, status, options) => {
        await api.conversations.postAll(toExternalId(id), toStatusCommands(status), options);
      },
      assign: async (id, assigneeIds, options) => {
        await api.conversations.post(toExternalId(id), assign(assigneeIds.map(toExternalId)), options);
      },
      setFields: async (id, fields, options) => {
        const commands = Object.entries(fields).map(([key, value]) => set(key, value));
        if (commands.length > 0) await api.conversations.postAll(toExternalId(id), commands, options);
      },
      handOver: async (id, { reason, to }, options) => {
        const messages = [toNote(reason), ...toHandOverCommands(to?.map(toExternalId))];
        await api.conversations.postAll(toExternalId(id), messages, options);
      },
    },

    messages: {
      accepts: ACCEPTS,
      send: async ({ conversationId, ...utterance }, options) => {
        const message = toWeb1on1Message({ ...utterance, role: config.role });
        return toSent(await api.conversations.post(toExternalId(conversationId), message, options));
      },
      find: async ({ conversationId, content, key }, since, options) => {
        const sought = { contents: [content], key, since, selfId: auth.known().selfId };
        const found = await findSent(api, toExternalId(conversationId), sought, options);
        return found && toSent(found);
      },
      list: (conversationId, options) =>
        mapped(() => api.conversations.messages(toExternalId(conversationId), {}, options), toMessage),
      get: async (id, options) => toMessage(await api.messages.get(toExternalId(id), {}, options)),
      edit: async (id, content, options) => {
        await api.messages.update(toExternalId(id), toEdit(content), options);
      },
      delete: async (id, options) => api.messages.delete(toExternalId(id), options),
    },

    contacts: {
      get: async (id, options) => toContact(await api.contacts.get(toExternalId(id), {}, options)),
      find: async (address, options) => {
        const profile = 'phone' in address ? { telephone: address.phone } : { email: address.email };
        const found = await findContact(api, profile, config.organization, options);
        return found && toContact(found);
      },
      list: (options) => mapped(() => api.contacts.iterate({}, options), toContact),
      create: async (contact, options) => {
        const organization = await toTenant(contact.organization);
        const input = toWeb1on1Contact({ ...contact, organization });
        return toContact(await api.contacts.create(input, options));
      },
      update: async (id, changes, options) => {
        const current = await api.contacts.get(toExternalId(id), {}, options);
        const input = toWeb1on1Contact(changes, current);
        return toContact(await api.contacts.update(current.id, input, options));
      },
      delete: async (id, options) => api.contacts.delete(toExternalId(id), options),
    },

    webhook: createWebhook({
      secrets: config.secret,
      ignore: config.ignore,
      keepRaw: config.keepRaw,
      view: () => {
        const identity = auth.who();
        if (identity instanceof Promise) return identity.then(({ selfId }) => ({ account, selfId }));
        return { account, selfId: identity.selfId };
      },
    }),

    close: () => transport.close(),
  };
}

/** Maps one by one; nothing happens before somebody iterates. */
async function* mapped<From, To>(
  start: () => AsyncIterable<From>,
  map: (source: From) => To,
): AsyncGenerator<To, void, undefined> {
  for await (const source of start()) yield map(source);
}
