import type { Tables } from './schema.js';

/**
 * Jobs are written by our own statements, in one commit with what else belongs together, into the tables of pg-boss' queues;
 * pg-boss hands them out by its policy `key_strict_fifo`: of each lane one at a time, the oldest first.
 *
 * `created_on`, by which pg-boss orders a lane, is no time here but a number from a sequence: the order in which jobs were
 * stored, also where a clock is set back meanwhile. For the same reason `start_after` lies in the past for good. A job that
 * is done is deleted, not kept as completed: our dedupe marks remember it in a twentieth of the space.
 */
const COLUMNS = `id, name, data, start_after, created_on, singleton_key, expire_seconds, deletion_seconds, keep_until,
  retry_limit, policy, source_created_on, output`;

/** What a job is made of, as SQL expressions. */
interface JobSql {
  id: string;
  /** JSON: of the inbox `{ event, key, contact }`, of the outbox the effect's id. */
  data: string;
  /** A place of `nextPlace`. */
  place: string;
  lane: string;
  /** Epoch milliseconds. */
  acceptedAt: string;
  /** JSON: what is known of earlier attempts. */
  output?: string;
}

export type Queue = 'inbox' | 'outbox';

/**
 * A part of a WITH, `place`, which holds the next place for everything that one statement stores: within it, jobs follow each
 * other by their ids.
 */
export function nextPlace(tables: Tables): string {
  return `place AS MATERIALIZED (SELECT ${rowPlace(tables)} AS at)`;
}

/** A place of its own for each row. */
export function rowPlace({ place }: Tables): string {
  return `timestamptz '2000-01-01 00:00Z' + nextval('${place}') * interval '1 microsecond'`;
}

/** An INSERT up to its FROM. */
export function insertJobs(tables: Tables, queue: Queue, job: JobSql): string {
  return `INSERT INTO ${tables[queue]} (${COLUMNS})
    SELECT ${job.id}, '${queue}', ${job.data}, timestamptz '2000-01-01 00:00Z', ${job.place}, ${job.lane},
      2147483647, 0, timestamptz 'infinity', 2147483647, 'key_strict_fifo', to_timestamp(${job.acceptedAt} / 1000.0),
      ${job.output ?? 'NULL::jsonb'}`;
}

/** A job in our hands. The fence: whoever takes the job over from us counts one fetch more. */
export interface HeldJob {
  readonly job: string;
  readonly fetches: number;
}

/**
 * True for the rows of `job` that are still in the hands of the holder named by the columns `job` and `fetches` of `mine`. The
 * array lets the planner look each one up, whatever it believes about the size of the table.
 */
export function stillHeld(queue: Queue, job: string, mine: string): string {
  return `${job}.name = '${queue}' AND ${job}.id = ANY(ARRAY(SELECT m.job FROM ${mine} m)) AND ${job}.id = ${mine}.job
    AND ${job}.state = 'active' AND ${job}.retry_count = ${mine}.fetches`;
}

/** The same for one job: a WITH or FROM that names it. */
export const ONE_HELD = `SELECT $1::uuid AS job, $2::int AS fetches`;
