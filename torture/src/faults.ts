import type { Fault } from '@parley/emulators';
import { type Dice, weighed } from './dice.js';

const SLOWEST_MS = 700;
/** What a 429 asks for. */
export const RETRY_AFTER_MS = 1000;

/** How many requests fail, by how: `errors` are 500 and 503, before and after the effect. */
const SENDS = { errors: 0.013, drop: 0.025, dropAfter: 0.025, slow: 0.02, slowAfter: 0.02 };
const READS = { errors: 0.01, drop: 0.03, dropAfter: 0.01, slow: 0.02, slowAfter: 0 };

/**
 * What the provider does to a request, or undefined to serve it.
 *
 * @param tooMany the share of requests answered 429: few, since each silences the whole account for a while
 */
export function throwFault(dice: Dice, isSend: boolean, tooMany: number): Fault | undefined {
  const { errors, drop, dropAfter, slow, slowAfter } = isSend ? SENDS : READS;
  const delayMs = dice.between(1, SLOWEST_MS);
  return weighed<Fault>(dice.roll(), [
    [errors, { kind: 'status', status: 500 }],
    [errors, { kind: 'status-after', status: 500 }],
    [errors, { kind: 'status', status: 503 }],
    [errors, { kind: 'status-after', status: 503 }],
    [drop, { kind: 'drop-before' }],
    [dropAfter, { kind: 'drop-after' }],
    [slow, { kind: 'slow', delayMs }],
    [slowAfter, { kind: 'slow-after', delayMs }],
    [tooMany, { kind: 'status', status: 429, headers: { 'retry-after': String(RETRY_AFTER_MS / 1000) } }],
  ]);
}

/** Every now and then the provider is out of order for longer than a client repeats a request by itself. */
const OUTAGE_MS = [4000, 6000] as const;
const BETWEEN_OUTAGES_MS = [12_000, 20_000] as const;
const FIRST_OUTAGE_MS = [2000, 5000] as const;

/** Tells whether the provider is out of order, and if so what happens to a request. Time counts from the first call. */
export function planOutages(dice: Dice): (now: number) => Fault | undefined {
  let begins: number | undefined;
  let ends = 0;
  return (now) => {
    if (begins !== undefined && now >= ends) begins = ends + dice.between(...BETWEEN_OUTAGES_MS);
    begins ??= now + dice.between(...FIRST_OUTAGE_MS);
    if (ends < begins) ends = begins + dice.between(...OUTAGE_MS);
    if (now < begins) return undefined;
    return dice.chance(0.5) ? { kind: 'drop-before' } : { kind: 'status', status: 503 };
  };
}
