import { calling } from '@parley/adapter-kit';
import type { CallOptions, ListOptions } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { type Batch, eachMessage, eachPage } from './paging.js';
import { type Arguments, toQueryString, toRequest } from './request.js';
import { type AnswerOf, type ArgumentsOf, type Route, readRoute } from './route.js';
import { ROUTES } from './routes.js';
import type { CrispAnswer, Transport } from './transport.js';

type Routes = typeof ROUTES;

/** `conversations.get`, `people.list`, ... */
export type CrispRoute = {
  [Group in keyof Routes]: `${Group}.${Extract<keyof Routes[Group], string>}`;
}[keyof Routes];

type LineOf<Name extends CrispRoute> = Name extends `${infer Group}.${infer Method}`
  ? Group extends keyof Routes
    ? Method extends keyof Routes[Group]
      ? Routes[Group][Method]
      : never
    : never
  : never;

export type CrispArguments<Name extends CrispRoute> = ArgumentsOf<LineOf<Name>>;
export type CrispData<Name extends CrispRoute> = AnswerOf<LineOf<Name>>;

/** An object may be left out where nothing in it is obligatory. */
type Given<Args> = object extends Args
  ? [args?: Args, options?: CallOptions]
  : [args: Args, options?: CallOptions];

/** A route whose answer is a list that goes on. */
export type CrispListRoute = {
  [Name in CrispRoute]: CrispData<Name> extends readonly unknown[]
    ? 'page' extends keyof CrispArguments<Name>
      ? Name
      : never
    : never;
}[CrispRoute];

type ItemOf<Name extends CrispRoute> = CrispData<Name> extends readonly (infer Item)[] ? Item : never;

/**
 * Crisp's whole REST API, a method for every line of the table: what the ports do not say, say here.
 *
 * A method takes the parameters of its path by name, `query` and `body`, and resolves with the `data` of the answer.
 * `website` may be left out where the account has one.
 */
export type CrispApi = {
  readonly [Group in keyof Routes]: {
    readonly [Method in Extract<keyof Routes[Group], string>]: (
      ...given: Given<ArgumentsOf<Routes[Group][Method]>>
    ) => Promise<AnswerOf<Routes[Group][Method]>>;
  };
} & {
  /** The same with status and reason: 206 says that a list of messages goes on. */
  answer<Name extends CrispRoute>(
    name: Name,
    ...given: Given<CrispArguments<Name>>
  ): Promise<CrispAnswer<CrispData<Name>>>;
  /** The items of all pages. */
  each<Name extends CrispListRoute>(
    name: Name,
    args?: Omit<CrispArguments<Name>, 'page'>,
    options?: ListOptions,
  ): AsyncIterable<ItemOf<Name>>;
  /** All messages of a conversation, newest first; with `before` (epoch milliseconds), those that were said earlier. */
  eachMessage(
    args: { website?: string; session: string; before?: number },
    options?: ListOptions,
  ): AsyncIterable<CrispData<'messages.list'>[number]>;
  /**
   * Any other route of the same origin.
   *
   * @throws ERR_CONFIG for a path that does not begin with `/v1/`, or leads out of it: the keypair goes nowhere else
   * @throws ERR_NOT_FOUND for a HEAD of what does not exist; of what does, there is no data
   */
  request(request: CrispRequest, options?: CallOptions): Promise<CrispAnswer<unknown>>;
};

export interface CrispRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/v1/`; percent-encoded, without dot segments and query. */
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** @param website of the account, if it is about one */
export function createApi(transport: Transport, website: string | undefined): CrispApi {
  const send = async (
    route: Route,
    args: Arguments,
    options?: CallOptions,
  ): Promise<CrispAnswer<unknown>> => {
    transport.permit(route.name, options);
    const request = toRequest(route, args, website, options);
    if (route.answer !== 'exists') return transport.send(request);
    try {
      return { ...(await transport.send(request)), data: true };
    } catch (error) {
      if (!isParleyError(error, 'ERR_NOT_FOUND')) throw error;
      return { status: 404, reason: '', data: false };
    }
  };
  const list = async (name: string, args: Arguments, options?: CallOptions): Promise<Batch> => {
    const { status, data } = await send(find(name), args, options);
    return { items: Array.isArray(data) ? data : [], more: status === 206 };
  };
  const methods: Record<string, object> = Object.fromEntries(
    Object.entries(ROUTES).map(([group, lines]) => [
      group,
      Object.fromEntries(
        Object.entries(lines).map(([method, line]) => {
          let route: Route | undefined;
          return [
            method,
            async (args: Arguments = {}, options?: CallOptions) => {
              route ??= readRoute(`${group}.${method}`, line);
              return (await send(route, args, options)).data;
            },
          ];
        }),
      ),
    ]),
  );
  return {
    ...methods,
    answer: async (name: CrispRoute, args: Arguments = {}, options?: CallOptions) =>
      send(find(name), args, options),
    each: (name: CrispRoute, args: Arguments = {}, options?: ListOptions) =>
      eachPage((page, rest) => list(name, { ...args, page }, rest), options),
    eachMessage: ({ before, ...args }: Arguments & { before?: number }, options?: ListOptions) =>
      eachMessage(
        (query, rest) => list('messages.list', { ...args, query }, rest),
        options,
        () => {
          const { name: account, log } = transport.account;
          log.warn(
            { account },
            'Crisp messages: one millisecond fills a batch: more that was said in it cannot be asked for',
          );
        },
        before,
      ),
    request: async ({ method, path, query, body }: CrispRequest, options?: CallOptions) => {
      transport.permit(`${method} request`, options);
      // What is sent has to be what is asked for: dots lead out of /v1/, also encoded or after a backslash.
      if (!path.startsWith('/v1/') || URL.parse(path, 'http://localhost')?.pathname !== path) {
        throw new ParleyError(
          'ERR_CONFIG',
          'Crisp: request({ path }): expected a path that begins with /v1/, percent-encoded, without dot segments and query',
        );
      }
      const search = toQueryString(query);
      return transport.send({
        method,
        path,
        route: method === 'POST' ? 'unsent' : 'safe',
        ...(search !== '' && { query: search }),
        ...(body !== undefined && { body }),
        ...calling(options),
      });
    },
  } as unknown as CrispApi;
}

function find(name: string): Route {
  const [group = '', method = ''] = name.split('.');
  const lines: unknown = Object.hasOwn(ROUTES, group) ? Reflect.get(ROUTES, group) : undefined;
  const line: unknown =
    typeof lines === 'object' && lines !== null && Object.hasOwn(lines, method)
      ? Reflect.get(lines, method)
      : undefined;
  if (typeof line === 'string') return readRoute(name, line);
  throw new ParleyError('ERR_CONFIG', 'Crisp: there is no route of this name; see docs/providers/crisp.md');
}
