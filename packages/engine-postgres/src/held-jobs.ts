import type { Clock } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Run } from './database.js';
import type { JobNotes } from './inbox-jobs.js';
import type { HeldJob, Queue } from './jobs.js';
import type { Tables } from './schema.js';

/** Signs of life in the time after which a process is taken for dead. */
export const BEATS = 4;
/** The part of that time after which we no longer begin what others may soon begin. */
const CALL_BACK = 0.7;

export interface HeldJobsOptions {
  queue: Queue;
  run: Run;
  tables: Tables;
  clock: Clock;
  /** Milliseconds without a sign of life after which a process is taken for dead. */
  takeOverAfterMs: number;
}

interface Holding extends HeldJob {
  /** When the database last confirmed that it is ours, on the clock that never jumps. */
  provenAt: number;
}

/** The jobs of one queue that this process holds: shows the others that we are alive, and takes over what dead ones held. */
export class HeldJobs {
  readonly #options: HeldJobsOptions;
  readonly #held = new Map<string, Holding>();
  #lost = new AbortController();
  #beatenAt = 0;

  constructor(options: HeldJobsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Fires when another process may take over what is held now, because the database heard nothing from us for too long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** `provenAt`: when we asked for it. */
  add(job: HeldJob, provenAt: number): void {
    this.#held.set(job.job, { ...job, provenAt });
  }

  /** Done, or no longer ours. */
  drop({ job }: HeldJob): void {
    this.#held.delete(job);
  }

  clear(): void {
    this.#held.clear();
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
    const { clock, run, tables, queue } = this.#options;
    const askedAt = clock.elapsed();
    const rows = await run(
      `UPDATE ${tables[queue]} SET heartbeat_on = clock_timestamp()
        WHERE name = '${queue}' AND id = $1::uuid AND state = 'active' AND retry_count = $2::int RETURNING 1`,
      [job.job, job.fetches],
    );
    if (rows.length === 0) return false;
    if (held !== undefined) held.provenAt = askedAt;
    return true;
  }

  /** Shows that we live, and takes over from those that do not. Returns how many jobs that freed. */
  async keepUp(): Promise<number> {
    this.#callBack();
    await this.#beat();
    return this.#takeOver();
  }

  #callBack(): void {
    const { clock, takeOverAfterMs } = this.#options;
    const oldest = Math.min(...[...this.#held.values()].map(({ provenAt }) => provenAt));
    if (clock.elapsed() - oldest < takeOverAfterMs * CALL_BACK) return;
    this.#lost.abort(new ParleyError('ERR_ABORTED', 'Another process may have taken this over'));
    this.#lost = new AbortController();
  }

  async #beat(): Promise<void> {
    const { clock, run, tables, queue, takeOverAfterMs } = this.#options;
    const now = clock.elapsed();
    const everyMs = takeOverAfterMs / BEATS;
    // A look may be early by the breadth of a timer.
    if (now - this.#beatenAt < everyMs * 0.9) return;
    this.#beatenAt = now;
    const old = [...this.#held.values()].filter(({ provenAt }) => now - provenAt >= everyMs * 0.9);
    if (old.length === 0) return;
    const rows = await run<{ id: string }>(
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
  async #takeOver(): Promise<number> {
    const { run, tables, queue, takeOverAfterMs } = this.#options;
    const began = `jsonb_build_object('began', round(extract(epoch FROM started_on) * 1000))`;
    const notes =
      queue === 'inbox'
        ? 'output'
        : `CASE WHEN coalesce((output->>'idle')::int, 0) > retry_count OR output->>'began' IS NOT NULL THEN output
            ELSE coalesce(output, '{}') || ${began} END`;
    // After a clock was set back, a dead process' last sign of life would be good for as long as that.
    await run(
      `UPDATE ${tables[queue]} SET heartbeat_on = clock_timestamp()
        WHERE name = '${queue}' AND policy = 'key_strict_fifo' AND state IN ('active', 'retry', 'failed')
          AND heartbeat_on > clock_timestamp() + interval '5 seconds'`,
    );
    const rows = await run(
      `UPDATE ${tables[queue]} j SET state = 'retry', heartbeat_on = NULL, output = ${notes}
        WHERE name = '${queue}' AND id IN (
          SELECT id FROM ${tables[queue]}
          WHERE name = '${queue}' AND policy = 'key_strict_fifo' AND state = 'active'
            AND heartbeat_on < clock_timestamp() - $1::int * interval '1 millisecond' FOR UPDATE SKIP LOCKED
        ) RETURNING 1`,
      [takeOverAfterMs],
    );
    return rows.length;
  }

  /** Gives back what we hold and have not done. `notes`: what of it is to be known to the next holder. */
  async giveBack(jobs: readonly GivenBack[]): Promise<void> {
    if (jobs.length === 0) return;
    const { run, tables, queue } = this.#options;
    for (const { job } of jobs) this.#held.delete(job);
    await run(
      `UPDATE ${tables[queue]} j SET state = (CASE WHEN b.begun OR b.later THEN 'retry' ELSE 'created' END)::${stateType(tables)},
          start_after = CASE WHEN b.later THEN now() + interval '2 seconds' ELSE start_after END,
          started_on = CASE WHEN b.begun THEN started_on END, heartbeat_on = NULL,
          output = CASE WHEN b.notes IS NULL THEN output ELSE coalesce(output, '{}') || b.notes END
        FROM json_to_recordset($1::json) AS b(job uuid, fetches int, begun boolean, later boolean, notes jsonb)
        WHERE j.name = '${queue}' AND j.id = b.job AND j.state = 'active' AND j.retry_count = b.fetches`,
      [JSON.stringify(jobs)],
    );
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
