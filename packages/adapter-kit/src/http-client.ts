import type { AccountContext, CallOptions, ErrorCode, Rate } from '@parley/core';
import { backoffMs, ParleyError, sleep } from '@parley/core';
import { isRight } from 'fp-ts/lib/Either.js';
import type { Dispatcher, Pool } from 'undici';
import { abortedError } from './abort.js';
import type { Failure, HttpSetup } from './attempt.js';
import { attempt, nameOf } from './attempt.js';
import type { Authorization } from './authorization.js';
import { createDoors } from './doors.js';
import { parseOrigin, sameOriginTarget } from './origin.js';
import type { RouteKind } from './outcome.js';

export type { RouteKind } from './outcome.js';

/** Names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface HttpRequest extends CallOptions {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Percent-encoded, begins with `/`; see `pathSegment`. Or a whole URL of this origin, as a provider's link is. */
  path: string;
  /** Percent-encoded, without `?`. Never shown in an error. */
  query?: string;
  /** Sent as JSON, on any method. Not together with `raw`. */
  body?: unknown;
  /**
   * Sent as it is. A function is called once per attempt, and what it gives is sent as it comes, without a length: what is
   * too large to be held.
   */
  raw?: { contentType: string; bytes: string | Uint8Array | (() => AsyncIterable<Uint8Array>) };
  /**
   * How a 2xx answer is read. `stream`: as it comes, for what is large, and may be JSON, CSV or something else. Whoever asks for it must
   * read it, or stop reading. Default `json`.
   */
  answer?: 'json' | 'stream';
  /** Names in lower case; they win over the client's own. */
  headers?: Readonly<Record<string, string>>;
  route: RouteKind;
  /** False: sent without credentials, as the request that fetches them must be. Default true. */
  authorize?: boolean;
}

export interface HttpResponse {
  status: number;
  headers: HttpHeaders;
  /**
   * Parsed JSON; undefined if the body is empty. Maybe text where the status says failure. Where the request asks for a stream, an
   * `AsyncIterable<Uint8Array>`, which throws what `request` would, but is not repeated; `classify` sees the text of a short one, and
   * a long one not at all.
   */
  body: unknown;
}

export interface HttpClient {
  /** Scheme, host and port. */
  readonly origin: string;
  /**
   * Resolves with a 2xx answer.
   *
   * `retry: false` means one attempt; a token that was refused is still renewed and the request sent once more with the new
   * one, because a refused request was not carried out.
   *
   * @throws ERR_AUTHENTICATION, ERR_FORBIDDEN, ERR_NOT_FOUND, ERR_CONFLICT, ERR_REJECTED by status, ERR_RATE_LIMITED and
   *   ERR_UNAVAILABLE once the attempts are used up, ERR_OUTCOME_UNKNOWN (see the table in outcome.ts),
   *   ERR_UNEXPECTED_PAYLOAD for an answer that is no JSON or too large and for a URL of another origin, ERR_CONFIG for a redirect, ERR_ABORTED
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends waiting retries with ERR_ABORTED, lets running requests end, closes the sockets. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** Scheme, host and port, for example `https://api.example.com`. */
  origin: string;
  account: Pick<AccountContext, 'name' | 'clock' | 'log' | 'limiter'>;
  /** What goes into `Authorization`. See `fixedAuthorization` and `bearer`. */
  authorize?: Authorization;
  /** The provider's words about a failure, from an error answer's body. Secrets and addresses are taken out afterwards. */
  readReason?: (body: unknown, status: number) => string | undefined;
  /**
   * Asked about every answer, 2xx too: a code if the provider means something else than its status says (an `error` in a
   * 200, its own number for "too many"). Undefined: the status decides.
   */
  classify?: (answer: HttpResponse, route: RouteKind) => ErrorCode | undefined;
  /** Of the account as a whole. Default: no limit. */
  rate?: Rate;
  /**
   * For connecting, for the first byte of the answer, and for its body, without the time in which nobody reads a stream: each on its own.
   * Default 30,000.
   */
  timeoutMs?: number;
  /** Default 16. */
  connections?: number;
  /** In place of a pool of our own; it is not closed. */
  dispatcher?: Dispatcher;
  /** Default `parley`. */
  userAgent?: string;
  /** Sent with every request, for example a tier. Names in lower case. */
  headers?: Readonly<Record<string, string>>;
  /** Default 10 MB (10 * 2^20 bytes). */
  maxAnswerBytes?: number;
  /** The first attempt included. Default 4. */
  maxAttempts?: number;
  /** The first wait between attempts; it doubles, less up to half of it at random. Default 500. */
  firstRetryMs?: number;
  /** The longest wait. A provider that asks for more (`Retry-After`) is not asked again. Default 60,000. */
  maxRetryMs?: number;
  /** From 0 to below 1. Default `Math.random`. */
  random?: () => number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * An HTTP client for one origin with one account's credentials. Opens no connection before its first request. Redirects are
 * not followed: no provider documents one, and following would carry credentials along.
 *
 * @throws ERR_CONFIG if `origin` is not one
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const origin = parseOrigin(options.origin);
  const { account, timeoutMs = DEFAULT_TIMEOUT_MS, connections = 16 } = options;
  let pool: Promise<Pool> | undefined;
  let setup: HttpSetup | undefined;
  const known: Omit<HttpSetup, 'dispatcher'> = {
    account,
    authorize: options.authorize,
    readReason: options.readReason,
    classify: options.classify,
    origin,
    baseHeaders: {
      accept: 'application/json',
      'user-agent': options.userAgent ?? 'parley',
      ...options.headers,
    },
    limits: { maxAnswerBytes: options.maxAnswerBytes ?? 10 * 2 ** 20, bodyMs: timeoutMs },
    limiter: options.rate === undefined ? undefined : account.limiter(options.rate),
    doors: createDoors(connections),
  };
  const prepare = async (): Promise<HttpSetup> => {
    if (options.dispatcher === undefined) pool ??= openPool(origin, timeoutMs, connections);
    setup = { ...known, dispatcher: options.dispatcher ?? ((await pool) as Pool) };
    return setup;
  };
  const patience: Patience = {
    maxAttempts: options.maxAttempts ?? 4,
    firstMs: options.firstRetryMs ?? 500,
    maxMs: options.maxRetryMs ?? 60_000,
    random: options.random ?? Math.random,
  };
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const request = async (given: HttpRequest): Promise<HttpResponse> => {
    const wanted = given.path.startsWith('/')
      ? given
      : { ...given, ...sameOriginTarget(origin, given.path, 'path') };
    if (closing.signal.aborted) throw closedError(wanted, account.name);
    for (let attempts = 1; ; attempts += 1) {
      const result = await attempt(setup ?? (await prepare()), wanted);
      if (isRight(result)) return result.right;
      const waitMs = waitAfter(result.left, attempts, patience);
      const { error } = result.left;
      if (error.code === 'ERR_RATE_LIMITED') {
        known.limiter?.pause(Math.min(waitMs, patience.maxMs));
      }
      const mayRepeat = wanted.retry !== false && result.left.repeatable && attempts < patience.maxAttempts;
      if (!mayRepeat || waitMs > patience.maxMs || closing.signal.aborted) throw error;
      const { code, status } = error;
      account.log.debug(
        { account: account.name, code, status, attempts, waitMs },
        `repeating ${nameOf(wanted)}`,
      );
      await wait(waitMs, wanted);
    }
  };

  const wait = async (ms: number, wanted: HttpRequest): Promise<void> => {
    const signal =
      wanted.signal === undefined ? closing.signal : AbortSignal.any([wanted.signal, closing.signal]);
    try {
      await sleep(account.clock, ms, signal);
    } catch {
      if (closing.signal.aborted) throw closedError(wanted, account.name);
      throw abortedError(nameOf(wanted), wanted.signal, account.name);
    }
  };

  return {
    origin,
    request,
    close: () => {
      closing.abort();
      closed ??= pool?.then((opened) => opened.close()) ?? Promise.resolve();
      return closed;
    },
  };
}

function closedError(request: HttpRequest, account: string): ParleyError {
  return new ParleyError('ERR_ABORTED', `${nameOf(request)} was not sent: the client is closed`, { account });
}

/** How long and how often a request is repeated. */
interface Patience {
  maxAttempts: number;
  firstMs: number;
  maxMs: number;
  random: () => number;
}

/** What the provider asked for, or else our own guess. */
function waitAfter(failure: Failure, attempts: number, patience: Patience): number {
  return failure.error.retryAfterMs ?? backoffMs(attempts, patience, patience.random);
}

/**
 * HTTP/1.1 only: there a request has either begun to leave or not, and the difference decides about repeating it.
 *
 * undici is loaded here: its 20 MB are nothing to who only asks an adapter what it accepts, as planning a campaign does.
 */
async function openPool(origin: string, timeoutMs: number, connections: number): Promise<Pool> {
  const { Pool } = await import('undici');
  return new Pool(origin, {
    connections,
    allowH2: false,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}
