import { ParleyError } from '@parley/core';

/** The error of a call that its caller gave up. */
export function abortedError(what: string, signal: AbortSignal | undefined, account?: string): ParleyError {
  return new ParleyError('ERR_ABORTED', `${what}: cancelled by the caller's signal`, {
    account,
    cause: signal?.reason,
  });
}

/** What is told when a signal fires. */
export interface Abortable {
  abort(): void;
}

interface Joined {
  readonly all: Set<Abortable>;
  readonly onAbort: () => void;
}

const waiting = new WeakMap<AbortSignal, Joined>();

/**
 * Tells `abortable` when the signal fires, until `leaveSignal`. One listener a signal, however many requests share it, as all
 * deliveries of an engine do: a listener a request costs several microseconds, and V8 then collects no answer while it is young,
 * since removed listeners stay linked to each other.
 */
export function joinSignal(signal: AbortSignal, abortable: Abortable): void {
  let joined = waiting.get(signal);
  if (joined === undefined) {
    const all = new Set<Abortable>();
    const onAbort = (): void => {
      for (const each of all) each.abort();
    };
    joined = { all, onAbort };
    waiting.set(signal, joined);
    signal.addEventListener('abort', onAbort, { once: true });
  }
  joined.all.add(abortable);
}

/** The last one to leave takes the listener along: a signal may live as long as the process. */
export function leaveSignal(signal: AbortSignal, abortable: Abortable): void {
  const joined = waiting.get(signal);
  if (joined === undefined) return;
  joined.all.delete(abortable);
  if (joined.all.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', joined.onAbort);
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
