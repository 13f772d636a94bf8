import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** Child processes run the sources as well; Node strips the types, and the hook finds `.ts` behind `.js`. */
const onSources = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(import.meta.dirname, '../../../scripts/on-sources.ts'),
];

/** A TypeScript file of this folder in a process of its own. */
export function child(name: string, ...args: string[]): ChildProcess {
  return fork(join(import.meta.dirname, name), args, { execArgv: onSources });
}
