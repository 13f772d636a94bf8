import type { Fault } from '@parley/emulators';
import { type Dice, weighed } from './dice.js';

const SLOWEST_MS = 700;
/** What a 429 asks for. */
export const RETRY_AFTER_MS = 1000;

/** How many requests fail, by how. What a person may read twice if it is repeated blindly fails more often. */
const SENDS = { error: 0.025, errorAfter: 0.025, drop: 0.025, dropAfter: 0.025, slow: 0.02, slowAfter: 0.02 };
const READS = { error: 0.03, errorAfter: 0.01, drop: 0.03, dropAfter: 0.01, slow: 0.02, slowAfter: 0 };

/**
 * What the provider does to a request, or undefined to serve it.
 *
 * @param tooMany the share of requests answered 429: few, since each silences the whole account for a while
 */
export function throwFault(dice: Dice, isSend: boolean, tooMany: number): Fault | undefined {
  const { error, errorAfter, drop, dropAfter, slow, slowAfter } = isSend ? SENDS : READS;
  const delayMs = dice.between(1, SLOWEST_MS);
  return weighed<Fault>(dice.roll(), [
    [error, { kind: 'status', status: 500 }],
    [errorAfter, { kind: 'status-after', status: 500 }],
    [drop, { kind: 'drop-before' }],
    [dropAfter, { kind: 'drop-after' }],
    [slow, { kind: 'slow', delayMs }],
    [slowAfter, { kind: 'slow-after', delayMs }],
    [tooMany, { kind: 'status', status: 429, headers: { 'retry-after': String(RETRY_AFTER_MS / 1000) } }],
  ]);
}
