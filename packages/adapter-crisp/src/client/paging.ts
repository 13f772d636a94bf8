import { paginate } from '@parley/adapter-kit';
import type { CallOptions, ListOptions } from '@parley/core';
import { ParleyError } from '@parley/core';

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
 * (crisp-im/ruby-crisp-api#16). Several may have the time of the oldest one of a batch, so it is asked for again. One without a
 * time comes beside its neighbour.
 *
 * @param start epoch milliseconds: only what was said before; missing: begins with the newest
 * @param onHidden told if one millisecond fills a batch: what else was said in it cannot be asked for
 * @throws ERR_UNEXPECTED_PAYLOAD if there are older ones that cannot be asked for: what is cut short never looks complete
 */
export async function* eachMessage(
  fetchBatch: (query: { timestamp_before?: number }, options: CallOptions) => Promise<Batch>,
  options: ListOptions = {},
  onHidden: () => void = () => {},
  start?: number,
): AsyncGenerator<unknown, void, undefined> {
  const { limit = Number.POSITIVE_INFINITY, ...rest } = options;
  const seen = new Set<unknown>();
  let left = limit;
  let before = start;
  let newestFirst = false;
  while (left > 0) {
    const { items, more } = await fetchBatch(before === undefined ? {} : { timestamp_before: before }, rest);
    const times = items.map(timeOf).filter((time) => time !== undefined);
    const [first, last] = [times[0], times.at(-1)];
    // Which way round a batch comes is not documented; one whose messages all have the same time does not tell.
    if (first !== undefined && last !== undefined && first !== last) newestFirst = first > last;
    let fresh = 0;
    for (const item of inOrder(items, newestFirst)) {
      if (seen.has(keyOf(item))) continue;
      seen.add(keyOf(item));
      fresh += 1;
      yield item;
      left -= 1;
      if (left <= 0) return;
    }
    if (!more || items.length === 0) return;
    const oldest = Math.min(...times);
    // A batch of nothing but one moment: only the moments before it can be asked for.
    const next: number = fresh === 0 ? oldest : oldest + 1;
    if (!Number.isFinite(oldest) || (before !== undefined && next >= before && fresh === 0)) throw endless();
    if (fresh === 0) onHidden();
    before = next;
  }
}

function endless(): ParleyError {
  return new ParleyError(
    'ERR_UNEXPECTED_PAYLOAD',
    'Crisp messages: there are older ones (206), and no timestamp to ask for them with',
  );
}

/** Newest first. The sort is stable: of what has the same time, the order of the batch tells which is newer. */
function inOrder(items: readonly unknown[], newestFirst: boolean): unknown[] {
  const ordered = newestFirst ? [...items] : items.toReversed();
  let time = Number.POSITIVE_INFINITY;
  const dated = ordered.map((item) => {
    time = timeOf(item) ?? time;
    return { item, time };
  });
  return dated.sort((a, b) => (a.time === b.time ? 0 : b.time - a.time)).map(({ item }) => item);
}

/** What has no fingerprint is told apart by all that it has. */
function keyOf(item: unknown): string {
  const fingerprint = (item as Dated | null)?.fingerprint;
  const isOne = typeof fingerprint === 'number' || typeof fingerprint === 'string';
  return isOne ? String(fingerprint) : JSON.stringify(item);
}

function timeOf(item: unknown): number | undefined {
  const timestamp = (item as Dated | null)?.timestamp;
  return typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : undefined;
}
