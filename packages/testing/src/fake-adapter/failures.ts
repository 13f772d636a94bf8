import { type CallOptions, type Clock, ParleyError, sleep } from '@parley/core';

/**
 * What goes wrong at the made-up provider.
 *
 * - `rate limited`: 429, not carried out; `retryAfterMs` (default 10) is told
 * - `unavailable`: 503, not carried out
 * - `rejected`: 400, not carried out
 * - `misconfigured`: an option of the account is wrong, so that nothing is even asked
 * - `unauthorized`: 401, not carried out
 * - `forbidden`: 403, not carried out
 * - `lost answer`: carried out, and the answer never came
 * - `lost request`: not carried out, and the answer never came
 */
export type FakeFailure =
  | 'rate limited'
  | 'unavailable'
  | 'rejected'
  | 'misconfigured'
  | 'unauthorized'
  | 'forbidden'
  | 'lost answer'
  | 'lost request';

export interface FailureOptions {
  /** Only calls of this method, for example `messages.send`. Default: any. */
  method?: string;
  /** How many attempts it hits. Default 1. */
  times?: number;
  /** For `rate limited`: how long the provider says to wait. Default 10. */
  retryAfterMs?: number;
}

/** One attempt at the made-up provider, and how it ended. */
export interface FakeAttempt {
  /** `messages.send`, `conversations.get`, ... */
  method: string;
  /** The first argument: a request or an id. */
  request: unknown;
  /** ISO 8601, UTC. */
  at: string;
  outcome: 'done' | FakeFailure | 'not found';
}

const MOST_ATTEMPTS = 5;
const BACKOFF_MS = 10;

/** The wire of the made-up provider: everything an adapter asks goes through `call`. */
export interface Wire {
  readonly attempts: FakeAttempt[];
  call<T>(method: string, request: unknown, options: CallOptions | undefined, work: () => T): Promise<T>;
  failNext(failure: FakeFailure, options?: FailureOptions): void;
  hold(): () => void;
}

export function createWire(clock: () => Clock): Wire {
  const attempts: FakeAttempt[] = [];
  const planned: { failure: FakeFailure; options: FailureOptions; left: number }[] = [];
  let gate: Promise<void> | undefined;

  const take = (method: string) => {
    const hit = planned.find(({ left, options }) => left > 0 && (options.method ?? method) === method);
    if (hit !== undefined) hit.left -= 1;
    return hit;
  };
  const once = <T>(method: string, request: unknown, work: () => T): T => {
    const hit = take(method);
    const attempt: FakeAttempt = {
      method,
      request,
      at: new Date(clock().now()).toISOString(),
      outcome: hit?.failure ?? 'done',
    };
    attempts.push(attempt);
    if (hit !== undefined && hit.failure !== 'lost answer') throw errorOf(hit.failure, hit.options);
    try {
      const result = work();
      if (hit === undefined) return result;
    } catch (error) {
      attempt.outcome = 'not found';
      throw error;
    }
    throw errorOf('lost answer', {});
  };

  return {
    attempts,
    async call(method, request, options, work) {
      for (let attempt = 1; ; attempt += 1) {
        checkSignal(options?.signal);
        await gate;
        checkSignal(options?.signal);
        try {
          return once(method, request, work);
        } catch (error) {
          const waitMs = waitBeforeRepeat(error);
          if (waitMs === undefined || options?.retry === false || attempt === MOST_ATTEMPTS) throw error;
          await sleep(clock(), waitMs, options?.signal);
        }
      }
    },
    failNext: (failure, options = {}) => {
      planned.push({ failure, options, left: options.times ?? 1 });
    },
    hold() {
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      gate = held;
      return () => {
        if (gate === held) gate = undefined;
        release();
      };
    },
  };
}

/** Undefined if repeating cannot help, or may do it twice. */
function waitBeforeRepeat(error: unknown): number | undefined {
  if (!(error instanceof ParleyError)) return undefined;
  if (error.code === 'ERR_RATE_LIMITED') return error.retryAfterMs ?? BACKOFF_MS;
  return error.code === 'ERR_UNAVAILABLE' ? BACKOFF_MS : undefined;
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ParleyError('ERR_ABORTED', 'The caller gave up.', { cause: signal.reason });
}

function errorOf(failure: FakeFailure, options: FailureOptions): ParleyError {
  switch (failure) {
    case 'rate limited':
      return new ParleyError('ERR_RATE_LIMITED', 'The provider wants fewer requests.', {
        status: 429,
        retryAfterMs: options.retryAfterMs ?? BACKOFF_MS,
      });
    case 'unavailable':
      return new ParleyError('ERR_UNAVAILABLE', 'The provider answered 503.', { status: 503 });
    case 'rejected':
      return new ParleyError('ERR_REJECTED', 'The provider refused the request.', { status: 400 });
    case 'misconfigured':
      return new ParleyError('ERR_CONFIG', 'An option of the account is wrong.');
    case 'unauthorized':
      return new ParleyError('ERR_AUTHENTICATION', 'The provider refused the credentials.', { status: 401 });
    case 'forbidden':
      return new ParleyError('ERR_FORBIDDEN', 'The provider does not allow this.', { status: 403 });
    case 'lost answer':
    case 'lost request':
      return new ParleyError('ERR_OUTCOME_UNKNOWN', 'The provider never answered; it may have been done.');
  }
}
