import type { EffectError, EngineHost, EngineStats, Log, StartOptions } from '@parley/core';
import { persist, withFailure } from '@parley/core/lanes';
import { FileDeadLetters } from './dead-letters.js';
import { Deliveries } from './deliveries.js';
import type { StoredEvent } from './event-table.js';
import type { SqliteSettings } from './options.js';
import { Running } from './running.js';
import { Scrub } from './scrub.js';
import { toStorageError } from './storage-error.js';
import { openStore, type Store } from './store.js';
import { Sweep } from './sweep.js';
import { Turns } from './turns.js';

/** An open file with all that works on it. */
export class Work {
  readonly store: Store;
  readonly turns: Turns;
  readonly deliveries: Deliveries;
  readonly dead: FileDeadLetters;
  readonly scrub: Scrub;
  readonly #running: Running;
  readonly #sweep: Sweep;
  readonly #maxDead: number;
  readonly #log: () => Log | undefined;
  #killers: StoredEvent[] = [];
  #stopped = false;

  constructor(store: Store, settings: SqliteSettings, log: () => Log | undefined) {
    this.store = store;
    this.#maxDead = settings.maxDeadLetters;
    this.#log = log;
    this.#running = new Running(store.path);
    const onDead = (): void => this.#dropOldest();
    this.deliveries = new Deliveries(store, settings, onDead);
    this.turns = new Turns(store, this.deliveries, this.#running, settings, onDead);
    this.dead = new FileDeadLetters(store, this.turns, this.deliveries);
    this.scrub = new Scrub(store);
    this.#sweep = new Sweep(store);
    this.#takeUp(settings.maxCrashes);
  }

  start(host: EngineHost, { turns = true }: StartOptions = {}): void {
    if (turns) this.turns.start(host);
    this.deliveries.start(host);
    this.#sweep.start();
    for (const killer of this.#killers) void this.#bury(killer, host);
  }

  stats(): EngineStats {
    const { store, turns, deliveries } = this;
    const { inbox } = turns;
    const { outbox } = deliveries;
    return {
      pendingEvents: turns.pending,
      pendingEffects: outbox.pending,
      scheduled: store.effects.scheduled + store.timers.size,
      retries: inbox.retries + outbox.retries,
      oldestEventMs: turns.oldestMs(),
      deadLetters: store.dead.size,
      blockedLanes: inbox.blocked + outbox.blocked,
    };
  }

  get left(): number {
    return this.turns.pending + this.deliveries.outbox.pending;
  }

  /** First the turns, since they make effects; then the effects. */
  async drain(): Promise<void> {
    this.#stop();
    await this.turns.inbox.drain();
    await this.deliveries.outbox.drain();
  }

  async close(): Promise<void> {
    this.#stop();
    this.turns.inbox.abort();
    this.deliveries.outbox.abort();
    this.deliveries.close();
    // What was cut off still says so, and is written down.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.store.writer.close();
    this.#running.close();
    this.store.close();
  }

  #stop(): void {
    this.#stopped = true;
    this.turns.alarm.stop();
    this.deliveries.alarm.stop();
    this.#sweep.stop();
  }

  /** What an earlier process left. */
  #takeUp(maxCrashes: number): void {
    const { events, dead } = this.store;
    const left = events.load();
    this.#blame(left);
    const waiting = new Set(left.map(({ turnId }) => turnId));
    this.deliveries.load((turnId) => waiting.has(turnId) || dead.get(turnId) !== undefined);
    this.#killers = left.filter(({ crashes }) => crashes >= maxCrashes);
    this.turns.push(left.filter(({ crashes }) => crashes < maxCrashes));
  }

  /** Counts a crash for each turn that ran when the process died. */
  #blame(left: readonly StoredEvent[]): void {
    const ran = new Set(this.#running.left());
    const blamed = left.filter(({ order }) => ran.has(order));
    this.store.db.exec('BEGIN IMMEDIATE');
    for (const item of blamed) {
      item.crashes += 1;
      this.store.events.noteCrash(item.order);
    }
    this.store.db.exec('COMMIT');
    this.#running.open();
  }

  /** Gives up an event whose turn has killed one process after the other. */
  async #bury(killer: StoredEvent, host: EngineHost): Promise<void> {
    const { turnId, event, crashes, attempts } = killer;
    const { clock } = this.store;
    const message = `The process died ${crashes} times while this turn ran`;
    const error: EffectError = { code: 'ERR_ABORTED', message };
    killer.history = withFailure(killer.history, attempts, clock.now(), error);
    const { log } = host;
    try {
      await persist(() => this.turns.bury(killer, error), { clock, log, isOver: () => this.#stopped });
    } catch {
      // Not now: it does not run, and the next start tries again.
      return;
    }
    host.notice({ name: 'turn.failed', event, turnId, attempt: attempts, last: true, error });
  }

  #dropOldest(): void {
    const { dead } = this.store;
    if (dead.size <= this.#maxDead) return;
    const oldest = dead.oldest();
    if (oldest === undefined) return;
    void this.dead.drop(oldest).catch(() => {});
    this.#log()?.error({}, 'Too many dead letters: the oldest one is lost');
  }
}

export function openWork(file: string, settings: SqliteSettings, log: () => Log | undefined): Work {
  const store = openStore(file, settings);
  try {
    return new Work(store, settings, log);
  } catch (error) {
    store.close();
    throw toStorageError(error, store.path);
  }
}
