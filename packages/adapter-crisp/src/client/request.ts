import { calling, type HttpRequest, pathSegment } from '@parley/adapter-kit';
import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Route } from './route.js';

/** What a method was given, whatever route it is. */
export interface Arguments {
  readonly [parameter: string]: unknown;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * The request of a route.
 *
 * @param website of the account: used where the arguments name none
 * @throws ERR_CONFIG for a parameter that is missing, or would change the route instead of naming a thing
 */
export function toRequest(
  route: Route,
  given: Arguments,
  website: string | undefined,
  options: CallOptions | undefined,
): HttpRequest {
  const { verb, kind } = route;
  let path = '/v1';
  for (const segment of route.segments) {
    path += segment.startsWith(':') ? `/${valueOf(segment.slice(1), given, route, website)}` : `/${segment}`;
  }
  const query = given.query === undefined ? '' : toQueryString(given.query);
  // The platform wants an object where it takes a body, also where there is nothing to say (crisp-api lib/crisp.ts:378-425).
  const writes = verb === 'POST' || verb === 'PUT' || verb === 'PATCH';
  const body = given.body ?? (writes ? {} : undefined);
  return {
    method: verb,
    path,
    route: kind,
    ...(query !== '' && { query }),
    ...(body !== undefined && { body }),
    // It carries the credentials itself.
    ...(route.name === 'user.logIn' && { authorize: false }),
    ...calling(options),
  };
}

function valueOf(name: string, given: Arguments, route: Route, website: string | undefined): string {
  const value = given[name] ?? (name === 'website' ? website : name === 'page' ? 1 : undefined);
  if (typeof value === 'string' || typeof value === 'number') return pathSegment(String(value));
  throw new ParleyError('ERR_CONFIG', `Crisp: ${route.name}({ ${name} }): expected a text or a number`);
}

/** What is missing is left out; a switch is `1` or `0`; lists and objects go as JSON (crisp-api lib/crisp.ts:923-931). */
export function toQueryString(query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    pairs.append(name, toQueryValue(value));
  }
  return pairs.toString();
}

function toQueryValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
