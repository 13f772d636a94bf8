import type { Clock } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { Viewpoint } from './ids.js';

const FIRST_WAIT_MS = 2_000;

export interface Storing {
  view: Pick<Viewpoint, 'account'>;
  clock: Pick<Clock, 'now'>;
  /** The option of that name. */
  storedWithinMs: number;
}

/**
 * For what is not there, since a message is stored some time after it was accepted (202): throws unless it was sent so long ago that it is sure to be missing. Whoever looks does so again, after a wait
 * that grows with the time that has passed.
 *
 * @param since ISO 8601: when it was sent
 * @throws ERR_UNAVAILABLE with `retryAfterMs`
 */
export function expectStored({ view, clock, storedWithinMs }: Storing, since: string): void {
  const age = clock.now() - Date.parse(since);
  if (!(age < storedWithinMs)) return;
  throw new ParleyError(
    'ERR_UNAVAILABLE',
    'Crisp: what was sent just now may be accepted and not stored yet: look again later',
    {
      account: view.account,
      retryAfterMs: Math.min(Math.max(2 * age, FIRST_WAIT_MS), storedWithinMs - age),
    },
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
