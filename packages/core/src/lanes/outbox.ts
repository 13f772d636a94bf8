import type { Backoff } from '../backoff.js';
import { backoffMs } from '../backoff.js';
import type { Clock } from '../clock.js';
import { sleep } from '../clock.js';
import type { Delivery, EffectError, EffectStatus } from '../effect.js';
import type { Awaitable, EngineHost } from '../engine.js';
import { isParleyError } from '../errors.js';
import { withFailure } from './history.js';
import type { Pausable } from './pause.js';
import { countPaused, pauseLane } from './pause.js';
import { persist } from './persist.js';
import type { StoredEffect } from './stored-effect.js';

/** `gone`: the effect was erased or cancelled, or another process has taken it over; nothing was written. */
export type EffectOutcome = 'stored' | 'gone';

/** Each may reject with ERR_UNAVAILABLE to be asked again. */
export interface OutboxStorage<Stored extends StoredEffect> {
  /** Before an attempt leaves: from here on nobody knows whether it happened, until `settle` or `retry` says so. */
  begin?(record: Stored): Awaitable<EffectOutcome>;
  /** Fires when another process may take the effect over: what waits to leave by then must not leave any more. */
  signal?(record: Stored): AbortSignal | undefined;
  /** The attempt certainly did not happen and is tried again: it is in `record.history`. */
  retry?(record: Stored): Awaitable<EffectOutcome>;
  /** What became of it in the end, once. A failed one becomes a dead letter. `record.status` is still `queued`. */
  settle(record: Stored, status: Exclude<EffectStatus, 'queued'>): Awaitable<EffectOutcome>;
  /** This process lets go of an effect that it has not settled, because it drains. */
  left?(record: Stored): void;
}

interface Lane<Stored> {
  readonly key: string;
  queue: Stored[];
  /** True while its first effect is on its way out, or sits out a back-off. */
  begun: boolean;
  /** The back-off it sits out, if any. */
  pause: Pausable['pause'];
}

export interface OutboxOptions<Stored extends StoredEffect> {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  maxAttempts: number;
  /** Milliseconds to give a lost request time to arrive before looking whether it did. */
  lookUpAfterMs: number;
  /** True: what has not begun survives the process, so a drain leaves it where it is. Default false. */
  durable?: boolean;
  storage: OutboxStorage<Stored>;
}

const DIED: EffectError = {
  code: 'ERR_OUTCOME_UNKNOWN',
  message: 'The process ended before the provider answered',
};

/** Effects on their way out: lanes in parallel, within a lane one after the other. */
export class Outbox<Stored extends StoredEffect = StoredEffect> {
  readonly #options: OutboxOptions<Stored>;
  readonly #lanes = new Map<string, Lane<Stored>>();
  readonly #stop = new AbortController();
  #host: EngineHost | undefined;
  #pending = 0;
  #draining = false;
  #idle: (() => void)[] = [];
  #waking = false;
  #woken: Lane<Stored>[] = [];

  constructor(options: OutboxOptions<Stored>) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Lanes that sit out a back-off. */
  get blocked(): number {
    return countPaused(this.#lanes.values());
  }

  /** Lanes with something in them. */
  get lanes(): number {
    return this.#lanes.size;
  }

  /** Effects that failed before and are tried again. */
  get retries(): number {
    let retries = 0;
    for (const { queue } of this.#lanes.values()) if (queue[0]?.history !== undefined) retries += 1;
    return retries;
  }

  start(host: EngineHost): void {
    this.#host = host;
    for (const lane of this.#lanes.values()) this.#wake(lane);
  }

  push(record: Stored): void {
    this.#pending += 1;
    const lane = this.#lanes.get(record.effect.lane);
    if (lane !== undefined) {
      lane.queue.push(record);
      return;
    }
    const fresh: Lane<Stored> = { key: record.effect.lane, queue: [record], begun: false, pause: undefined };
    this.#lanes.set(fresh.key, fresh);
    if (this.#host !== undefined) this.#wake(fresh);
  }

  /** Puts a dead letter back to its place, before what came later in its lane and has not begun. */
  putBack(record: Stored): void {
    const lane = this.#lanes.get(record.effect.lane);
    if (lane === undefined) {
      this.push(record);
      return;
    }
    this.#pending += 1;
    const first = lane.begun ? 1 : 0;
    const later = lane.queue.findIndex((other, place) => place >= first && other.order > record.order);
    lane.queue.splice(later < 0 ? lane.queue.length : later, 0, record);
  }

  /** Takes an effect out that has not begun. False if it is too late. */
  remove(record: Stored): boolean {
    const lane = this.#lanes.get(record.effect.lane);
    const place = lane?.queue.indexOf(record) ?? -1;
    if (lane === undefined || place < 0 || (place === 0 && lane.begun)) return false;
    lane.queue.splice(place, 1);
    this.#pending -= 1;
    return true;
  }

  /** Forgets what is not on its way out in these lanes. What is ends, and is settled as ever. */
  erase(keys: readonly string[]): Stored[] {
    const erased: Stored[] = [];
    for (const key of keys) {
      const lane = this.#lanes.get(key);
      if (lane === undefined) continue;
      // In a back-off it has certainly not left.
      const waits = lane.pause !== undefined && lane.queue[0]?.begunAt === undefined;
      erased.push(...lane.queue.splice(lane.begun && !waits ? 1 : 0));
    }
    this.#pending -= erased.length;
    return erased;
  }

  /** Lets what is under way end; what waits for a retry stays queued. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const lane of this.#lanes.values()) lane.pause?.wake();
    if (this.#lanes.size > 0 && this.#host !== undefined) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
    }
  }

  /** Cancels the calls under way. Nobody knows then whether they happened. */
  abort(): void {
    this.#draining = true;
    this.#stop.abort();
    for (const lane of this.#lanes.values()) lane.pause?.wake();
  }

  /** All lanes woken by one turn of the event loop share one microtask. */
  #wake(lane: Lane<Stored>): void {
    this.#woken.push(lane);
    if (this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      const lanes = this.#woken;
      this.#woken = [];
      for (const woken of lanes) void this.#run(woken);
    });
  }

  async #run(lane: Lane<Stored>): Promise<void> {
    const host = this.#host as EngineHost;
    lane.begun = true;
    for (let record = lane.queue[0]; record !== undefined; record = lane.queue[0]) {
      if (this.#draining && this.#options.durable) break;
      const done = await this.#attempt(host, lane, record);
      if (done) {
        // See the inbox: V8 lets an emptied array keep what was in it.
        if (lane.queue.length === 1) lane.queue = [];
        else lane.queue.shift();
        this.#pending -= 1;
      } else if (this.#draining) {
        break;
      }
    }
    this.#lanes.delete(lane.key);
    const { storage } = this.#options;
    if (storage.left !== undefined) for (const record of lane.queue) storage.left(record);
    if (this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** True when the effect is no longer ours, false when it is to be tried again. */
  async #attempt(host: EngineHost, lane: Lane<Stored>, record: Stored): Promise<boolean> {
    try {
      if (record.begunAt !== undefined) return await this.#recover(host, lane, record, record.begunAt);
      record.attempts += 1;
      record.begunAt = this.#options.clock.now();
      const begun = this.#persist(host, () => this.#options.storage.begin?.(record) ?? 'stored');
      if ((begun instanceof Promise ? await begun : begun) === 'gone') return true;
      const delivery = await host.deliver(record.effect, record.attempts, this.#signalFor(record));
      return await this.#after(host, lane, record, delivery);
    } catch (error) {
      // Only the storage rejects, and only when the process ends or the record cannot be written at all.
      if (!this.#draining) {
        const code = isParleyError(error) ? error.code : error instanceof Error ? error.name : typeof error;
        const reason = isParleyError(error) ? error.message : undefined;
        const fields = { effect: record.effect.id, code, reason };
        host.log.error(
          fields,
          'What became of an effect could not be stored: it is looked up and tried again',
        );
        await this.#pause(lane, this.#options.backoff.maxMs);
      }
      return false;
    }
  }

  #signalFor(record: Stored): AbortSignal {
    const lost = this.#options.storage.signal?.(record);
    return lost === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, lost]);
  }

  #after(
    host: EngineHost,
    lane: Lane<Stored>,
    record: Stored,
    delivery: Delivery,
  ): Promise<boolean> | boolean {
    switch (delivery.kind) {
      case 'sent':
        return this.#sent(host, record, delivery);
      case 'withheld':
        return this.#withheld(host, record, delivery.reason);
      case 'failed':
        return this.#failed(host, record, delivery.error);
      case 'retry':
        // Cut off by our own shutdown: it may be out there.
        if (this.#stop.signal.aborted) return false;
        if (record.attempts >= this.#options.maxAttempts) return this.#failed(host, record, delivery.error);
        return this.#again(host, lane, record, delivery.error, delivery.afterMs);
      case 'unknown':
        return this.#lookUpLater(host, lane, record, delivery.error);
    }
  }

  /** It certainly did not happen: it goes again after a while. */
  async #again(
    host: EngineHost,
    lane: Lane<Stored>,
    record: Stored,
    error: EffectError,
    afterMs = this.#backoff(record.attempts),
  ): Promise<boolean> {
    const { begunAt } = record;
    record.begunAt = undefined;
    record.history = withFailure(record.history, record.attempts, this.#options.clock.now(), error);
    try {
      const stored = this.#persist(host, () => this.#options.storage.retry?.(record) ?? 'stored');
      if ((stored instanceof Promise ? await stored : stored) === 'gone') return true;
    } catch (refused) {
      record.begunAt = begunAt;
      throw refused;
    }
    await this.#pause(lane, afterMs);
    return false;
  }

  async #sent(
    host: EngineHost,
    record: Stored,
    delivery: Extract<Delivery, { kind: 'sent' }>,
  ): Promise<true> {
    if (delivery.messageId !== undefined) record.messageId = delivery.messageId;
    if (delivery.conversationId !== undefined) record.conversationId = delivery.conversationId;
    if (await this.#settled(host, record, 'sent')) host.notice({ name: 'effect.sent', record, delivery });
    return true;
  }

  async #withheld(host: EngineHost, record: Stored, reason: string): Promise<true> {
    record.error = { code: 'ERR_ABORTED', message: reason };
    if (await this.#settled(host, record, 'withheld')) {
      host.notice({ name: 'effect.withheld', record, reason });
    }
    return true;
  }

  async #failed(host: EngineHost, record: Stored, error: EffectError): Promise<true> {
    record.error = error;
    record.history = withFailure(record.history, record.attempts, this.#options.clock.now(), error);
    if (await this.#settled(host, record, 'failed')) host.notice({ name: 'effect.failed', record, error });
    return true;
  }

  async #lookUpLater(
    host: EngineHost,
    lane: Lane<Stored>,
    record: Stored,
    error: EffectError,
  ): Promise<boolean> {
    record.error = error;
    await this.#letArrive(this.#options.lookUpAfterMs);
    return this.#lookUp(host, lane, record, error);
  }

  /** It was on its way when a process died: what that process sent may still be arriving. */
  async #recover(host: EngineHost, lane: Lane<Stored>, record: Stored, begunAt: number): Promise<boolean> {
    const { clock, lookUpAfterMs } = this.#options;
    // Where the clock was set back, all of it is waited for once more.
    const age = Math.max(0, clock.now() - begunAt);
    await this.#letArrive(lookUpAfterMs - age);
    return this.#lookUp(host, lane, record, record.error ?? DIED);
  }

  /** A drain does not cut this short: a look that comes too early does not find what is on its way. */
  async #letArrive(ms: number): Promise<void> {
    if (ms > 0) await sleep(this.#options.clock, ms, this.#stop.signal);
  }

  /** Never repeats blindly: only an effect that is certainly not out there goes again. */
  async #lookUp(host: EngineHost, lane: Lane<Stored>, record: Stored, error: EffectError): Promise<boolean> {
    const since = new Date(record.begunAt ?? this.#options.clock.now()).toISOString();
    let found = await host.lookUp(record.effect, since, this.#stop.signal);
    for (let looks = 1; found.kind === 'retry' && looks < this.#options.maxAttempts; looks += 1) {
      await this.#pause(lane, found.afterMs ?? this.#backoff(looks));
      if (this.#draining) return false;
      found = await host.lookUp(record.effect, since, this.#stop.signal);
    }
    if (this.#stop.signal.aborted && found.kind !== 'sent') return false;
    if (found.kind === 'sent') return this.#sent(host, record, found);
    if (found.kind === 'absent' && record.attempts < this.#options.maxAttempts) {
      return this.#again(host, lane, record, error);
    }
    record.error = error;
    record.history = withFailure(record.history, record.attempts, this.#options.clock.now(), error);
    if (await this.#settled(host, record, 'unknown')) host.notice({ name: 'effect.unknown', record, error });
    return true;
  }

  /** False if it was erased, or taken over by another process. */
  async #settled(
    host: EngineHost,
    record: Stored,
    status: Exclude<EffectStatus, 'queued'>,
  ): Promise<boolean> {
    const stored = this.#persist(host, () => this.#options.storage.settle(record, status));
    if ((stored instanceof Promise ? await stored : stored) === 'gone') return false;
    record.settle(status);
    return true;
  }

  #persist<T>(host: EngineHost, write: () => Awaitable<T>): Awaitable<T> {
    return persist(write, { clock: this.#options.clock, log: host.log, isOver: () => this.#draining });
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff, this.#options.random);
  }

  #pause(lane: Lane<Stored>, ms: number): Promise<void> {
    if (this.#draining) return Promise.resolve();
    return pauseLane(lane, this.#options.clock, ms);
  }
}
