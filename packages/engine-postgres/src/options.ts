import type { Clock } from '@parley/core';
import { ParleyError, systemClock } from '@parley/core';

export interface PostgresOptions {
  /**
   * `postgres://user:password@host:5432/database`, with `?sslmode=...` where needed. A direct connection: a pooler in
   * transaction mode loses the locks and the LISTEN that the engine needs.
   */
  connectionString: string;
  /** Our tables live in this schema, pg-boss' in `<schema>_jobs`. Lower case letters, digits, `_`. Default `parley`. */
  schema?: string;
  /** Connections of this process, beside one that listens. Default 8. */
  poolSize?: number;
  /** Tries of a turn before its event becomes a dead letter. Default 5. */
  maxAttempts?: number;
  /** Tries of an effect, where repeating is safe, before it becomes a dead letter. Default 10. */
  maxDeliveryAttempts?: number;
  /** Milliseconds before the second try, doubling up to `maxBackoffMs`. Default 1,000. */
  backoffMs?: number;
  /** Default 60,000. */
  maxBackoffMs?: number;
  /** Milliseconds a turn may take. Then it is given up, what it still does is refused, and it is tried again. Default 120,000. */
  turnTimeoutMs?: number;
  /** Turns that this process runs at the same time, over all conversations. Default 256. */
  concurrency?: number;
  /** Conversations to which this process delivers at the same time. Default 1,000. */
  deliveryConcurrency?: number;
  /** Milliseconds between a lost answer and the look whether the effect happened. Default 2,000. */
  lookUpAfterMs?: number;
  /**
   * Milliseconds for which a redelivery is recognised. Default 25 hours: Web1on1 repeats for up to 24
   * (developers.web1on1.chat, webhooks/responding).
   */
  dedupeTtlMs?: number;
  /**
   * Milliseconds without a sign of life after which other processes take over what a process was doing. Default 8,000: with
   * much less, a busy machine is easily taken for a dead one.
   */
  takeOverAfterMs?: number;
  /** Default: the machine's. Limits and signs of life go by the database's clock. */
  clock?: Clock;
  /** Between 0 and 1, for jitter. Default Math.random. */
  random?: () => number;
}

/** The options with their defaults. */
export interface Settings extends Required<PostgresOptions> {
  /** The schema of pg-boss' tables. */
  jobsSchema: string;
}

export function readOptions(options: PostgresOptions): Settings {
  const schema = options.schema ?? 'parley';
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) {
    throw new ParleyError(
      'ERR_CONFIG',
      'schema: expected lower case letters, digits and _, at most 41 of them',
    );
  }
  assertUrl(options.connectionString);
  return {
    connectionString: options.connectionString,
    schema,
    jobsSchema: `${schema}_jobs`,
    poolSize: positive('poolSize', options.poolSize, 8),
    maxAttempts: positive('maxAttempts', options.maxAttempts, 5),
    maxDeliveryAttempts: positive('maxDeliveryAttempts', options.maxDeliveryAttempts, 10),
    backoffMs: positive('backoffMs', options.backoffMs, 1000),
    maxBackoffMs: positive('maxBackoffMs', options.maxBackoffMs, 60_000),
    turnTimeoutMs: positive('turnTimeoutMs', options.turnTimeoutMs, 120_000),
    concurrency: positive('concurrency', options.concurrency, 256),
    deliveryConcurrency: positive('deliveryConcurrency', options.deliveryConcurrency, 1000),
    lookUpAfterMs: positive('lookUpAfterMs', options.lookUpAfterMs, 2000),
    dedupeTtlMs: positive('dedupeTtlMs', options.dedupeTtlMs, 25 * 3_600_000),
    takeOverAfterMs: positive('takeOverAfterMs', options.takeOverAfterMs, 8_000),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function positive(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isFinite(value) && value >= 1) return value;
  throw new ParleyError('ERR_CONFIG', `${name}: expected a number, 1 or more`);
}

/** The message never repeats the string: it holds a password. */
function assertUrl(text: string): void {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return;
  throw new ParleyError(
    'ERR_CONFIG',
    'connectionString: expected postgres://user:password@host:5432/database',
  );
}
