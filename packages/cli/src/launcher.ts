import { readFileSync } from 'node:fs';

const MOST_ANCESTORS = 10;
const LOOK_EVERY_MS = 250;

/**
 * Calls once when the `npx` that started this process has gone.
 *
 * npm ends on SIGTERM without passing it on, so that what it started would serve on for ever, holding its port.
 * Linux only: elsewhere, and when started in another way, it never calls.
 */
export function whenNpxIsGone(call: () => void): void {
  const npx = findNpx(process.ppid, MOST_ANCESTORS);
  if (npx === undefined) return;
  const looking = setInterval(() => {
    if (isNpx(npx)) return;
    clearInterval(looking);
    call();
  }, LOOK_EVERY_MS);
  looking.unref();
}

function findNpx(pid: number, left: number): number | undefined {
  if (isNpx(pid)) return pid;
  // The parent is the second field after the name, which is in brackets and may contain anything.
  const parent = Number(/.*\) \S (\d+)/s.exec(read(pid, 'stat'))?.[1]);
  return left > 0 && parent > 1 ? findNpx(parent, left - 1) : undefined;
}

/** npm writes its command line over its own: `npm exec pnpm emulate`. */
function isNpx(pid: number): boolean {
  return read(pid, 'cmdline').startsWith('npm exec');
}

function read(pid: number, file: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
