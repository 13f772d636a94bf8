import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type {
  Accepted,
  Clock,
  DeadLetters,
  Effect,
  EffectRecord,
  Engine,
  EngineHost,
  EngineStats,
  Erased,
  Event,
  Limiter,
  Rate,
  StartOptions,
  StateEntry,
  StateWrite,
  TimerWrite,
} from '@parley/core';
import { createLimiter, ParleyError } from '@parley/core';
import { backUp } from './back-up.js';
import { erase } from './erase.js';
import { FileInUse } from './file-lock.js';
import { fileTokenStore } from './file-token-store.js';
import type { SqliteSettings } from './options.js';
import { reading } from './store.js';
import { openWork, type Work } from './work.js';

/** Milliseconds between two tries to open a file that another process has open. */
const TRY_AGAIN_MS = 50;

/** The engine of one file. Opens it at the first call that needs it, so that making an engine touches no disk. */
export class FileEngine implements Engine {
  readonly name = 'sqlite';
  readonly durable = true;
  readonly clock: Clock;
  readonly keyedTtlMs: number;
  readonly file: string;
  readonly tokens = fileTokenStore(() => this.#open().store);
  readonly deadLetters: DeadLetters = {
    list: (query) => {
      const { store, dead } = this.#open();
      return reading(store, () => dead.list(query));
    },
    get: (id) => {
      const { store, dead } = this.#open();
      return reading(store, () => dead.get(id));
    },
    redrive: (id) => this.#open().dead.redrive(id),
    redriveAll: (query) => this.#open().dead.redriveAll(query),
    drop: (id) => this.#open().dead.drop(id),
  };
  readonly #file: string;
  readonly #settings: SqliteSettings;
  readonly #limiters = new Map<string, Limiter>();
  #work: Work | undefined;
  #host: EngineHost | undefined;
  #closing = false;
  #closed = false;

  constructor(file: string, settings: SqliteSettings) {
    this.clock = settings.clock;
    this.keyedTtlMs = settings.dedupeTtlMs;
    this.file = resolve(file);
    this.#file = file;
    this.#settings = settings;
  }

  async start(host: EngineHost, options: StartOptions = {}): Promise<void> {
    this.#host = host;
    (await this.#openInTurn(host)).start(host, options);
  }

  /** Other processes come and go: a command that looks into the file, or the bot of before that still drains. */
  async #openInTurn({ log }: EngineHost): Promise<Work> {
    const until = performance.now() + this.#settings.waitForFileMs;
    for (let isTold = false; ; isTold = true) {
      try {
        return this.#open();
      } catch (error) {
        if (!(error instanceof FileInUse) || error.byProcess === process.pid || performance.now() >= until)
          throw error;
        if (!isTold)
          log.warn({ file: this.file, pid: error.byProcess }, 'Waits for the process that has the file open');
      }
      await setTimeout(TRY_AGAIN_MS);
    }
  }

  accept(events: readonly Event[]): Promise<Accepted> {
    if (this.#closing) return Promise.reject(shuttingDown('takes no new events'));
    if (this.#work === undefined) return this.#openAndAccept(events);
    return this.#work.turns.accept(events);
  }

  async #openAndAccept(events: readonly Event[]): Promise<Accepted> {
    return this.#open().turns.accept(events);
  }

  enqueue(effect: Effect): EffectRecord | Promise<EffectRecord> {
    const { deliveries } = this.#open();
    const known = deliveries.find(effect.id);
    if (known !== undefined) return known;
    if (this.#closing) return Promise.reject(shuttingDown('sends nothing new'));
    return deliveries.enqueue(effect);
  }

  effect(id: string): EffectRecord | undefined {
    const { store, deliveries } = this.#open();
    return reading(store, () => deliveries.find(id));
  }

  async settled(id: string): Promise<EffectRecord> {
    return this.#open().deliveries.settled(id);
  }

  async cancel(id: string): Promise<boolean> {
    const { deliveries } = this.#open();
    const record = deliveries.find(id);
    if (record === undefined || !(await deliveries.cancel(id))) return false;
    this.#host?.notice({ name: 'effect.withheld', record, reason: 'it was cancelled' });
    return true;
  }

  async setTimer(timer: TimerWrite): Promise<void> {
    await this.#open().turns.setTimer(timer);
  }

  readState(scope: string, kind: string): StateEntry | undefined {
    const { store } = this.#open();
    return reading(store, () => store.states.read(scope, [kind])[0]);
  }

  async writeState(write: StateWrite): Promise<boolean> {
    const { writer, states } = this.#open().store;
    return writer.write(() => states.write(write));
  }

  limiter(account: string, rate: Rate): Limiter {
    let limiter = this.#limiters.get(account);
    if (limiter === undefined) {
      limiter = createLimiter(rate, this.clock);
      this.#limiters.set(account, limiter);
    }
    return limiter;
  }

  async erase(scopes: readonly string[]): Promise<Erased> {
    const { store, turns, deliveries, scrub } = this.#open();
    return erase(store, turns, deliveries, scrub, scopes);
  }

  async backup(file: string): Promise<void> {
    await backUp(this.#open().store.path, file);
  }

  stats(): EngineStats {
    const work = this.#open();
    return reading(work.store, () => work.stats());
  }

  async drain({
    timeoutMs = 10_000,
  }: {
    timeoutMs?: number;
  } = {}): Promise<{ drained: boolean; left: number }> {
    this.#closing = true;
    if (this.#work === undefined) return { drained: true, left: 0 };
    const timer = Promise.withResolvers<boolean>();
    const call = this.clock.schedule(timeoutMs, () => timer.resolve(false));
    const drained = await Promise.race([this.#work.drain().then(() => true), timer.promise]);
    call.cancel();
    return { drained, left: this.#work.left };
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#closed = true;
    const work = this.#work;
    this.#work = undefined;
    await work?.close();
  }

  #open(): Work {
    if (this.#work !== undefined) return this.#work;
    if (this.#closed) throw new ParleyError('ERR_ABORTED', `${this.file}: the engine is closed`);
    this.#work = openWork(this.#file, this.#settings, () => this.#host?.log);
    return this.#work;
  }
}

function shuttingDown(what: string): ParleyError {
  return new ParleyError('ERR_UNAVAILABLE', `The bot is shutting down and ${what}`);
}
