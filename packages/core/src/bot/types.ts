import type {
  Adapter,
  AdapterDefinition,
  HandOverRequest,
  MessagePort,
  Recipient,
  WebhookRequest,
} from '../adapter.js';
import type { Effect, EffectRecord } from '../effect.js';
import type {
  Awaitable,
  DeadLetters,
  Engine,
  EngineNotice,
  EngineStats,
  Erased,
  StartOptions,
} from '../engine.js';
import type { Log } from '../log.js';
import type { Content } from '../model/content.js';
import type { Conversation, FieldValue } from '../model/conversation.js';
import type { Event, EventMap, EventName } from '../model/event.js';
import type { Id } from '../model/id.js';
import type { Message } from '../model/message.js';
import type { Loss, Plan } from '../plan.js';
import type { Filter, Pattern } from './filter.js';
import type { When } from './when.js';

export type { Duration, When } from './when.js';

/** The accounts of a bot, under the names the user chose. */
export type Accounts = Record<string, AdapterDefinition>;

export type AdapterOf<Definition> = Definition extends AdapterDefinition<infer A> ? A : never;

type AnyAdapterOf<A extends Accounts> = AdapterOf<A[keyof A]>;

export interface BotOptions<A extends Accounts, S extends object> {
  accounts: A;
  /** Default: `memoryEngine()`, which forgets everything when the process ends. */
  engine?: Engine;
  /** Default: warnings and errors to stderr. */
  log?: Log;
  /** State per conversation, see `turn.session`. */
  session?: SessionOptions<S>;
  /** True: a conversation whose turn is given up is handed over to a human. Default false. */
  failOpen?: boolean;
}

export interface SessionOptions<S extends object> {
  /** What a new conversation starts with. */
  initial: () => S;
  /** Raise it when the shape changes. Default 1. */
  version?: number;
  /** Turns a stored session of an earlier version into today's. Without it, a session of another version starts anew. */
  migrate?: (old: unknown, version: number) => S;
  /** Milliseconds after the last change. Default 30 days. */
  expiresAfterMs?: number;
}

/** What `say` takes: words, a content, or several, in order. */
export type Sayable = string | Content | readonly (string | Content)[];

export interface SayOptions extends When {
  /** True: leaves with the turn's commit, and not at all if the turn fails. Default: leaves at once. */
  hold?: boolean;
  /** The channel to reach the person by, if not the conversation's own. */
  channel?: string;
}

export interface SendOptions extends When {
  /** The same key is sent once, however often this is called. Default: each call is an intent of its own. */
  key?: string;
  channel?: string;
}

export interface OpenOptions extends SendOptions {
  /** The provider's tenant to do it in; the account's own when missing. */
  organization?: string;
  /** True: let go of the conversation afterwards, so that an answer goes to whoever is responsible then. */
  release?: boolean;
}

/** What was said: durable, and on its way. */
export interface Said {
  /** The effects it consists of, in order: one per message that leaves. */
  readonly effects: readonly EffectRecord[];
  /** What the channel could not show. */
  readonly losses: readonly Loss[];
  /** `human`: nothing leaves, because a human speaks in this conversation; see `turn.control`. */
  readonly withheld: 'human' | undefined;
  /**
   * Resolves when the provider has accepted all of it.
   *
   * @throws the error of the first part that failed, `ERR_OUTCOME_UNKNOWN` if the provider never answered
   */
  sent(): Promise<Sent>;
  /**
   * Resolves when the contact's device has all of it, where the provider tells that. Providers that never tell keep it
   * waiting: give it a signal, for example `AbortSignal.timeout(60_000)`.
   *
   * @throws what `sent` throws; `ERR_REJECTED` if it could not be delivered; `ERR_ABORTED` when the signal fires;
   * `ERR_UNSUPPORTED` where the provider does not tell the ids of its messages
   */
  delivered(options?: { signal?: AbortSignal }): Promise<Sent>;
  /** Withholds what has not begun to leave, for example because it was said for later. True if nothing leaves. */
  cancel(): Promise<boolean>;
}

/** What the provider made of it. */
export interface Sent {
  /** Where it went; after `bot.say({ account, to }, ...)` this is how to know the conversation. */
  readonly conversationId: Id | undefined;
  /** One per message that left, where the provider tells its id. */
  readonly messageIds: readonly Id[];
}

export type Say = (content: Sayable, options?: SayOptions) => Promise<Said>;

/** Stands where a method would be that not every account has: calling it does not compile, and the name says why. */
export interface NotEveryAccountCan<Why extends string> {
  readonly why: Why;
}

type SayOf<P> = [P] extends [{ messages: MessagePort }]
  ? Say
  : NotEveryAccountCan<'an account of this bot has no messages: ask turn.can("say") or filter on account'>;

/** What a turn may be able to do, depending on the account. */
export type Ability = 'say' | 'note' | 'typing' | 'assign' | 'close' | 'set' | 'handOver';

/** The handling of one event, possibly tried more than once. Everything it does to the outside happens once. */
export interface Turn<
  E extends Event = Event,
  P extends Adapter = Adapter,
  S extends object = Record<string, unknown>,
> {
  readonly event: E;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Fires when this try is given up. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The account's ports, and `api`, the provider's own client. */
  readonly adapter: P;
  readonly message: E extends { message: Message } ? Message : Message | undefined;
  /** The newest that is known: a snapshot that arrives late never replaces it. */
  readonly conversation: Conversation | undefined;
  readonly conversationId: E extends { conversationId: Id } ? Id : Id | undefined;
  /** The message's words, of a pressed button its label; empty if it has none. */
  readonly text: string;
  /** The contact's name, where the provider tells it. */
  readonly contactName: string | undefined;
  /** The button the person pressed, also by typing its label, or its number under a numbered list. */
  readonly choice: { value: string; label?: string } | undefined;
  /** What a RegExp of `hears` or `filter.text` captured. */
  readonly match: RegExpExecArray | undefined;
  /** State of this conversation. Change it freely: it is stored if the turn succeeds, and only then. */
  readonly session: S;
  /** Says something to the contact: durable when this resolves, and leaves at once, in order. */
  readonly say: SayOf<P>;
  /** Like `say`, quoting the message where the channel shows quotes. */
  readonly reply: SayOf<P>;
  /** Writes something that only colleagues see. */
  note(content: Sayable): Promise<Said>;
  /** Shows that somebody is typing; nothing happens where the provider has no such sign. */
  typing(on?: boolean): Promise<void>;
  /** Asks agents to take the conversation. */
  assign(...assigneeIds: Id[]): Promise<Said>;
  /** Takes the conversation. */
  open(): Promise<Said>;
  /** Ends or releases the conversation, as the provider has it. */
  close(): Promise<Said>;
  /** Writes custom values of the conversation; an empty string removes one. */
  set(fields: Record<string, FieldValue>): Promise<Said>;
  /**
   * Who speaks to the contact: `human` from `handOver`, or from a colleague's first message; until `resume`, until the
   * conversation is closed after a colleague had it, or for a day after the hand-over or the colleague's last message.
   * Handlers still run and notes still leave, but what the bot says to the contact meanwhile is withheld.
   */
  readonly control: 'bot' | 'human';
  /** Lets go of the conversation and calls for a human. */
  handOver(request: HandOverRequest): Promise<Said>;
  /** Gives the conversation back to the bot. */
  resume(): void;
  /**
   * Makes `timer.fired` happen in this conversation, once, also after a restart. A timer of the same name is replaced. Counts
   * from the turn's commit: a turn that fails sets none.
   */
  setTimer(name: string, when: When, data?: unknown): void;
  cancelTimer(name: string): void;
  /**
   * Calls `work` once for this turn and name, however often the turn is tried: the result, which must be plain JSON, is
   * stored and returned again. Outside calls belong in here.
   */
  step<T>(name: string, work: () => Promise<T> | T): Promise<T>;
  can(ability: 'say'): this is { say: Say; reply: Say };
  can(ability: Ability): boolean;
}

export type Handler<E extends Event, P extends Adapter, S extends object> = (turn: Turn<E, P, S>) => unknown;

/** Runs around all handlers of an event. Without calling `next`, none runs and the event is done. */
export type IncomingMiddleware<P extends Adapter, S extends object> = (
  turn: Turn<Event, P, S>,
  next: () => Promise<void>,
) => unknown;

/** A message about to be stored for sending. Change `content`; without calling `next` nothing is sent. */
export interface Outgoing {
  readonly account: string;
  readonly conversationId: Id | undefined;
  readonly to: Recipient | undefined;
  readonly note: boolean;
  content: Content;
}

export type OutgoingMiddleware = (outgoing: Outgoing, next: () => Promise<void>) => unknown;

/**
 * Why an effect must not leave now, or undefined. The words are kept with it and shown by commands: no text and no address in them. What it
 * throws counts as if the provider had failed: `ERR_UNAVAILABLE` lets the effect wait and try again, an error of its own ends it.
 */
export type LeavingCheck = (effect: Effect) => Awaitable<string | undefined>;

/** Where an error came from. */
export interface ErrorContext {
  event: Event;
  attempt: number;
  /** True: the event is a dead letter now. */
  last: boolean;
}

export type ErrorHandler = (error: unknown, context: ErrorContext) => unknown;

/** Something about the bot itself. Never holds a message's text beyond the event it is about. */
export type Notice =
  | EngineNotice
  | { name: 'account.renewed'; account: string; expiresAt?: string }
  | { name: 'account.refused'; account: string; reason: string }
  | { name: 'webhook.refused'; account: string; status: number; code: string; reason: string }
  | { name: 'feed.failed'; account: string; code: string };

export type NoticeOf<Name extends Notice['name']> = Extract<Notice, { name: Name }>;

export interface WebhookAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Names<A extends Accounts> = Extract<keyof A, string>;

type NarrowedBy<A extends Accounts, F> = F extends { account: infer N }
  ? N extends readonly (infer M)[]
    ? AdapterOf<A[Extract<M, keyof A>]>
    : AdapterOf<A[Extract<N, keyof A>]>
  : AnyAdapterOf<A>;

type EventsOf<Name> = Name extends EventName ? EventMap[Name] : Event;

/** Any bot whose accounts can all send messages: what a function takes that adds handlers and knows no provider. */
export type TalkingBot<S extends object = object> = Bot<
  Record<string, AdapterDefinition<Adapter & { messages: MessagePort }>>,
  S
>;

/** One bot, every provider. */
export interface Bot<A extends Accounts = Accounts, S extends object = Record<string, unknown>> {
  /** The opened accounts: `bot.accounts.leads.api` is the provider's own client. */
  readonly accounts: { readonly [Name in keyof A]: AdapterOf<A[Name]> };
  readonly engine: Engine;
  readonly state: 'created' | 'running' | 'draining' | 'closed';

  /** Calls `handler` for every event of this name (`*`: of any); handlers run one after the other, in order of registration. */
  on<Name extends EventName | '*'>(name: Name, handler: Handler<EventsOf<Name>, AnyAdapterOf<A>, S>): this;
  on<Name extends EventName | '*', const F extends Filter<Names<A>>>(
    name: Name,
    filter: F,
    handler: Handler<EventsOf<Name>, NarrowedBy<A, F>, S>,
  ): this;
  /** Takes a handler of `on`, `hears` or `fallback` away. */
  off(handler: (turn: never) => unknown): this;
  /** Calls `handler` for every message whose words, or pressed button, match one of the patterns. */
  hears(
    patterns: Pattern | readonly Pattern[],
    handler: Handler<EventMap['message.received'], AnyAdapterOf<A>, S>,
  ): this;
  hears<const F extends Omit<Filter<Names<A>>, 'text'>>(
    patterns: Pattern | readonly Pattern[],
    filter: F,
    handler: Handler<EventMap['message.received'], NarrowedBy<A, F>, S>,
  ): this;
  /** Calls `handler` for every message that no `hears` matched. */
  fallback(handler: Handler<EventMap['message.received'], AnyAdapterOf<A>, S>): this;
  fallback<const F extends Filter<Names<A>>>(
    filter: F,
    handler: Handler<EventMap['message.received'], NarrowedBy<A, F>, S>,
  ): this;
  /** Runs around the handlers of every event, in order of registration. */
  incoming(middleware: IncomingMiddleware<AnyAdapterOf<A>, S>): this;
  /** Runs around every message on its way out, before it is planned and stored. */
  outgoing(middleware: OutgoingMiddleware): this;
  /**
   * Asks `check` right before each attempt of an effect, and once more if its first request had to wait, for its place under the
   * account's limit or for a connection (50 ms or longer). What it returns is why the effect is withheld, for good; undefined lets it
   * leave. Of several checks the first reason counts. Add it before `start`: it is asked about whatever leaves from then on.
   */
  leaving(check: LeavingCheck): this;
  /** Calls `handler` for every error of a handler; without one, errors are logged without their words. */
  onError(handler: ErrorHandler): this;
  onNotice<Name extends Notice['name']>(name: Name, handler: (notice: NoticeOf<Name>) => unknown): this;

  /**
   * Begins to handle events and to listen to feeds.
   *
   * @param options.turns false: only what was said is sent. Events wait, in a durable engine, for a process that handles them
   */
  start(options?: StartOptions): Promise<void>;
  /** Verifies, decodes, stores and answers one webhook call. Never rejects. */
  webhook(account: string, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Says something in a conversation, outside of any turn. */
  say(conversationId: Id, content: Sayable, options?: SendOptions): Promise<Said>;
  /** Writes to a person first: finds or creates their conversation at this account and posts the contents to it. */
  say(to: { account: Names<A>; to: Recipient }, content: Sayable, options?: OpenOptions): Promise<Said>;
  /** What `say` would send at this account, without sending. */
  preview(account: Names<A>, content: Sayable): Plan[];
  /** Reads the session of a conversation outside of a turn, or undefined if it has none. */
  session(conversationId: Id): Promise<S | undefined>;
  /**
   * Changes the session of a conversation outside of a turn, and returns it. `change` may be called again if a turn wrote
   * the session in between.
   */
  updateSession(conversationId: Id, change: (session: S) => unknown): Promise<S>;
  /** Makes `timer.fired` happen in a conversation; see `turn.setTimer`. */
  setTimer(conversationId: Id, name: string, when: When, data?: unknown): Promise<void>;
  cancelTimer(conversationId: Id, name: string): Promise<void>;
  /**
   * Removes everything that is stored about a contact: sessions and snapshots of their conversations, what waits to be
   * handled or sent, records of what was sent, timers, dead letters. The provider's own data is the provider's.
   *
   * @param also further conversations, or addresses (`leads:+31612345678`) that were written to first
   */
  erase(contactId: Id, also?: readonly Id[]): Promise<Erased>;
  readonly deadLetters: DeadLetters;
  stats(): Promise<EngineStats>;
  /** Takes nothing new, lets what runs end within `timeoutMs` (default 10,000), and resolves. */
  drain(options?: { timeoutMs?: number }): Promise<{ drained: boolean; left: number }>;
  /** Drains, then closes the engine and the accounts. */
  close(options?: { timeoutMs?: number }): Promise<void>;
}
