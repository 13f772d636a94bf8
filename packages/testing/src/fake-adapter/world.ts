import type {
  Address,
  AuthorRole,
  Clock,
  Content,
  ConversationStatus,
  FieldValue,
  SendRequest,
} from '@parley/core';

/** A conversation as the made-up provider keeps it: ids without an account. */
export interface NativeConversation {
  id: string;
  status: ConversationStatus;
  channel: string;
  contact: string;
  assignee?: string;
  fields: Record<string, FieldValue>;
  createdAt: string;
  updatedAt: string;
}

export interface NativeContact {
  id: string;
  name?: string;
  phone?: string;
  email?: string;
  addresses: Address[];
}

export interface NativeMessage {
  id: string;
  conversation: string;
  author: { role: AuthorRole; id?: string };
  content: Content;
  note?: true;
  channel: string;
  quote?: string;
  /** The key of the request that made it: the made-up provider stores it, so that `find` is exact. */
  key?: string;
  at: string;
}

/** One thing that happened, as the made-up provider tells it. The key is the same whenever it is told. */
export interface NativeEvent {
  key: string;
  type: string;
  at: string;
  message?: NativeMessage;
  conversation?: NativeConversation;
  [more: string]: unknown;
}

/** Everything the made-up provider knows. */
export interface World {
  readonly conversations: Map<string, NativeConversation>;
  readonly contacts: Map<string, NativeContact>;
  readonly messages: NativeMessage[];
  now(): string;
  nextId(kind: string): string;
  /** Finds or makes the conversation with the person at an address. */
  conversationWith(
    address: Address,
    details?: { name?: string; email?: string },
  ): {
    conversation: NativeConversation;
    created: boolean;
  };
  post(message: Omit<NativeMessage, 'id' | 'at'>): NativeMessage;
  change(conversation: string, changes: Partial<NativeConversation>): void;
}

export function createWorld(clock: () => Clock): World {
  const counts = new Map<string, number>();
  const world: World = {
    conversations: new Map(),
    contacts: new Map(),
    messages: [],
    now: () => new Date(clock().now()).toISOString(),
    nextId(kind) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return `${kind}-${count}`;
    },
    conversationWith(address, details = {}) {
      const contact = contactAt(world, address) ?? newContact(world, address, details);
      const known = [...world.conversations.values()].find((one) => one.contact === contact.id);
      if (known !== undefined) return { conversation: known, created: false };
      const at = world.now();
      const conversation: NativeConversation = {
        id: world.nextId('conversation'),
        status: 'open',
        channel: address.channel,
        contact: contact.id,
        fields: {},
        createdAt: at,
        updatedAt: at,
      };
      world.conversations.set(conversation.id, conversation);
      return { conversation, created: true };
    },
    post(message) {
      const posted = { ...message, id: world.nextId('message'), at: world.now() };
      world.messages.push(posted);
      return posted;
    },
    change(id, changes) {
      const conversation = world.conversations.get(id);
      if (conversation !== undefined) Object.assign(conversation, changes, { updatedAt: world.now() });
    },
  };
  return world;
}

function contactAt(world: World, address: Address): NativeContact | undefined {
  return [...world.contacts.values()].find(({ addresses }) =>
    addresses.some(({ channel, value }) => channel === address.channel && value === address.value),
  );
}

function newContact(
  world: World,
  address: Address,
  details: { name?: string; email?: string },
): NativeContact {
  const email = details.email ?? (address.value.includes('@') ? address.value : undefined);
  const contact: NativeContact = {
    id: world.nextId('contact'),
    ...(details.name === undefined ? {} : { name: details.name }),
    ...(address.value.startsWith('+') ? { phone: address.value } : {}),
    ...(email === undefined ? {} : { email }),
    addresses: [{ channel: address.channel, value: address.value }],
  };
  world.contacts.set(contact.id, contact);
  return contact;
}

/** What a `send` makes of its request. */
export function toNativeMessage(
  request: SendRequest,
  conversation: NativeConversation,
): Omit<NativeMessage, 'id' | 'at'> {
  return {
    conversation: conversation.id,
    author: { role: 'bot', id: 'bot' },
    content: structuredClone(request.content),
    ...(request.note === true ? { note: true as const } : {}),
    channel: request.channel ?? conversation.channel,
    ...(request.quote === undefined ? {} : { quote: request.quote }),
    key: request.key,
  };
}
