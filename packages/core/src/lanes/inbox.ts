import type { Backoff } from '../backoff.js';
import { backoffMs } from '../backoff.js';
import type { Clock, ScheduledCall } from '../clock.js';
import type { EffectError } from '../effect.js';
import type { Awaitable, EngineHost, FailedAttempt, TurnResult } from '../engine.js';
import { isParleyError } from '../errors.js';
import type { Event } from '../model/event.js';
import type { LaneAttempt } from './attempt.js';
import { withFailure } from './history.js';
import type { Pausable } from './pause.js';
import { countPaused, pauseLane } from './pause.js';
import { persist } from './persist.js';

/** An accepted event. `turnId` is the same on every try. */
export interface InboxItem {
  readonly turnId: string;
  readonly event: Event;
  /** Epoch milliseconds. */
  readonly acceptedAt: number;
  /** Its place among all events: a redriven one goes back to it. */
  readonly order: number;
  /** Tries so far. */
  attempts: number;
  /** Tries that were done, but lost the race for their state. */
  conflicts?: number;
  /** Why earlier tries failed. */
  history?: FailedAttempt[];
}

/**
 * `conflict`: somebody else changed the state that this try has read. `gone`: the event was erased, or another process
 * has taken it over; nothing was written.
 */
export type CommitOutcome = 'done' | 'conflict' | 'gone';

export interface InboxStorage<Item extends InboxItem> {
  begin(item: Item, last: boolean): LaneAttempt;
  /** Everything that the turn decided and the end of its event, at once. Rejects with ERR_UNAVAILABLE to be asked again. */
  commit(
    item: Item,
    result: Extract<TurnResult, { kind: 'done' }>,
    attempt: LaneAttempt,
  ): Awaitable<CommitOutcome>;
  /** Notes a failed try, which is in `item.history`; `last` makes it a dead letter. Rejects as `commit` does. */
  failed(item: Item, error: EffectError, last: boolean): Awaitable<'noted' | 'gone'>;
  /** This process lets go of an event that it has not finished, because it drains. */
  left?(item: Item): void;
}

const UNSTORABLE: EffectError = {
  code: 'ERR_CONFIG',
  message: 'What the turn decided could not be stored',
};

/** Lost races before a turn counts as failed. */
const MAX_CONFLICTS = 20;

/** All fields from the start, and none deleted: V8 makes an object that loses one a slow dictionary. */
class Lane<Item extends InboxItem> {
  readonly key: string;
  queue: Item[];
  /** False until its first event is being handled. */
  begun = false;
  /** The try under way. */
  attempt: LaneAttempt | undefined = undefined;
  startedAt = 0;
  finish: ((result: TurnResult) => void) | undefined = undefined;
  /** The back-off it sits out. */
  pause: Pausable['pause'] = undefined;
  /** True: what is being handled was erased. */
  erased = false;

  constructor(key: string, first: Item) {
    this.key = key;
    this.queue = [first];
  }

  /** Fences the try under way: whatever it still does is refused. */
  giveUp(error: EffectError): void {
    this.attempt?.fence();
    this.finish?.({ kind: 'failed', error });
  }
}

export interface InboxOptions<Item extends InboxItem> {
  clock: Clock;
  random: () => number;
  backoff: Backoff;
  maxAttempts: number;
  /** Milliseconds a try may take before it is given up and fenced. */
  turnTimeoutMs: number;
  /** Turns of different lanes that run at the same time. */
  concurrency: number;
  storage: InboxStorage<Item>;
}

/** Events on their way to the bot: lanes in parallel, within a lane one at a time and in order, also through retries. */
export class Inbox<Item extends InboxItem = InboxItem> {
  readonly #options: InboxOptions<Item>;
  readonly #lanes = new Map<string, Lane<Item>>();
  #ready: Lane<Item>[] = [];
  #running = 0;
  #pending = 0;
  #draining = false;
  #host: EngineHost | undefined;
  #pumping = false;
  #watch: ScheduledCall | undefined;
  #idle: (() => void)[] = [];

  constructor(options: InboxOptions<Item>) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Lanes that sit out a back-off. */
  get blocked(): number {
    return countPaused(this.#lanes.values());
  }

  /** Turns that may begin now without waiting for another one to end. */
  get free(): number {
    return Math.max(0, this.#options.concurrency - this.#lanes.size + this.blocked);
  }

  /** Events that failed before and are tried again. */
  get retries(): number {
    let retries = 0;
    for (const { queue } of this.#lanes.values()) if (queue[0]?.history !== undefined) retries += 1;
    return retries;
  }

  oldestMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      for (const item of lane.queue) oldest = Math.min(oldest, item.acceptedAt);
    }
    return oldest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.#options.clock.now() - oldest);
  }

  start(host: EngineHost): void {
    this.#host = host;
    this.#pump();
  }

  push(key: string, item: Item): void {
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

  /** Puts a dead letter back to its place, before what came later in its lane and has not begun. */
  putBack(key: string, item: Item): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.push(key, item);
      return;
    }
    this.#pending += 1;
    const first = lane.begun ? 1 : 0;
    const later = lane.queue.findIndex((other, place) => place >= first && other.order > item.order);
    lane.queue.splice(later < 0 ? lane.queue.length : later, 0, item);
  }

  /** Events that are not done, for those who look for something in them. */
  *items(): IterableIterator<Item> {
    for (const lane of this.#lanes.values()) yield* lane.queue;
  }

  /** Forgets everything of these lanes, also what is being handled, and returns how many events that were. */
  erase(keys: readonly string[]): number {
    let erased = 0;
    for (const key of keys) {
      const lane = this.#lanes.get(key);
      if (lane === undefined) continue;
      erased += lane.queue.length;
      const waiting = lane.queue.splice(lane.begun ? 1 : 0);
      this.#pending -= waiting.length;
      if (!lane.begun) continue;
      lane.erased = true;
      lane.giveUp({ code: 'ERR_ABORTED', message: 'What this turn is about was erased' });
      lane.pause?.wake();
    }
    return erased;
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
    this.#leave();
  }

  /** Fences the turns that are still running. */
  abort(): void {
    this.#draining = true;
    for (const lane of this.#lanes.values()) {
      lane.giveUp({ code: 'ERR_ABORTED', message: 'The bot was closed while this turn ran' });
      lane.pause?.wake();
    }
  }

  #leave(): void {
    const { storage } = this.#options;
    if (storage.left === undefined) return;
    for (const lane of this.#lanes.values()) for (const item of lane.queue) storage.left(item);
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
        const lane = ready[begun] as Lane<Item>;
        begun += 1;
        this.#running += 1;
        void this.#run(lane);
      }
      this.#ready = begun === ready.length ? [] : ready.slice(begun);
    });
  }

  async #run(lane: Lane<Item>): Promise<void> {
    lane.begun = true;
    for (let item = lane.queue[0]; item !== undefined && !this.#draining; item = lane.queue[0]) {
      // Erased while it sat out a back-off: it is not tried again.
      const error = lane.erased ? undefined : await this.#try(lane, item);
      if (error === undefined || lane.erased) {
        lane.erased = false;
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

  /** The error of a failed try, or undefined when the event is no longer ours: done and committed, or gone. */
  async #try(lane: Lane<Item>, item: Item): Promise<EffectError | undefined> {
    item.attempts += 1;
    const attempt = this.#options.storage.begin(item, item.attempts >= this.#options.maxAttempts);
    const result = await this.#guarded(lane, attempt);
    lane.attempt = undefined;
    lane.finish = undefined;
    if (result.kind === 'failed') return result.error;
    if (lane.erased) return undefined;
    let outcome: CommitOutcome;
    try {
      const committing = this.#persist(() => this.#options.storage.commit(item, result, attempt));
      outcome = committing instanceof Promise ? await committing : committing;
    } catch (error) {
      return isParleyError(error) ? { code: error.code, message: error.message } : UNSTORABLE;
    }
    if (outcome !== 'conflict') return undefined;
    item.conflicts = (item.conflicts ?? 0) + 1;
    // Nothing is wrong with the event: it is tried again at once, and the try does not count.
    if (item.conflicts <= MAX_CONFLICTS) {
      item.attempts -= 1;
      return this.#try(lane, item);
    }
    return {
      code: 'ERR_CONFLICT',
      message: 'The state that this turn read was changed by others, again and again',
    };
  }

  #persist<T>(write: () => Awaitable<T>): Awaitable<T> {
    const { log } = this.#host as EngineHost;
    return persist(write, { clock: this.#options.clock, log, isOver: () => this.#draining });
  }

  #guarded(lane: Lane<Item>, attempt: LaneAttempt): Promise<TurnResult> {
    const host = this.#host as EngineHost;
    lane.attempt = attempt;
    lane.startedAt = this.#options.clock.elapsed();
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
        const overdue = clock.elapsed() - turnTimeoutMs;
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

  async #afterFailure(lane: Lane<Item>, item: Item, error: EffectError): Promise<void> {
    // A shutdown is no fault of the event: it stays, with its tries uncounted.
    if (this.#draining && (error.code === 'ERR_ABORTED' || error.code === 'ERR_UNAVAILABLE')) {
      item.attempts -= 1;
      return;
    }
    const { clock, maxAttempts } = this.#options;
    const last = item.attempts >= maxAttempts;
    item.history = withFailure(item.history, item.attempts, clock.now(), error);
    const outcome = await this.#note(item, error, last);
    if (outcome === 'not noted') return this.#pause(lane, this.#options.backoff.maxMs);
    if (last || outcome === 'gone') this.#finish(lane, item);
    if (outcome === 'gone') return;
    const { turnId, event, attempts } = item;
    (this.#host as EngineHost).notice({ name: 'turn.failed', event, turnId, attempt: attempts, last, error });
    if (!last) await this.#pause(lane, backoffMs(attempts, this.#options.backoff, this.#options.random));
  }

  async #note(item: Item, error: EffectError, last: boolean): Promise<'noted' | 'gone' | 'not noted'> {
    try {
      return await this.#persist(() => this.#options.storage.failed(item, error, last));
    } catch {
      // It stays as it is stored: whoever starts next tries it again.
      const { log } = this.#host as EngineHost;
      log.error({ event: item.event.id, code: error.code }, 'A failed turn could not be noted');
      return this.#draining || last ? 'not noted' : 'noted';
    }
  }

  #finish(lane: Lane<Item>, item: Item): void {
    // A new array: V8 lets an emptied one keep what was in it, and then no finished event is collected while it is young.
    if (lane.queue.length === 1) lane.queue = [];
    else if (lane.queue[0] === item) lane.queue.shift();
    else lane.queue.splice(lane.queue.indexOf(item), 1);
    this.#pending -= 1;
  }

  #pause(lane: Lane<Item>, ms: number): Promise<void> {
    if (this.#draining) return Promise.resolve();
    return pauseLane(lane, this.#options.clock, ms);
  }
}
