import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

export const root = dirname(dirname(import.meta.dirname));

/** Far above what anything here takes, for a busy machine. */
const PATIENCE_MS = 40_000;

/** An example as its reader runs it: built, in a process of its own, with standard input open and no terminal. */
export interface Program {
  process: ChildProcessWithoutNullStreams;
  output(): string;
  errors(): string;
  /** Resolves once this has been printed, and to false if the program ended without. */
  prints(what: string | RegExp): Promise<boolean>;
  /** The code it ended with; null if it was killed. */
  ended: Promise<number | null>;
  close(): Promise<unknown>;
}

export function start(
  name: string,
  args: string[] = [],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Program {
  const child = spawn(process.execPath, [join(root, 'examples/dist', name), ...args], options);
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const prints = async (what: string | RegExp): Promise<boolean> => {
    const wanted = () => (typeof what === 'string' ? output.includes(what) : what.test(output));
    while (!wanted()) {
      const more = new Promise((resolve) => child.stdout.once('data', resolve));
      if ((await Promise.race([more, ended.then(() => 'ended')])) === 'ended') return wanted();
    }
    return true;
  };
  const close = (): Promise<unknown> => {
    child.kill('SIGKILL');
    return ended;
  };
  return { process: child, output: () => output, errors: () => errors, prints, ended, close };
}

/** Waits for what no event announces. */
export async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not seen within ${PATIENCE_MS / 1000} s: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
