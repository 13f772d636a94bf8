import type { Decoder } from '@parley/adapter-kit';
import { calling, decodeEach, nextLink, paginate, pathSegment } from '@parley/adapter-kit';
import type { CallOptions, ListOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import { checkMandatoryFilters } from './mandatory-filters.js';
import type { PageQuery, Query, View } from './query.js';
import { toParameters, toQueryString, toViewParameters } from './query.js';
import type { Transport } from './transport.js';

/**
 * One kind of record: the five things every one of them can do. Whether the token may, the platform's permission table
 * decides (ERR_FORBIDDEN says which scope is needed).
 */
export interface Resource<Item, Input = Partial<Item>, Changes = Input> {
  /** One page: at most `limit` records from `offset` on. A record that cannot be read is left out and logged. */
  list(query?: PageQuery<Item>, options?: CallOptions): Promise<Item[]>;
  /** All of them, page by page, each fetched when it is asked for. */
  iterate(query?: Query<Item>, options?: ListOptions): AsyncIterable<Item>;
  /** @throws ERR_NOT_FOUND */
  get(id: string, view?: View, options?: CallOptions): Promise<Item>;
  create(input: Input, options?: CallOptions): Promise<Item>;
  /** Changes what is named. A nested object or array that is named replaces the stored one whole. */
  update(id: string, changes: Changes, options?: CallOptions): Promise<Item>;
  delete(id: string, options?: CallOptions): Promise<void>;
}

export const PAGE_SIZE = 100;

export function createResource<Item extends { id: string }, Input, Changes>(
  transport: Transport,
  name: string,
  codec: Decoder<Item>,
): Resource<Item, Input, Changes> {
  const path = `/v2/${name}`;
  const pathOf = (id: string): string => `${path}/${pathSegment(id)}`;

  const fetchPage = async (query: string, options: CallOptions | undefined): Promise<Page<Item>> => {
    const answer = await transport.send({ method: 'GET', path, query, route: 'safe', ...calling(options) });
    const { items, rejected } = decodeEach(codec, answer.body, `GET ${path}`);
    for (const error of rejected) transport.account.log.warn({ route: path }, error.message);
    const link = nextLink(answer.headers);
    return { items, ...(link !== undefined && { next: nextQuery(path, link) }) };
  };
  const firstQuery = (query: PageQuery<Item>, options: CallOptions | undefined): string => {
    const parameters = toParameters({ limit: PAGE_SIZE, ...query });
    checkMandatoryFilters(name, parameters);
    transport.permit(name, 'list', options);
    return toQueryString(parameters);
  };

  return {
    list: async (query = {}, options) => (await fetchPage(firstQuery(query, options), options)).items,
    iterate: (query = {}, options = {}) => {
      const limit = Math.min(options.limit ?? PAGE_SIZE, PAGE_SIZE);
      return deferred(() =>
        paginate(firstQuery({ ...query, limit, offset: 0 }, options), {
          fetchPage: (page) => fetchPage(page, options),
          next: (page) => page.next,
          ...(options.limit !== undefined && { limit: options.limit }),
          ...(options.signal && { signal: options.signal }),
        }),
      );
    },
    get: async (id, view = {}, options) => {
      transport.permit(name, 'get', options, id);
      const query = toQueryString(toViewParameters(view));
      return transport.fetch(codec, {
        method: 'GET',
        path: pathOf(id),
        query,
        route: 'safe',
        ...calling(options),
      });
    },
    create: async (body, options) => {
      transport.permit(name, 'create', options);
      return transport.fetch(codec, { method: 'POST', path, body, route: 'unsent', ...calling(options) });
    },
    update: async (id, body, options) => {
      transport.permit(name, 'update', options, id);
      return transport.fetch(codec, {
        method: 'PATCH',
        path: pathOf(id),
        body,
        route: 'safe',
        ...calling(options),
      });
    },
    delete: async (id, options) => {
      transport.permit(name, 'delete', options, id);
      await transport.send({ method: 'DELETE', path: pathOf(id), route: 'unsent', ...calling(options) });
    },
  };
}

interface Page<Item> {
  items: Item[];
  /** The query of the next page. */
  next?: string;
}

/**
 * Of a `Link` only the query is taken: the next page is of the same list at the same origin, so that whoever wrote the
 * header cannot send the token elsewhere.
 */
function nextQuery(path: string, link: string): string {
  const url = URL.parse(link, 'https://any.invalid');
  if (url?.pathname === path) return url.search.slice(1);
  throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `GET ${path}: the Link header points to another list`);
}

/** Nothing happens, and nothing throws, before somebody iterates. */
async function* deferred<T>(start: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* start();
}
