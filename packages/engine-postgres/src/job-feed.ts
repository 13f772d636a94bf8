import type { Clock, Log, ScheduledCall } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { PgBoss } from 'pg-boss';
import { claimHeads } from './claim.js';
import type { Database } from './database.js';
import type { FetchedJob, JobNotes } from './inbox-jobs.js';
import type { HeldJob, Queue } from './jobs.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';

/** At the most, between two signs of life. */
const LOOK_EVERY_MS = 1_000;
/** A job that nobody asked for, because its process died or a message was lost, is found by looking at all of them. */
const FETCH_EVERY_MS = 3_000;
/** Signs of life in the time after which a process is taken for dead. */
const BEATS = 4;
/** The part of that time after which we no longer begin what others may soon begin. */
const CALL_BACK = 0.7;
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
  /** Takes over jobs that are now ours. */
  onJobs(jobs: readonly FetchedJob<Data>[]): void | Promise<void>;
}

interface Holding extends HeldJob {
  /** When the database last confirmed that it is ours, on the clock that never jumps. */
  provenAt: number;
}

/**
 * The jobs of one queue that this process holds: fetches as many as there is room for, whenever somebody says that there may be
 * some; shows the others that we are alive; gives back what we did not do; and takes over what dead processes held.
 */
export class JobFeed<Data> {
  readonly #options: JobFeedOptions<Data>;
  readonly #held = new Map<string, Holding>();
  #running: Promise<void> | undefined;
  readonly #asked = new Set<string>();
  #again = false;
  /** True: there is no room for what could be fetched. */
  #starved = false;
  #lost = new AbortController();
  #open = false;
  #looking: ScheduledCall | undefined;
  #beatenAt = 0;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #failed = false;

  constructor(options: JobFeedOptions<Data>) {
    this.#options = options;
  }

  get held(): number {
    return this.#held.size;
  }

  /** Fires when another process may take over what is held now, because the database heard nothing from us for too long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
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
    this.#held.clear();
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
    this.#held.delete(job.job);
    if (this.#starved) this.#work();
  }

  /** Gives back whatever is still held: this process ends. */
  giveBackAll(): Promise<void> {
    const rest = [...this.#held.values()].map(({ job, fetches }) => ({
      job,
      fetches,
      begun: false,
      notes: {},
    }));
    return this.giveBack(rest);
  }

  /**
   * True if nobody can have taken this job over. A process that was stopped for a while does not know what happened meanwhile,
   * and asks.
   */
  isOurs(job: HeldJob): boolean | Promise<boolean> {
    const { clock, takeOverAfterMs } = this.#options;
    const held = this.#held.get(job.job);
    if (held !== undefined && clock.elapsed() - held.provenAt < takeOverAfterMs / 2) return true;
    return this.#prove(job, held);
  }

  async #prove(job: HeldJob, held: Holding | undefined): Promise<boolean> {
    const { clock, database, tables, queue } = this.#options;
    const askedAt = clock.elapsed();
    const rows = await database.run(
      `UPDATE ${tables[queue]} SET heartbeat_on = clock_timestamp()
        WHERE name = '${queue}' AND id = $1::uuid AND state = 'active' AND retry_count = $2::int RETURNING 1`,
      [job.job, job.fetches],
    );
    if (rows.length === 0) return false;
    if (held !== undefined) held.provenAt = askedAt;
    return true;
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
    return Math.max(1, Math.min(ENOUGH_SLOTS, (slots + this.#held.size) / 4));
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
    for (const { id, retryCount } of jobs) {
      this.#held.set(id, { job: id, fetches: retryCount, provenAt: askedAt });
    }
    await onJobs(jobs);
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
    this.#callBack();
    try {
      await this.#beat();
      await this.#takeOver();
    } catch (error) {
      this.#complain(error);
    }
  }

  #callBack(): void {
    const { clock, takeOverAfterMs } = this.#options;
    const oldest = Math.min(...[...this.#held.values()].map(({ provenAt }) => provenAt));
    if (clock.elapsed() - oldest < takeOverAfterMs * CALL_BACK) return;
    this.#lost.abort(new ParleyError('ERR_ABORTED', 'Another process may have taken this over'));
    this.#lost = new AbortController();
  }

  async #beat(): Promise<void> {
    const { clock, database, tables, queue, takeOverAfterMs } = this.#options;
    const now = clock.elapsed();
    const everyMs = takeOverAfterMs / BEATS;
    // A look may be early by the breadth of a timer.
    if (now - this.#beatenAt < everyMs * 0.9) return;
    this.#beatenAt = now;
    const old = [...this.#held.values()].filter(({ provenAt }) => now - provenAt >= everyMs * 0.9);
    if (old.length === 0) return;
    const rows = await database.run<{ id: string }>(
      `UPDATE ${tables[queue]} SET heartbeat_on = clock_timestamp()
        WHERE name = '${queue}' AND id = ANY($1::uuid[]) AND state = 'active' RETURNING id`,
      [old.map(({ job }) => job)],
    );
    const alive = new Set(rows.map(({ id }) => id));
    for (const holding of old) {
      if (alive.has(holding.job)) holding.provenAt = now;
      else this.#held.delete(holding.job);
    }
  }

  /**
   * A job that shows no sign of life goes back to the head of its lane. Of an effect it is noted when the attempt began whose
   * outcome nobody knows.
   */
  async #takeOver(): Promise<void> {
    const { database, tables, queue, takeOverAfterMs, log } = this.#options;
    const began = `jsonb_build_object('began', round(extract(epoch FROM started_on) * 1000))`;
    const notes =
      queue === 'inbox'
        ? 'output'
        : `CASE WHEN coalesce((output->>'idle')::int, 0) > retry_count OR output->>'began' IS NOT NULL THEN output
            ELSE coalesce(output, '{}') || ${began} END`;
    // After a clock was set back, a dead process' last sign of life would be good for as long as that.
    await database.run(
      `UPDATE ${tables[queue]} SET heartbeat_on = clock_timestamp()
        WHERE name = '${queue}' AND policy = 'key_strict_fifo' AND state IN ('active', 'retry', 'failed')
          AND heartbeat_on > clock_timestamp() + interval '5 seconds'`,
    );
    const rows = await database.run(
      `UPDATE ${tables[queue]} j SET state = 'retry', heartbeat_on = NULL, output = ${notes}
        WHERE name = '${queue}' AND id IN (
          SELECT id FROM ${tables[queue]}
          WHERE name = '${queue}' AND policy = 'key_strict_fifo' AND state = 'active'
            AND heartbeat_on < clock_timestamp() - $1::int * interval '1 millisecond' FOR UPDATE SKIP LOCKED
        ) RETURNING 1`,
      [takeOverAfterMs],
    );
    if (rows.length === 0) return;
    log.warn({ queue, jobs: rows.length }, 'Took over what a process held that shows no sign of life');
    this.nudge();
  }

  /** Gives back what we hold and have not done. `notes`: what of it is to be known to the next holder. */
  async giveBack(jobs: readonly GivenBack[]): Promise<void> {
    if (jobs.length === 0) return;
    const { database, tables, queue } = this.#options;
    for (const { job } of jobs) this.#held.delete(job);
    await database.run(
      `UPDATE ${tables[queue]} j SET state = (CASE WHEN b.begun OR b.later THEN 'retry' ELSE 'created' END)::${stateType(tables)},
          start_after = CASE WHEN b.later THEN now() + interval '2 seconds' ELSE start_after END,
          started_on = CASE WHEN b.begun THEN started_on END, heartbeat_on = NULL,
          output = CASE WHEN b.notes IS NULL THEN output ELSE coalesce(output, '{}') || b.notes END
        FROM json_to_recordset($1::json) AS b(job uuid, fetches int, begun boolean, later boolean, notes jsonb)
        WHERE j.name = '${queue}' AND j.id = b.job AND j.state = 'active' AND j.retry_count = b.fetches`,
      [JSON.stringify(jobs)],
    );
  }

  #complain(error: unknown): void {
    if (this.#failed || !this.#open) return;
    this.#failed = true;
    const { queue, log } = this.#options;
    log.warn({ queue, reason: refusalOf(error).message }, 'The database gives no work: trying again');
  }
}

export interface GivenBack extends HeldJob {
  /** True: an attempt may have happened. */
  begun: boolean;
  /** True: not at once. */
  later?: true;
  /** What its next holder is to know, beside what is noted already. */
  notes: JobNotes | undefined;
}

function stateType({ inbox }: Tables): string {
  return `${inbox.slice(0, inbox.indexOf('.'))}.job_state`;
}
