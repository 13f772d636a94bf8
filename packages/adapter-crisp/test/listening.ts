import type { Checkpoint, Event } from '@parley/core';
import { eventually } from '@parley/testing';
import type { CrispAdapter } from '../src/index.js';
import { type Stage, startStage } from './account.js';

/** Reads a feed into a list until it is stopped. */
export function listen(adapter: CrispAdapter) {
  const stop = new AbortController();
  const events: Event[] = [];
  const reading = (async () => {
    for await (const batch of adapter.feed?.events(stop.signal) ?? []) events.push(...batch);
  })();
  return {
    events,
    texts: () => events.flatMap((event) => textsOf(event)),
    named: (name: Event['name']) => events.filter((event) => event.name === name),
    async stop() {
      stop.abort();
      await reading;
    },
  };
}

type Listening = ReturnType<typeof listen>;

export function textsOf(event: Event): string[] {
  return event.name === 'message.received' && event.message.content.kind === 'text'
    ? [event.message.content.text]
    : [];
}

export async function withStage(
  options: Parameters<typeof startStage>[0],
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = await startStage(options);
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

export const heard = (listening: Listening, text: string): Promise<boolean> =>
  eventually(
    () => listening.texts().includes(text),
    () => `"${text}" was not heard; heard: ${listening.texts().slice(-5).join(', ')}`,
    10_000,
  );

export function memory(): Checkpoint & { value?: string } {
  const kept: Checkpoint & { value?: string } = {
    read: async () => kept.value,
    write: async (value) => {
      kept.value = value;
    },
  };
  return kept;
}

/** Waits until so many connections have authenticated. */
export async function connections({ rtm }: Stage['emulator'], count: number): Promise<void> {
  await eventually(
    () => rtm.authentications >= count,
    () => `it has authenticated ${rtm.authentications} times, not ${count}`,
    10_000,
  );
}

/** Lets the emulator's time pass, a second at a time unless told otherwise, until something has happened. */
export async function advanceUntil(
  emulator: Stage['emulator'],
  happened: () => boolean,
  stepMs = 1_000,
): Promise<void> {
  await eventually(
    () => {
      if (happened()) return true;
      emulator.clock.advance(stepMs);
      return false;
    },
    () => 'it did not happen',
    10_000,
  );
}
