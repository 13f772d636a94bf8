import { sleep } from '../clock.js';
import type { Engine } from '../engine.js';
import { LEASE_BEAT_MS, type Leases } from '../lease.js';

/**
 * Does something until the signal fires, in one of all processes that share the engine; the others begin when that one ends or dies.
 *
 * Resolves when it is decided who begins, and `ended` once the signal has fired and nothing is done any more.
 *
 * @param work ends when its signal fires
 */
export async function alone(
  leases: Leases,
  name: string,
  clock: Engine['clock'],
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<{ ended: Promise<void> }> {
  let working: { stop: AbortController; done: Promise<void> } | undefined;
  const end = async (): Promise<void> => {
    working?.stop.abort();
    await working?.done;
    working = undefined;
  };
  const look = async (): Promise<void> => {
    // Where nobody can be asked, what goes on goes on.
    const holds = await leases.hold(name).catch(() => working !== undefined);
    if (!holds) await end();
    else if (working === undefined && !signal.aborted) {
      const stop = new AbortController();
      working = { stop, done: work(stop.signal) };
    }
  };
  const goOn = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(clock, LEASE_BEAT_MS, signal).catch(() => {});
      if (!signal.aborted) await look();
    }
    await end();
    await leases.release(name).catch(() => {});
  };
  await look();
  return { ended: goOn() };
}
