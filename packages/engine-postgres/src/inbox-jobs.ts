import type { Event, FailedAttempt } from '@parley/core';
import type { InboxItem } from '@parley/core/lanes';
import type { HeldJob } from './jobs.js';
import { turnIdOf } from './keys.js';

/** What pg-boss hands out: the columns that we use. */
export interface FetchedJob<Data> {
  id: string;
  data: Data;
  singletonKey: string | null;
  retryCount: number;
  output: JobNotes | null;
  sourceCreatedOn: Date | null;
}

/** What is known of earlier attempts at a job. */
export interface JobNotes {
  /** Attempts so far. */
  attempts?: number;
  /** JSON. */
  history?: string;
  /** True: it came back from the dead letters, so earlier tries may have recorded effects. */
  redriven?: true;
  /** Of an effect: up to this number of fetches no attempt has begun since the last one that certainly did not happen. */
  idle?: number;
  /** Of an effect: when the attempt began whose outcome nobody knows, in epoch milliseconds. */
  began?: number | null;
}

/** An event in our hands, to be handled. */
export interface EventJob extends InboxItem, HeldJob {
  readonly lane: string;
  /** False: an earlier try may have recorded effects. */
  isFirst: boolean;
}

export function eventJob({
  id,
  data,
  singletonKey,
  retryCount,
  output,
  sourceCreatedOn,
}: FetchedJob<{ event: string; key: string }>): EventJob {
  const job: EventJob = {
    turnId: turnIdOf(data.key),
    event: JSON.parse(data.event) as Event,
    acceptedAt: sourceCreatedOn?.getTime() ?? 0,
    order: 0,
    attempts: output?.attempts ?? 0,
    job: id,
    fetches: retryCount,
    lane: singletonKey ?? '',
    isFirst: retryCount === 0 && output === null,
  };
  if (output?.history !== undefined) job.history = JSON.parse(output.history) as FailedAttempt[];
  return job;
}
