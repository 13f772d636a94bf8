import { createHmac, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '@parley/core';

export interface HmacCheck {
  algorithm: 'sha1' | 'sha256';
  /** As text, in UTF-8. Several while a secret is being replaced: any of them will do. */
  secrets: readonly string[];
  /** The raw bytes that were signed; text counts as UTF-8. In parts where a provider signs more than the body. */
  payload: Uint8Array | readonly (Uint8Array | string)[];
  /** Hexadecimal, without a prefix such as `sha1=`. Undefined: not signed. */
  signature: string | undefined;
}

/**
 * True if `signature` is the HMAC of `payload` under one of the secrets. Takes as long for a wrong signature as for a right
 * one, and always tries all secrets.
 *
 * @throws ERR_CONFIG if there is no secret, or an empty one: everybody can sign with that
 */
export function verifyHmac({ algorithm, secrets, payload, signature = '' }: HmacCheck): boolean {
  if (secrets.length === 0 || secrets.includes('')) {
    throw new ParleyError('ERR_CONFIG', 'secrets: expected one or more, none of them empty');
  }
  const given = Buffer.from(signature, 'hex');
  let matches = false;
  for (const secret of secrets) {
    const hmac = createHmac(algorithm, secret);
    if (payload instanceof Uint8Array) hmac.update(payload);
    else for (const part of payload) hmac.update(part);
    const expected = hmac.digest();
    // `Buffer.from` stops at the first character that is not hexadecimal: the text has to be of full length, too.
    const whole = given.length === expected.length && signature.length === 2 * expected.length;
    const equal = timingSafeEqual(whole ? given : Buffer.alloc(expected.length), expected);
    matches = (whole && equal) || matches;
  }
  return matches;
}

/**
 * True if a signed moment is at most `windowMs` away from now, in either direction: clocks differ. A replayed request is then
 * good for that long at most.
 *
 * @param signedAt epoch milliseconds, as signed. NaN is never fresh
 * @param windowMs default five minutes
 */
export function isFresh(signedAt: number, now: number, windowMs = 300_000): boolean {
  return Math.abs(now - signedAt) <= windowMs;
}
