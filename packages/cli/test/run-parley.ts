import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const ROOT = new URL('../../../', import.meta.url);
export const MAIN = new URL('../dist/main.js', import.meta.url).pathname;

/** The command is what people run, so it is the compiled one that is tested, with these packages beside it. */
export async function buildParley(...beside: string[]): Promise<void> {
  const projects = ['cli', ...beside].map((name) => `packages/${name}`);
  await promisify(execFile)('node_modules/.bin/tsc', ['-b', ...projects], { cwd: ROOT });
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  firstLine: Promise<string>;
}

/** Starts `parley` with these arguments; `running` keeps the process, to be killed after the test. */
export function runParley(
  args: readonly string[],
  { running, cwd, env }: { running: ChildProcess[]; cwd?: string; env?: Record<string, string> },
): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...env },
  });
  running.push(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => (output[name] += String(chunk)));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  const firstLine = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
  return { child, ended, firstLine };
}
