import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '@parley/core';
import { SECRET } from './webhooks.js';

/** What nobody can do without: HMAC over the raw bytes, a comparison in constant time, `JSON.parse`, one call. */
export function verifyAndParse(
  body: Uint8Array,
  signature: unknown,
  handler: (payload: unknown) => void,
): boolean {
  const expected = createHmac('sha1', SECRET).update(body).digest();
  const given = Buffer.from(String(signature).slice('sha1='.length), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  handler(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')));
  return true;
}

export function verifyAndParseAll(requests: readonly WebhookRequest[]): void {
  let handled = 0;
  const handler = (): void => {
    handled += 1;
  };
  for (const { body, headers } of requests) verifyAndParse(body, headers['x-hub-signature'], handler);
  if (handled !== requests.length) throw new Error('the floor refused a webhook');
}
