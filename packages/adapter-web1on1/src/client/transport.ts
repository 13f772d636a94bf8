import type { Decoder, HttpClient, HttpRequest, HttpResponse } from '@parley/adapter-kit';
import { createHttpClient, decode, redactPath } from '@parley/adapter-kit';
import type { AccountContext, CallOptions, ErrorCode } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { type Auth, createAuth, readReason } from '../auth.js';
import type { Web1on1Config } from '../config.js';
import { checkPermission, type Operation } from '../permissions.js';

/** What every route goes through. */
export interface Transport {
  readonly auth: Auth;
  readonly account: AccountContext;
  send(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Sends and reads one record.
   *
   * @throws ERR_UNEXPECTED_PAYLOAD for an answer of another shape; ERR_OUTCOME_UNKNOWN where the request must not be
   *   repeated: it was carried out, only its answer cannot be read
   */
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
  let closed: Promise<void> | undefined;
  const send = (request: HttpRequest): Promise<HttpResponse> => http.request(request);
  return {
    auth,
    account,
    send,
    fetch: async (codec, request) => readAnswer(codec, (await send(request)).body, request),
    permit: (resource, operation, options, id) => {
      if (closed !== undefined || options?.signal?.aborted) {
        const why = closed === undefined ? "cancelled by the caller's signal" : 'the account is closed';
        throw new ParleyError('ERR_ABORTED', `Web1on1: ${operation} ${resource}: ${why}`, {
          account: account.name,
          cause: options?.signal?.reason,
        });
      }
      if (config.checkPermissions) checkPermission(auth.known(), resource, operation, id);
    },
    close: () => {
      closed ??= http.close();
      return closed;
    },
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

/** See `fetch`. */
export function readAnswer<A>(codec: Decoder<A>, body: unknown, request: HttpRequest): A {
  try {
    return decode(codec, body, () => `${request.method} ${redactPath(request.path)}`);
  } catch (error) {
    if (request.route === 'safe' || !isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD')) throw error;
    const message = `${error.message}; it was carried out: look before repeating`;
    throw new ParleyError('ERR_OUTCOME_UNKNOWN', message, { problems: error.problems });
  }
}

/** The part of a request that the caller's options decide. */
export function calling(options: CallOptions | undefined): CallOptions {
  return {
    ...(options?.signal && { signal: options.signal }),
    ...(options?.retry === false && { retry: false }),
  };
}
