import type { Effect, EffectRecord } from '@parley/core';
import { isOver } from './run-header.js';
import type { RunStore } from './store.js';
import type { SuppressionList } from './suppressions.js';

/** Why something of a run does not leave after all. */
const OVER = 'the run has ended';
const STOPPED = 'the run was paused or canceled';
const OPTED_OUT = 'the person has opted out';

const REASONS: ReadonlySet<string> = new Set([OVER, STOPPED, OPTED_OUT]);

/**
 * Why an effect of a run must not leave now, whoever carries it out; undefined: it may. What is queued was allowed when it was stored,
 * and may have waited since.
 */
export async function whyWithheld(
  store: RunStore,
  suppressions: SuppressionList,
  effect: Effect,
): Promise<string | undefined> {
  const run = runOf(effect);
  const header = run === undefined ? undefined : await store.header(run);
  if (header === undefined) return undefined;
  if (isOver(header)) return OVER;
  const { action } = effect;
  // What the provider does as a whole is decided in the write that asks for it.
  if (action.kind !== 'open') return undefined;
  if (header.wanted !== 'go') return STOPPED;
  const [isSuppressed] = await suppressions.areSuppressed([action.request.to.value]);
  return isSuppressed === true ? OPTED_OUT : undefined;
}

/** True if it was withheld for one of these reasons: it has certainly not left, and never will under this id. */
export function isWithheld({ status, error }: EffectRecord): boolean {
  return status === 'withheld' && error !== undefined && REASONS.has(error.message);
}

/** The id of whatever belongs to a run begins so. */
export function effectPrefix(account: string, run: string): string {
  return `key:${account}:campaign:${run}:`;
}

function runOf({ id, account }: Effect): string | undefined {
  const prefix = `key:${account}:campaign:`;
  return id.startsWith(prefix) ? id.slice(prefix.length, id.lastIndexOf(':')) : undefined;
}
