import type { Clock, ScheduledCall } from '../clock.js';

/** A lane that may sit out a back-off. */
export interface Pausable {
  pause: { call: ScheduledCall; wake(): void } | undefined;
}

/** Resolves after `ms` milliseconds, or when somebody wakes the lane. */
export function pauseLane(lane: Pausable, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      lane.pause?.call.cancel();
      lane.pause = undefined;
      resolve();
    };
    lane.pause = { call: clock.schedule(ms, wake), wake };
  });
}

export function countPaused(lanes: Iterable<Pausable>): number {
  let paused = 0;
  for (const lane of lanes) if (lane.pause !== undefined) paused += 1;
  return paused;
}
