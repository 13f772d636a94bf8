import type { Claims } from './claims.js';
import type { Clock } from './clock.js';
import type { ContentLimits } from './limits.js';
import type { Log } from './log.js';
import type { Addressee, Campaign, RecipientResult, Template, TemplateButton } from './model/campaign.js';
import type { Address, Contact } from './model/contact.js';
import type { Content } from './model/content.js';
import type { Conversation, ConversationStatus, FieldValue } from './model/conversation.js';
import type { Event } from './model/event.js';
import type { Id } from './model/id.js';
import type { Message } from './model/message.js';
import type { TokenStore } from './token-store.js';

/**
 * What an adapter's factory (`web1on1({...})`) returns: a provider, its options checked, not yet tied to an account.
 * The bot opens it under the name that the user chose: `accounts: { leads: web1on1({...}) }`.
 */
export interface AdapterDefinition<A extends Adapter = Adapter> {
  /** `web1on1`, `crisp`, `chatinc`. */
  readonly provider: A['provider'];
  /** Opens no connection: what needs one does so at its first use. */
  open(account: AccountContext): A;
}

/** What an adapter gets from its surroundings. Everything it shares with other processes goes through here. */
export interface AccountContext {
  /** The first half of every id it returns. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: TokenStore;
  /** A limiter that holds across everything that uses this account, in all processes of the engine. */
  limiter(rate: Rate): Limiter;
  /** What only one of all that use this account may do for a while, in all processes of the engine; without a bot, in this process. */
  readonly claims: Claims;
  /** Where its feed notes how far it has come. Missing outside of a bot: then a feed begins anew with each process. */
  readonly checkpoint?: Checkpoint;
  /** Tells the application something about the account itself. */
  report(notice: AccountNotice): void;
}

/** One text of an account that survives a restart where the engine is durable. */
export interface Checkpoint {
  read(): Promise<string | undefined>;
  write(value: string): Promise<void>;
}

export interface Rate {
  requests: number;
  perMs: number;
}

export interface Limiter {
  /** Resolves when one more request may leave; in the order of the calls. Returns at once (no promise) if it may now. */
  acquire(signal?: AbortSignal): Promise<void> | undefined;
  /** The provider said 429: nothing leaves for `ms` milliseconds. */
  pause(ms: number): void;
}

export type AccountNotice =
  /** A new pair of tokens is stored and in use. */
  | { name: 'account.renewed'; expiresAt?: string }
  /** The credentials are refused, and will be until somebody changes them. */
  | { name: 'account.refused'; reason: string };

/**
 * One account at one provider, as ports. A port that is absent is something the provider cannot do; nothing is
 * declared twice. All ids are `account:externalId`.
 */
export interface Adapter {
  readonly provider: string;
  readonly account: string;
  readonly conversations?: ConversationPort;
  readonly messages?: MessagePort;
  readonly contacts?: ContactPort;
  readonly campaigns?: CampaignPort;
  readonly webhook?: WebhookPort;
  readonly feed?: FeedPort;
  /** Who this account is among the agents and bots; undefined while, or where, that cannot be known. */
  selfId?(): Id | undefined;
  /** The provider's own full client, typed. */
  readonly api: object;
  /** Gives back what was opened. Later calls reject with `ERR_ABORTED`. */
  close(): Promise<void>;
}

/** Options of every call that leaves the process. */
export interface CallOptions {
  signal?: AbortSignal;
  /** False: one attempt; the caller repeats. Default true: repeated as the kind of route allows. */
  retry?: boolean;
  /** Called right before each request leaves, when it has waited for its place under the limit and for a connection. If it throws, nothing leaves. */
  leaving?: () => Promise<void> | undefined;
}

export interface ListOptions extends CallOptions {
  /** Stop after so many. Default: all. */
  limit?: number;
}

export interface ConversationPort {
  get(id: Id, options?: CallOptions): Promise<Conversation>;
  list(query?: ConversationQuery, options?: ListOptions): AsyncIterable<Conversation>;
  /** Finds or creates the conversation with the person at an address and posts `contents` to it, in order. */
  open?(request: OpenRequest, options?: CallOptions): Promise<OpenedConversation>;
  /** Looks for an `open` whose answer never came: undefined if it certainly did not happen. */
  findOpened?(
    request: OpenRequest,
    since: string,
    options?: CallOptions,
  ): Promise<OpenedConversation | undefined>;
  setStatus?(id: Id, status: ConversationStatus, options?: CallOptions): Promise<void>;
  /** Asks these agents to take it. */
  assign?(id: Id, assigneeIds: readonly Id[], options?: CallOptions): Promise<void>;
  /** Writes custom values; an empty string removes one. */
  setFields?(id: Id, fields: Record<string, FieldValue>, options?: CallOptions): Promise<void>;
  /** Lets go of it and calls for a human, in the provider's way. */
  handOver?(id: Id, request: HandOverRequest, options?: CallOptions): Promise<void>;
}

export interface ConversationQuery {
  status?: ConversationStatus;
  contactId?: Id;
  /** ISO 8601: changed since. */
  updatedSince?: string;
}

export interface HandOverRequest {
  /** Shown to colleagues only. */
  reason: string;
  /** Agents to ask; whoever the provider's rules say when missing. */
  to?: readonly Id[];
}

export interface OpenRequest {
  to: Recipient;
  contents: readonly Content[];
  /** The same on every attempt of the same intent. */
  key: string;
  /** The tenant to do it in; the account's own when missing. */
  organization?: string;
  /** True: let go of the conversation afterwards, so that an answer goes to whoever is responsible then. */
  release?: boolean;
}

/** A person to write to first. */
export interface Recipient extends Address {
  name?: string;
  /** A second address to know the person by. */
  email?: string;
}

export interface OpenedConversation {
  conversation: Conversation;
  /** False if the person was known already. */
  created: boolean;
  /** Of the last of `contents`, where the provider tells. */
  messageId?: Id;
}

export interface MessagePort {
  /** The content kinds and their limits: what `plan` plans with. */
  readonly accepts: ContentLimits;
  /**
   * Sends one content that fits `accepts`. Resolves when the provider has accepted it.
   *
   * @throws ERR_OUTCOME_UNKNOWN if it may have gone out; then see `find`
   */
  send(request: SendRequest, options?: CallOptions): Promise<SentMessage>;
  /** Looks for a `send` whose answer never came: undefined if it certainly did not go out. */
  find?(request: SendRequest, since: string, options?: CallOptions): Promise<SentMessage | undefined>;
  /** Newest first. */
  list?(conversationId: Id, options?: ListOptions): AsyncIterable<Message>;
  get?(id: Id, options?: CallOptions): Promise<Message>;
  edit?(id: Id, content: Content, options?: CallOptions): Promise<void>;
  delete?(id: Id, options?: CallOptions): Promise<void>;
  typing?(conversationId: Id, on: boolean, options?: CallOptions): Promise<void>;
}

export interface SendRequest {
  conversationId: Id;
  content: Content;
  /** True: only colleagues see it. */
  note?: boolean;
  /** The channel to reach the person by, if not the conversation's own. */
  channel?: string;
  /** Text to quote above it. */
  quote?: string;
  /** The same on every attempt of the same effect: a provider's idempotency or correlation handle. */
  key: string;
}

export interface SentMessage {
  /** Missing where the provider does not tell. */
  id?: Id;
  /** ISO 8601, UTC. */
  at: string;
  /** The id of the `message.sent` event that the provider's own echo of this message will carry. */
  eventId?: Id;
}

export interface ContactPort {
  get(id: Id, options?: CallOptions): Promise<Contact>;
  /** By phone number (E.164) or e-mail address, exactly. */
  find(address: { phone: string } | { email: string }, options?: CallOptions): Promise<Contact | undefined>;
  list(options?: ListOptions): AsyncIterable<Contact>;
  create?(contact: ContactInput, options?: CallOptions): Promise<Contact>;
  /** Changes what is named, keeps the rest. */
  update?(id: Id, changes: ContactInput, options?: CallOptions): Promise<Contact>;
  delete?(id: Id, options?: CallOptions): Promise<void>;
}

export type ContactInput = Partial<
  Pick<
    Contact,
    'name' | 'givenName' | 'familyName' | 'phone' | 'email' | 'locale' | 'fields' | 'organization'
  >
>;

/**
 * Campaigns of a provider that has them. Where it has none, a campaign is carried out person by person, with
 * `conversations.open`.
 */
export interface CampaignPort {
  readonly accepts: CampaignLimits;
  /**
   * Tells the provider who is to get it, with the values of the placeholders. Sends and costs nothing. Comes before `create`;
   * done twice, it leaves what it leaves once.
   */
  address(draft: CampaignDraft, addressees: AsyncIterable<Addressee>, options?: CallOptions): Promise<void>;
  /** Makes the campaign, to be run later. Sends nothing. */
  create(draft: CampaignDraft, options?: CallOptions): Promise<Campaign>;
  /** The campaign that `create` has made of this draft. Undefined if it is not there. */
  find(draft: CampaignDraft, options?: CallOptions): Promise<Campaign | undefined>;
  list(options?: ListOptions): AsyncIterable<Campaign>;
  /**
   * Sends it to everybody it is addressed to. This is what is paid: it is never repeated unless it certainly did not happen.
   *
   * @throws ERR_OUTCOME_UNKNOWN if it may have happened; then see `findRun`
   */
  run(request: RunRequest, options?: CallOptions): Promise<void>;
  /** Looks for a `run` whose answer never came. Undefined if nobody can know. */
  findRun(request: RunRequest, since: string, options?: CallOptions): Promise<boolean | undefined>;
  pause?(id: Id, options?: CallOptions): Promise<void>;
  resume?(id: Id, options?: CallOptions): Promise<void>;
  /** What is known of each person. Missing where the provider tells totals only. */
  results?(draft: CampaignDraft, id: Id, options?: CallOptions): AsyncIterable<RecipientResult>;
}

/** What a campaign may be made of, as data. A missing number means that no limit is known. */
export interface CampaignLimits {
  /** How people are addressed. */
  addresses: readonly ('phone' | 'email')[];
  /** False: everybody gets the same words. */
  placeholders: boolean;
  /** True: a template is reviewed before it may be sent. */
  approval: boolean;
  /** True: who gets it is said when it is run, so that people can be told of once more after the review: `CampaignDraft.audience`. */
  audienceAtRun?: boolean;
  /** Characters, as `length` counts them. */
  bodyMaxLength?: number;
  /** How long a body is at the provider, in the same measure, where placeholders are called something else there. Default: `body.length`. */
  bodyLengthOf?(template: Template): number;
  image: boolean;
  buttons?: {
    max: number;
    labelMaxLength: number;
    types: readonly TemplateButton['type'][];
    /** At most so many of a type. */
    maxOfType?: Partial<Record<TemplateButton['type'], number>>;
    /** Types that go together; those of different sets do not. */
    together?: readonly (readonly TemplateButton['type'][])[];
  };
}

export interface CampaignDraft {
  /** The same for the same intent, however often it is tried: letters, digits, `_` and `-`, at most 64. */
  key: string;
  title: string;
  template: Template;
  /** What the placeholders may look like, by `group.field`: a reviewer sees the template filled with these. */
  example: Readonly<Record<string, string>>;
  /** Names the list of people, where it is not the one of `key`: letters, digits, `_` and `-`, at most 80. */
  audience?: string;
}

export interface RunRequest {
  draft: CampaignDraft;
  campaignId: Id;
  /** How many it was addressed to. A provider that can tell refuses to send to more. */
  recipients: number;
  /** What `find` said right before: how a run whose answer never came is recognized. */
  before: Pick<Campaign, 'runs' | 'counts'>;
}

/** A webhook call as it came, before anybody has parsed anything. */
export interface WebhookRequest {
  method: string;
  /** Path and query, for example `/webhooks/leads?type=subscribe&challenge=x`. */
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The raw bytes. */
  body: Uint8Array;
}

export type WebhookResult =
  /** To be accepted by the engine, and only then answered with 200. `rejected`: items that could not be read. */
  | { kind: 'events'; events: Event[]; rejected?: readonly Error[] }
  /** A literal answer, for example a subscription challenge. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string };

export interface WebhookPort {
  /**
   * Verifies the raw bytes, then decodes, then maps.
   *
   * @throws ERR_SIGNATURE before anything is parsed
   * @throws ERR_UNEXPECTED_PAYLOAD for JSON that is not of the provider's shape, or no JSON
   */
  receive(request: WebhookRequest): WebhookResult | Promise<WebhookResult>;
}

/** A socket or a polling loop: from here they look the same. */
export interface FeedPort {
  /**
   * Batches of events, for ever, until the signal fires. Asking for the next batch says that the previous one is
   * accepted: only then may the feed move its checkpoint.
   */
  events(signal: AbortSignal): AsyncIterable<readonly Event[]>;
}
