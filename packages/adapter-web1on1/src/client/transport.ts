import type { Decoder, HttpClient, HttpRequest, HttpResponse } from '@parley/adapter-kit';
import { createHttpClient, createLifetime, readAnswer } from '@parley/adapter-kit';
import type { AccountContext, CallOptions, ErrorCode } from '@parley/core';
import { type Auth, createAuth, readReason } from '../auth.js';
import type { Web1on1Config } from '../config.js';
import { checkPermission, type Operation } from '../permissions.js';

/** What every route goes through. */
export interface Transport {
  readonly auth: Auth;
  readonly account: AccountContext;
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Sends and reads one record: see `readAnswer`. */
  fetch<A>(codec: Decoder<A>, request: HttpRequest): Promise<A>;
  /**
   * Asked before a request is made of anything.
   *
   * @throws ERR_ABORTED if the account is closed or the caller's signal has fired
   * @throws ERR_FORBIDDEN if the token's scope does not allow it
   */
  permit(resource: string, operation: Operation, options: CallOptions | undefined, id?: string): void;
  close(): Promise<void>;
}

export function createTransport(config: Web1on1Config, account: AccountContext): Transport {
  const auth = createAuth(config, account, (request) => http.request(request));
  const http: HttpClient = createHttpClient({
    origin: config.origin,
    account,
    authorize: auth.authorization,
    readReason,
    classify,
    rate: config.rate,
    timeoutMs: config.timeoutMs,
  });
  const lifetime = createLifetime('Web1on1', account, () => http.close());
  const send = (request: HttpRequest): Promise<HttpResponse> => http.request(request);
  return {
    auth,
    account,
    send,
    fetch: async (codec, request) => readAnswer(codec, (await send(request)).body, request),
    permit: (resource, operation, options, id) => {
      lifetime.permit(`${operation} ${resource}`, options);
      if (config.checkPermissions) checkPermission(auth.known(), resource, operation, id);
    },
    close: lifetime.close,
  };
}

/**
 * A 2xx answer with an `error` in it is a refusal (chipchat lib/client.js). `Conversation not found` is a missing record
 * whatever status comes with it: none is documented.
 */
function classify(answer: HttpResponse): ErrorCode | undefined {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return hasError(body) ? 'ERR_REJECTED' : undefined;
  return status === 400 && readReason(body) === 'Conversation not found' ? 'ERR_NOT_FOUND' : undefined;
}

function hasError(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body && Boolean(body.error);
}
