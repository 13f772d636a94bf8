import type { Limiter } from '../adapter.js';
import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { Effect, EffectError, EffectRecord } from '../effect.js';
import type {
  Accepted,
  DeadLetter,
  DeadLetters,
  Engine,
  EngineHost,
  EngineStats,
  StateWrite,
  TurnResult,
} from '../engine.js';
import { ParleyError } from '../errors.js';
import { dedupeKey, laneOf } from '../event-key.js';
import { createLimiter } from '../limiter.js';
import type { Event } from '../model/event.js';
import { memoryTokenStore } from '../token-store.js';
import { MemoryAttempt } from './attempt.js';
import { DeadLetterBox } from './dead-letters.js';
import { Effects } from './effects.js';
import type { InboxItem } from './inbox.js';
import { Inbox } from './inbox.js';
import { Outbox, StoredEffect } from './outbox.js';
import { Seen } from './seen.js';
import { State } from './state.js';

export interface MemoryEngineOptions {
  /** Default: the machine's. */
  clock?: Clock;
  /** Tries of a turn before its event becomes a dead letter. Default 5. */
  maxAttempts?: number;
  /** Tries of an effect, where repeating is safe, before it becomes a dead letter. Default 10. */
  maxDeliveryAttempts?: number;
  /** Milliseconds before the second try, doubling up to `maxBackoffMs`. Default 1,000. */
  backoffMs?: number;
  /** Default 60,000. */
  maxBackoffMs?: number;
  /** Milliseconds a turn may take. Then it is given up, what it still does is refused, and it is tried again. Default 120,000. */
  turnTimeoutMs?: number;
  /** Turns that run at the same time, over all conversations. Default 256. */
  concurrency?: number;
  /** Accepted events that wait; beyond, `accept` refuses and the provider delivers again later. Default 100,000. */
  maxPending?: number;
  /**
   * Milliseconds for which a redelivery is recognised. Default 25 hours: Web1on1 repeats for up to 24
   * (developers.web1on1.chat, webhooks/responding).
   */
  dedupeTtlMs?: number;
  /** Dead letters kept. Default 10,000. */
  maxDeadLetters?: number;
  /** Milliseconds between a lost answer and the look whether the effect happened. Default 2,000. */
  lookUpAfterMs?: number;
  /** Between 0 and 1, for jitter. Default Math.random. */
  random?: () => number;
}

/** Keys of a generation of dedupe marks before it is closed early: about 130 MB. */
const MAX_MARKS = 1_000_000;

/** Keeps every promise of an engine within one process, and forgets everything when the process ends. For tests and first steps. */
export function memoryEngine(options: MemoryEngineOptions = {}): Engine {
  return new MemoryEngine(options);
}

class MemoryEngine implements Engine {
  readonly name = 'memory';
  readonly durable = false;
  readonly clock: Clock;
  readonly tokens = memoryTokenStore();
  readonly deadLetters: DeadLetters;
  readonly #seen: Seen;
  readonly #state: State;
  readonly #effects: Effects;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #dead: DeadLetterBox;
  readonly #limiters = new Map<string, Limiter>();
  readonly #maxPending: number;
  #host: EngineHost | undefined;
  #closing = false;

  constructor(options: MemoryEngineOptions) {
    const clock = options.clock ?? systemClock;
    const random = options.random ?? Math.random;
    const backoff = { firstMs: options.backoffMs ?? 1000, maxMs: options.maxBackoffMs ?? 60_000 };
    const dedupeTtlMs = options.dedupeTtlMs ?? 25 * 3_600_000;
    this.clock = clock;
    this.#maxPending = options.maxPending ?? 100_000;
    this.#seen = new Seen(clock, dedupeTtlMs, MAX_MARKS);
    this.#state = new State(clock);
    this.#effects = new Effects(clock, dedupeTtlMs);
    this.#dead = new DeadLetterBox(options.maxDeadLetters ?? 10_000, (letter) => this.#lost(letter));
    this.#inbox = new Inbox({
      clock,
      random,
      backoff,
      maxAttempts: options.maxAttempts ?? 5,
      turnTimeoutMs: options.turnTimeoutMs ?? 120_000,
      concurrency: options.concurrency ?? 256,
      begin: (item, last) => new MemoryAttempt(item, last, this.#state, this.#effects, this.#outbox),
      commit: (item, result) => this.#commit(item, result),
      onDead: (item, error) =>
        this.#bury(
          { kind: 'event', event: item.event },
          item.turnId,
          laneOf(item.event),
          item.attempts,
          error,
        ),
    });
    this.#outbox = new Outbox({
      clock,
      random,
      backoff,
      maxAttempts: options.maxDeliveryAttempts ?? 10,
      lookUpAfterMs: options.lookUpAfterMs ?? 2000,
      onSettled: (record) => this.#effects.settled(record),
      onDead: (record, error) => {
        this.#effects.settled(record);
        const { effect, attempts } = record;
        this.#bury({ kind: 'effect', effect }, effect.id, effect.lane, attempts, error);
      },
    });
    this.deadLetters = {
      list: () => this.#dead.list(),
      get: (id) => this.#dead.get(id),
      redrive: (id) => this.#redrive(id),
      drop: (id) => this.#drop(id),
    };
  }

  async start(host: EngineHost): Promise<void> {
    this.#host = host;
    this.#inbox.start(host);
    this.#outbox.start(host);
  }

  accept(events: readonly Event[]): Accepted {
    if (this.#closing)
      throw new ParleyError('ERR_UNAVAILABLE', 'The bot is shutting down and takes no new events');
    if (this.#inbox.pending + events.length > this.#maxPending) {
      throw new ParleyError('ERR_UNAVAILABLE', `More than ${this.#maxPending} events wait to be handled`);
    }
    let accepted = 0;
    for (const event of events) {
      const turnId = dedupeKey(event);
      if (!this.#seen.add(turnId)) continue;
      accepted += 1;
      this.#inbox.push(laneOf(event), { turnId, event, acceptedAt: this.clock.now(), attempts: 0 });
    }
    return { accepted, duplicates: events.length - accepted };
  }

  enqueue(effect: Effect): StoredEffect {
    const known = this.#effects.get(effect.id);
    if (known !== undefined) return known;
    if (this.#closing)
      throw new ParleyError('ERR_UNAVAILABLE', 'The bot is shutting down and sends nothing new');
    const record = new StoredEffect(effect);
    this.#effects.add(record);
    this.#outbox.push(record);
    return record;
  }

  effect(id: string): StoredEffect | undefined {
    return this.#effects.get(id);
  }

  settled(id: string): Promise<EffectRecord> {
    const record = this.#effects.get(id);
    if (record !== undefined) return record.settled();
    const error = new ParleyError('ERR_NOT_FOUND', 'No effect with this id is on its way out');
    return Promise.reject(error);
  }

  readState(scope: string, kind: string): ReturnType<State['read']> {
    return this.#state.read(scope, kind);
  }

  writeState(write: StateWrite): boolean {
    return this.#state.commit([write]);
  }

  limiter(account: string, rate: Parameters<Engine['limiter']>[1]): Limiter {
    let limiter = this.#limiters.get(account);
    if (limiter === undefined) {
      limiter = createLimiter(rate, this.clock);
      this.#limiters.set(account, limiter);
    }
    return limiter;
  }

  stats(): EngineStats {
    return {
      pendingEvents: this.#inbox.pending,
      pendingEffects: this.#outbox.pending,
      oldestEventMs: this.#inbox.oldestMs(),
      deadLetters: this.#dead.size,
      blockedLanes: this.#inbox.blocked + this.#outbox.blocked,
    };
  }

  async drain({
    timeoutMs = 10_000,
  }: {
    timeoutMs?: number;
  } = {}): Promise<{ drained: boolean; left: number }> {
    this.#closing = true;
    const timer = Promise.withResolvers<boolean>();
    const call = this.clock.schedule(timeoutMs, () => timer.resolve(false));
    // First the turns, since they make effects; then the effects.
    const done = this.#inbox.drain().then(() => this.#outbox.drain());
    const drained = await Promise.race([done.then(() => true), timer.promise]);
    call.cancel();
    return { drained, left: this.#inbox.pending + this.#outbox.pending };
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#inbox.abort();
    this.#outbox.abort();
  }

  #commit(item: InboxItem, { writes, effects }: Extract<TurnResult, { kind: 'done' }>): boolean {
    if (writes.length > 0 && !this.#state.commit(writes)) return false;
    for (const effect of effects) {
      if (this.#effects.ofTurn(item.turnId, effect.id) !== undefined) continue;
      const record = new StoredEffect(effect);
      this.#effects.addToTurn(item.turnId, record);
      this.#outbox.push(record);
    }
    this.#effects.forgetTurn(item.turnId);
    return true;
  }

  #bury(
    what: { kind: 'event'; event: Event } | { kind: 'effect'; effect: Effect },
    id: string,
    lane: string,
    attempts: number,
    error: EffectError,
  ): void {
    const at = new Date(this.clock.now()).toISOString();
    this.#dead.add({ ...what, id, lane, at, attempts, error });
  }

  #redrive(id: string): boolean {
    const letter = this.#dead.take(id);
    if (letter === undefined) return false;
    if (letter.kind === 'event') {
      const item = { turnId: letter.id, event: letter.event, acceptedAt: this.clock.now(), attempts: 0 };
      this.#inbox.pushFirst(letter.lane, item);
      return true;
    }
    const record = new StoredEffect(letter.effect);
    this.#effects.add(record);
    this.#outbox.push(record);
    return true;
  }

  #drop(id: string): boolean {
    const letter = this.#dead.take(id);
    if (letter?.kind === 'event') this.#effects.forgetTurn(letter.id);
    return letter !== undefined;
  }

  #lost(letter: DeadLetter): void {
    if (letter.kind === 'event') this.#effects.forgetTurn(letter.id);
    this.#host?.log.error({ lane: letter.lane }, 'Too many dead letters: the oldest one is lost');
  }
}
