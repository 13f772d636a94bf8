import { setTimeout } from 'node:timers/promises';
import type { RunStatus } from '@parley/broadcast';
import { isParleyError } from '@parley/core';
import type { CampaignHost } from './campaign-host.js';
import { openProgress, triedOf } from './campaign-progress.js';
import { Remarks } from './campaign-remarks.js';
import { reportOf, runText } from './campaign-report.js';
import { tell } from './tell.js';

/** Milliseconds between two looks, unless looking takes long itself. */
const LOOK_EVERY_MS = 500;

export interface Conduct {
  json?: boolean;
  /** Milliseconds for which receipts are waited for once everything is sent. */
  waitMs: number;
}

/** Drives a run, or watches whoever does, until it has ended or somebody presses Ctrl-C. */
export async function conduct(host: CampaignHost, id: string, { json, waitMs }: Conduct): Promise<void> {
  const interrupted = onInterrupt();
  try {
    await host.drive();
    await tellOthers(host, id);
    const status = await follow(host, id, waitMs, interrupted);
    if (isHalted(status)) throw pausedError(status);
    if (status.endedAt === undefined) return interruptedAt(host, status);
    const report = await reportOf(host, id);
    process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : `\n${runText(report)}`);
    if (status.state !== 'completed') process.exitCode = 1;
    else if (!host.isBot && !isReadByAll(status)) tell(receiptsOf(status));
  } catch (error) {
    if (!isGone(host, error)) throw error;
    throw new Error(
      `${(error as Error).message} The run goes on when it is back, or with: parley campaign resume ${id}`,
      {
        cause: error,
      },
    );
  }
}

/** Two Ctrl-C within this time are one: npx passes on what the terminal has sent to all of its processes already. */
const SAME_INTERRUPT_MS = 1000;

/** Fires at Ctrl-C; at another one, while everything is put away, the process ends at once. */
function onInterrupt(): AbortSignal {
  const interrupted = new AbortController();
  let at = Number.POSITIVE_INFINITY;
  const interrupt = (): void => {
    const now = performance.now();
    if (now - at > SAME_INTERRUPT_MS) process.exit(130);
    at = Math.min(at, now);
    interrupted.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  return interrupted.signal;
}

async function follow(
  host: CampaignHost,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<RunStatus> {
  const progress = openProgress(process.stderr);
  const remarks = new Remarks(host);
  let endedAt: number | undefined;
  let goneSince: number | undefined;
  try {
    for (;;) {
      const asked = performance.now();
      const status = await host.status(id).catch((error: unknown) => {
        if (!isGone(host, error) || signal.aborted || asked - (goneSince ?? asked) > GONE_MS) throw error;
      });
      if (status === undefined) {
        if (goneSince === undefined) tell(GONE);
        goneSince ??= asked;
      } else {
        goneSince = undefined;
        progress.show(status);
        if (signal.aborted || isHalted(status)) return status;
        if (status.endedAt !== undefined) {
          endedAt ??= asked;
          if (asked - endedAt >= waitMs || isReadByAll(status)) return status;
        }
        remarks.look(status, asked);
      }
      const tookMs = performance.now() - asked;
      await setTimeout(Math.max(LOOK_EVERY_MS, 5 * tookMs), undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.close();
  }
}

/** The process that sends does not answer: it has ended, or is about to. */
function isGone({ isBot }: CampaignHost, error: unknown): boolean {
  return isBot && (isParleyError(error, 'ERR_OUTCOME_UNKNOWN') || isParleyError(error, 'ERR_UNAVAILABLE'));
}

/** Milliseconds for which a bot that has ended is waited for: whoever keeps it running starts it again. */
const GONE_MS = 20_000;
const GONE = 'The process that sends has ended: waiting for it to come back';

/** Paused, and by nobody: it waits until something is put right. */
function isHalted({ state, reason }: RunStatus): boolean {
  return state === 'paused' && reason !== undefined;
}

/** How to go on with a run that somebody has paused, or that was refused to everybody. */
export function pausedError({ id, reason }: RunStatus): Error {
  const why = reason === undefined ? '' : `${reason}. Once that is put right: `;
  return new Error(`run ${id} is paused: ${why}parley campaign resume ${id}`);
}

function receiptsOf({ via }: RunStatus): string {
  const here = via === 'native' ? ', or the same `parley campaign run` again, with --wait' : '';
  return `Receipts still come: a bot that runs counts them${here}`;
}

function isReadByAll({ counts }: RunStatus): boolean {
  return (counts.read ?? 0) >= (counts.sent ?? 0);
}

/** A process that drives one run goes on with all that are not over. */
async function tellOthers(host: CampaignHost, id: string): Promise<void> {
  if (host.isBot) return;
  const others = (await host.runs()).filter(
    (run) => run.id !== id && run.endedAt === undefined && run.state !== 'paused',
  );
  if (others.length > 0) tell(`Goes on as well: ${others.map((run) => run.id).join(', ')}`);
}

function interruptedAt(host: CampaignHost, status: RunStatus): void {
  const { id, recipients, via, state, provider } = status;
  const far = `${triedOf(status)} of ${recipients} so far`;
  if (host.isBot) tell(`The run goes on in the bot: ${far}. See: parley campaign status ${id}`);
  else if (via === 'native' && state === 'running')
    tell(`${provider} goes on with the run: ${far}. Follow it again with: parley campaign resume ${id}`);
  else tell(`The run stops here: ${far}. Go on with: parley campaign resume ${id}`);
  // What a shell expects of a program that Ctrl-C has ended.
  process.exitCode = 130;
}
