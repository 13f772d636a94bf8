import type { Adapter, FeedPort } from '../adapter.js';
import { backoffMs } from '../backoff.js';
import { sleep } from '../clock.js';
import type { Engine } from '../engine.js';
import { toEffectError } from './handler-error.js';

const BACKOFF = { firstMs: 1000, maxMs: 60_000 };

/** Brings an account's feed into the engine until the signal fires. A batch is asked for only when the last one is accepted. */
export async function listenToFeed(
  adapter: Adapter,
  feed: FeedPort,
  engine: Engine,
  signal: AbortSignal,
  onFailed: (code: string) => void,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const events of feed.events(signal)) {
        await acceptAll(engine, events, signal, onFailed);
        failures = 0;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onFailed(toEffectError(error).code);
      await pause(engine, failures, signal);
    }
  }
}

/** A feed cannot be told to deliver again: it waits here until the engine takes the batch. */
async function acceptAll(
  engine: Engine,
  events: Parameters<Engine['accept']>[0],
  signal: AbortSignal,
  onFailed: (code: string) => void,
): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      await engine.accept(events);
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      onFailed(toEffectError(error).code);
      await pause(engine, failures, signal);
    }
  }
}

async function pause(engine: Engine, failures: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(engine.clock, backoffMs(failures, BACKOFF, Math.random), signal);
  } catch {
    // The signal fired: the caller sees it.
  }
}
