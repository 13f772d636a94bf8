import type { Clock, ScheduledCall } from '@parley/core';

/** What is to be done at its time, by a loop that also waits for other things. */
export interface Agenda<Task> {
  /** In place of the time that was set before. */
  in(task: Task, ms: number): void;
  /** True, once, if its time has come. */
  take(task: Task): boolean;
  cancel(): void;
}

/** @param wake called when the time of a task has come */
export function createAgenda<Task extends string>(clock: Clock, wake: () => void): Agenda<Task> {
  const calls = new Map<Task, ScheduledCall>();
  const due = new Set<Task>();
  return {
    in: (task, ms) => {
      calls.get(task)?.cancel();
      const come = (): void => {
        due.add(task);
        wake();
      };
      calls.set(task, clock.schedule(ms, come, true));
    },
    take: (task) => due.delete(task),
    cancel: () => {
      for (const call of calls.values()) call.cancel();
    },
  };
}
