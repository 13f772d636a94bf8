export interface Backoff {
  /** Milliseconds before the second attempt. */
  firstMs: number;
  /** The longest wait, in milliseconds. */
  maxMs: number;
}

/**
 * How long to wait after `attempt` failed ones: doubling from `firstMs` up to `maxMs`, minus up to half of it at random, so
 * that those who failed together do not come back together.
 */
export function backoffMs(attempt: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (1 - random() / 2));
}
