import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Where what is measured runs, and where everything else does. */
export interface Cores {
  measured: number;
  others: number;
}

/** Two cores of this machine, or undefined where a process cannot be tied to one: without `taskset`, or with one core only. */
export function findCores(): Cores | undefined {
  if (spawnSync('taskset', ['--version']).status !== 0) return undefined;
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const [measured, others] = (allowed ?? '').split(',').flatMap(coresOf);
  return measured === undefined || others === undefined ? undefined : { measured, others };
}

/** `3` or `0-7`. */
function coresOf(range: string): number[] {
  const [first, last] = range.split('-').map(Number);
  if (first === undefined || Number.isNaN(first)) return [];
  return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
}

/** The command that runs `file` on `core`, with the flags this process was started with. */
export function nodeOn(core: number | undefined, file: string, args: readonly string[]): [string, string[]] {
  const node = [...process.execArgv, file, ...args];
  return core === undefined
    ? [process.execPath, node]
    : ['taskset', ['--cpu-list', String(core), process.execPath, ...node]];
}
