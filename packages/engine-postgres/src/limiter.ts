import type { Clock, Limiter, Log, Rate, ScheduledCall } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Run } from './database.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';

/** Slots are taken as they fall due, and not further ahead: what is taken and not used is lost to the other processes. */
const AHEAD_MS = 20;
const LONGEST_WAIT_MS = 1_000;
const AFTER_FAILURE_MS = 500;

interface Waiter {
  go(): void;
}

/**
 * At most `rate.requests` in any window of `rate.perMs`, over all processes: a row per account holds when the last ones left,
 * on the database's clock. Whoever waits here asks for all of us at once.
 */
export function sharedLimiter(
  open: () => Promise<{ run: Run; tables: Tables }>,
  account: string,
  rate: Rate,
  clock: Clock,
  log: () => Log,
): Limiter {
  if (!(rate.requests >= 1) || !(rate.perMs > 0)) {
    throw new ParleyError('ERR_CONFIG', 'rate: expected { requests: 1 or more, perMs: more than 0 }');
  }
  const waiting = new Set<Waiter>();
  let created = false;
  let asking = false;
  let alarm: ScheduledCall | undefined;

  const later = (ms: number): void => {
    alarm ??= clock.schedule(Math.max(1, ms), () => {
      alarm = undefined;
      ask();
    });
  };
  const ask = (): void => {
    if (asking || alarm !== undefined || waiting.size === 0) return;
    asking = true;
    setImmediate(() => {
      void askAll()
        .catch((error: unknown) => {
          log().warn(
            { account, reason: refusalOf(error).message },
            'The shared limit cannot be read: waiting',
          );
          later(AFTER_FAILURE_MS);
        })
        .finally(() => {
          asking = false;
          ask();
        });
    });
  };
  const askAll = async (): Promise<void> => {
    const { run, tables } = await open();
    if (!created) await create(run, tables.pace, account, rate);
    created = true;
    const { waits, next } = await take(run, tables, account, rate, waiting.size);
    for (const wait of waits) {
      const [first] = waiting;
      if (first === undefined) break;
      waiting.delete(first);
      if (wait <= 0) first.go();
      else clock.schedule(wait, () => first.go());
    }
    if (waiting.size > 0) later(Math.min(next, LONGEST_WAIT_MS));
  };

  return {
    acquire(signal) {
      if (signal?.aborted) return Promise.reject(cancelled(signal));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(waiter);
          reject(cancelled(signal));
        };
        const waiter: Waiter = {
          go: () => {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.add(waiter);
        ask();
      });
    },
    pause(ms) {
      void open()
        .then(({ run, tables }) => pause(run, tables, account, rate, ms))
        .catch((error: unknown) => {
          log().warn(
            { account, reason: refusalOf(error).message },
            'A 429 could not be told to the other processes',
          );
        });
      alarm?.cancel();
      alarm = undefined;
      later(ms);
    },
  };
}

function cancelled(signal: AbortSignal | undefined): ParleyError {
  return new ParleyError('ERR_ABORTED', 'The call was cancelled while it waited for its turn', {
    cause: signal?.reason,
  });
}

const NOW = `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;

/**
 * Takes up to `wanted` slots. `left_at` is ascending and has one entry per request of the window: the oldest entry, plus the window,
 * is when the next one may leave. Entries that lie in the future come from a clock that was set back: they are forgotten.
 */
async function take(
  run: Run,
  { pace }: Tables,
  account: string,
  rate: Rate,
  wanted: number,
): Promise<{ waits: number[]; next: number }> {
  const statement = `WITH clock AS MATERIALIZED (SELECT ${NOW} AS now), mine AS MATERIALIZED (
      SELECT p.account, p.requests, p.per_ms, clock.now, least(p.paused_until, clock.now + 3600000) AS paused,
        CASE WHEN p.left_at[p.requests] > clock.now + ${AHEAD_MS} + 1000 THEN array_fill(0::bigint, ARRAY[p.requests])
          ELSE p.left_at END AS left_at
      FROM ${pace} p, clock WHERE p.account = $1 FOR UPDATE OF p
    ), slot AS (
      SELECT n, greatest(now, paused, left_at[n] + per_ms) AS at, now FROM mine, generate_series(1, least($2::int, requests)) n
    ), taken AS MATERIALIZED (
      SELECT coalesce(max(n), 0) AS many, array_agg(at ORDER BY n) AS at, array_agg((at - now)::int ORDER BY n) AS waits
      FROM slot WHERE at <= now + ${AHEAD_MS}
    )
    UPDATE ${pace} p SET left_at = mine.left_at[taken.many + 1:] || coalesce(taken.at, '{}')
    FROM mine, taken WHERE p.account = mine.account
    RETURNING coalesce(taken.waits, '{}') AS waits,
      (greatest(mine.now, mine.paused, p.left_at[1] + mine.per_ms) - mine.now)::int AS next`;
  const [row] = await run<{ waits: number[]; next: number }>(statement, [account, wanted]);
  // The server has crashed: this table does not survive that.
  if (row === undefined) await create(run, pace, account, rate);
  return row ?? { waits: [], next: 0 };
}

/** The rate of the process that came last holds: whoever changes it restarts all of them. What has left stays known. */
async function create(run: Run, pace: string, account: string, rate: Rate): Promise<void> {
  await run(
    `INSERT INTO ${pace} AS p (account, requests, per_ms, left_at)
      VALUES ($1, $2::int, $3::bigint, array_fill(0::bigint, ARRAY[$2::int]))
      ON CONFLICT (account) DO UPDATE SET requests = excluded.requests, per_ms = excluded.per_ms,
        left_at = (array_fill(0::bigint, ARRAY[excluded.requests]) || p.left_at)[p.requests + 1:]
      WHERE p.requests <> excluded.requests OR p.per_ms <> excluded.per_ms`,
    [account, Math.floor(rate.requests), Math.ceil(rate.perMs)],
  );
}

/** The provider said 429: nobody asks for a while. */
async function pause(run: Run, { pace }: Tables, account: string, rate: Rate, ms: number): Promise<void> {
  await create(run, pace, account, rate);
  await run(
    `UPDATE ${pace} SET paused_until = greatest(paused_until, ${NOW} + $2::bigint) WHERE account = $1`,
    [account, Math.ceil(ms)],
  );
}
