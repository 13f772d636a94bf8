import type { Clock } from './clock.js';

/** What only one of those who share an account may do for a while. Both reject with what the engine says, such as `ERR_UNAVAILABLE`. */
export interface Claims {
  /**
   * True for whoever comes first; everybody else gets false until it is given back, or `ms` milliseconds have passed.
   *
   * @param what letters, digits and `:`, `_`, `-`, at most 200
   */
  take(what: string, ms: number): Promise<boolean>;
  /** Ends it early, whoever has it; nothing happens if nobody does. */
  giveBack(what: string): Promise<void>;
}

/** Claims in this process only. */
export function memoryClaims(clock: Pick<Clock, 'now'>): Claims {
  const until = new Map<string, number>();
  return {
    take: async (what, ms) => {
      const now = clock.now();
      if ((until.get(what) ?? 0) > now) return false;
      until.set(what, now + ms);
      return true;
    },
    giveBack: async (what) => {
      until.delete(what);
    },
  };
}
