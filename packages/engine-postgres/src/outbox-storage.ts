import type { Effect, EffectStatus } from '@parley/core';
import type { OutboxStorage } from '@parley/core/lanes';
import type { Batches } from './batches.js';
import type { Run } from './database.js';
import type { Effects } from './effects.js';
import type { GivenBack } from './held-jobs.js';
import type { FetchedJob, JobNotes } from './inbox-jobs.js';
import type { JobFeed } from './job-feed.js';
import { ONE_HELD, stillHeld } from './jobs.js';
import { PgEffect } from './pg-effect.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';

export interface Settling {
  readonly record: PgEffect;
  readonly status: Exclude<EffectStatus, 'queued'>;
}

export interface OutboxStorageOptions {
  run: Run;
  tables: Tables;
  now: () => number;
  settling: Batches<Settling, boolean>;
  feed: Pick<JobFeed<unknown>, 'drop' | 'held'>;
  effects: Effects;
}

/** Where the lanes of this process store what became of an effect. What it drops meanwhile is collected in `left`. */
export function outboxStorage(options: OutboxStorageOptions, left: GivenBack[]): OutboxStorage<PgEffect> {
  const { run, tables, now, settling, feed, effects } = options;
  return {
    begin(record) {
      if (!record.begunIsStored) return begin(record);
      const ours = feed.held.isOurs(record);
      if (ours === true) return 'stored';
      return Promise.resolve(ours).then(
        (still) => (still ? 'stored' : 'gone'),
        (error: unknown) => {
          throw refusalOf(error);
        },
      );
    },

    signal: () => feed.held.lost,

    retry: (record) => {
      record.begunIsStored = false;
      return note(record, { ...notesOf(record), idle: record.fetches + 1, began: null });
    },

    async settle(record, status) {
      try {
        const stored = await settling.add({ record, status });
        const done = stored || (record.doubtful && (await isSettled(record)));
        feed.drop(record);
        effects.forget(record.effect.id);
        return done ? 'stored' : 'gone';
      } catch (error) {
        record.doubtful = true;
        throw error;
      }
    },

    left(record) {
      const { job, fetches, begunAt } = record;
      // An attempt that is under way is counted when it turns out that it was one.
      const notes =
        begunAt === undefined
          ? { ...notesOf(record), idle: fetches, began: null }
          : { ...notesOf(record), attempts: record.attempts - 1, began: begunAt };
      left.push({ job, fetches, begun: begunAt !== undefined, notes });
    },
  };

  async function begin(record: PgEffect): Promise<'stored' | 'gone'> {
    const outcome = await note(record, { idle: record.fetches, began: now() });
    record.begunIsStored = true;
    return outcome;
  }

  async function note(record: PgEffect, notes: JobNotes): Promise<'stored' | 'gone'> {
    try {
      const rows = await run(
        `WITH mine AS (${ONE_HELD})
          UPDATE ${tables.outbox} j SET output = coalesce(output, '{}') || $3::jsonb, heartbeat_on = clock_timestamp() FROM mine
          WHERE ${stillHeld('outbox', 'j', 'mine')} RETURNING 1`,
        [record.job, record.fetches, JSON.stringify(notes)],
      );
      if (rows.length > 0) return 'stored';
      feed.drop(record);
      return 'gone';
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** After a lost answer: did we settle it ourselves? */
  async function isSettled({ effect }: PgEffect): Promise<boolean> {
    const [row] = await effects.read([effect.id]);
    return row !== undefined && row.status !== 'queued';
  }
}

function notesOf({ attempts, history }: PgEffect): JobNotes {
  return { attempts, ...(history !== undefined && { history: JSON.stringify(history) }) };
}

/** An effect as the next holder finds it. */
export function effectOfJob(
  { id, retryCount, output }: FetchedJob<string>,
  effect: Effect,
  known: PgEffect | undefined,
  now: number,
): PgEffect {
  const record = known?.status === 'queued' ? known : new PgEffect(effect, id);
  const begun = retryCount > (output?.idle ?? 0);
  record.job = id;
  record.fetches = retryCount;
  record.begunIsStored = true;
  record.attempts = (output?.attempts ?? 0) + (begun ? 1 : 0);
  record.begunAt = begun ? (output?.began ?? now) : undefined;
  record.history =
    output?.history === undefined ? undefined : (JSON.parse(output.history) as PgEffect['history']);
  return record;
}

/** Ends the deliveries of a batch, each with what became of it. True for those that were still ours. */
export async function settleAll(
  run: Run,
  tables: Tables,
  batch: readonly Settling[],
  now: number,
): Promise<boolean[]> {
  const rows = await run<{ id: string }>(settleEffects(tables), [JSON.stringify(batch.map(settlement)), now]);
  const ended = new Set(rows.map(({ id }) => id));
  return batch.map(({ record }) => ended.has(record.job));
}

function settlement({ record, status }: Settling): object {
  const { effect, job, fetches, attempts, messageId, conversationId, error, history = [] } = record;
  const settled = { id: effect.id, job, fetches, status, attempts, messageId, conversationId };
  if (error === undefined) return settled;
  const why = { ...settled, error: JSON.stringify(error) };
  return status === 'failed' ? { ...why, account: effect.account, history: JSON.stringify(history) } : why;
}

/** For a minute at least, so that whoever waits for it in another process sees it. */
const SEEN_MS = 60_000;

function settleEffects(tables: Tables): string {
  return `WITH input AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS x(id text, job uuid, fetches int, status text, attempts int,
        "messageId" text, "conversationId" text, error text, account text, history text)
    ), ended AS (
      DELETE FROM ${tables.outbox} j USING input WHERE ${stillHeld('outbox', 'j', 'input')}
      RETURNING j.id, j.singleton_key, j.created_on, j.source_created_on
    ), settled AS (
      UPDATE ${tables.effect} e SET status = input.status, attempts = input.attempts, message_id = "messageId",
        conversation_id = "conversationId", error = input.error,
        expires_at = greatest(e.expires_at, $2::bigint + ${SEEN_MS})
      FROM input JOIN ended ON ended.id = input.job WHERE e.id = input.id
      RETURNING e.id, e.body
    ), buried AS (
      INSERT INTO ${tables.letter}
        (id, kind, lane, account, job, place, accepted_at, at, attempts, error, history, body)
      SELECT input.id, 'effect', singleton_key, account, job, created_on,
        extract(epoch FROM source_created_on) * 1000, $2::bigint, input.attempts, input.error, history, body
      FROM input JOIN ended ON ended.id = input.job JOIN settled ON settled.id = input.id
      WHERE input.status = 'failed'
      ON CONFLICT (id) DO UPDATE SET at = excluded.at, attempts = excluded.attempts, error = excluded.error,
        history = excluded.history, job = excluded.job, place = excluded.place
    )
    SELECT id FROM ended`;
}
