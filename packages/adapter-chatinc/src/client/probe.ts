import type { CallOptions } from '@parley/core';
import { isParleyError, ParleyError, sleep } from '@parley/core';
import type { Transport } from './transport.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * Looks again and again for what may have happened, for `runProbeMs`: reads lag behind. Undefined if it was not to be seen.
 *
 * @throws ERR_OUTCOME_UNKNOWN if `look` does, or if the caller does not want to wait
 */
export async function probe<T>(
  transport: Transport,
  look: () => Promise<T | undefined>,
  call: CallOptions | undefined,
): Promise<T | undefined> {
  const { clock } = transport.account;
  const until = clock.elapsed() + transport.config.runProbeMs;
  const signal = call?.signal ? AbortSignal.any([call.signal, transport.closing]) : transport.closing;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const found = await look().catch(unlessUnavailable);
    if (found !== undefined) return found;
    const leftMs = until - clock.elapsed();
    if (leftMs <= 0) return undefined;
    await sleep(clock, Math.min(waitMs, leftMs), signal).catch(() => {
      throw outcomeUnknown('it was not looked for to the end');
    });
  }
}

/** Not being able to look says nothing about what happened. */
function unlessUnavailable(error: unknown): undefined {
  if (isParleyError(error, 'ERR_OUTCOME_UNKNOWN') || !isParleyError(error)) throw error;
  return undefined;
}

export function outcomeUnknown(why: string): ParleyError {
  return new ParleyError(
    'ERR_OUTCOME_UNKNOWN',
    `Chat Inc: it may have been carried out, and ${why}; look at the list of campaigns before repeating`,
  );
}
