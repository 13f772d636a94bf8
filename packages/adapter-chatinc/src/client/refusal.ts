import type { HttpResponse, RouteKind } from '@parley/adapter-kit';
import type { ErrorCode } from '@parley/core';
import { isRecord } from '../wire/unwrap.js';

/** The provider's words about a failure: no shape is documented, so the usual ones are tried. */
export function readReason(body: unknown): string | undefined {
  if (typeof body === 'string') return looksLikePage(body) ? undefined : body;
  if (!isRecord(body)) return undefined;
  const { message, error, reason, errors } = body;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const candidates = [
    message,
    error,
    isRecord(error) ? error.message : undefined,
    reason,
    isRecord(first) ? first.message : first,
  ];
  return candidates.find((one): one is string => typeof one === 'string' && one !== '');
}

/** A gateway's HTML says nothing of the failure. */
function looksLikePage(text: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text);
}

const FINE = /^(?:success|ok)$/i;
const REFUSED = /^(?:error|err|fail|failed|failure|invalid|rejected|denied|unauthori[sz]ed|forbidden)$/i;

/**
 * A 2xx answer whose `status` is another word than success is a failure. On a route that costs money a word that we do not know is
 * no proof of one: then it has to be looked up.
 */
export function classify({ status, body }: HttpResponse, route: RouteKind): ErrorCode | undefined {
  if (status < 200 || status >= 300) return undefined;
  const said = statusIn(body);
  if (said === undefined || FINE.test(said)) return undefined;
  return route === 'never' && !REFUSED.test(said) ? 'ERR_OUTCOME_UNKNOWN' : 'ERR_REJECTED';
}

/** The `status` of an envelope. A recipient's row has a `status` too, and a number. */
function statusIn(body: unknown): string | undefined {
  if (typeof body === 'string') return statusIn(asEnvelope(body));
  const only: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  if (!isRecord(only) || 'number' in only) return undefined;
  return typeof only.status === 'string' ? only.status : undefined;
}

/** Of an answer that was read as text: a short one may be an envelope, a long one is a list. */
function asEnvelope(text: string): unknown {
  if (text.length > 2_000 || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
