import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@parley/core';
import { virtualClock } from '@parley/testing';

/** Turns of the event loop that a chain of writes may take: each waits for the commit of the one before. */
const TURNS = 8;

/** A virtual clock that lets what is written be committed after every step. */
export function steppingClock(): Clock & { pass(ms: number): Promise<void>; jump(ms: number): void } {
  const clock = virtualClock();
  const commit = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
  };
  return {
    ...clock,
    async pass(ms) {
      await commit();
      // Hours go in larger steps: nobody waits for a commit there.
      const step = Math.max(5, ms / 1_000);
      for (let left = ms; left > 0; left -= step) {
        await clock.advance(Math.min(left, step));
        await commit();
      }
    },
  };
}
