import type { Clock } from '../clock.js';
import type { Answer } from './route.js';
import type { CrispSwitches } from './switches.js';

/** Whether an answer is fresh, as the header `Bloom-Status` says it (docs.crisp.chat, guides/rest-api/rate-limits). */
export type BloomStatus = 'DIRECT' | 'MISS' | 'HIT';

/** Answers to reads that may be served again, a little stale. */
export interface ReadCache {
  read(key: string, answer: () => Answer): { answer: Answer; status: BloomStatus };
}

const SWEEP_ABOVE = 1000;

export function createReadCache(clock: Clock, switches: CrispSwitches): ReadCache {
  const kept = new Map<string, { answer: Answer; at: number }>();
  return {
    read(key, answer) {
      if (switches.cacheMs === 0) return { answer: answer(), status: 'DIRECT' };
      const known = kept.get(key);
      if (known !== undefined && clock.now() - known.at < switches.cacheMs)
        return { answer: known.answer, status: 'HIT' };
      if (kept.size > SWEEP_ABOVE) kept.clear();
      const fresh = structuredClone(answer());
      kept.set(key, { answer: fresh, at: clock.now() });
      return { answer: fresh, status: 'MISS' };
    },
  };
}
