import type { AccountContext, CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';

/** An account between its opening and its closing. */
export interface Lifetime {
  /** Fires when the account is closed. */
  readonly closing: AbortSignal;
  /**
   * Asked before a request is made of anything.
   *
   * @param what for the error, for example `messages.send`
   * @throws ERR_ABORTED if the account is closed or the caller's signal has fired
   */
  permit(what: string, options: CallOptions | undefined): void;
  /** Releases what was opened; once, however often it is called. */
  close(): Promise<void>;
}

/**
 * @param provider as people call it, for the error
 * @param release closes what the account has opened
 */
export function createLifetime(
  provider: string,
  account: Pick<AccountContext, 'name'>,
  release: () => Promise<void>,
): Lifetime {
  const closing = new AbortController();
  let released: Promise<void> | undefined;
  return {
    closing: closing.signal,
    permit: (what, options) => {
      const closed = closing.signal.aborted;
      if (!closed && options?.signal?.aborted !== true) return;
      const why = closed ? 'the account is closed' : "cancelled by the caller's signal";
      throw new ParleyError('ERR_ABORTED', `${provider}: ${what}: ${why}`, {
        account: account.name,
        cause: options?.signal?.reason,
      });
    },
    close: () => {
      closing.abort();
      released ??= release();
      return released;
    },
  };
}
