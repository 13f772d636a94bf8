/** Decisions that the same seed makes again. */
export interface Dice {
  /** From 0 to below 1. */
  roll(): number;
  chance(probability: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

/**
 * Dice of their own for each purpose (mulberry32), so that what one part of a run throws does not change what another gets.
 *
 * The decisions are the same in every run; when each is taken depends on the machine.
 */
export function createDice(seed: number, purpose: string): Dice {
  let state = Buffer.from(purpose).reduce((mixed, letter) => Math.imul(mixed ^ letter, 0x01000193), seed);
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(roll() * (high - low + 1));
  return {
    roll,
    between,
    chance: (probability) => roll() < probability,
    pick: <T>(items: readonly [T, ...T[]]) => items[between(0, items.length - 1)] as T,
  };
}

/** Dice whose sides weigh differently: what `roll` (from 0 to below 1) falls on, or undefined for the rest up to 1. */
export function weighed<T>(roll: number, sides: readonly (readonly [number, T])[]): T | undefined {
  let left = roll;
  for (const [weight, side] of sides) {
    if (left < weight) return side;
    left -= weight;
  }
  return undefined;
}
