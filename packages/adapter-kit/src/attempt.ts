import { Readable } from 'node:stream';
import type { ErrorCode, ErrorDetails, Limiter } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { Either } from 'fp-ts/lib/Either.js';
import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { Dispatcher } from 'undici';
import { abortedError, untilAborted } from './abort.js';
import type { Doors } from './doors.js';
import type { Broken, ExchangeLimits, RawAnswer } from './exchange.js';
import { exchange } from './exchange.js';
import type { HttpClientOptions, HttpRequest, HttpResponse } from './http-client.js';
import { readJson } from './json.js';
import { codeOfAbort, codeOfLostAnswer, codeOfStatus, codeOfUnreadable, isRepeatable } from './outcome.js';
import { redact, redactPath } from './redact.js';
import { readRetryAfter } from './retry-after.js';
import { codeOfThrown } from './thrown.js';

/** What every attempt of one client needs. */
export interface HttpSetup
  extends Pick<HttpClientOptions, 'account' | 'authorize' | 'readReason' | 'classify'> {
  origin: string;
  dispatcher: Dispatcher;
  baseHeaders: Readonly<Record<string, string>>;
  limits: ExchangeLimits;
  limiter: Limiter | undefined;
  /** For requests that are asked right before they leave. */
  doors: Doors;
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
  if (authorize === undefined || request.authorize === false) return send({ setup, request });
  const value = authorize.value();
  const credentials = typeof value === 'string' ? right(value) : await waitFor(value, setup, request);
  if (isLeft(credentials)) return credentials;
  const result = await send({ setup, request, credentials: credentials.right });
  if (isRight(result) || result.left.answer === undefined) return result;
  const renewal = authorize.renew?.(credentials.right, result.left.answer);
  if (renewal === undefined) return result;
  const renewed = await waitFor(renewal, setup, request);
  if (isLeft(renewed)) return renewed;
  const again = await send({ setup, request, credentials: renewed.right });
  if (isLeft(again) && again.left.answer !== undefined) {
    authorize.refusedAgain?.(renewed.right, again.left.answer);
  }
  return again;
}

/** Method and path, safe to print. */
export function nameOf(request: HttpRequest): string {
  return `${request.method} ${redactPath(request.path)}`;
}

async function waitFor(
  credentials: Promise<string>,
  setup: HttpSetup,
  request: HttpRequest,
): Promise<Either<Failure, string>> {
  try {
    return right(await untilAborted(credentials, request.signal, nameOf(request)));
  } catch (error) {
    if (isParleyError(error)) return left({ error, repeatable: false });
    const failed = failure(
      { setup, request },
      'ERR_UNAVAILABLE',
      'was not sent: its credentials failed to load',
    );
    return left({ ...failed, repeatable: false });
  }
}

/** One request on its way. */
interface Sending {
  setup: HttpSetup;
  request: HttpRequest;
  credentials?: string;
}

async function send(sending: Sending): Promise<Attempted> {
  const { setup, request } = sending;
  if (request.leaving === undefined) return sendNow(sending);
  const turn = setup.doors.enter();
  if (turn !== undefined) await turn;
  try {
    return await sendNow(sending);
  } finally {
    setup.doors.leave();
  }
}

async function sendNow(sending: Sending): Promise<Attempted> {
  const { setup, request } = sending;
  const options = dispatchOptions(sending);
  if (isLeft(options)) return options;
  try {
    const turn = setup.limiter?.acquire(request.signal);
    if (turn !== undefined) await turn;
    else if (request.signal?.aborted) throw request.signal.reason;
    const leaving = request.leaving?.();
    if (leaving !== undefined) await leaving;
  } catch {
    return left({
      error: abortedError(nameOf(request), request.signal, setup.account.name),
      repeatable: false,
    });
  }
  const explain = (broken: Broken): ParleyError => lostAnswer(sending, broken).error;
  const result = await exchange(
    setup.dispatcher,
    options.right,
    setup.limits,
    request.signal,
    request.answer === 'stream' ? explain : undefined,
  );
  return isRight(result) ? judge(sending, result.right) : judgeBroken(sending, result.left);
}

function dispatchOptions(sending: Sending): Either<Failure, Dispatcher.DispatchOptions> {
  const { setup, request, credentials } = sending;
  const { body, raw, query } = request;
  const headers: Record<string, string> = { ...setup.baseHeaders };
  if (credentials !== undefined) headers.authorization = credentials;
  if (raw !== undefined) headers['content-type'] = raw.contentType;
  else if (body !== undefined) headers['content-type'] = 'application/json';
  let bytes: Dispatcher.DispatchOptions['body'];
  try {
    bytes = raw !== undefined ? rawBody(raw) : body === undefined ? null : JSON.stringify(body);
  } catch {
    return left(failure(sending, 'ERR_CONFIG', 'was not sent: its body cannot be written as JSON'));
  }
  return right({
    origin: setup.origin,
    method: request.method,
    path: query === undefined || query === '' ? request.path : `${request.path}?${query}`,
    headers: request.headers === undefined ? headers : Object.assign(headers, request.headers),
    body: bytes,
  });
}

function rawBody({ bytes }: NonNullable<HttpRequest['raw']>): string | Uint8Array | Readable {
  return typeof bytes === 'function' ? Readable.from(bytes(), { objectMode: false }) : bytes;
}

/** A whole answer came, or the begin of a long one that is read as it comes: that one is no envelope of a failure. */
function judge(sending: Sending, { status, headers, bytes }: RawAnswer): Attempted {
  const { setup, request } = sending;
  if (!Buffer.isBuffer(bytes)) return right({ status, headers, body: bytes });
  const refused = codeOfStatus(status, request.route) !== undefined;
  const json = readBody(bytes, refused ? 'json' : request.answer);
  if (json === undefined && !refused) {
    const type = redact(String(headers['content-type'] ?? 'something'));
    const what = `answered ${status} with ${type} that is not JSON; is the option origin right?`;
    return left(failure(sending, codeOfUnreadable(request.route), what, { status }));
  }
  const body = json === undefined ? bytes.toString('utf8', 0, 1000) : json.value;
  const answer: HttpResponse = { status, headers, body };
  const code = setup.classify?.(answer, request.route) ?? codeOfStatus(status, request.route);
  if (code !== undefined) return left(refusal(sending, code, answer));
  return right(request.answer === 'stream' ? { ...answer, body: Readable.from([bytes]) } : answer);
}

const NOTHING = { value: undefined };

function readBody(bytes: Buffer, as: HttpRequest['answer']): { value: unknown } | undefined {
  if (bytes.length === 0) return NOTHING;
  return as === 'stream' ? { value: bytes.toString('utf8') } : readJson(bytes);
}

/** The provider said no, in whatever way. */
function refusal(sending: Sending, code: ErrorCode, answer: HttpResponse): Failure {
  const { setup } = sending;
  const { status, headers } = answer;
  if (status >= 300 && status < 400) {
    const to = URL.parse(String(headers.location), setup.origin)?.origin ?? 'nowhere';
    const what = `answered ${status}, a redirect to ${to}, which is not followed; is the option origin right?`;
    return { ...failure(sending, code, what, { status }), answer };
  }
  const reason = readReason(sending, answer);
  const what = `answered ${status}${reason === undefined ? '' : `: ${reason}`}`;
  const retryAfterMs = readRetryAfter(headers, setup.account.clock.now());
  return { ...failure(sending, code, what, { status, retryAfterMs }), answer };
}

/** The provider's words, without what they repeat of ours. */
function readReason({ setup, request, credentials }: Sending, answer: HttpResponse): string | undefined {
  let reason: string | undefined;
  try {
    reason = setup.readReason?.(answer.body, answer.status);
  } catch {
    // An error's body has whatever shape it likes; the status is what counts.
  }
  if (typeof reason !== 'string' || reason === '') return undefined;
  const filters = [...new URLSearchParams(request.query).values()];
  // A search is quoted without its operator: `~text`, `>=2026-01-01`.
  const searched = filters.map((value) => value.replace(/^[~^<>=!]+/, ''));
  return redact(reason, [request.body, filters, searched, credentials?.split(' ')]);
}

/** No whole answer came. */
function judgeBroken(sending: Sending, broken: Broken): Attempted {
  const { why, answer } = broken;
  // The status alone says that it was refused; only the words are missing.
  const refused = answer !== undefined && codeOfStatus(answer.status, sending.request.route) !== undefined;
  if (refused && why !== 'aborted') return judge(sending, { ...answer, bytes: Buffer.alloc(0) });
  return left(lostAnswer(sending, broken));
}

function lostAnswer(sending: Sending, { why, sent, answer, error }: Broken): Failure {
  const { setup, request } = sending;
  const { route } = request;
  if (why === 'aborted') {
    const what = sent ? 'was cancelled after it was sent' : 'was cancelled before it was sent';
    return failure(sending, codeOfAbort(route, sent), what, { cause: request.signal?.reason });
  }
  const cause = bareCause(error);
  if (why === 'oversized') {
    const what = `answered with more than the ${setup.limits.maxAnswerBytes} bytes that maxAnswerBytes allows`;
    return failure(sending, codeOfUnreadable(route), what, { status: answer?.status, cause });
  }
  if (!sent) return judgeUnsent(sending, error, cause);
  const what = `was sent, and no whole answer came (${nameOfError(error)})`;
  return failure(sending, codeOfLostAnswer(route), what, { cause });
}

function judgeUnsent(sending: Sending, error: Error, cause: Error): Failure {
  const { setup, request } = sending;
  const name = nameOfError(error);
  if (name === 'UND_ERR_INVALID_ARG') {
    const why = redact(error.message, [request.headers, sending.credentials?.split(' ')]);
    return failure(sending, 'ERR_CONFIG', `was not sent: ${why}`);
  }
  if (name === 'UND_ERR_CLOSED' || name === 'UND_ERR_DESTROYED') {
    return failure(sending, 'ERR_ABORTED', 'was not sent: the client is closed');
  }
  const what = `was not sent: ${setup.origin} cannot be reached (${name})`;
  const failed = failure(sending, 'ERR_UNAVAILABLE', what, { cause });
  // A wrong certificate is still wrong half a second later.
  return /CERT|TLS|SSL|SIGNATURE/.test(name) ? { ...failed, repeatable: false } : failed;
}

function failure(
  { setup, request }: Sending,
  code: ErrorCode,
  what: string,
  details: ErrorDetails = {},
): Failure {
  const account = setup.account.name;
  const remedy =
    code === 'ERR_OUTCOME_UNKNOWN' ? '; it may have been carried out: look before repeating' : '';
  return {
    error: new ParleyError(code, `${nameOf(request)} ${what}${remedy}`, { account, ...details }),
    repeatable: isRepeatable(code, request.route),
  };
}

function nameOfError(error: Error): string {
  return codeOfThrown(error) ?? error.name;
}

/** undici's parser errors carry the bytes they stumbled over, so nobody gets the original. */
function bareCause(error: Error): Error {
  const cause = new Error(nameOfError(error));
  cause.name = error.name;
  return cause;
}
