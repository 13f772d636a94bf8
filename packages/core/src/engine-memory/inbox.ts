import type { Backoff } from '../backoff.js';
import { backoffMs } from '../backoff.js';
import type { Clock, ScheduledCall } from '../clock.js';
import type { EffectError } from '../effect.js';
import type { EngineHost, TurnAttempt, TurnResult } from '../engine.js';
import type { Event } from '../model/event.js';
import type { Pausable } from './pause.js';
import { countPaused, pauseLane } from './pause.js';

/** An accepted event. `turnId` is its dedupe key. */
export interface InboxItem {
  readonly turnId: string;
  readonly event: Event;
  readonly acceptedAt: number;
  attempts: number;
  /** Tries that were done, but lost the race for their state. */
  conflicts?: number;
}

/** Lost races before a turn counts as failed. */
const MAX_CONFLICTS = 20;

type Attempt = TurnAttempt & { fence(): void };

/** All fields from the start, and none deleted: V8 makes an object that loses one a slow dictionary. */
class Lane {
  readonly key: string;
  queue: InboxItem[];
  /** The try under way. */
  attempt: Attempt | undefined = undefined;
  startedAt = 0;
  finish: ((result: TurnResult) => void) | undefined = undefined;
  /** The back-off it sits out. */
  pause: Pausable['pause'] = undefined;

  constructor(key: string, first: InboxItem) {
    this.key = key;
    this.queue = [first];
  }

  /** Fences the try under way: whatever it still does is refused. */
  giveUp(error: EffectError): void {
    this.attempt?.fence();
    this.finish?.({ kind: 'failed', error });
  }
}

export interface InboxOptions {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  maxAttempts: number;
  /** Milliseconds a try may take before it is given up and fenced. */
  turnTimeoutMs: number;
  /** Turns of different lanes that run at the same time. */
  concurrency: number;
  begin(item: InboxItem, last: boolean): Attempt;
  /** False: somebody else changed the state that this try has read. */
  commit(item: InboxItem, result: Extract<TurnResult, { kind: 'done' }>): boolean;
  onDead(item: InboxItem, error: EffectError): void;
}

/** Events on their way to the bot: lanes in parallel, within a lane one at a time and in order, also through retries. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #lanes = new Map<string, Lane>();
  #ready: Lane[] = [];
  #running = 0;
  #pending = 0;
  #draining = false;
  #host: EngineHost | undefined;
  #pumping = false;
  #watch: ScheduledCall | undefined;
  #idle: (() => void)[] = [];

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  get blocked(): number {
    return countPaused(this.#lanes.values());
  }

  oldestMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      for (const item of lane.queue) oldest = Math.min(oldest, item.acceptedAt);
    }
    return oldest === Number.POSITIVE_INFINITY ? 0 : this.#options.clock.now() - oldest;
  }

  start(host: EngineHost): void {
    this.#host = host;
    this.#pump();
  }

  push(key: string, item: InboxItem): void {
    this.#pending += 1;
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.queue.push(item);
      return;
    }
    const fresh = new Lane(key, item);
    this.#lanes.set(key, fresh);
    this.#ready.push(fresh);
    this.#pump();
  }

  /** Puts a dead letter back, before what came later in its lane and has not begun. */
  pushFirst(key: string, item: InboxItem): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.push(key, item);
      return;
    }
    this.#pending += 1;
    lane.queue.splice(1, 0, item);
  }

  /** Lets running turns end; what has not begun, or waits for a retry, stays. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const lane of this.#lanes.values()) lane.pause?.wake();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
    }
  }

  /** Fences the turns that are still running. */
  abort(): void {
    this.#draining = true;
    for (const lane of this.#lanes.values()) {
      lane.giveUp({ code: 'ERR_ABORTED', message: 'The bot was closed while this turn ran' });
      lane.pause?.wake();
    }
  }

  /** Begins turns in a microtask of their own, so that `accept` has returned before a handler runs. */
  #pump(): void {
    if (this.#pumping || this.#host === undefined || this.#draining) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      const ready = this.#ready;
      let begun = 0;
      while (begun < ready.length && this.#running < this.#options.concurrency && !this.#draining) {
        const lane = ready[begun] as Lane;
        begun += 1;
        this.#running += 1;
        void this.#run(lane);
      }
      this.#ready = begun === ready.length ? [] : ready.slice(begun);
    });
  }

  async #run(lane: Lane): Promise<void> {
    for (let item = lane.queue[0]; item !== undefined && !this.#draining; item = lane.queue[0]) {
      const error = await this.#try(lane, item);
      if (error === undefined) {
        this.#finish(lane, item);
      } else {
        await this.#afterFailure(lane, item, error);
      }
    }
    if (lane.queue.length === 0) this.#lanes.delete(lane.key);
    this.#running -= 1;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#ready.length > 0) this.#pump();
  }

  /** The error of a failed try, or undefined when the turn is done and committed. */
  async #try(lane: Lane, item: InboxItem): Promise<EffectError | undefined> {
    item.attempts += 1;
    const attempt = this.#options.begin(item, item.attempts >= this.#options.maxAttempts);
    const result = await this.#guarded(lane, attempt);
    lane.attempt = undefined;
    lane.finish = undefined;
    if (result.kind === 'failed') return result.error;
    if (this.#options.commit(item, result)) return undefined;
    item.conflicts = (item.conflicts ?? 0) + 1;
    // Nothing is wrong with the event: it is tried again at once, and the try does not count.
    if (item.conflicts <= MAX_CONFLICTS) {
      item.attempts -= 1;
      return this.#try(lane, item);
    }
    return {
      code: 'ERR_CONFLICT',
      message: 'The state that this turn read was changed by another conversation',
    };
  }

  #guarded(lane: Lane, attempt: Attempt): Promise<TurnResult> {
    const host = this.#host as EngineHost;
    lane.attempt = attempt;
    lane.startedAt = this.#options.clock.now();
    this.#watchTurns();
    return new Promise<TurnResult>((resolve) => {
      lane.finish = resolve;
      host.turn(attempt).then(resolve, () => {
        resolve({ kind: 'failed', error: { code: 'ERR_ABORTED', message: 'The host broke its promise' } });
      });
    });
  }

  /** One background look at all running turns now and then: a timer per turn would cost more than the turn. */
  #watchTurns(): void {
    const { clock, turnTimeoutMs } = this.#options;
    if (this.#watch !== undefined) return;
    this.#watch = clock.schedule(
      turnTimeoutMs / 4,
      () => {
        this.#watch = undefined;
        const overdue = clock.now() - turnTimeoutMs;
        for (const lane of this.#lanes.values()) {
          if (lane.attempt !== undefined && lane.startedAt <= overdue) {
            lane.giveUp({
              code: 'ERR_ABORTED',
              message: `The turn took longer than ${turnTimeoutMs} ms`,
            });
          }
        }
        if (this.#running > 0) this.#watchTurns();
      },
      true,
    );
  }

  async #afterFailure(lane: Lane, item: InboxItem, error: EffectError): Promise<void> {
    // A shutdown is no fault of the event: it stays, with its tries uncounted.
    if (this.#draining && error.code === 'ERR_ABORTED') {
      item.attempts -= 1;
      return;
    }
    const last = item.attempts >= this.#options.maxAttempts;
    if (last) {
      this.#finish(lane, item);
      this.#options.onDead(item, error);
    }
    const { turnId, event, attempts } = item;
    (this.#host as EngineHost).notice({ name: 'turn.failed', event, turnId, attempt: attempts, last, error });
    if (!last) await this.#pause(lane, backoffMs(attempts, this.#options.backoff, this.#options.random));
  }

  #finish(lane: Lane, item: InboxItem): void {
    // A new array: V8 lets an emptied one keep what was in it, and then no finished event is collected while it is young.
    if (lane.queue.length === 1) lane.queue = [];
    else if (lane.queue[0] === item) lane.queue.shift();
    else lane.queue.splice(lane.queue.indexOf(item), 1);
    this.#pending -= 1;
  }

  #pause(lane: Lane, ms: number): Promise<void> {
    if (this.#draining) return Promise.resolve();
    return pauseLane(lane, this.#options.clock, ms);
  }
}
