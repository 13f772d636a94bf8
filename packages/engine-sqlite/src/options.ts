import type { Backoff, Clock } from '@parley/core';
import { systemClock } from '@parley/core';

export interface SqliteOptions {
  /** Default: the machine's. */
  clock?: Clock;
  /**
   * `full`: what is accepted survives a loss of power. `normal`: it survives the death of the process, and a loss of power
   * may cost the last moments; an acknowledged event may be lost then. Default `full`.
   */
  synchronous?: 'full' | 'normal';
  /** Tries of a turn before its event becomes a dead letter. Default 5. */
  maxAttempts?: number;
  /** Tries of an effect, where repeating is safe, before it becomes a dead letter. Default 10. */
  maxDeliveryAttempts?: number;
  /** Processes that may end while a turn runs, before its event becomes a dead letter. Default 10. */
  maxCrashes?: number;
  /** Milliseconds before the second try, doubling up to `maxBackoffMs`. Default 1,000. */
  backoffMs?: number;
  /** Default 60,000. */
  maxBackoffMs?: number;
  /** Milliseconds a turn may take. Then it is given up, what it still does is refused, and it is tried again. Default 120,000. */
  turnTimeoutMs?: number;
  /** Turns that run at the same time, over all conversations. Default 256. */
  concurrency?: number;
  /** Accepted events that wait; beyond, `accept` refuses and the provider delivers again later. Default 100,000. */
  maxPending?: number;
  /**
   * Milliseconds for which a redelivery, or a key of yours, is recognised. Default 25 hours: Web1on1 repeats for up to 24
   * (developers.web1on1.chat, webhooks/responding).
   */
  dedupeTtlMs?: number;
  /** Dead letters kept. Beyond, the oldest is lost, and the log says so. Default 10,000. */
  maxDeadLetters?: number;
  /** Milliseconds between a lost answer and the look whether the effect happened. Default 2,000. */
  lookUpAfterMs?: number;
  /**
   * Milliseconds for which `start` waits while another process has the file open: a command that looks into it, or the bot
   * of before that still drains. Default 10,000.
   */
  waitForFileMs?: number;
  /** Between 0 and 1, for jitter. Default Math.random. */
  random?: () => number;
}

/** The options with their defaults. */
export interface SqliteSettings extends Required<Omit<SqliteOptions, 'backoffMs' | 'maxBackoffMs'>> {
  backoff: Backoff;
}

export function toSettings(options: SqliteOptions): SqliteSettings {
  const { backoffMs = 1000, maxBackoffMs = 60_000, ...rest } = options;
  return {
    clock: rest.clock ?? systemClock,
    synchronous: rest.synchronous ?? 'full',
    maxAttempts: rest.maxAttempts ?? 5,
    maxDeliveryAttempts: rest.maxDeliveryAttempts ?? 10,
    maxCrashes: rest.maxCrashes ?? 10,
    backoff: { firstMs: backoffMs, maxMs: maxBackoffMs },
    turnTimeoutMs: rest.turnTimeoutMs ?? 120_000,
    concurrency: rest.concurrency ?? 256,
    maxPending: rest.maxPending ?? 100_000,
    dedupeTtlMs: rest.dedupeTtlMs ?? 25 * 3_600_000,
    maxDeadLetters: rest.maxDeadLetters ?? 10_000,
    lookUpAfterMs: rest.lookUpAfterMs ?? 2000,
    waitForFileMs: rest.waitForFileMs ?? 10_000,
    random: rest.random ?? Math.random,
  };
}
