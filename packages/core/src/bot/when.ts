import type { Clock } from '../clock.js';
import { ParleyError } from '../errors.js';

/** Milliseconds, or a number with its unit: `'90s'`, `'10m'`, `'2h'`, `'3d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** A moment: either by the clock or from now on. */
export interface When {
  /** A Date, or ISO 8601. A moment that has passed is now. */
  at?: Date | string;
  after?: Duration;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A century: what is meant to come later is a mistake in a unit. */
const LONGEST_MS = 100 * 366 * 86_400_000;

/**
 * Epoch milliseconds, or undefined if neither `at` nor `after` is given.
 *
 * @throws ERR_CONFIG for both, or for a moment that cannot be read
 */
export function momentOf({ at, after }: When, clock: Clock, where: string): number | undefined {
  if (at !== undefined && after !== undefined) {
    throw new ParleyError('ERR_CONFIG', `${where}: expected at or after, not both`);
  }
  if (at !== undefined) {
    const moment = at instanceof Date ? at.getTime() : Date.parse(at);
    if (Number.isNaN(moment)) {
      throw new ParleyError('ERR_CONFIG', `${where}.at: expected a Date or ISO 8601, 2026-12-24T09:00:00Z`);
    }
    return moment;
  }
  return after === undefined ? undefined : clock.now() + durationMs(after, `${where}.after`);
}

/** @throws ERR_CONFIG for what is no duration */
export function durationMs(duration: Duration, where: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  const ms = typeof duration === 'number' ? duration : Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (ms >= 0 && ms <= LONGEST_MS) return ms;
  throw new ParleyError('ERR_CONFIG', `${where}: expected milliseconds, or 90s, 10m, 2h, 3d`);
}
