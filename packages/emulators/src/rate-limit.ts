import type { Clock } from './clock.js';

export interface RateLimitSettings {
  enabled: boolean;
  /** Requests accepted in any one second, for each API key and for each address. */
  perSecond: number;
  /** Sends `Retry-After` (whole seconds) with a refusal. */
  retryAfter: boolean;
}

export interface RateLimit extends RateLimitSettings {
  /** Counts a request; false when any of its keys is over the limit. A refused request is not counted. */
  admit(keys: readonly string[]): boolean;
}

const WINDOW_MS = 1000;
const SWEEP_ABOVE_KEYS = 1000;

/** A sliding window over the last second, the strictest reading of "20 requests per second". */
export function createRateLimit(clock: Clock, settings: RateLimitSettings): RateLimit {
  const seen = new Map<string, number[]>();
  const recent = (key: string, since: number) => (seen.get(key) ?? []).filter((at) => at > since);

  return {
    ...settings,
    admit(keys) {
      if (!this.enabled) return true;
      const now = clock.now();
      if (seen.size > SWEEP_ABOVE_KEYS) {
        for (const [key, times] of seen) if ((times.at(-1) ?? 0) <= now - WINDOW_MS) seen.delete(key);
      }
      const windows = keys.map((key) => [key, recent(key, now - WINDOW_MS)] as const);
      const admitted = windows.every(([, times]) => times.length < this.perSecond);
      for (const [key, times] of windows) seen.set(key, admitted ? [...times, now] : times);
      return admitted;
    },
  };
}

/** Present settings with what `value` changes: `true` and `false` switch the limit on and off. */
export function limitSettings(
  { enabled, perSecond, retryAfter }: RateLimitSettings,
  value: boolean | Partial<RateLimitSettings>,
): RateLimitSettings {
  const present = { enabled, perSecond, retryAfter };
  return typeof value === 'boolean' ? { ...present, enabled: value } : { ...present, ...value };
}
