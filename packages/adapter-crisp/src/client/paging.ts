import { paginate } from '@parley/adapter-kit';
import type { CallOptions, ListOptions } from '@parley/core';

/** A page, or a batch of messages. */
export interface Batch {
  items: readonly unknown[];
  /** The answer was 206: there are more. */
  more: boolean;
}

/** Pages are counted from 1 and end with an empty one: neither a total nor the size of a page is told. */
export async function* eachPage(
  fetchPage: (page: number, options: CallOptions) => Promise<Batch>,
  options: ListOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  const { limit, ...rest } = options;
  yield* paginate(1, {
    fetchPage: (page) => fetchPage(page, rest),
    next: ({ items }, page) => (items.length === 0 ? undefined : page + 1),
    ...(limit !== undefined && { limit }),
    ...(rest.signal && { signal: rest.signal }),
  });
}

interface Dated {
  fingerprint?: unknown;
  timestamp?: unknown;
}

/**
 * Messages, newest first. They are not paged by number but by time: 206 says that there are older ones
 * (crisp-im/ruby-crisp-api#16). Several may have the time of the oldest one of a batch, so it is asked for again.
 */
export async function* eachMessage(
  fetchBatch: (query: { timestamp_before?: number }, options: CallOptions) => Promise<Batch>,
  options: ListOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  const { limit = Number.POSITIVE_INFINITY, ...rest } = options;
  const seen = new Set<unknown>();
  let left = limit;
  let before: number | undefined;
  let newestFirst = false;
  while (left > 0) {
    const { items, more } = await fetchBatch(before === undefined ? {} : { timestamp_before: before }, rest);
    const fresh = items.filter((item) => !seen.has(fingerprintOf(item)));
    newestFirst = isNewestFirst(items) ?? newestFirst;
    // The sort is stable: of what has the same time, the order of the batch tells which is newer.
    if (!newestFirst) fresh.reverse();
    for (const item of fresh.sort((a, b) => timeOf(b) - timeOf(a))) {
      seen.add(fingerprintOf(item));
      yield item;
      left -= 1;
      if (left <= 0) return;
    }
    const oldest = Math.min(...items.map(timeOf));
    if (!more || !Number.isFinite(oldest)) return;
    // A batch of nothing but one moment: only the moments before it can be asked for.
    const next = fresh.length === 0 ? oldest : oldest + 1;
    if (before !== undefined && next >= before && fresh.length === 0) return;
    before = next;
  }
}

/** Which way round a batch comes is not documented; one whose messages all have the same time does not tell. */
function isNewestFirst(items: readonly unknown[]): boolean | undefined {
  const [first, last] = [timeOf(items[0]), timeOf(items.at(-1))];
  return first === last ? undefined : first > last;
}

function fingerprintOf(item: unknown): unknown {
  return String((item as Dated | null)?.fingerprint);
}

function timeOf(item: unknown): number {
  const timestamp = (item as Dated | null)?.timestamp;
  return typeof timestamp === 'number' ? timestamp : Number.NaN;
}
