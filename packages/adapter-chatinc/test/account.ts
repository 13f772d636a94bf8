import type { Clock } from '@parley/core';
import { type ChatIncEmulator, type ChatIncEmulatorOptions, startChatInc } from '@parley/emulators';
import { setStage } from '@parley/testing';
import { chatinc } from '../src/index.js';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** An emulator, and adapters with its account's key: whoever waits moves its clock. */
export async function startStage(settings: ChatIncEmulatorOptions = {}) {
  const emulator = await startChatInc(settings);
  const { origin, apiKey } = emulator.credentials;
  const options = { apiKey, baseUrl: `${origin}/v1`, botBaseUrl: origin };
  const clock = hurriedClock(emulator);
  return {
    ...setStage({ emulator, factory: chatinc, options, account: 'promo', clock }),
    /** What was asked of a route, oldest first. */
    asked: (path: string, method = 'POST') =>
      emulator.journal.requests({ method, path }).map(({ body }) => body),
  };
}

/** The emulator's clock, on which every wait is over at once: time moves ahead by as much. */
function hurriedClock({ clock }: Pick<ChatIncEmulator, 'clock'>): Clock {
  return {
    now: clock.now,
    elapsed: clock.now,
    schedule: (ms, run) => {
      const call = setImmediate(() => {
        clock.advance(ms);
        run();
      });
      return { cancel: () => clearImmediate(call) };
    },
  };
}
