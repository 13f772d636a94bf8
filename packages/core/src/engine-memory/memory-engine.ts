import type { Limiter } from '../adapter.js';
import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { Effect, EffectError, EffectRecord } from '../effect.js';
import type {
  Accepted,
  DeadLetter,
  DeadLetterQuery,
  DeadLetters,
  Engine,
  EngineHost,
  EngineStats,
  Erased,
  StartOptions,
  StateWrite,
  TimerWrite,
  TurnResult,
} from '../engine.js';
import { ParleyError } from '../errors.js';
import { contactOf, dedupeKey, laneOf } from '../event-key.js';
import type { InboxItem } from '../lanes/inbox.js';
import { Inbox } from '../lanes/inbox.js';
import { Outbox } from '../lanes/outbox.js';
import { Schedule } from '../lanes/schedule.js';
import { StoredEffect } from '../lanes/stored-effect.js';
import { createLimiter } from '../limiter.js';
import type { Event } from '../model/event.js';
import { memoryTokenStore } from '../token-store.js';
import { DeadLetterBox } from './dead-letters.js';
import { Effects } from './effects.js';
import { MemoryAttempt } from './memory-attempt.js';
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
  readonly keyedTtlMs: number;
  readonly tokens = memoryTokenStore();
  readonly deadLetters: DeadLetters;
  readonly #seen: Seen;
  readonly #state: State;
  readonly #effects: Effects;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #later: Schedule<StoredEffect>;
  readonly #timers: Schedule<TimerWrite>;
  readonly #dead: DeadLetterBox;
  readonly #limiters = new Map<string, Limiter>();
  readonly #maxPending: number;
  #host: EngineHost | undefined;
  #closing = false;
  #order = 0;

  constructor(options: MemoryEngineOptions) {
    const clock = options.clock ?? systemClock;
    const random = options.random ?? Math.random;
    const backoff = { firstMs: options.backoffMs ?? 1000, maxMs: options.maxBackoffMs ?? 60_000 };
    const dedupeTtlMs = options.dedupeTtlMs ?? 25 * 3_600_000;
    this.clock = clock;
    this.keyedTtlMs = dedupeTtlMs;
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
      storage: {
        begin: (item, last) =>
          new MemoryAttempt(item, last, this.#state, this.#effects, (effect) =>
            this.#addToTurn(item.turnId, effect),
          ),
        commit: (item, result) => (this.#commit(item, result) ? 'done' : 'conflict'),
        failed: (item, error, last) => {
          if (last) this.#buryEvent(item, error);
          return 'noted';
        },
      },
    });
    this.#outbox = new Outbox({
      clock,
      random,
      backoff,
      maxAttempts: options.maxDeliveryAttempts ?? 10,
      lookUpAfterMs: options.lookUpAfterMs ?? 2000,
      storage: {
        settle: (record, status) => {
          this.#effects.settled(record);
          if (status === 'failed') this.#buryEffect(record);
          return 'stored';
        },
      },
    });
    this.#later = new Schedule(clock, (due) => {
      for (const record of due) this.#outbox.push(record);
    });
    this.#timers = new Schedule(clock, (due) => {
      for (const timer of due) if (timer.due !== undefined) this.#take(timer.due.event);
    });
    this.deadLetters = {
      list: (query) => this.#dead.list(query).map(withoutOrder),
      get: (id) => {
        const letter = this.#dead.get(id);
        return letter && withoutOrder(letter);
      },
      redrive: (id) => this.#redrive(id),
      redriveAll: (query) => this.#redriveAll(query ?? {}),
      drop: (id) => this.#drop(id),
    };
  }

  async start(host: EngineHost, { turns = true }: StartOptions = {}): Promise<void> {
    this.#host = host;
    this.#outbox.start(host);
    this.#later.start();
    if (!turns) return;
    this.#inbox.start(host);
    this.#timers.start();
  }

  accept(events: readonly Event[]): Accepted {
    if (this.#closing)
      throw new ParleyError('ERR_UNAVAILABLE', 'The bot is shutting down and takes no new events');
    if (this.#inbox.pending + events.length > this.#maxPending) {
      throw new ParleyError('ERR_UNAVAILABLE', `More than ${this.#maxPending} events wait to be handled`);
    }
    let accepted = 0;
    for (const event of events) if (this.#take(event)) accepted += 1;
    return { accepted, duplicates: events.length - accepted };
  }

  enqueue(effect: Effect): StoredEffect {
    const known = this.#effects.get(effect.id);
    if (known !== undefined) return known;
    if (this.#closing)
      throw new ParleyError('ERR_UNAVAILABLE', 'The bot is shutting down and sends nothing new');
    const record = new StoredEffect(effect, this.#next());
    this.#effects.add(record);
    this.#dispatch(record);
    return record;
  }

  effect(id: string): StoredEffect | undefined {
    return this.#effects.get(id);
  }

  settled(id: string): Promise<EffectRecord> {
    const record = this.#effects.get(id);
    if (record !== undefined) return record.settled();
    const error = new ParleyError('ERR_NOT_FOUND', 'No effect with this id is known');
    return Promise.reject(error);
  }

  cancel(id: string): boolean {
    const record = this.#effects.get(id);
    if (record === undefined || record.status !== 'queued') return false;
    if (this.#later.delete(id) === undefined && !this.#outbox.remove(record)) return false;
    this.#withdraw(record);
    this.#host?.notice({ name: 'effect.withheld', record, reason: 'it was cancelled' });
    return true;
  }

  setTimer(write: TimerWrite): void {
    const id = timerId(write);
    if (write.due === undefined) this.#timers.delete(id);
    else this.#timers.set(id, write.due.at, write);
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

  erase(scopes: readonly string[]): Erased {
    const lanes = this.#everythingAbout(new Set(scopes));
    const timers = this.#timers.values().filter(({ scope }) => lanes.has(scope));
    for (const timer of timers) this.#timers.delete(timerId(timer));
    const letters = this.#dead.matching({}).filter(({ lane }) => lanes.has(lane));
    for (const { id } of letters) this.#drop(id);
    const later = this.#later.values().filter(({ effect }) => lanes.has(effect.lane));
    for (const { effect } of later) this.#later.delete(effect.id);
    const effects = this.#effects.erase(lanes);
    for (const record of [...later, ...this.#outbox.erase([...lanes])]) record.settle('withheld');
    const events = this.#inbox.erase([...lanes]);
    let states = 0;
    for (const scope of lanes) states += this.#state.erase(scope);
    return { events, effects, states, timers: timers.length, deadLetters: letters.length };
  }

  /** These scopes, and the conversations of those that are contacts. */
  #everythingAbout(scopes: ReadonlySet<string>): Set<string> {
    const lanes = new Set([...scopes, ...this.#state.scopesAbout(scopes)]);
    const events = [...this.#inbox.items(), ...this.#dead.matching({ kind: 'event' })];
    for (const item of events) {
      if ('event' in item && scopes.has(contactOf(item.event) ?? '')) lanes.add(laneOf(item.event));
    }
    return lanes;
  }

  stats(): EngineStats {
    return {
      pendingEvents: this.#inbox.pending,
      pendingEffects: this.#outbox.pending,
      scheduled: this.#later.size + this.#timers.size,
      retries: this.#inbox.retries + this.#outbox.retries,
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
    this.#stop();
    const timer = Promise.withResolvers<boolean>();
    const call = this.clock.schedule(timeoutMs, () => timer.resolve(false));
    // First the turns, since they make effects; then the effects.
    const done = this.#inbox.drain().then(() => this.#outbox.drain());
    const drained = await Promise.race([done.then(() => true), timer.promise]);
    call.cancel();
    return { drained, left: this.#inbox.pending + this.#outbox.pending };
  }

  async close(): Promise<void> {
    this.#stop();
    this.#inbox.abort();
    this.#outbox.abort();
  }

  #stop(): void {
    this.#closing = true;
    this.#later.stop();
    this.#timers.stop();
  }

  #next(): number {
    this.#order += 1;
    return this.#order;
  }

  /** False if it was accepted before. */
  #take(event: Event): boolean {
    const turnId = dedupeKey(event);
    if (!this.#seen.add(turnId)) return false;
    const acceptedAt = this.clock.now();
    this.#inbox.push(laneOf(event), { turnId, event, acceptedAt, order: this.#next(), attempts: 0 });
    return true;
  }

  #addToTurn(turnId: string, effect: Effect): StoredEffect {
    const record = new StoredEffect(effect, this.#next());
    const leaves = effect.action.kind !== 'step';
    if (!leaves) record.settle('sent');
    this.#effects.addToTurn(turnId, record);
    if (leaves) this.#dispatch(record);
    return record;
  }

  /** Into its lane, now or when it is due. */
  #dispatch(record: StoredEffect): void {
    const { id, notBefore } = record.effect;
    const at = notBefore === undefined ? 0 : Date.parse(notBefore);
    if (at > this.clock.now()) this.#later.set(id, at, record);
    else this.#outbox.push(record);
  }

  #commit(item: InboxItem, { writes, effects, timers }: Extract<TurnResult, { kind: 'done' }>): boolean {
    if (writes.length > 0 && !this.#state.commit(writes)) return false;
    for (const effect of effects) {
      if (this.#effects.ofTurn(item.turnId, effect.id) === undefined) this.#addToTurn(item.turnId, effect);
    }
    if (timers !== undefined) for (const timer of timers) this.setTimer(timer);
    this.#effects.forgetTurn(item.turnId);
    return true;
  }

  #withdraw(record: StoredEffect): void {
    this.#effects.settled(record);
    record.settle('withheld');
  }

  #buryEvent({ turnId, event, order, attempts, acceptedAt, history }: InboxItem, error: EffectError): void {
    const stored = new Date(acceptedAt).toISOString();
    const { account } = event;
    const at = new Date(this.clock.now()).toISOString();
    const letter = { id: turnId, lane: laneOf(event), account, acceptedAt: stored, at, attempts, error };
    this.#dead.add({ ...letter, history: history ?? [], kind: 'event', event, order });
  }

  #buryEffect({ effect, order, attempts, error, history }: StoredEffect): void {
    const { id, lane, account, createdAt } = effect;
    const at = new Date(this.clock.now()).toISOString();
    const why = error ?? { code: 'ERR_UNAVAILABLE', message: 'It could not be delivered' };
    const letter = { id, lane, account, acceptedAt: createdAt, at, attempts, error: why };
    this.#dead.add({ ...letter, history: history ?? [], kind: 'effect', effect, order });
  }

  #redriveAll(query: DeadLetterQuery): number {
    const letters = this.#dead.matching(query).sort((one, other) => one.order - other.order);
    for (const { id } of letters) this.#redrive(id);
    return letters.length;
  }

  #redrive(id: string): boolean {
    const letter = this.#dead.take(id);
    if (letter === undefined) return false;
    if (letter.kind === 'event') {
      const { event, lane, order } = letter;
      const acceptedAt = Date.parse(letter.acceptedAt);
      this.#inbox.putBack(lane, { turnId: letter.id, event, acceptedAt, order, attempts: 0 });
      return true;
    }
    const record = new StoredEffect(letter.effect, letter.order);
    this.#effects.add(record);
    this.#outbox.putBack(record);
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

function timerId({ scope, name }: TimerWrite): string {
  return JSON.stringify([scope, name]);
}

function withoutOrder({ order: _order, ...letter }: DeadLetter & { order: number }): DeadLetter {
  return letter;
}
