import type { ErrorCode, ErrorDetails, Limiter } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { Either } from 'fp-ts/lib/Either.js';
import { isRight, left, right } from 'fp-ts/lib/Either.js';
import type { Dispatcher } from 'undici';
import { abortedError, untilAborted } from './abort.js';
import type { Broken, ExchangeLimits, RawAnswer } from './exchange.js';
import { exchange } from './exchange.js';
import type { HttpClientOptions, HttpRequest, HttpResponse } from './http-client.js';
import { readJson } from './json.js';
import { codeOfAbort, codeOfLostAnswer, codeOfStatus, codeOfUnreadable, isRepeatable } from './outcome.js';
import { redact, redactPath } from './redact.js';
import { readRetryAfter } from './retry-after.js';

/** What every attempt of one client needs. */
export interface HttpSetup
  extends Pick<HttpClientOptions, 'account' | 'authorize' | 'readReason' | 'classify'> {
  origin: string;
  dispatcher: Dispatcher;
  baseHeaders: Readonly<Record<string, string>>;
  limits: ExchangeLimits;
  limiter: Limiter | undefined;
}

/** An attempt that failed, as a value: whether to repeat is decided by looking at it, not by catching. */
export interface Failure {
  error: ParleyError;
  repeatable: boolean;
  /** What the provider said, if it said something. */
  answer?: HttpResponse;
}

export type Attempted = Either<Failure, HttpResponse>;

/** One attempt: credentials, a place under the limit, the exchange. Once more if the credentials could be renewed. */
export async function attempt(setup: HttpSetup, request: HttpRequest): Promise<Attempted> {
  const { authorize } = setup;
  if (authorize === undefined || request.authorize === false) return send(setup, request, undefined);
  try {
    const value = authorize.value();
    const credentials =
      typeof value === 'string' ? value : await untilAborted(value, request.signal, nameOf(request));
    const result = await send(setup, request, credentials);
    if (isRight(result) || result.left.answer === undefined) return result;
    const renewed = authorize.renew?.(credentials, result.left.answer);
    if (renewed === undefined) return result;
    const others = await untilAborted(renewed, request.signal, nameOf(request));
    const again = await send(setup, request, others);
    if (!isRight(again) && again.left.answer !== undefined)
      authorize.refusedAgain?.(others, again.left.answer);
    return again;
  } catch (error) {
    return left({ error: asParleyError(error, setup, request), repeatable: false });
  }
}

async function send(
  setup: HttpSetup,
  request: HttpRequest,
  credentials: string | undefined,
): Promise<Attempted> {
  const { signal } = request;
  const turn = setup.limiter?.acquire(signal);
  if (turn !== undefined) {
    try {
      await turn;
    } catch {
      return left({ error: abortedError(nameOf(request), signal, setup.account.name), repeatable: false });
    }
  }
  if (signal?.aborted) {
    return left({ error: abortedError(nameOf(request), signal, setup.account.name), repeatable: false });
  }
  const result = await exchange(
    setup.dispatcher,
    dispatchOptions(setup, request, credentials),
    setup.limits,
    signal,
  );
  return isRight(result) ? judge(setup, request, result.right) : judgeBroken(setup, request, result.left);
}

function dispatchOptions(
  setup: HttpSetup,
  request: HttpRequest,
  credentials: string | undefined,
): Dispatcher.DispatchOptions {
  const { body, raw, query } = request;
  const headers: Record<string, string> = { ...setup.baseHeaders };
  if (credentials !== undefined) headers.authorization = credentials;
  if (raw !== undefined) headers['content-type'] = raw.contentType;
  else if (body !== undefined) headers['content-type'] = 'application/json';
  return {
    origin: setup.origin,
    method: request.method,
    path: query === undefined || query === '' ? request.path : `${request.path}?${query}`,
    headers: request.headers === undefined ? headers : Object.assign(headers, request.headers),
    body: raw !== undefined ? raw.bytes : body === undefined ? null : JSON.stringify(body),
  };
}

/** A whole answer came. */
function judge(setup: HttpSetup, request: HttpRequest, raw: RawAnswer): Attempted {
  const { status, headers, bytes } = raw;
  const json = bytes.length === 0 ? EMPTY : readJson(bytes);
  if (json === undefined && status >= 200 && status < 300) {
    const type = String(headers['content-type'] ?? 'no content type');
    const what = `answered ${status} with ${redact(type)} that is not JSON; is the option origin right?`;
    return left(failure(setup, request, codeOfUnreadable(request.route), what, { status }));
  }
  const answer: HttpResponse = {
    status,
    headers,
    body: json === undefined ? bytes.toString('utf8', 0, 1000) : json.value,
  };
  const code = setup.classify?.(answer, request.route) ?? codeOfStatus(status, request.route);
  return code === undefined ? right(answer) : left(refusal(setup, request, code, answer));
}

const EMPTY = { value: undefined };

/** The provider said no, in whatever way. */
function refusal(setup: HttpSetup, request: HttpRequest, code: ErrorCode, answer: HttpResponse): Failure {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const to = URL.parse(String(answer.headers.location ?? ''), setup.origin)?.origin ?? 'nowhere';
    const what = `answered ${status}, a redirect to ${to}, which is not followed; is the option origin right?`;
    return { ...failure(setup, request, code, what, { status }), answer };
  }
  const reason = setup.readReason?.(answer.body, status);
  const said = reason === undefined ? '' : `: ${redact(reason, request.body)}`;
  const retryAfterMs = readRetryAfter(answer.headers, setup.account.clock.now());
  return { ...failure(setup, request, code, `answered ${status}${said}`, { status, retryAfterMs }), answer };
}

/** No whole answer came. */
function judgeBroken(setup: HttpSetup, request: HttpRequest, broken: Broken): Attempted {
  const { why, sent, answer, error } = broken;
  const { route } = request;
  const cause = bareCause(error);
  if (why === 'aborted') {
    const what = sent ? 'was cancelled after it was sent' : 'was cancelled before it was sent';
    return left(failure(setup, request, codeOfAbort(route, sent), what, { cause: request.signal?.reason }));
  }
  // The status alone says that it was refused; only the words are missing.
  if (answer !== undefined && codeOfStatus(answer.status, route) !== undefined) {
    return judge(setup, request, { ...answer, bytes: Buffer.alloc(0) });
  }
  if (why === 'oversized') {
    const what = `answered with more than the ${setup.limits.maxAnswerBytes} bytes that maxAnswerBytes allows`;
    return left(failure(setup, request, codeOfUnreadable(route), what, { status: answer?.status, cause }));
  }
  if (sent) {
    const what = `was sent, and no whole answer came (${nameOfError(error)})`;
    return left(failure(setup, request, codeOfLostAnswer(route), what, { cause }));
  }
  return left(judgeUnsent(setup, request, error));
}

function judgeUnsent(setup: HttpSetup, request: HttpRequest, error: Error): Failure {
  const name = nameOfError(error);
  const cause = bareCause(error);
  if (name === 'UND_ERR_INVALID_ARG') {
    return failure(setup, request, 'ERR_CONFIG', `was not sent: ${redact(error.message, request.headers)}`);
  }
  if (name === 'UND_ERR_CLOSED' || name === 'UND_ERR_DESTROYED') {
    return failure(setup, request, 'ERR_ABORTED', 'was not sent: the client is closed');
  }
  const failed = failure(
    setup,
    request,
    'ERR_UNAVAILABLE',
    `was not sent: ${setup.origin} cannot be reached (${name})`,
    {
      cause,
    },
  );
  // A wrong certificate is still wrong half a second later.
  return /CERT|TLS|SSL/.test(name) ? { ...failed, repeatable: false } : failed;
}

function failure(
  setup: HttpSetup,
  request: HttpRequest,
  code: ErrorCode,
  what: string,
  details: ErrorDetails = {},
): Failure {
  const remedy =
    code === 'ERR_OUTCOME_UNKNOWN' ? '; it may have been carried out: look before repeating' : '';
  const error = new ParleyError(code, `${nameOf(request)} ${what}${remedy}`, {
    account: setup.account.name,
    ...details,
  });
  return { error, repeatable: isRepeatable(code, request.route) };
}

/** Method and path, safe to print. */
export function nameOf(request: HttpRequest): string {
  return `${request.method} ${redactPath(request.path)}`;
}

function nameOfError(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** undici's parser errors carry the bytes they stumbled over, so nobody gets the original. */
function bareCause(error: Error): Error {
  const cause = new Error(nameOfError(error));
  cause.name = error.name;
  return cause;
}

function asParleyError(error: unknown, setup: HttpSetup, request: HttpRequest): ParleyError {
  if (isParleyError(error)) return error;
  const name = error instanceof Error ? nameOfError(error) : typeof error;
  return new ParleyError('ERR_UNAVAILABLE', `${nameOf(request)} was not sent: no credentials (${name})`, {
    account: setup.account.name,
  });
}
