import type { WriteStream } from 'node:tty';
import type { RunStatus } from '@parley/broadcast';
import progress from 'cli-progress';

/** Shows how far a run is: as a bar on a terminal, else as a line now and then, if there is news. */
export interface Progress {
  show(status: RunStatus): void;
  close(): void;
}

/** A rate is that of so many milliseconds. */
const WINDOW_MS = 15_000;
const LINE_EVERY_MS = 5000;

export function openProgress(stream: WriteStream): Progress {
  return stream.isTTY ? asBar(stream) : asLines(stream);
}

function asBar(stream: WriteStream): Progress {
  // What does not fit into the line is cut off: the rest of it comes first.
  const format =
    '{state}  {bar} {percentage}%  {value} of {total}  {speed}  {left}  {failed}  {delivered}  {read}';
  // Ctrl-C is for the command.
  const options = { format, stream, gracefulExit: false, hideCursor: true, barsize: 20 };
  const bar = new progress.SingleBar(options, progress.Presets.shades_classic);
  const speed = createSpeed();
  let isStarted = false;
  return {
    show(status) {
      const done = triedOf(status);
      const words = wordsOf(status, speed(status));
      if (!isStarted) bar.start(status.recipients, done, words);
      isStarted = true;
      bar.setTotal(status.recipients);
      bar.update(done, words);
    },
    close() {
      if (isStarted) bar.stop();
    },
  };
}

function asLines(stream: WriteStream): Progress {
  const speed = createSpeed();
  let last = { state: '', line: '', at: Number.NEGATIVE_INFINITY };
  return {
    show(status) {
      const { state, speed: perSecond, left, failed, delivered, read } = wordsOf(status, speed(status));
      const tried = `${triedOf(status)} of ${status.recipients}`;
      const line = [tried, failed, delivered, read].join();
      const now = performance.now();
      const isSoon = now - last.at < LINE_EVERY_MS && status.endedAt === undefined;
      if (state === last.state && (isSoon || line === last.line)) return;
      last = { state, line, at: now };
      stream.write(`${[state, tried, perSecond, left, failed, delivered, read].join('  ')}\n`);
    },
    close() {},
  };
}

/** Recipients of whom it is decided whether something was sent. */
export function triedOf({ recipients, waiting, canceled }: RunStatus): number {
  return recipients - waiting - canceled;
}

type Word = 'state' | 'speed' | 'left' | 'failed' | 'delivered' | 'read';

function wordsOf(status: RunStatus, perSecond: number | undefined): Record<Word, string> {
  const { state, waiting, counts } = status;
  const isGoing = state === 'running' && perSecond !== undefined && perSecond > 0;
  return {
    state,
    speed: perSecond === undefined ? '-/s' : `${perSecond.toFixed(1)}/s`,
    left: `${waiting} left${isGoing && waiting > 0 ? `, ${duration((1000 * waiting) / perSecond)}` : ''}`,
    failed: `${counts.failed ?? 0} failed`,
    delivered: `${counts.delivered ?? 0} delivered`,
    read: `${counts.read ?? 0} read`,
  };
}

/** Messages a second, of late. Undefined until that can be told. */
function createSpeed(): (status: RunStatus) => number | undefined {
  const seen: { at: number; done: number }[] = [];
  return (status) => {
    const latest = { at: performance.now(), done: triedOf(status) };
    seen.push(latest);
    while (seen.length > 2 && latest.at - (seen[1]?.at ?? 0) > WINDOW_MS) seen.shift();
    const first = seen[0] ?? latest;
    const ms = latest.at - first.at;
    return ms < 1000 ? undefined : (1000 * (latest.done - first.done)) / ms;
  };
}

/** `1.2 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
