import { abortedError } from './abort.js';

export interface Paging<Request, Page extends { items: readonly unknown[] }> {
  fetchPage(request: Request, signal: AbortSignal | undefined): Promise<Page>;
  /**
   * The request for the page after `page`, or undefined if that was the last: read a `Link` header, count pages up, move an
   * offset on, hand a cursor over.
   */
  next(page: Page, request: Request): Request | undefined;
  /** Stop after so many items. Default: all. */
  limit?: number;
  signal?: AbortSignal;
}

/**
 * The items of all pages, one page fetched at a time and only when asked for.
 *
 * Ends at the last page, and also where a provider would keep us for ever: at a request that was made before, and at a page
 * that is the previous one again (a server that ignores the page number).
 *
 * @throws what `fetchPage` throws, and ERR_ABORTED: an iteration that is cut short never looks complete
 */
export async function* paginate<Request, Page extends { items: readonly unknown[] }>(
  first: Request,
  paging: Paging<Request, Page>,
): AsyncGenerator<Page['items'][number], void, undefined> {
  const { fetchPage, next, limit = Number.POSITIVE_INFINITY, signal } = paging;
  const asked = new Set<string>();
  let request: Request | undefined = first;
  let previous: string | undefined;
  let left = limit;
  while (request !== undefined && left > 0) {
    const key = JSON.stringify(request);
    if (asked.has(key)) return;
    asked.add(key);
    if (signal?.aborted) throw abortedError('paging', signal);
    const page: Page = await fetchPage(request, signal);
    const print = fingerprint(page.items);
    if (print === previous) return;
    previous = print;
    for (const item of page.items as Page['items'][number][]) {
      if (signal?.aborted) throw abortedError('paging', signal);
      yield item;
      left -= 1;
      if (left <= 0) return;
    }
    request = next(page, request);
  }
}

/** The same for a page that came twice. Two pages that follow each other do not begin and end alike. */
function fingerprint(items: readonly unknown[]): string {
  return JSON.stringify([items.length, items[0], items.at(-1)]);
}
