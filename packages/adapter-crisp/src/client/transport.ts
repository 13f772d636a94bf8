import type { HttpClient, HttpRequest, HttpResponse, Lifetime } from '@parley/adapter-kit';
import { createHttpClient, createLifetime, readAnswer } from '@parley/adapter-kit';
import type { AccountContext, ErrorCode } from '@parley/core';
import { type Auth, createAuth, readReason } from '../auth.js';
import type { CrispConfig } from '../config.js';
import { EnvelopeCodec } from '../wire/codecs.js';
import { createPlatformClock, type PlatformClock } from './platform-clock.js';

/** An answer, out of its envelope. */
export interface CrispAnswer<Data> {
  /** 200, 201, 202; 206 for a list of messages that goes on. */
  status: number;
  /** The platform's word, for example `dispatched`. */
  reason: string;
  data: Data;
}

/** What every route goes through. */
export interface Transport extends Lifetime {
  readonly auth: Auth;
  readonly account: AccountContext;
  readonly platform: PlatformClock;
  /** Sends and opens the envelope (see `readAnswer`); a HEAD has none. */
  send(request: HttpRequest): Promise<CrispAnswer<unknown>>;
}

export function createTransport(config: CrispConfig, account: AccountContext): Transport {
  const auth = createAuth(config, account, (request) => http.request(request));
  const http: HttpClient = createHttpClient({
    origin: config.origin,
    account,
    authorize: auth.authorization,
    headers: { 'x-crisp-tier': config.tier },
    readReason,
    classify,
    ...(config.rate !== undefined && { rate: config.rate }),
    timeoutMs: config.timeoutMs,
  });
  const platform = createPlatformClock(account.clock);
  return {
    ...createLifetime('Crisp', account, () => http.close()),
    auth,
    account,
    platform,
    send: async (request) => {
      const sentAt = account.clock.now();
      const { status, headers, body } = await http.request(request);
      platform.heard(headers, sentAt);
      if (request.method === 'HEAD') return { status, reason: '', data: undefined };
      const { reason, data } = readAnswer(EnvelopeCodec, body, request);
      return { status, reason, data: data ?? {} };
    },
  };
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
function classify({ status, body }: HttpResponse): ErrorCode | undefined {
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
