import { isParleyError, ParleyError } from '@parley/core';

/** A message is stored some time after it was accepted (202); how long after is not documented. */
const STORING_MS = 30_000;
const FIRST_WAIT_MS = 2_000;

/**
 * For what is not there: throws unless it was sent so long ago that it is sure to be missing. Whoever looks does so again, after a wait
 * that grows with the time that has passed.
 *
 * @param since ISO 8601: when it was sent
 * @param now epoch milliseconds
 * @throws ERR_UNAVAILABLE with `retryAfterMs`
 */
export function expectStored(since: string, now: number, account: string): void {
  const age = now - Date.parse(since);
  if (!(age < STORING_MS)) return;
  throw new ParleyError(
    'ERR_UNAVAILABLE',
    'Crisp: what was sent just now may be accepted and not stored yet: look again later',
    { account, retryAfterMs: Math.min(Math.max(2 * age, FIRST_WAIT_MS), STORING_MS - age) },
  );
}

/** Undefined in place of ERR_NOT_FOUND. */
export async function orNothing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isParleyError(error, 'ERR_NOT_FOUND')) return undefined;
    throw error;
  }
}
