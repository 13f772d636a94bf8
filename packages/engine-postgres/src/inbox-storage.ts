import type { EffectError } from '@parley/core';
import type { InboxStorage } from '@parley/core/lanes';
import { PgAttempt } from './attempt.js';
import type { Batches } from './batches.js';
import type { TurnCommit } from './commit.js';
import type { Database } from './database.js';
import type { Effects } from './effects.js';
import type { GivenBack } from './held-jobs.js';
import type { EventJob, JobNotes } from './inbox-jobs.js';
import type { JobFeed } from './job-feed.js';
import { ONE_HELD, stillHeld } from './jobs.js';
import { buryEvent } from './letters.js';
import { PgEffect } from './pg-effect.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';
import type { ScopeState } from './state.js';
import { lastOfEach, timerInput } from './timers.js';

export interface InboxStorageOptions {
  database: Database;
  tables: Tables;
  now: () => number;
  effects: Effects;
  reads: Batches<string, ScopeState>;
  commits: Batches<TurnCommit, 'done' | 'conflict' | 'gone'>;
  feed: Pick<JobFeed<unknown>, 'drop' | 'ask'>;
  /** Something was stored that is due at this time, in epoch milliseconds. */
  due(at: number): void;
}

/** Where the lanes of this process store what became of a turn. What it drops meanwhile is collected in `left`. */
export function inboxStorage(options: InboxStorageOptions, left: GivenBack[]): InboxStorage<EventJob> {
  const { database, tables, now, effects, reads, commits, feed, due } = options;
  return {
    begin: (item, last) => new PgAttempt(item, last, effects, reads),

    async commit(item, result) {
      const { job, fetches } = item;
      const records = result.effects.map((effect) => new PgEffect(effect));
      const outcome = await commits.add({
        job,
        fetches,
        lane: item.lane,
        writes: result.writes,
        effects: records.map((record) => effects.inputOf(record, item)),
        timers: lastOfEach(result.timers ?? []).map(timerInput),
      });
      if (outcome !== 'conflict') feed.drop(item);
      if (outcome !== 'done') return outcome;
      for (const record of records) effects.know(record);
      for (const timer of result.timers ?? []) if (timer.due !== undefined) due(timer.due.at);
      return outcome;
    },

    async failed(item, error, last) {
      try {
        const noted = await (last ? buryEvent(database.run, tables, item, error, now()) : noteFailure(item));
        if (last || noted === 'gone') feed.drop(item);
        if (last) feed.ask([item.lane]);
        return noted;
      } catch (refused) {
        throw refusalOf(refused);
      }
    },

    left: ({ job, fetches, ...item }) => {
      left.push({ job, fetches, begun: false, notes: notesOf(item) });
    },
  };

  async function noteFailure(item: EventJob): Promise<'noted' | 'gone'> {
    const rows = await database.run(
      `WITH mine AS (${ONE_HELD}) UPDATE ${tables.inbox} j SET output = $3::jsonb FROM mine
        WHERE ${stillHeld('inbox', 'j', 'mine')} RETURNING 1`,
      [item.job, item.fetches, JSON.stringify(notesOf(item))],
    );
    return rows.length > 0 ? 'noted' : 'gone';
  }
}

function notesOf({
  attempts,
  history,
  isFirst,
}: Pick<EventJob, 'attempts' | 'history' | 'isFirst'>): JobNotes | undefined {
  if (isFirst) return undefined;
  return { attempts, ...(history !== undefined && { history: JSON.stringify(history) }) };
}

/** What ends an event that was running whenever its process died. */
export const KILLER: EffectError = {
  code: 'ERR_ABORTED',
  message: 'Its process died while it was handled, again and again',
};
