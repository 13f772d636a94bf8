import type { HttpHeaders } from './http-client.js';

/**
 * Milliseconds that an answer asks to wait (`Retry-After`, RFC 9110 10.2.3: seconds or an HTTP date), undefined if it does
 * not say. A date counts from the answer's own `Date`, so that a clock that is off does not matter.
 */
export function readRetryAfter(headers: HttpHeaders, now: number): number | undefined {
  const value = first(headers['retry-after'])?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const sentAt = Date.parse(first(headers.date) ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? now : sentAt));
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}
