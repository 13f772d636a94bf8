import type { Clock } from '../clock.js';
import type { Awaitable } from '../engine.js';
import { isParleyError } from '../errors.js';
import type { Log } from '../log.js';

const FIRST_MS = 50;
const MOST_MS = 2_000;

export interface Persistence {
  clock: Clock;
  log: Log;
  /** True: give up at the next refusal, the process ends. */
  isOver(): boolean;
}

/**
 * Does a write, and repeats it while the storage refuses it for the moment (`ERR_UNAVAILABLE`: disk full, database gone).
 * Returns no promise if the first write returns none.
 *
 * Rejects with the last error once it is over: what was written about is then as it was, and whoever starts next finds it
 * there. Rejects at once with any other error.
 */
export function persist<T>(write: () => Awaitable<T>, persistence: Persistence): Awaitable<T> {
  const first = write();
  return first instanceof Promise ? repeat(first, write, persistence) : first;
}

async function repeat<T>(
  first: Promise<T>,
  write: () => Awaitable<T>,
  { clock, log, isOver }: Persistence,
): Promise<T> {
  let writing: Awaitable<T> = first;
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 2, MOST_MS)) {
    try {
      return await writing;
    } catch (error) {
      if (isOver() || !isParleyError(error, 'ERR_UNAVAILABLE')) throw error;
      if (wait === FIRST_MS) {
        log.warn({ code: error.code, reason: error.message }, 'The storage refuses to write: trying again');
      }
    }
    await new Promise<void>((resolve) => {
      clock.schedule(wait, resolve);
    });
    writing = write();
  }
}
