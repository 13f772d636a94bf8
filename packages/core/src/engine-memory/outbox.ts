import type { Backoff } from '../backoff.js';
import { backoffMs } from '../backoff.js';
import type { Clock } from '../clock.js';
import type { Delivery, Effect, EffectError, EffectRecord, EffectStatus } from '../effect.js';
import type { EngineHost } from '../engine.js';
import type { Id } from '../model/id.js';
import type { Pausable } from './pause.js';
import { countPaused, pauseLane } from './pause.js';

/** An effect in this process, with what became of it. */
export class StoredEffect implements EffectRecord {
  readonly effect: Effect;
  status: EffectStatus = 'queued';
  attempts = 0;
  declare messageId?: Id;
  declare conversationId?: Id;
  declare error?: EffectError;
  #waiting: ((record: EffectRecord) => void)[] | undefined;

  constructor(effect: Effect) {
    this.effect = effect;
  }

  settled(): Promise<EffectRecord> {
    if (this.status !== 'queued') return Promise.resolve(this);
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  settle(status: EffectStatus): void {
    this.status = status;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) for (const resolve of waiting) resolve(this);
  }
}

interface Lane {
  readonly key: string;
  queue: StoredEffect[];
  /** The back-off it sits out, if any. */
  pause: Pausable['pause'];
}

export interface OutboxOptions {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  maxAttempts: number;
  /** Milliseconds to give a lost request time to arrive before looking whether it did. */
  lookUpAfterMs: number;
  /** Called once per effect, when it is no longer queued. */
  onSettled(record: StoredEffect): void;
  /** Called when an effect is given up and may be redriven. */
  onDead(record: StoredEffect, error: EffectError): void;
}

/** Effects on their way out: lanes in parallel, within a lane one after the other. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #stop = new AbortController();
  #host: EngineHost | undefined;
  #pending = 0;
  #draining = false;
  #idle: (() => void)[] = [];
  #waking = false;
  #woken: Lane[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  get blocked(): number {
    return countPaused(this.#lanes.values());
  }

  start(host: EngineHost): void {
    this.#host = host;
    for (const lane of this.#lanes.values()) this.#wake(lane);
  }

  push(record: StoredEffect): void {
    this.#pending += 1;
    const lane = this.#lanes.get(record.effect.lane);
    if (lane !== undefined) {
      lane.queue.push(record);
      return;
    }
    const fresh: Lane = { key: record.effect.lane, queue: [record], pause: undefined };
    this.#lanes.set(fresh.key, fresh);
    if (this.#host !== undefined) this.#wake(fresh);
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

  /** Cancels the calls under way. */
  abort(): void {
    this.#draining = true;
    this.#stop.abort();
    for (const lane of this.#lanes.values()) lane.pause?.wake();
  }

  /** All lanes woken by one turn of the event loop share one microtask. */
  #wake(lane: Lane): void {
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

  async #run(lane: Lane): Promise<void> {
    const host = this.#host as EngineHost;
    for (let record = lane.queue[0]; record !== undefined; record = lane.queue[0]) {
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
    if (this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** True when the effect is settled, false when it is to be tried again. */
  async #attempt(host: EngineHost, lane: Lane, record: StoredEffect): Promise<boolean> {
    record.attempts += 1;
    const since = this.#options.clock.now();
    const delivery = await host.deliver(record.effect, record.attempts, this.#stop.signal);
    switch (delivery.kind) {
      case 'sent':
        return this.#sent(host, record, delivery);
      case 'withheld':
        record.settle('withheld');
        this.#options.onSettled(record);
        host.notice({ name: 'effect.withheld', record, reason: delivery.reason });
        return true;
      case 'failed':
        return this.#failed(host, record, delivery.error);
      case 'retry':
        if (record.attempts >= this.#options.maxAttempts) return this.#failed(host, record, delivery.error);
        await this.#pause(lane, delivery.afterMs ?? this.#backoff(record.attempts));
        return false;
      case 'unknown':
        return this.#lookUp(host, lane, record, new Date(since).toISOString(), delivery.error);
    }
  }

  #sent(host: EngineHost, record: StoredEffect, delivery: Extract<Delivery, { kind: 'sent' }>): true {
    if (delivery.messageId !== undefined) record.messageId = delivery.messageId;
    if (delivery.conversationId !== undefined) record.conversationId = delivery.conversationId;
    record.settle('sent');
    this.#options.onSettled(record);
    host.notice({ name: 'effect.sent', record, delivery });
    return true;
  }

  #failed(host: EngineHost, record: StoredEffect, error: EffectError): true {
    record.error = error;
    record.settle('failed');
    this.#options.onDead(record, error);
    host.notice({ name: 'effect.failed', record, error });
    return true;
  }

  /** Never repeats blindly: only an effect that is certainly not out there goes again. */
  async #lookUp(
    host: EngineHost,
    lane: Lane,
    record: StoredEffect,
    since: string,
    error: EffectError,
  ): Promise<boolean> {
    await this.#pause(lane, this.#options.lookUpAfterMs);
    const found = await host.lookUp(record.effect, since, this.#stop.signal);
    if (found.kind === 'sent') return this.#sent(host, record, found);
    if (found.kind === 'absent' && record.attempts < this.#options.maxAttempts) {
      await this.#pause(lane, this.#backoff(record.attempts));
      return false;
    }
    record.error = error;
    record.settle('unknown');
    this.#options.onSettled(record);
    host.notice({ name: 'effect.unknown', record, error });
    return true;
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff, this.#options.random);
  }

  #pause(lane: Lane, ms: number): Promise<void> {
    if (this.#draining) return Promise.resolve();
    return pauseLane(lane, this.#options.clock, ms);
  }
}
