import {
  type CallOptions,
  type ContactPort,
  type ContentLimits,
  type ConversationPort,
  externalIdOf,
  type Id,
  type MessagePort,
  ParleyError,
  type SentMessage,
  toId,
} from '@parley/core';
import { fromNativeContact, fromNativeConversation, fromNativeMessage } from './from-native.js';
import {
  type NativeContact,
  type NativeConversation,
  type NativeMessage,
  toNativeMessage,
  type World,
} from './world.js';

/** What the ports of one opened account share. */
export interface Surroundings {
  account: string;
  provider: string;
  world: World;
  /** True: every message that goes out comes back as an event. */
  echoes: boolean;
  call<T>(method: string, request: unknown, options: CallOptions | undefined, work: () => T): Promise<T>;
  sent(message: NativeMessage): void;
}

/** The key of the event that tells of a message: sending knows it beforehand. */
export function eventKeyOf(message: NativeMessage): string {
  return `created-${message.id}`;
}

export function createConversationPort(around: Surroundings): Required<ConversationPort> {
  const { account, provider, world, call } = around;
  const change = (
    method: string,
    id: Id,
    options: CallOptions | undefined,
    changes: Partial<NativeConversation>,
  ) =>
    call(method, { id, ...changes }, options, () => {
      world.change(conversationAt(world, id).id, changes);
    });
  const neutral = (native: NativeConversation) => fromNativeConversation(native, account, provider);
  const lastOf = (messages: readonly NativeMessage[]) => {
    const last = messages.at(-1);
    return last === undefined ? {} : { messageId: toId(account, last.id) };
  };
  return {
    get: (id, options) => call('conversations.get', id, options, () => neutral(conversationAt(world, id))),
    async *list(query = {}, options) {
      const found = await call('conversations.list', query, options, () =>
        [...world.conversations.values()]
          .filter(({ status }) => query.status === undefined || status === query.status)
          .filter(
            ({ contact }) => query.contactId === undefined || toId(account, contact) === query.contactId,
          )
          .filter(({ updatedAt }) => query.updatedSince === undefined || updatedAt >= query.updatedSince)
          .map(neutral),
      );
      yield* found.slice(0, options?.limit);
    },
    open: (request, options) =>
      call('conversations.open', request, options, () => {
        const { conversation, created } = world.conversationWith(request.to, request.to);
        const posted = request.contents.map((content) => {
          const post = { conversationId: toId(account, conversation.id), content, key: request.key };
          return world.post(toNativeMessage(post, conversation));
        });
        for (const message of posted) around.sent(message);
        return { conversation: neutral(conversation), created, ...lastOf(posted) };
      }),
    findOpened: (request, _since, options) =>
      call('conversations.findOpened', request, options, () => {
        const posts = world.messages.filter(({ key }) => key === request.key);
        const conversation = world.conversations.get(posts[0]?.conversation ?? '');
        return conversation && { conversation: neutral(conversation), created: false, ...lastOf(posts) };
      }),
    setStatus: (id, status, options) => change('conversations.setStatus', id, options, { status }),
    assign: (id, assigneeIds, options) =>
      change('conversations.assign', id, options, {
        assignee: externalIdOf(assigneeIds[0] ?? `${account}:nobody`),
      }),
    setFields: (id, fields, options) =>
      call('conversations.setFields', { id, fields }, options, () => {
        const merged = { ...conversationAt(world, id).fields, ...fields };
        for (const [key, value] of Object.entries(merged)) if (value === '') delete merged[key];
        world.change(externalIdOf(id), { fields: merged });
      }),
    handOver: (id, request, options) =>
      call('conversations.handOver', { id, request }, options, () => {
        const to = request.to?.[0];
        world.change(conversationAt(world, id).id, {
          status: 'pending',
          ...(to === undefined ? {} : { assignee: externalIdOf(to) }),
        });
      }),
  };
}

export function createMessagePort(around: Surroundings, accepts: ContentLimits): MessagePort {
  const { account, world, call } = around;
  const answer = (message: NativeMessage): SentMessage => ({
    id: toId(account, message.id),
    at: message.at,
    ...(around.echoes ? { eventId: toId(account, eventKeyOf(message)) } : {}),
  });
  return {
    accepts,
    send: (request, options) =>
      call('messages.send', request, options, () => {
        const message = world.post(toNativeMessage(request, conversationAt(world, request.conversationId)));
        around.sent(message);
        return answer(message);
      }),
    find: (request, _since, options) =>
      call('messages.find', request, options, () => {
        const message = world.messages.find(({ key }) => key === request.key);
        return message && answer(message);
      }),
    async *list(conversationId, options) {
      const { id } = await call('messages.list', conversationId, options, () =>
        conversationAt(world, conversationId),
      );
      const newestFirst = world.messages.filter(({ conversation }) => conversation === id).reverse();
      for (const message of newestFirst.slice(0, options?.limit)) yield fromNativeMessage(message, account);
    },
    get: (id, options) =>
      call('messages.get', id, options, () => {
        const message = world.messages.find((one) => one.id === externalIdOf(id));
        if (message === undefined) throw notFound('message');
        return fromNativeMessage(message, account);
      }),
    typing: (conversationId, on, options) =>
      call('messages.typing', { conversationId, on }, options, () => {
        conversationAt(world, conversationId);
      }),
  };
}

export function createContactPort(around: Surroundings): ContactPort {
  const { account, world, call } = around;
  const contactAt = (id: Id): NativeContact => {
    const contact = world.contacts.get(externalIdOf(id));
    if (contact === undefined) throw notFound('contact');
    return contact;
  };
  return {
    get: (id, options) => call('contacts.get', id, options, () => fromNativeContact(contactAt(id), account)),
    find: (address, options) =>
      call('contacts.find', address, options, () => {
        const [kind, value] =
          'phone' in address ? (['phone', address.phone] as const) : (['email', address.email] as const);
        const contact = [...world.contacts.values()].find((one) => one[kind] === value);
        return contact && fromNativeContact(contact, account);
      }),
    async *list(options) {
      const all = await call('contacts.list', undefined, options, () => [...world.contacts.values()]);
      for (const contact of all.slice(0, options?.limit)) yield fromNativeContact(contact, account);
    },
    update: (id, changes, options) =>
      call('contacts.update', { id, changes }, options, () => {
        const { name, phone, email } = changes;
        const named = Object.entries({ name, phone, email }).filter(([, value]) => value !== undefined);
        return fromNativeContact(Object.assign(contactAt(id), Object.fromEntries(named)), account);
      }),
    delete: (id, options) =>
      call('contacts.delete', id, options, () => {
        world.contacts.delete(contactAt(id).id);
      }),
  };
}

function conversationAt(world: World, id: Id): NativeConversation {
  const conversation = world.conversations.get(externalIdOf(id));
  if (conversation === undefined) throw notFound('conversation');
  return conversation;
}

function notFound(what: string): ParleyError {
  return new ParleyError('ERR_NOT_FOUND', `The provider does not know this ${what}.`, { status: 404 });
}
