import type { Clock, Log, ScheduledCall } from '@parley/core';
import type { PgBoss } from 'pg-boss';
import { claimHeads } from './claim.js';
import type { Database } from './database.js';
import { BEATS, HeldJobs } from './held-jobs.js';
import type { FetchedJob } from './inbox-jobs.js';
import type { HeldJob, Queue } from './jobs.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';

/** At the most, between two signs of life. */
const LOOK_EVERY_MS = 1_000;
/** A job that nobody asked for, because its process died or a message was lost, is found by looking at all of them. */
const FETCH_EVERY_MS = 3_000;
/** As many statements are kept prepared. */
const BATCH_SIZES = [256, 64, 16, 4, 1];
const MOST_LANES = 200;
/** Lanes to remember that wait for room. */
const MOST_ASKED = 20_000;
/** After having been full: room to fetch into. */
const ENOUGH_SLOTS = 32;

export interface JobFeedOptions<Data> {
  queue: Queue;
  boss: PgBoss;
  database: Database;
  tables: Tables;
  clock: Clock;
  log: Log;
  takeOverAfterMs: number;
  /** How many more may be held now. */
  slots(): number;
  /** Takes over jobs that are now ours. Rejects before it has begun with any of them, or not at all. */
  onJobs(jobs: readonly FetchedJob<Data>[]): void | Promise<void>;
}

/** Fetches jobs of one queue: as many as there is room for, whenever somebody says that there may be some. */
export class JobFeed<Data> {
  readonly #options: JobFeedOptions<Data>;
  readonly held: HeldJobs;
  #running: Promise<void> | undefined;
  readonly #asked = new Set<string>();
  #again = false;
  /** True: there is no room for what could be fetched. */
  #starved = false;
  #open = false;
  #looking: ScheduledCall | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #failed = false;

  constructor(options: JobFeedOptions<Data>) {
    this.#options = options;
    this.held = new HeldJobs({ ...options, run: options.database.run });
  }

  get queue(): Queue {
    return this.#options.queue;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get isFull(): boolean {
    return this.#options.slots() <= 0;
  }

  start(): void {
    this.#open = true;
    this.#look();
  }

  /** Fetches nothing more. Resolves when a fetch that is under way has ended. */
  async stop(): Promise<void> {
    this.#open = false;
    await this.#running;
  }

  /** No more signs of life either. */
  close(): void {
    this.#open = false;
    this.#looking?.cancel();
    this.#looking = undefined;
    this.held.clear();
  }

  /** There may be something to fetch in any lane: fetches as long as there is. */
  nudge(): void {
    this.#again = true;
    this.#work();
  }

  /** There may be something to fetch in these lanes. */
  ask(lanes: Iterable<string>): void {
    if (!this.#open) return;
    for (const lane of lanes) {
      if (this.#asked.size < MOST_ASKED) this.#asked.add(lane);
      else this.#again = true;
    }
    this.#work();
  }

  /** Resolves when everything that could be fetched until now is fetched. */
  async fetchOnce(): Promise<void> {
    await this.#running;
    this.nudge();
    await this.#running;
  }

  /** Done, or no longer ours. */
  drop(job: HeldJob): void {
    this.held.drop(job);
    if (this.#starved) this.#work();
  }

  #work(): void {
    if (!this.#open) return;
    this.#running ??= this.#fetchAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #fetchAll(): Promise<void> {
    while (this.#open && (this.#again || this.#asked.size > 0)) {
      const slots = this.#options.slots();
      this.#starved = slots < (this.#asked.size > 0 ? 1 : this.#enough(slots));
      if (this.#starved) return;
      try {
        if (this.#asked.size > 0) await this.#claim(Math.min(slots, MOST_LANES));
        else await this.#fetch(BATCH_SIZES.find((size) => size <= slots) ?? 1);
      } catch (error) {
        this.#again = true;
        this.#complain(error);
        return;
      }
    }
  }

  /** A fetch looks at every waiting job, for one or for many of them: so for many. */
  #enough(slots: number): number {
    return Math.max(1, Math.min(ENOUGH_SLOTS, (slots + this.held.size) / 4));
  }

  /** The next jobs of lanes that somebody asked for. */
  async #claim(most: number): Promise<void> {
    const { database, tables, queue } = this.#options;
    const lanes: string[] = [];
    for (const lane of this.#asked) {
      if (lanes.length === most) break;
      lanes.push(lane);
      this.#asked.delete(lane);
    }
    await this.#take(() => claimHeads<Data>(database.run, tables, queue, lanes));
  }

  /** The next jobs of any lanes. */
  async #fetch(batchSize: number): Promise<void> {
    const { boss, queue } = this.#options;
    this.#again = false;
    this.#fetchedAt = this.#options.clock.elapsed();
    const taken = await this.#take(
      // pg-boss calls the data and the notes plain objects; they are what our own statements wrote.
      async () =>
        (await boss.fetch(queue, { batchSize, includeMetadata: true })) as unknown as FetchedJob<Data>[],
    );
    if (taken === batchSize) this.#again = true;
  }

  async #take(fetch: () => Promise<FetchedJob<Data>[]>): Promise<number> {
    const { clock, onJobs } = this.#options;
    const askedAt = clock.elapsed();
    const jobs = await fetch();
    this.#failed = false;
    if (jobs.length === 0) return 0;
    const held = jobs.map(({ id, retryCount }) => ({ job: id, fetches: retryCount }));
    for (const job of held) this.held.add(job, askedAt);
    try {
      await onJobs(jobs);
    } catch (error) {
      // Nobody works at them here: without a sign of life, somebody will.
      for (const job of held) this.held.drop(job);
      throw error;
    }
    return jobs.length;
  }

  #look(): void {
    const { clock, takeOverAfterMs } = this.#options;
    this.#looking = clock.schedule(
      Math.min(LOOK_EVERY_MS, takeOverAfterMs / BEATS),
      () => {
        void this.#keepUp().finally(() => {
          if (this.#looking !== undefined) this.#look();
        });
      },
      true,
    );
    const fetchEveryMs = Math.min(FETCH_EVERY_MS, takeOverAfterMs / BEATS);
    if (this.#failed || clock.elapsed() - this.#fetchedAt >= fetchEveryMs) this.nudge();
  }

  /** Shows that we live, and takes over from those that do not. */
  async #keepUp(): Promise<void> {
    const { queue, log } = this.#options;
    try {
      const jobs = await this.held.keepUp();
      if (jobs === 0) return;
      log.warn({ queue, jobs }, 'Took over what a process held that shows no sign of life');
      this.nudge();
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (this.#failed || !this.#open) return;
    this.#failed = true;
    const { queue, log } = this.#options;
    log.warn({ queue, reason: refusalOf(error).message }, 'The database gives no work: trying again');
  }
}
