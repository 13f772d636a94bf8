import type { Effect, EffectRecord } from '@parley/core';
import { haveOptedOut, type PlannedRecipient } from './recipient.js';
import { isOver, type RunHeader } from './run-header.js';
import type { RunStore } from './store.js';
import type { SuppressionList } from './suppressions.js';

/** Why something of a run does not leave after all. */
const OVER = 'the run has ended';
const STOPPED = 'the run was paused or canceled';
const OPTED_OUT = 'the person has opted out';

const REASONS: ReadonlySet<string> = new Set([OVER, STOPPED, OPTED_OUT]);

/** Chunks that are kept in memory: messages under way are of few of them. */
const MOST_CHUNKS = 4;

/**
 * Asked right before something of a run leaves, by whichever process carries it out. What is queued was allowed when it was stored,
 * and may have waited since.
 */
export class Leaving {
  readonly #store: RunStore;
  readonly #suppressions: SuppressionList;
  readonly #chunks = new Map<string, Promise<readonly PlannedRecipient[]>>();

  constructor(store: RunStore, suppressions: SuppressionList) {
    this.#store = store;
    this.#suppressions = suppressions;
  }

  /** Why it must not leave now; undefined: it may. */
  async whyWithheld(effect: Effect): Promise<string | undefined> {
    const found = partOf(effect);
    const header = found === undefined ? undefined : await this.#store.header(found.run);
    if (found === undefined || header === undefined) return undefined;
    if (isOver(header)) return OVER;
    const { action } = effect;
    if (action.kind === 'campaign') return header.wanted === 'cancel' ? STOPPED : undefined;
    // What the provider does as a whole is decided in the write that asks for it.
    if (action.kind !== 'open') return undefined;
    if (header.wanted !== 'go') return STOPPED;
    const also = await this.#alsoOf(header, found.part);
    const [hasOptedOut] = await haveOptedOut(this.#suppressions, [{ to: action.request.to, ...also }]);
    return hasOptedOut === true ? OPTED_OUT : undefined;
  }

  async #alsoOf(header: RunHeader, part: string): Promise<Pick<PlannedRecipient, 'also'>> {
    const [chunk = 0, place = 0] = part.split('.').map(Number);
    const { also } = (await this.#recipients(header, chunk))[place] ?? {};
    return also === undefined ? {} : { also };
  }

  #recipients(header: RunHeader, chunk: number): Promise<readonly PlannedRecipient[]> {
    const key = `${header.plan} ${header.erasures ?? 0} ${chunk}`;
    const known = this.#chunks.get(key);
    if (known !== undefined) return known;
    const recipients = this.#store.recipients(header, chunk);
    this.#chunks.set(key, recipients);
    recipients.catch(() => this.#chunks.delete(key));
    for (const oldest of this.#chunks.keys())
      if (this.#chunks.size > MOST_CHUNKS) this.#chunks.delete(oldest);
    return recipients;
  }
}

/** True if it was withheld for one of these reasons: it has certainly not left, and never will under this id. */
export function isWithheld({ status, error }: EffectRecord): boolean {
  return status === 'withheld' && error !== undefined && REASONS.has(error.message);
}

/** The id of whatever belongs to a run begins so. */
export function effectPrefix(account: string, run: string): string {
  return `key:${account}:campaign:${run}:`;
}

function partOf({ id, account }: Effect): { run: string; part: string } | undefined {
  const prefix = `key:${account}:campaign:`;
  const end = id.lastIndexOf(':');
  return id.startsWith(prefix) && end > prefix.length
    ? { run: id.slice(prefix.length, end), part: id.slice(end + 1) }
    : undefined;
}
