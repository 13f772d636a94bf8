import type { Accepted, EffectError, EngineHost, Event, TimerWrite, TurnResult } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { CommitOutcome } from '@parley/core/lanes';
import { Inbox } from '@parley/core/lanes';
import { Alarm } from './alarm.js';
import type { Deliveries } from './deliveries.js';
import { toNewEffect } from './deliveries.js';
import type { NewEvent, StoredEvent } from './event-table.js';
import { toNewEvent } from './event-table.js';
import type { SqliteSettings } from './options.js';
import type { Running } from './running.js';
import { SqliteAttempt } from './sqlite-attempt.js';
import type { Store } from './store.js';
import { Suspects } from './suspects.js';

type Done = Extract<TurnResult, { kind: 'done' }>;

const DUE_AT_ONCE = 200;

/** Undoes a commit and says why. */
class Refused extends Error {
  readonly outcome: Exclude<CommitOutcome, 'done'>;

  constructor(outcome: Exclude<CommitOutcome, 'done'>) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** Events: stored, then handed to the bot, then gone in the commit of their turn. */
export class Turns {
  readonly inbox: Inbox<StoredEvent>;
  readonly alarm: Alarm;
  readonly #suspects = new Suspects((item) => this.inbox.push(item.lane, item));
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #running: Running;
  readonly #maxPending: number;
  readonly #onDead: () => void;
  /** Events whose write is under way. */
  #arriving = 0;

  constructor(
    store: Store,
    deliveries: Deliveries,
    running: Running,
    settings: SqliteSettings,
    onDead: () => void,
  ) {
    this.#store = store;
    this.#deliveries = deliveries;
    this.#running = running;
    this.#maxPending = settings.maxPending;
    this.#onDead = onDead;
    this.alarm = new Alarm(
      settings.clock,
      () => store.timers.next(),
      () => this.#fireTimers(),
    );
    this.inbox = new Inbox<StoredEvent>({
      ...settings,
      storage: {
        begin: (item, last) => this.#begin(item, last),
        commit: (item, result) => this.#commit(item, result),
        failed: (item, error, last) => this.#failed(item, error, last),
      },
    });
  }

  start(host: EngineHost): void {
    this.inbox.start(host);
    this.alarm.start();
    this.#suspects.next();
  }

  accept(events: readonly Event[]): Promise<Accepted> {
    if (this.pending + this.#arriving + events.length > this.#maxPending) {
      const why = `More than ${this.#maxPending} events wait to be handled`;
      return Promise.reject(new ParleyError('ERR_UNAVAILABLE', why));
    }
    const fresh = events.map(toNewEvent);
    this.#arriving += fresh.length;
    return this.#store.writer
      .write(
        () => this.#insert(fresh),
        (accepted) => this.push(accepted),
      )
      .then(({ length: accepted }) => ({ accepted, duplicates: events.length - accepted }))
      .finally(() => {
        this.#arriving -= fresh.length;
      });
  }

  async setTimer(timer: TimerWrite): Promise<void> {
    await this.#store.writer.write(() => this.#store.timers.write(timer));
    if (timer.due !== undefined) this.alarm.add(timer.due.at);
  }

  push(items: readonly StoredEvent[]): void {
    for (const item of items) if (!this.#suspects.holds(item)) this.inbox.push(item.lane, item);
  }

  /** Puts a dead letter back to its place in its lane. */
  putBack(item: StoredEvent): void {
    if (!this.#suspects.holds(item)) this.inbox.putBack(item.lane, item);
  }

  /** Everything of these lanes is gone from the file. */
  erased(lanes: ReadonlySet<string>): void {
    this.#suspects.erase(lanes);
    this.inbox.erase([...lanes]);
  }

  get pending(): number {
    return this.inbox.pending + this.#suspects.size;
  }

  oldestMs(): number {
    const now = this.#store.clock.now();
    let oldest = this.inbox.oldestMs();
    for (const { acceptedAt } of this.#suspects.items()) oldest = Math.max(oldest, now - acceptedAt);
    return oldest;
  }

  #insert(fresh: readonly NewEvent[]): StoredEvent[] {
    const now = this.#store.clock.now();
    const accepted: StoredEvent[] = [];
    for (const one of fresh) {
      const item = this.#store.events.accept(one, now);
      if (item !== undefined) accepted.push(item);
    }
    return accepted;
  }

  async #fireTimers(): Promise<void> {
    const { writer, timers, clock } = this.#store;
    await writer.write(
      () => this.#insert(timers.take(clock.now(), DUE_AT_ONCE).map(({ event }) => toNewEvent(event))),
      (accepted) => this.push(accepted),
    );
  }

  #begin(item: StoredEvent, last: boolean): SqliteAttempt {
    return new SqliteAttempt(item, last, this.#store, this.#deliveries, this.#running);
  }

  async #commit(item: StoredEvent, done: Done): Promise<CommitOutcome> {
    const { writer, events, states, timers } = this.#store;
    const effects = done.effects.map(toNewEffect);
    try {
      await writer.write(
        () => {
          for (const write of done.writes) if (!states.write(write)) throw new Refused('conflict');
          if (!events.remove(item)) throw new Refused('gone');
          if (done.timers !== undefined) for (const timer of done.timers) timers.write(timer);
          const inserted = effects.map((effect) => this.#deliveries.insert(effect));
          this.#deliveries.release(item.turnId);
          return inserted;
        },
        (inserted) => {
          for (const one of inserted) this.#deliveries.inserted(one);
          this.#deliveries.released(item.turnId);
          for (const timer of done.timers ?? []) if (timer.due !== undefined) this.alarm.add(timer.due.at);
        },
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#running.end(item);
      if (error.outcome === 'gone') this.#suspects.over(item);
      return error.outcome;
    }
    this.#running.end(item);
    this.#suspects.over(item);
    return 'done';
  }

  async #failed(item: StoredEvent, error: EffectError, last: boolean): Promise<'noted' | 'gone'> {
    const { writer, events } = this.#store;
    this.#running.clear(item);
    this.#suspects.over(item);
    if (last) return (await this.bury(item, error)) ? 'noted' : 'gone';
    return (await writer.write(() => events.noteFailure(item))) ? 'noted' : 'gone';
  }

  /** Makes a dead letter of an event. False if it is gone. */
  async bury(item: StoredEvent, error: EffectError): Promise<boolean> {
    const { writer, events, dead, clock } = this.#store;
    const isThere = await writer.write(
      () => {
        if (!events.remove(item)) return false;
        dead.addEvent(item, error, clock.now(), this.#deliveries.recordsOf(item.turnId));
        return true;
      },
      (buried) => {
        if (buried) this.#deliveries.buried(item.turnId);
      },
    );
    if (isThere) this.#onDead();
    return isThere;
  }
}
