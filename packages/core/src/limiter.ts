import type { Limiter, Rate } from './adapter.js';
import type { Clock, ScheduledCall } from './clock.js';
import { ParleyError } from './errors.js';

interface Waiter {
  go(): void;
}

/**
 * At most `rate.requests` in any window of `rate.perMs`, first come first served.
 *
 * A sliding window and not a token bucket: a bucket lets twice the rate through in its first window, and a provider that
 * counts by the second then answers 429.
 */
export function createLimiter(rate: Rate, clock: Clock): Limiter {
  if (!(rate.requests >= 1) || !(rate.perMs > 0)) {
    throw new ParleyError('ERR_CONFIG', 'rate: expected { requests: 1 or more, perMs: more than 0 }');
  }
  const slots = Math.floor(rate.requests);
  const leftAt = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let pausedUntil = 0;
  let waiters: Waiter[] = [];
  let alarm: ScheduledCall | undefined;

  const freeAt = (): number => Math.max(pausedUntil, (leftAt[next] as number) + rate.perMs);
  const take = (now: number): void => {
    leftAt[next] = now;
    next = next + 1 === slots ? 0 : next + 1;
  };
  const serve = (): void => {
    alarm = undefined;
    const now = clock.elapsed();
    let served = 0;
    while (served < waiters.length && freeAt() <= now) {
      take(now);
      waiters[served]?.go();
      served += 1;
    }
    if (served > 0) waiters = waiters.slice(served);
    if (waiters.length > 0) alarm = clock.schedule(Math.max(1, freeAt() - now), serve);
  };
  const wait = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiters = waiters.filter((other) => other !== waiter);
        reject(
          new ParleyError('ERR_ABORTED', 'The call was cancelled while it waited for its turn', {
            cause: signal?.reason,
          }),
        );
      };
      const waiter: Waiter = {
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiters.push(waiter);
      alarm ??= clock.schedule(Math.max(1, freeAt() - clock.elapsed()), serve);
    });

  return {
    acquire: (signal) => {
      if (signal?.aborted) {
        return Promise.reject(
          new ParleyError('ERR_ABORTED', 'The call was cancelled', { cause: signal.reason }),
        );
      }
      const now = clock.elapsed();
      if (waiters.length === 0 && freeAt() <= now) {
        take(now);
        return undefined;
      }
      return wait(signal);
    },
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, clock.elapsed() + ms);
    },
  };
}
