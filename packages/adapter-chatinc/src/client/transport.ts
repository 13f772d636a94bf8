import type { HttpClient, HttpRequest, Lifetime } from '@parley/adapter-kit';
import { calling, createHttpClient, createLifetime } from '@parley/adapter-kit';
import type { AccountContext, CallOptions } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { rawKey } from '../auth.js';
import type { Base, ChatIncConfig } from '../config.js';
import type { FlexibleRead } from '../options.js';
import { classify, readReason } from './refusal.js';
import { isRouteName, type Route, type RouteName, routeOf } from './routes.js';

export interface Sending {
  /** In the query of a GET, in the JSON of a POST. */
  params?: Readonly<Record<string, unknown>>;
  raw?: HttpRequest['raw'];
  answer?: HttpRequest['answer'];
}

/** What every route goes through. */
export interface Transport extends Lifetime {
  readonly account: AccountContext;
  readonly config: ChatIncConfig;
  /** Calls after every request that has made or run a campaign. Returns how to stop that. */
  onAction(listener: () => void): () => void;
  /** The body of a 2xx answer. */
  send(name: RouteName, sending: Sending, options: CallOptions | undefined): Promise<unknown>;
  /** @throws ERR_UNSUPPORTED unless an option allows `what` */
  require(allowed: boolean, what: string, option: string): void;
  /** Tells the log what could not be read of a list. */
  warnAll(route: RouteName, errors: readonly ParleyError[]): void;
}

export function createTransport(config: ChatIncConfig, account: AccountContext): Transport {
  const clients = new Map<string, HttpClient>();
  const authorize = rawKey(config.apiKey, account);
  /** A method that worked, or that there is no other. */
  const settled = new Map<RouteName, 'GET' | 'POST'>();
  const listeners = new Set<() => void>();
  const lifetime = createLifetime('Chat Inc', account, async () => {
    await Promise.all([...clients.values()].map((client) => client.close()));
  });

  const clientFor = (origin: string, upload: boolean): HttpClient => {
    const key = `${origin} ${upload}`;
    let client = clients.get(key);
    if (client === undefined) {
      client = createHttpClient({
        origin,
        account,
        authorize,
        readReason,
        classify,
        maxAnswerBytes: config.maxAnswerBytes,
        timeoutMs: upload ? config.uploadTimeoutMs : config.requestTimeoutMs,
        ...(config.rate && { rate: config.rate }),
      });
      clients.set(key, client);
    }
    return client;
  };

  const request = async (
    route: Route,
    method: 'GET' | 'POST',
    sending: Sending,
    options: CallOptions | undefined,
  ): Promise<unknown> => {
    const base = baseOf(config, route);
    const { params, raw, answer } = sending;
    const query = method === 'GET' && params !== undefined ? toQuery(params) : undefined;
    const { body } = await clientFor(base.origin, raw !== undefined).request({
      method,
      path: pathOf(config, base, route),
      ...(query !== undefined && { query }),
      ...(method === 'POST' && raw === undefined && { body: params ?? {} }),
      ...(raw !== undefined && { raw }),
      ...(answer !== undefined && { answer }),
      route: route.kind,
      ...calling(options),
    });
    return body;
  };

  return {
    ...lifetime,
    account,
    config,
    onAction: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    require: (allowed, what, option) => {
      if (allowed) return;
      const text = `Chat Inc: ${what} is off; the option ${option} allows it`;
      throw new ParleyError('ERR_UNSUPPORTED', text, { account: account.name });
    },
    warnAll: (route, errors) => {
      for (const error of errors) account.log.warn({ account: account.name, route }, error.message);
    },
    send: async (name, sending, options) => {
      lifetime.permit(name, options);
      const route = routeOf(name);
      const method = settled.get(name) ?? methodOf(config, route);
      try {
        const body = await request(route, method, sending, options);
        settled.set(name, method);
        if (route.kind === 'never') for (const listener of listeners) listener();
        return body;
      } catch (error) {
        if (!mayTryOther(config, route, settled, error)) throw error;
        const other = method === 'GET' ? 'POST' : 'GET';
        const body = await request(route, other, sending, options).catch((second: unknown) => {
          // Refused both ways: it is not the method.
          throw isMethodRefusal(second) ? error : second;
        });
        settled.set(name, other);
        account.log.info(
          { account: account.name, route: name, method: other },
          'Chat Inc: another method works',
        );
        return body;
      }
    },
  };
}

function baseOf(config: ChatIncConfig, { name, bot }: Route): Base {
  return config.routeBaseUrls[name] ?? (bot ? config.botBaseUrl : config.baseUrl);
}

function pathOf(config: ChatIncConfig, { prefix }: Base, { name, path }: Route): string {
  const own = name === 'addContactsToAudience' ? config.addContactsPath : path;
  // Some bot routes are printed with the version, some without: a base that has it must not double it.
  return prefix.endsWith('/v1') && own.startsWith('/v1/') ? `${prefix}${own.slice(3)}` : `${prefix}${own}`;
}

function isFlexible(config: ChatIncConfig, name: string): name is FlexibleRead {
  return isRouteName(name) && Object.hasOwn(config.methods, name);
}

function methodOf(config: ChatIncConfig, { name, method }: Route): 'GET' | 'POST' {
  return isFlexible(config, name) ? config.methods[name] : method;
}

/** Only a read, only once: a write that is sent a second time may be carried out twice. */
function mayTryOther(
  config: ChatIncConfig,
  { name }: Route,
  settled: ReadonlyMap<RouteName, unknown>,
  error: unknown,
): boolean {
  return config.methodFallback && isFlexible(config, name) && !settled.has(name) && isMethodRefusal(error);
}

function isMethodRefusal(error: unknown): boolean {
  return isParleyError(error) && (error.status === 404 || error.status === 405);
}

function toQuery(params: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) query.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return query.toString();
}
