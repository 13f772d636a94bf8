import type { Clock } from '../clock.js';
import type { Tier } from './events.js';
import type { Keypair } from './records.js';

/** Requests a day, by tier (docs.crisp.chat, guides/rest-api/rate-limits). The user tier has none. */
export const PUBLISHED_QUOTAS: Partial<Record<Tier, number>> = { website: 10_000, plugin: 5000 };

export interface QuotaState {
  limit: boolean | number;
  /** By keypair: the day since 1970, and the requests on it. */
  counts: Record<string, { day: number; requests: number }>;
}

export interface Quota {
  /** Requests of today. */
  used(identifier: string): number;
  /** Counts a request; false when the quota of the day is used up. */
  admit(keypair: Keypair): boolean;
  /** `true` for the published figures, a number for one figure in both tiers, `false` for none. */
  limit: boolean | number;
  reset(): void;
  state(): QuotaState;
  restore(state: QuotaState): void;
}

const DAY_MS = 24 * 3_600_000;

export function createQuota(clock: Clock, limit: boolean | number): Quota {
  const counts = new Map<string, { day: number; requests: number }>();
  const today = () => Math.floor(clock.now() / DAY_MS);
  const used = (identifier: string) => {
    const count = counts.get(identifier);
    return count?.day === today() ? count.requests : 0;
  };
  return {
    limit,
    used,
    admit({ identifier, tier }) {
      const published = PUBLISHED_QUOTAS[tier];
      if (published === undefined) return true;
      const most = this.limit === true ? published : this.limit;
      const requests = used(identifier);
      if (most !== false && requests >= most) return false;
      counts.set(identifier, { day: today(), requests: requests + 1 });
      return true;
    },
    reset: () => counts.clear(),
    state() {
      return { limit: this.limit, counts: Object.fromEntries(counts) };
    },
    restore(state) {
      this.limit = state.limit;
      for (const [identifier, count] of Object.entries(state.counts)) counts.set(identifier, count);
    },
  };
}
