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
  TokenStore,
} from '@parley/core';
import { ParleyError, silentLog } from '@parley/core';
import { cancelEffect } from './cancel.js';
import { Database } from './database.js';
import { eraseAll } from './erase.js';
import { dropLetter, getLetter, listLetters, redriveLetters } from './letters.js';
import { sharedLimiter } from './limiter.js';
import type { PostgresOptions, Settings } from './options.js';
import { readOptions } from './options.js';
import { refusalOf } from './refusal.js';
import { migrate } from './schema.js';
import { writeState } from './state.js';
import { readStats } from './stats.js';
import { setTimer } from './timers.js';
import { pgTokenStore } from './token-store.js';
import { Works } from './works.js';

/** A webhook that cannot be stored by then is refused, so that its provider does not time out first. */
const ACCEPT_WITHIN_MS = 4_000;

/**
 * Keeps every promise of an engine over any number of processes and machines that share a PostgreSQL database, 14 or newer. The
 * tables are made, and later brought up to date, by whichever process starts first.
 *
 * @throws ERR_CONFIG for a wrong option; `start` rejects with ERR_CONFIG if the database refuses us, and with
 * ERR_UNAVAILABLE if it cannot be reached
 */
export function postgres(connection: string | PostgresOptions): Engine {
  return new PostgresEngine(
    readOptions(typeof connection === 'string' ? { connectionString: connection } : connection),
  );
}

class PostgresEngine implements Engine {
  readonly name = 'postgres';
  readonly durable = true;
  readonly shared = true;
  readonly clock: Clock;
  readonly keyedTtlMs: number;
  readonly tokens: TokenStore;
  readonly deadLetters: DeadLetters;
  readonly #settings: Settings;
  readonly #database: Database;
  readonly #limiters = new Map<string, Limiter>();
  #opening: Promise<Works> | undefined;
  #host: EngineHost | undefined;
  #closing = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.clock = settings.clock;
    this.keyedTtlMs = settings.dedupeTtlMs;
    this.#database = new Database(settings.connectionString, settings.poolSize);
    const parts = async (): Promise<{ database: Database; tables: Works['tables'] }> => ({
      database: this.#database,
      tables: (await this.#open()).tables,
    });
    this.tokens = pgTokenStore(parts);
    this.deadLetters = {
      list: (query = {}) => this.#using(({ tables }, run) => listLetters(run, tables, query)),
      get: (id) => this.#using(({ tables }, run) => getLetter(run, tables, id)),
      drop: (id) => this.#using(({ tables }, run) => dropLetter(run, tables, id)),
      redrive: async (id) => (await this.#redrive({ id })) > 0,
      redriveAll: (query = {}) => this.#redrive(query),
    };
  }

  async start(host: EngineHost, options: StartOptions = {}): Promise<void> {
    this.#host = host;
    const works = await this.#open();
    works.start(host, options);
  }

  async accept(events: readonly Event[]): Promise<Accepted> {
    this.#assertTaking('takes no new events');
    if (events.length === 0) return { accepted: 0, duplicates: 0 };
    const accepted = await this.#soon(this.#using((works) => works.accept(events)));
    return { accepted, duplicates: events.length - accepted };
  }

  async enqueue(effect: Effect): Promise<EffectRecord> {
    return this.#using(async (works) => {
      if (this.#closing) {
        const known = await works.effects.find(effect.id);
        if (known !== undefined) return known;
        this.#assertTaking('sends nothing new');
      }
      const record = await works.effects.add(effect);
      if (effect.notBefore !== undefined) works.due.expect(Date.parse(effect.notBefore));
      return record;
    });
  }

  effect(id: string): Promise<EffectRecord | undefined> {
    return this.#using((works) => works.effects.find(id));
  }

  settled(id: string): Promise<EffectRecord> {
    return this.#using((works) => works.waiters.wait(id));
  }

  cancel(id: string): Promise<boolean> {
    return this.#using(async ({ tables, effects, waiters }, run) => {
      const record = await cancelEffect(run, tables, id);
      if (record === undefined) return false;
      effects.known(id)?.settle('withheld');
      effects.forget(id);
      waiters.settled(record);
      this.#host?.notice({ name: 'effect.withheld', record, reason: 'it was cancelled' });
      return true;
    });
  }

  setTimer(write: TimerWrite): Promise<void> {
    return this.#using(async ({ tables, due }, run) => {
      await setTimer(run, tables, write);
      if (write.due !== undefined) due.expect(write.due.at);
    });
  }

  readState(scope: string, kind: string): Promise<StateEntry | undefined> {
    return this.#using(async ({ reads }) => (await reads.add(scope)).get(kind));
  }

  writeState(write: StateWrite): Promise<boolean> {
    return this.#using(({ tables }, run) => writeState(run, tables, write, this.clock.now()));
  }

  limiter(account: string, rate: Rate): Limiter {
    let limiter = this.#limiters.get(account);
    if (limiter === undefined) {
      const open = async (): Promise<{ run: Database['run']; tables: Works['tables'] }> => ({
        run: this.#database.run,
        tables: (await this.#open()).tables,
      });
      limiter = sharedLimiter(open, account, rate, this.clock, () => this.#host?.log ?? silentLog);
      this.#limiters.set(account, limiter);
    }
    return limiter;
  }

  erase(scopes: readonly string[]): Promise<Erased> {
    return this.#using(async ({ tables, inbox, effects }) => {
      const { lanes, effectIds, erased } = await eraseAll(this.#database, tables, scopes);
      inbox.erase(lanes);
      for (const id of effectIds) {
        const record = effects.known(id);
        // What is on its way out ends, and is settled as ever.
        if (record?.begunAt === undefined) record?.settle('withheld');
        effects.forget(id);
      }
      return erased;
    });
  }

  stats(): Promise<EngineStats> {
    return this.#using(({ tables, inbox, outbox }, run) => {
      const ours = { retries: inbox.retries + outbox.retries, blocked: inbox.blocked + outbox.blocked };
      return readStats(run, tables, ours, this.clock.now());
    });
  }

  async drain({ timeoutMs = 10_000 } = {}): Promise<{ drained: boolean; left: number }> {
    this.#closing = true;
    const works = await this.#opening?.catch(() => undefined);
    if (works === undefined) return { drained: true, left: 0 };
    const late = Promise.withResolvers<boolean>();
    const call = this.clock.schedule(timeoutMs, () => late.resolve(false));
    const done = works.drain().then(
      () => true,
      () => false,
    );
    const drained = await Promise.race([done, late.promise]);
    call.cancel();
    return { drained, left: await this.#left(works) };
  }

  /** Of all processes together, or of this one where the database cannot be asked. */
  async #left({ inbox, outbox }: Works): Promise<number> {
    try {
      const { pendingEvents, pendingEffects } = await this.stats();
      return pendingEvents + pendingEffects;
    } catch {
      return inbox.pending + outbox.pending;
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    const works = await this.#opening?.catch(() => undefined);
    await works?.close();
    await this.#database.close();
  }

  #redrive(query: Parameters<typeof redriveLetters>[2]): Promise<number> {
    return this.#using(async (works, run) => {
      const redriven = await redriveLetters(run, works.tables, query, this.clock.now());
      if (redriven > 0) works.nudgeAll();
      return redriven;
    });
  }

  #assertTaking(refusal: string): void {
    if (this.#closing) throw new ParleyError('ERR_UNAVAILABLE', `The bot is shutting down and ${refusal}`);
  }

  /** The database is opened at the first use, and again at the next one if that failed. */
  #open(): Promise<Works> {
    this.#opening ??= this.#openWorks().catch((error: unknown) => {
      this.#opening = undefined;
      throw refusalOf(error);
    });
    return this.#opening;
  }

  async #openWorks(): Promise<Works> {
    const tables = await migrate(this.#database, this.#settings);
    const works = new Works(this.#settings, this.#database, tables, this.#host?.log ?? silentLog);
    await works.open();
    return works;
  }

  async #using<T>(work: (works: Works, run: Database['run']) => T | Promise<T>): Promise<T> {
    try {
      return await work(await this.#open(), this.#database.run);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #soon<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          new ParleyError('ERR_UNAVAILABLE', `The database did not store it within ${ACCEPT_WITHIN_MS} ms`),
        );
      }, ACCEPT_WITHIN_MS);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
