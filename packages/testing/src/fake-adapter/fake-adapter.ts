import {
  type AccountContext,
  type Adapter,
  type AdapterDefinition,
  type Clock,
  type ContactPort,
  type Content,
  type ContentLimits,
  type ConversationPort,
  type Id,
  type MessagePort,
  systemClock,
  toId,
  type WebhookRequest,
} from '@parley/core';
import { openFakeAccount } from './account.js';
import { createWire, type FailureOptions, type FakeAttempt, type FakeFailure } from './failures.js';
import { createFeed } from './feed.js';
import { eventKeyOf } from './ports.js';
import { signed } from './webhook.js';
import { createWorld, type NativeEvent, type NativeMessage, type World } from './world.js';

export interface FakeAdapterOptions {
  /** Default `fake`. */
  provider?: string;
  /** What webhooks are signed with. Default `fake-secret`. */
  secret?: string;
  /** Default: every kind, every action, no limits. */
  accepts?: ContentLimits;
  /** True: events come through a feed, and there is no webhook port. Default false. */
  feed?: boolean;
  /** True: every message that goes out comes back as a `message.sent` event. Default false. */
  echoes?: boolean;
  /** Ports and methods this provider lacks: `messages.find`, `conversations.open`, `contacts`, ... */
  without?: readonly string[];
}

export interface FakePerson {
  /** Default `+31600000000` on `whatsapp`. Each address has a conversation of its own. */
  from?: string;
  channel?: string;
}

/** What the receiver of a delivery answered; undefined if nothing is connected or the provider has a feed. */
export interface FakeDelivery {
  request: WebhookRequest;
  answer?: { status: number };
}

type Receiver = (request: WebhookRequest) => Promise<{ status: number }>;

/** Typed as having every port, whatever `without` takes away: a test of an absent port asks `turn.can`. */
export interface FakeAccount extends Adapter {
  readonly conversations: Required<ConversationPort>;
  readonly messages: MessagePort;
  readonly contacts: ContactPort;
}

/** A provider that exists in memory only, as an adapter for `createBot` with the controls a test needs. */
export interface FakeAdapter extends AdapterDefinition<FakeAccount> {
  /** Where webhooks go: `fake.deliverTo((request) => bot.webhook('leads', request))`. */
  deliverTo(receive: Receiver): void;
  /** A person writes or presses. Resolves once the receiver has answered. */
  says(said: string | Content, person?: FakePerson): Promise<FakeDelivery>;
  /** Tells anything, as the provider would: `type` `message.created` is read, every other is a `provider.event`. */
  tells(event: Partial<NativeEvent> & { type: string }): Promise<FakeDelivery>;
  /** The latest delivery once more: the same events, other bytes. */
  redelivers(): Promise<FakeDelivery>;
  /** Any bytes, signed with this secret or another. */
  signs(body: Uint8Array | string, secret?: string): WebhookRequest;
  /** The id, at the account it is opened as, of the conversation with a person; made if there is none. */
  conversationWith(person?: FakePerson): Id;
  /** What reached people and colleagues, oldest first: only what was carried out. */
  readonly sent: readonly NativeMessage[];
  /** The texts among `sent`, without notes. */
  readonly texts: readonly string[];
  /** Every attempt at the provider and how it ended. */
  readonly attempts: readonly FakeAttempt[];
  /** The next attempt (or `times` attempts) fails so. */
  failNext(failure: FakeFailure, options?: FailureOptions): void;
  /** Nothing is carried out until the returned function is called. */
  hold(): () => void;
  /** Everything the provider knows. */
  readonly world: World;
}

const EVERYTHING: ContentLimits = {
  text: { formats: ['markdown', 'html'] },
  media: { caption: true },
  location: {},
  choices: { types: ['reply', 'postback', 'link'] },
  carousel: { description: true },
  template: {},
  field: {},
};

/**
 * A made-up provider in memory: conversations, messages, contacts, and a webhook signed with HMAC SHA-256 (or a feed).
 * For tests of bots and of core that need no HTTP; for an adapter's own behaviour use the provider's emulator.
 */
export function fakeAdapter(options: FakeAdapterOptions = {}): FakeAdapter {
  const { provider = 'fake', secret = 'fake-secret', echoes = false } = options;
  let clock: Clock = systemClock;
  let account = 'leads';
  let receive: Receiver | undefined;
  let latest: NativeEvent[] = [];
  const world = createWorld(() => clock);
  const wire = createWire(() => clock);
  const feed = options.feed === true ? createFeed() : undefined;

  const pack = (events: readonly NativeEvent[]): WebhookRequest =>
    signed(`/webhooks/${account}`, JSON.stringify({ delivery: world.nextId('delivery'), events }), secret);
  const deliver = async (events: NativeEvent[]): Promise<FakeDelivery> => {
    latest = events;
    const request = pack(events);
    if (feed !== undefined) for (const event of events) feed.push(event);
    else if (receive !== undefined) return { request, answer: await receive(request) };
    return { request };
  };
  const eventOf = (message: NativeMessage): NativeEvent => {
    const conversation = world.conversations.get(message.conversation);
    return {
      key: eventKeyOf(message),
      type: 'message.created',
      at: message.at,
      message,
      ...(conversation === undefined ? {} : { conversation: { ...conversation } }),
    };
  };
  const meet = ({ from = '+31600000000', channel = 'whatsapp' }: FakePerson = {}) =>
    world.conversationWith({ channel, value: from }).conversation;

  const open = (context: AccountContext): FakeAccount => {
    clock = context.clock;
    account = context.name;
    // The provider does not make whoever sends wait for the echo's delivery.
    const sent = (message: NativeMessage): void => {
      if (echoes) void deliver([eventOf(message)]);
    };
    const parts = {
      wire,
      feed,
      accepts: options.accepts ?? EVERYTHING,
      secret,
      without: options.without ?? [],
    };
    return openFakeAccount({ account: context.name, provider, world, echoes, sent }, parts);
  };

  return {
    provider,
    open,
    deliverTo: (receiver) => {
      receive = receiver;
    },
    says(said, person) {
      const conversation = meet(person);
      const content: Content = typeof said === 'string' ? { kind: 'text', text: said } : said;
      const author = { role: 'contact' as const, id: conversation.contact };
      world.change(conversation.id, conversation.status === 'closed' ? { status: 'open' } : {});
      const message = world.post({
        conversation: conversation.id,
        author,
        content,
        channel: conversation.channel,
      });
      return deliver([eventOf(message)]);
    },
    tells: ({ type, ...event }) => deliver([{ key: world.nextId('event'), at: world.now(), type, ...event }]),
    redelivers: () => deliver(latest),
    signs: (body, otherSecret) => signed(`/webhooks/${account}`, body, otherSecret ?? secret),
    conversationWith: (person) => toId(account, meet(person).id),
    get sent() {
      return world.messages.filter(({ author }) => author.role !== 'contact');
    },
    get texts() {
      return world.messages
        .filter(({ author, note }) => author.role !== 'contact' && note === undefined)
        .flatMap(({ content }) => ('text' in content && content.text !== undefined ? [content.text] : []));
    },
    attempts: wire.attempts,
    failNext: wire.failNext,
    hold: wire.hold,
    world,
  };
}
