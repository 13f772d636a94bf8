/** A timer on the emulator's clock. */
export interface ClockTimer {
  cancel(): void;
}

/**
 * The emulator's time. It runs with real time, and a test can push it further ahead.
 *
 * Expiry of tokens, message delays and webhook back-off follow it.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** ISO 8601, UTC. */
  iso(): string;
  /** Moves time ahead and fires what became due, in order, each at its own moment. */
  advance(milliseconds: number): void;
  /** Moves time to an instant (epoch milliseconds, ISO text or Date). Going back fires nothing and is allowed. */
  set(instant: number | string | Date): void;
  /** Calls once when `milliseconds` have passed on this clock. */
  after(milliseconds: number, call: () => void): ClockTimer;
  /** Drops all timers. */
  close(): void;
}

const LONGEST_REAL_TIMEOUT_MS = 2 ** 31 - 1;

interface Scheduled {
  at: number;
  call: () => void;
}

export function createClock(startAt?: number): Clock {
  let offset = startAt === undefined ? 0 : startAt - Date.now();
  let frozenAt: number | undefined;
  let scheduled: Scheduled[] = [];
  let armed: NodeJS.Timeout | undefined;

  const now = () => frozenAt ?? Date.now() + offset;

  const arm = () => {
    clearTimeout(armed);
    const next = scheduled[0];
    if (next === undefined) return;
    armed = setTimeout(fire, Math.min(Math.max(next.at - now(), 0), LONGEST_REAL_TIMEOUT_MS));
    armed.unref();
  };

  // While timers fire, each sees the moment it was meant for, also when one big step passed several.
  const fireUntil = (end: number) => {
    for (let next = scheduled[0]; next !== undefined && next.at <= end; next = scheduled[0]) {
      scheduled.shift();
      frozenAt = next.at;
      try {
        next.call();
      } finally {
        frozenAt = undefined;
      }
    }
  };

  const fire = () => {
    fireUntil(now());
    arm();
  };

  return {
    now,
    iso: () => new Date(now()).toISOString(),
    advance(milliseconds) {
      if (!(milliseconds >= 0)) throw new RangeError('advance: milliseconds must be 0 or more');
      const end = now() + milliseconds;
      offset += milliseconds;
      fireUntil(end);
      arm();
    },
    set(instant) {
      const at = new Date(instant).getTime();
      if (Number.isNaN(at))
        throw new RangeError('set: not an instant (epoch milliseconds, ISO 8601 or Date)');
      offset = at - Date.now();
      fire();
    },
    after(milliseconds, call) {
      const timer: Scheduled = { at: now() + Math.max(milliseconds, 0), call };
      const place = scheduled.findIndex((other) => other.at > timer.at);
      scheduled.splice(place === -1 ? scheduled.length : place, 0, timer);
      arm();
      return {
        cancel() {
          scheduled = scheduled.filter((other) => other !== timer);
          arm();
        },
      };
    },
    close() {
      clearTimeout(armed);
      scheduled = [];
    },
  };
}
