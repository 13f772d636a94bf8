import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Microseconds of this process's CPU that `work` takes, all its threads together: waiting costs nothing. */
export async function cpuMicros(work: () => void | Promise<void>): Promise<number> {
  // What somebody else left behind. A major collection would also take the shapes that compiled code relies on.
  gc({ type: 'minor' });
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as (options?: { type: 'major' | 'minor' }) => void;

/** Bytes in use on the heap, with nothing left to collect. */
export function liveHeapBytes(): number {
  // What the first run finalizes, the second one frees.
  for (let run = 0; run < 3; run += 1) gc({ type: 'major' });
  return process.memoryUsage().heapUsed;
}

/** One round of something: what one operation costs, in its unit. `round` counts from 0 and never repeats. */
export type Round = (round: number) => Promise<number>;

/**
 * Runs all contestants once per round, every other round in reverse, so that a machine that gets slower or busier does so for
 * all of them. The first rounds, in which the engine still compiles, are not counted. Returns a median for each.
 */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, Round>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contestants) as Name[];
  const costs = new Map<Name, number[]>(names.map((name) => [name, []]));
  const warmUp = Math.ceil(rounds / 4);
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cost = await contestants[name](round);
      if (round >= warmUp) costs.get(name)?.push(cost);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(costs.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  if (upper === undefined || lower === undefined) throw new Error('median: expected at least one value');
  return (upper + lower) / 2;
}

/** `full` of the whole run, less for a quick one, never below `least`. */
export function scaled(full: number, effort: number, least: number): number {
  return Math.max(least, Math.round(full * effort));
}
