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
  checkSecrets(secrets);
  const given = Buffer.from(signature, 'hex');
  let matches = false;
  for (const secret of secrets) {
    const hmac = createHmac(algorithm, secret);
    if (payload instanceof Uint8Array) hmac.update(payload);
    else for (const part of payload) hmac.update(part);
    const expected = hmac.digest();
    const equal = isEqual(given, expected);
    // `Buffer.from` stops at the first character that is not hexadecimal: the text has to be of full length, too.
    matches = (equal && signature.length === 2 * expected.length) || matches;
  }
  return matches;
}

/**
 * True if `given` is one of the secrets: for calls that are not signed and carry the secret itself. Takes as long for a wrong one as
 * for a right one of the same length, and always tries all secrets.
 *
 * @throws ERR_CONFIG if there is no secret, or an empty one: everybody knows that
 */
export function isSecret(given: string, secrets: readonly string[]): boolean {
  checkSecrets(secrets);
  let matches = false;
  for (const secret of secrets) matches = isEqual(Buffer.from(given), Buffer.from(secret)) || matches;
  return matches;
}

function checkSecrets(secrets: readonly string[]): void {
  if (secrets.length > 0 && !secrets.includes('')) return;
  throw new ParleyError('ERR_CONFIG', 'secrets: expected one or more, none of them empty');
}

/** How long it takes tells nothing of the contents. */
function isEqual(given: Buffer, expected: Buffer): boolean {
  const whole = given.length === expected.length;
  return timingSafeEqual(whole ? given : expected, expected) && whole;
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
