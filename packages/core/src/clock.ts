/** Where all waiting goes through, so that tests can run days in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since some moment, for durations: never goes back and never jumps, even if somebody sets the machine's clock. */
  elapsed(): number;
  /**
   * Calls `run` once, `ms` milliseconds from now. The process stays alive for it, unless it is `background` work that
   * nobody waits for (a sweep, a renewal ahead of time).
   */
  schedule(ms: number, run: () => void, background?: boolean): ScheduledCall;
}

export interface ScheduledCall {
  cancel(): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule: (ms, run, background = false) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
    if (background) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Node fires a timer at once if its delay does not fit in 32 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds on `clock`; rejects with the signal's reason if it fires first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      call.cancel();
      reject(signal?.reason);
    };
    const call = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
