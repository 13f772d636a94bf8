/**
 * Every error code of Parley. Compare `error.code`, never `instanceof`: two copies of this package may be installed.
 *
 * | code | meaning | can repeating help |
 * | --- | --- | --- |
 * | `ERR_CONFIG` | an option or an argument is wrong; the message names it and what was expected | no |
 * | `ERR_AUTHENTICATION` | the provider does not accept the credentials | no |
 * | `ERR_FORBIDDEN` | the credentials are fine, but may not do this | no |
 * | `ERR_NOT_FOUND` | the provider does not know this id | no |
 * | `ERR_REJECTED` | the provider understood the request and refused it (4xx) | no |
 * | `ERR_RATE_LIMITED` | too many requests; `retryAfterMs` says how long to wait where the provider says so | yes |
 * | `ERR_UNAVAILABLE` | the provider could not be reached or answered 5xx, and nothing was done | yes |
 * | `ERR_OUTCOME_UNKNOWN` | the request may have been carried out: the answer never came | only after looking |
 * | `ERR_UNEXPECTED_PAYLOAD` | what came is not of the documented shape; paths and expected types, never values | no |
 * | `ERR_SIGNATURE` | a webhook is not signed, or not with our secret | no |
 * | `ERR_UNSUPPORTED` | the provider, the account or the content's limits do not allow this | no |
 * | `ERR_CONFLICT` | somebody else changed the same thing first | yes |
 * | `ERR_ABORTED` | the caller's AbortSignal fired, or the object is closed | no |
 */
export type ErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_AUTHENTICATION'
  | 'ERR_FORBIDDEN'
  | 'ERR_NOT_FOUND'
  | 'ERR_REJECTED'
  | 'ERR_RATE_LIMITED'
  | 'ERR_UNAVAILABLE'
  | 'ERR_OUTCOME_UNKNOWN'
  | 'ERR_UNEXPECTED_PAYLOAD'
  | 'ERR_SIGNATURE'
  | 'ERR_UNSUPPORTED'
  | 'ERR_CONFLICT'
  | 'ERR_ABORTED';

export interface ErrorDetails {
  /** The account it happened at. */
  account?: string;
  /** The HTTP status the provider answered with. */
  status?: number;
  /** Milliseconds to wait before trying again, where the provider said so. */
  retryAfterMs?: number;
  /** What is wrong in a payload or among options: paths and what was expected, never values. */
  problems?: readonly string[];
  /** The lower-level error. Never holds a secret or a message's text. */
  cause?: unknown;
}

/** The one error class of Parley. Safe to print: no message holds a secret or a person's words. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly account: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly problems: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ParleyError';
    this.code = code;
    this.account = details.account;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.problems = details.problems;
  }
}

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'ERR_CONFIG',
  'ERR_AUTHENTICATION',
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_REJECTED',
  'ERR_RATE_LIMITED',
  'ERR_UNAVAILABLE',
  'ERR_OUTCOME_UNKNOWN',
  'ERR_UNEXPECTED_PAYLOAD',
  'ERR_SIGNATURE',
  'ERR_UNSUPPORTED',
  'ERR_CONFLICT',
  'ERR_ABORTED',
]);

/** True for an error of Parley, also one of another installed copy; with `code`, only for that code. */
export function isParleyError(error: unknown, code?: ErrorCode): error is ParleyError {
  // Not `instanceof Error` either: a test runner's sandbox has an Error of its own.
  if (typeof error !== 'object' || error === null || !('message' in error) || !('code' in error))
    return false;
  if (typeof error.code !== 'string') return false;
  return code === undefined ? CODES.has(error.code) : error.code === code;
}
