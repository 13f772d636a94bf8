import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:process';

/** Reading /proc costs nothing, running `ps` a little. */
const LOOK_EVERY_MS = platform === 'linux' ? 100 : 1_000;

/** The commands that stand between the one who types `npx ... demo` and this process. */
const RUNNER = /(^|[/ ])(npx|p?npm|sh -c) /;

interface Process {
  parent: number;
  command: string;
}

/**
 * Ends this process when the command that has started it is gone: whoever kills `npx` or `pnpm` means all of it, and the next
 * demo needs the folder.
 */
export function endWithItsCommand(): void {
  const look = platform === 'win32' ? () => String(process.ppid) : () => runners().join(' ');
  const before = look();
  const looking = setInterval(() => {
    if (look() !== before) process.exit(1);
  }, LOOK_EVERY_MS);
  looking.unref();
}

/** From this process's parent upwards. */
function runners(): number[] {
  const of = platform === 'linux' ? inProc : listed();
  const found: number[] = [];
  for (
    let pid = process.ppid, next = of(pid);
    next !== undefined && RUNNER.test(next.command);
    next = of(pid)
  ) {
    found.push(pid);
    pid = next.parent;
  }
  return found;
}

function inProc(pid: number): Process | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

function listed(): (pid: number) => Process | undefined {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).matchAll(
    /^ *(\d+) +(\d+) +(.*)$/gm,
  );
  const all = new Map(
    [...lines].map(([, pid, parent, command = '']) => [Number(pid), { parent: Number(parent), command }]),
  );
  return (pid) => all.get(pid);
}
