import { type Contact, type Conversation, type Event, type Message, toId } from '@parley/core';
import type { NativeContact, NativeConversation, NativeEvent, NativeMessage } from './world.js';

export function fromNativeConversation(
  native: NativeConversation,
  account: string,
  provider: string,
): Conversation {
  return {
    id: toId(account, native.id),
    account,
    provider,
    status: native.status,
    kind: 'contact',
    channel: native.channel,
    contactId: toId(account, native.contact),
    ...(native.assignee === undefined ? {} : { assigneeId: toId(account, native.assignee) }),
    fields: { ...native.fields },
    createdAt: native.createdAt,
    updatedAt: native.updatedAt,
  };
}

export function fromNativeMessage(native: NativeMessage, account: string): Message {
  const { role, id } = native.author;
  const out = role !== 'contact';
  return {
    id: toId(account, native.id),
    account,
    conversationId: toId(account, native.conversation),
    direction: out ? 'out' : 'in',
    author: {
      role,
      ...(id === undefined ? {} : { id: toId(account, id) }),
      ...(role === 'bot' ? { self: true as const } : {}),
    },
    content: structuredClone(native.content),
    channel: native.channel,
    ...(native.note === undefined ? {} : { note: true as const }),
    ...(out ? { status: 'sent' as const } : {}),
    ...(native.quote === undefined ? {} : { quote: native.quote }),
    createdAt: native.at,
  };
}

export function fromNativeContact(native: NativeContact, account: string): Contact {
  return {
    id: toId(account, native.id),
    account,
    ...(native.name === undefined ? {} : { name: native.name }),
    ...(native.phone === undefined ? {} : { phone: native.phone }),
    ...(native.email === undefined ? {} : { email: native.email }),
    identities: native.addresses.map((address) => ({ account, ...address })),
  };
}

export function fromNativeEvent(native: NativeEvent, account: string, provider: string): Event {
  const head = { id: toId(account, native.key), provider, account, at: native.at, native: native.type };
  const { message, conversation } = native;
  const where =
    conversation === undefined
      ? {}
      : {
          conversationId: toId(account, conversation.id),
          conversation: fromNativeConversation(conversation, account, provider),
        };
  if (native.type === 'message.created' && message !== undefined) {
    return {
      ...head,
      name: message.author.role === 'contact' ? 'message.received' : 'message.sent',
      ...where,
      conversationId: toId(account, message.conversation),
      message: fromNativeMessage(message, account),
    };
  }
  return { ...head, name: 'provider.event', ...where, payload: native };
}
