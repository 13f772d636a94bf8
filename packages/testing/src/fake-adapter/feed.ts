import { type FeedPort, ParleyError } from '@parley/core';
import { fromNativeEvent } from './from-native.js';
import type { NativeEvent } from './world.js';

/** What a made-up socket carries. An event stays until the listener has asked past it, as a checkpoint would have it. */
export interface FakeFeed {
  push(event: NativeEvent): void;
  port(account: string, provider: string, isClosed: () => boolean): FeedPort;
}

export function createFeed(): FakeFeed {
  const waiting: NativeEvent[] = [];
  let wake = (): void => {};

  const arrival = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });

  return {
    push(event) {
      waiting.push(event);
      wake();
    },
    port: (account, provider, isClosed) => ({
      async *events(signal) {
        while (!signal.aborted) {
          if (isClosed()) throw new ParleyError('ERR_ABORTED', 'The account is closed.', { account });
          if (waiting.length === 0) await arrival(signal);
          const batch = waiting.slice();
          if (signal.aborted || batch.length === 0) continue;
          yield batch.map((event) => fromNativeEvent(event, account, provider));
          waiting.splice(0, batch.length);
        }
      },
    }),
  };
}
