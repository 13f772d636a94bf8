import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;

/**
 * Waits until `look` returns something other than undefined or false, and returns it. Looks again and again in real time:
 * for what happens beyond promises, such as another process, a socket, an emulator's clock.
 *
 * Rejects with what `complain` says after `timeoutMs`.
 */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  complain: () => string,
  timeoutMs = 4_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() >= end) throw new Error(complain());
    await wait(LOOK_EVERY_MS);
  }
}
