import type { ErrorCode } from '@parley/core';

/**
 * May a request be repeated? Decided by what the route does, not by its method.
 *
 * - `safe`: always; doing it twice is doing it once.
 * - `unsent`: only if it is certain that nothing was carried out; else a person reads the message twice.
 * - `never`: not even then; each one costs money, and the caller decides.
 */
export type RouteKind = 'safe' | 'unsent' | 'never';

/**
 * What a failure means and whether the request is repeated (R), by kind of route.
 *
 * | what happened | safe | unsent | never |
 * | --- | --- | --- | --- |
 * | nothing was sent: DNS, refused, TLS, connect time-out | UNAVAILABLE R | UNAVAILABLE R | UNAVAILABLE |
 * | sent, no whole answer: time-out, reset, not HTTP | UNAVAILABLE R | OUTCOME_UNKNOWN | OUTCOME_UNKNOWN |
 * | 2xx, but not JSON, or too large | UNEXPECTED_PAYLOAD | OUTCOME_UNKNOWN | OUTCOME_UNKNOWN |
 * | 408, 429 | UNAVAILABLE R, RATE_LIMITED R | the same R | the same |
 * | 503 | UNAVAILABLE R | UNAVAILABLE R | OUTCOME_UNKNOWN |
 * | 500, 502, 504, other 5xx | UNAVAILABLE R | OUTCOME_UNKNOWN | OUTCOME_UNKNOWN |
 * | 3xx | CONFIG | CONFIG | CONFIG |
 * | 401, 403, 404 and 410, 409 and 412, other 4xx, 501, 505 | AUTHENTICATION, FORBIDDEN, NOT_FOUND, CONFLICT, REJECTED | the same | the same |
 * | the caller's signal, nothing sent | ABORTED | ABORTED | ABORTED |
 * | the caller's signal, sent | ABORTED | OUTCOME_UNKNOWN | OUTCOME_UNKNOWN |
 *
 * Why: 429 and 503 are said by a server (or the balancer before it) that did not begin, 408 by one that never had the whole
 * request. A 500 may come from the line after the one that did the work; 502 and 504 come from a gateway that lost the
 * server while it was at it. A 503 is sometimes said by such a gateway too, and where repeating costs money that is
 * doubt enough. A 2xx that cannot be read was carried out, but what came of it has to be looked up.
 */
export function codeOfStatus(status: number, route: RouteKind): ErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status < 400) return 'ERR_CONFIG';
  const known = STATUS_CODES[status];
  if (known !== undefined) return known;
  if (status < 500) return 'ERR_REJECTED';
  if (status === 503) return route === 'never' ? 'ERR_OUTCOME_UNKNOWN' : 'ERR_UNAVAILABLE';
  return codeOfLostAnswer(route);
}

const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'ERR_AUTHENTICATION',
  403: 'ERR_FORBIDDEN',
  404: 'ERR_NOT_FOUND',
  408: 'ERR_UNAVAILABLE',
  409: 'ERR_CONFLICT',
  410: 'ERR_NOT_FOUND',
  412: 'ERR_CONFLICT',
  429: 'ERR_RATE_LIMITED',
  501: 'ERR_REJECTED',
  505: 'ERR_REJECTED',
};

/** The request went out and no whole answer came. */
export function codeOfLostAnswer(route: RouteKind): ErrorCode {
  return route === 'safe' ? 'ERR_UNAVAILABLE' : 'ERR_OUTCOME_UNKNOWN';
}

/** A 2xx came that cannot be read. */
export function codeOfUnreadable(route: RouteKind): ErrorCode {
  return route === 'safe' ? 'ERR_UNEXPECTED_PAYLOAD' : 'ERR_OUTCOME_UNKNOWN';
}

/** The caller gave up. */
export function codeOfAbort(route: RouteKind, sent: boolean): ErrorCode {
  return sent && route !== 'safe' ? 'ERR_OUTCOME_UNKNOWN' : 'ERR_ABORTED';
}

/** The R of the table: both codes say that nothing was done. */
export function isRepeatable(code: ErrorCode, route: RouteKind): boolean {
  return route !== 'never' && (code === 'ERR_UNAVAILABLE' || code === 'ERR_RATE_LIMITED');
}
