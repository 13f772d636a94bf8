import { ParleyError } from '@parley/core';

/** The error of a call that its caller gave up. */
export function abortedError(what: string, signal: AbortSignal | undefined, account?: string): ParleyError {
  return new ParleyError('ERR_ABORTED', `${what}: cancelled by the caller's signal`, {
    account,
    cause: signal?.reason,
  });
}

/**
 * The promise, or ERR_ABORTED as soon as the signal fires; what the promise stands for goes on.
 *
 * @param what for the error, for example `GET /v2/users`
 */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(what, signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
