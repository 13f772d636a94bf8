import type { Limiter, Rate } from './adapter.js';
import type { Clock } from './clock.js';
import type { Delivery, Effect, EffectError, EffectRecord, LookUp } from './effect.js';
import type { Log } from './log.js';
import type { Event } from './model/event.js';
import type { TokenStore } from './token-store.js';

export type Awaitable<T> = T | Promise<T>;

/**
 * Stores events, effects and state, and decides what runs next. One contract, several engines.
 *
 * An engine keeps the promises that need storage: durable accept, duplicates dropped, one turn of a lane at a time and in
 * order, effects once per id and in order per lane. The host (the bot) keeps the ones that need meaning.
 */
export interface Engine {
  /** `memory`, `sqlite`, `postgres`. */
  readonly name: string;
  /** False: everything is forgotten when the process ends. */
  readonly durable: boolean;
  /** True: several processes use the same data at once. Default false. */
  readonly shared?: boolean;
  readonly clock: Clock;
  /** Milliseconds, at least, for which an effect with a key of the application's is known after it was settled. */
  readonly keyedTtlMs: number;
  readonly tokens: TokenStore;

  /**
   * Begins to hand out work. Called once; what `accept` stored before waits until then.
   *
   * @param options.turns false: only effects are delivered, and events wait for a process that handles them. Default true
   */
  start(host: EngineHost, options?: StartOptions): Promise<void>;

  /**
   * Stores events and returns once they are as durable as this engine makes them. Events that were accepted before are
   * dropped: the same provider, account, conversation and event id.
   *
   * @throws ERR_UNAVAILABLE while draining, or if storing is impossible: the provider must then deliver again
   */
  accept(events: readonly Event[]): Awaitable<Accepted>;

  /**
   * Stores an effect that no turn made. The record of an earlier one with the same id wins.
   *
   * @throws ERR_UNAVAILABLE while draining, or if storing is impossible
   */
  enqueue(effect: Effect): Awaitable<EffectRecord>;

  /** The record of an effect, or undefined if it is unknown or expired. */
  effect(id: string): Awaitable<EffectRecord | undefined>;

  /**
   * Resolves when the effect is no longer queued, whichever process delivers it.
   *
   * @throws ERR_NOT_FOUND if no effect with this id is known; ERR_ABORTED if the engine is closed first
   */
  settled(id: string): Promise<EffectRecord>;

  /** Withholds an effect whose delivery has not begun. False if it is too late, or the effect is unknown. */
  cancel(id: string): Awaitable<boolean>;

  /** Sets or cancels a timer outside of a turn; inside, return it with the turn's result. */
  setTimer(write: TimerWrite): Awaitable<void>;

  /** State outside of a turn; inside, use the attempt's. */
  readState(scope: string, kind: string): Awaitable<StateEntry | undefined>;
  /** False if the version is no longer the current one: read again. */
  writeState(write: StateWrite): Awaitable<boolean>;

  /** A limiter shared by everything that uses this account. The first caller's rate holds. */
  limiter(account: string, rate: Rate): Limiter;

  readonly deadLetters: DeadLetters;

  /**
   * Removes everything of these contacts, conversations or lanes: state, waiting events and effects, effect records, timers,
   * dead letters. A contact's conversations are those whose state names it as its `subject`, and the lanes of waiting or dead
   * events about it (`contactOf`). A turn that runs meanwhile commits nothing. What stays are dedupe marks, which are hashes
   * where the engine is durable.
   */
  erase(scopes: readonly string[]): Awaitable<Erased>;

  stats(): Awaitable<EngineStats>;

  /**
   * Takes nothing new, lets running turns and deliveries end, and resolves. What is stored and not begun stays stored
   * where the engine is durable.
   */
  drain(options?: { timeoutMs?: number }): Promise<{ drained: boolean; left: number }>;
  close(): Promise<void>;
}

export interface StartOptions {
  turns?: boolean;
}

export interface Accepted {
  accepted: number;
  duplicates: number;
}

/** What the engine calls back. Neither method ever rejects. */
export interface EngineHost {
  readonly log: Log;
  /** Runs one event through the bot. The engine has reserved the event's lane. */
  turn(attempt: TurnAttempt): Promise<TurnResult>;
  /** Carries out one effect. The engine has reserved the effect's lane. */
  deliver(effect: Effect, attempt: number, signal: AbortSignal): Promise<Delivery>;
  /** Looks for an effect whose outcome is unknown. `since`: ISO time of its first attempt. */
  lookUp(effect: Effect, since: string, signal: AbortSignal): Promise<LookUp>;
  /** Something the application wants to know about. */
  notice(notice: EngineNotice): void;
}

/** One try at the turn of one event. */
export interface TurnAttempt {
  /** The event's dedupe key: the same on every try. */
  readonly turnId: string;
  readonly event: Event;
  /** 1 at the first try. */
  readonly attempt: number;
  /** True: if this one fails, the event becomes a dead letter. */
  readonly last: boolean;
  /** The entries of several kinds of one scope in one go, in the order asked for. */
  readStates(scope: string, kinds: readonly string[]): Awaitable<readonly (StateEntry | undefined)[]>;
  /** The record of an effect that an earlier try (or this one) stored. */
  recorded(id: string): Awaitable<EffectRecord | undefined>;
  /**
   * Stores an effect at once and lets it leave. An earlier try's effect with the same id wins and is returned.
   *
   * @throws ERR_CONFLICT if this try has been given up and another one runs
   */
  record(effect: Effect): Awaitable<EffectRecord>;
  /** Fires when this try is given up (time-out, shutdown). */
  readonly signal: AbortSignal;
}

export type TurnResult =
  /** One commit: all writes, all held effects, all timers, and the event is done. */
  | {
      kind: 'done';
      writes: readonly StateWrite[];
      effects: readonly Effect[];
      timers?: readonly TimerWrite[];
    }
  | { kind: 'failed'; error: EffectError };

/** A value of state: JSON text and the version to compare with. */
export interface StateEntry {
  readonly value: string;
  readonly version: number;
}

export interface StateWrite {
  /** Whose state it is: the id of a conversation or a contact. */
  scope: string;
  /** Which of its states: `session`, ... */
  kind: string;
  /** Undefined removes it. */
  value: string | undefined;
  /** The version that was read; 0 if there was none. */
  version: number;
  /** Epoch milliseconds; never when missing. */
  expiresAt?: number;
  /** The id of the contact it is about, for `erase`; kept from the write before when missing. */
  subject?: string;
}

/** One timer per scope and name: setting it again replaces it. */
export interface TimerWrite {
  /** The id of a conversation or a contact. */
  scope: string;
  name: string;
  /** Missing: the timer is cancelled. Due, it is gone and its event accepted in one commit: it fires once. */
  due?: {
    /** Epoch milliseconds of the engine's clock. */
    at: number;
    event: Event;
  };
}

/** How much of each was removed. */
export interface Erased {
  events: number;
  effects: number;
  states: number;
  timers: number;
  deadLetters: number;
}

export type EngineNotice =
  /** A try failed; `last` means it is a dead letter now. */
  | { name: 'turn.failed'; event: Event; turnId: string; attempt: number; last: boolean; error: EffectError }
  | { name: 'effect.sent'; record: EffectRecord; delivery: Extract<Delivery, { kind: 'sent' }> }
  | { name: 'effect.failed'; record: EffectRecord; error: EffectError }
  | { name: 'effect.unknown'; record: EffectRecord; error: EffectError }
  | { name: 'effect.withheld'; record: EffectRecord; reason: string };

/** What was given up, with its cause, until somebody redrives or drops it. */
export interface DeadLetters {
  /** Oldest first. */
  list(query?: DeadLetterQuery): Awaitable<readonly DeadLetter[]>;
  get(id: string): Awaitable<DeadLetter | undefined>;
  /**
   * Tries it again from the start, at its old place in its lane: before what came later and has not begun. Effects that its
   * turn recorded before are not repeated. False if it is unknown.
   */
  redrive(id: string): Awaitable<boolean>;
  /** Redrives all that fit, in their old order, and returns how many. */
  redriveAll(query?: Omit<DeadLetterQuery, 'limit' | 'after'>): Awaitable<number>;
  drop(id: string): Awaitable<boolean>;
}

export interface DeadLetterQuery {
  account?: string;
  /** A conversation, or whatever else the lane is. */
  lane?: string;
  kind?: 'event' | 'effect';
  /** Default 100. */
  limit?: number;
  /** The id of the last one of the page before. */
  after?: string;
}

export type DeadLetter = {
  id: string;
  lane: string;
  account: string;
  /** ISO 8601, UTC: when the event or effect was stored. */
  acceptedAt: string;
  /** ISO 8601, UTC: when it was given up. */
  at: string;
  attempts: number;
  /** What ended the last attempt. */
  error: EffectError;
  /** The last attempts, oldest first, at most 20. */
  history: readonly FailedAttempt[];
} & ({ kind: 'event'; event: Event } | { kind: 'effect'; effect: Effect });

export interface FailedAttempt {
  attempt: number;
  /** ISO 8601, UTC. */
  at: string;
  error: EffectError;
}

export interface EngineStats {
  /** Events accepted and not done. */
  pendingEvents: number;
  /** Effects stored, due and not settled. */
  pendingEffects: number;
  /** Effects that are to leave later, and timers. */
  scheduled: number;
  /** Pending events and effects that failed before and are tried again. */
  retries: number;
  /** Milliseconds since the oldest pending event was accepted; 0 if there is none. */
  oldestEventMs: number;
  deadLetters: number;
  /** Lanes that wait for a retry right now. */
  blockedLanes: number;
}
