import type { HttpResponse } from '@parley/adapter-kit';
import type { ErrorCode } from '@parley/core';

/** `{ error, reason, data: { message } }`: the reason is the platform's word, the message explains it. */
export function readReason(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('reason' in body)) return undefined;
  const { reason } = body;
  if (typeof reason !== 'string') return undefined;
  if (reason === 'restricted_route_tier') return `${reason}: this route is for keypairs of another tier`;
  const data = 'data' in body ? body.data : undefined;
  const message = typeof data === 'object' && data !== null && 'message' in data ? data.message : undefined;
  return typeof message === 'string' ? `${reason}: ${message}` : reason;
}

/** Reasons that say more than the status that comes with them. */
const REASONS: Readonly<Record<string, ErrorCode>> = {
  invalid_session: 'ERR_AUTHENTICATION',
  // The plugin is not installed on this website.
  not_subscribed: 'ERR_FORBIDDEN',
  restricted_route_tier: 'ERR_FORBIDDEN',
};

/**
 * 420 is 429 (docs.crisp.chat, rate limits). 422 asks to come back later, nothing was done (crisp-im/ruby-crisp-api#18). A 2xx
 * whose envelope says `error` is a refusal.
 */
export function classify({ status, body }: HttpResponse): ErrorCode | undefined {
  const failed =
    status >= 300 || (typeof body === 'object' && body !== null && Reflect.get(body, 'error') === true);
  if (!failed) return undefined;
  if (status === 420) return 'ERR_RATE_LIMITED';
  if (status === 422) return 'ERR_UNAVAILABLE';
  const reason: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'reason') : undefined;
  if (status < 500 && typeof reason === 'string') {
    if (Object.hasOwn(REASONS, reason)) return REASONS[reason];
    if (status < 300) return reason.endsWith('not_found') ? 'ERR_NOT_FOUND' : 'ERR_REJECTED';
  }
  return status < 300 ? 'ERR_REJECTED' : undefined;
}

/** True for an answer that refuses who asks, not what is asked for: another keypair may be let in. A HEAD has no reason. */
export function refusesKeypair(answer: HttpResponse): boolean {
  return (
    (classify(answer) ?? (answer.status === 401 ? 'ERR_AUTHENTICATION' : undefined)) === 'ERR_AUTHENTICATION'
  );
}
