import type { EffectError } from '../effect.js';
import type { FailedAttempt } from '../engine.js';

const MOST = 20;

/** The last attempts with this one added; a new array, so that a dead letter's does not change. */
export function withFailure(
  history: readonly FailedAttempt[] | undefined,
  attempt: number,
  now: number,
  error: EffectError,
): FailedAttempt[] {
  return [...(history ?? []).slice(1 - MOST), { attempt, at: new Date(now).toISOString(), error }];
}
