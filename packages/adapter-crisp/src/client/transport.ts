import type { HttpClient, HttpRequest, Lifetime } from '@parley/adapter-kit';
import { createHttpClient, createLifetime, readAnswer } from '@parley/adapter-kit';
import type { AccountContext } from '@parley/core';
import { type Auth, createAuth } from '../auth.js';
import type { CrispConfig } from '../config.js';
import { EnvelopeCodec } from '../wire/codecs.js';
import { createPlatformClock, type PlatformClock } from './platform-clock.js';
import { classify, readReason } from './refusal.js';

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
