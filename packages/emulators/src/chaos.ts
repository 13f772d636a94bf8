/** What may happen to webhook deliveries. Each number is a probability 0..1 unless said otherwise. */
export interface Chaos {
  /** After a successful delivery, it is delivered once more. */
  duplicate?: number;
  /** Deliveries are held back in groups of up to this many, and leave in a random order. */
  reorder?: number;
  /** A message event carries the conversation as it was before. */
  stale?: number;
  /** The first attempt carries a wrong signature; the retry is right. */
  badSignature?: number;
  /** The first attempt is lost on the way; a retry follows on the emulator's clock. */
  drop?: number;
  /** The answer to the first attempt is lost on the way: the receiver saw it, and a retry follows. */
  dropAnswer?: number;
  /** Same seed, same decisions. */
  seed?: number;
}

/** Deterministic decisions from a seed (mulberry32). */
export interface Dice {
  /** A seed from which the same decisions follow as from here. */
  readonly state: number;
  /** 0 <= value < 1 */
  roll(): number;
  /** True with this probability; undefined is never. */
  chance(probability: number | undefined): boolean;
  shuffle<T>(items: readonly T[]): T[];
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    get state() {
      return state;
    },
    roll,
    // A probability of 0 does not use up a number, so that switching one fault on leaves the others alone.
    chance: (probability) => probability !== undefined && probability > 0 && roll() < probability,
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = Math.floor(roll() * (last + 1));
        [shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never];
      }
      return shuffled;
    },
  };
}
