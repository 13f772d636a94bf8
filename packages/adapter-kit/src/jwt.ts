import type { TokenPair } from '@parley/core';
import { readJson } from './json.js';

/**
 * What a JSON Web Token says about itself, unverified: only its issuer can check it. Undefined if it is none; many tokens
 * are not.
 */
export function readJwtClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.');
  const payload = parts[1];
  if (parts.length !== 3 || payload === undefined) return undefined;
  const claims = readJson(Buffer.from(payload, 'base64url'))?.value;
  return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
    ? (claims as Record<string, unknown>)
    : undefined;
}

/** Epoch milliseconds, undefined if the pair does not tell. */
export function expiryOf(pair: TokenPair): number | undefined {
  const told = Date.parse(pair.expiresAt ?? '');
  if (!Number.isNaN(told)) return told;
  return secondsToMs(readJwtClaims(pair.token)?.exp);
}

/** How long the token is good for from its issue to its end, in milliseconds; undefined if it does not tell. */
export function lifetimeOf(pair: TokenPair): number | undefined {
  const claims = readJwtClaims(pair.token);
  const from = secondsToMs(claims?.iat);
  const to = secondsToMs(claims?.exp);
  return from === undefined || to === undefined || to <= from ? undefined : to - from;
}

function secondsToMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
