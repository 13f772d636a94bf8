import { ParleyError } from '@parley/core';

/**
 * Checks the `origin` option of an adapter: scheme, host and port, nothing else.
 *
 * @throws ERR_CONFIG
 */
export function parseOrigin(origin: string): string {
  const url = URL.parse(origin);
  const plain =
    url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ParleyError(
      'ERR_CONFIG',
      'origin: expected scheme, host and port without a path, for example https://api.example.com',
    );
  }
  return url.origin;
}

/** Only here may a secret travel unencrypted: to this machine, or to a name without dots, which no public host has. */
export function isNearby(hostname: string): boolean {
  return hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname) || /^[a-z0-9-]+$/i.test(hostname);
}

/**
 * One segment of a path, percent-encoded. What would change the route instead of naming a thing (nothing, `.`, `..`) is
 * refused: `encodeURIComponent` lets dots pass, and a server folds them. So is half a character, which has no encoding.
 *
 * @throws ERR_CONFIG
 */
export function pathSegment(value: string): string {
  if (value === '' || value === '.' || value === '..') {
    throw new ParleyError('ERR_CONFIG', 'An id is empty or only dots: it cannot be part of a path');
  }
  if (!value.isWellFormed()) {
    throw new ParleyError('ERR_CONFIG', 'An id holds half a character: it cannot be part of a path');
  }
  return encodeURIComponent(value);
}

export interface Target {
  /** Percent-encoded, begins with `/`. */
  path: string;
  /** Percent-encoded, without `?`. */
  query?: string;
}

/**
 * Splits a URL that a provider sent (a `Link` header, a `next` field) into what `request` takes. A URL of another origin is
 * refused: following it would hand the credentials to whoever wrote it.
 *
 * @param url absolute, or relative to the origin
 * @param from what it stood in, for the error, for example `Link header of GET /v2/messages`
 * @throws ERR_UNEXPECTED_PAYLOAD
 */
export function sameOriginTarget(origin: string, url: string, from: string): Target {
  const target = URL.parse(url, origin);
  if (target === null) throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: expected a URL`);
  if (target.origin !== origin || target.username !== '' || target.password !== '') {
    throw new ParleyError(
      'ERR_UNEXPECTED_PAYLOAD',
      `${from}: points to ${target.host}, which is not ${origin}, and is not followed. ` +
        'If the provider moved there, change the option origin',
    );
  }
  return target.search === ''
    ? { path: target.pathname }
    : { path: target.pathname, query: target.search.slice(1) };
}
