import type { AccountContext, AccountNotice, Clock, Limiter, Log, TokenStore } from '@parley/core';
import { createLimiter, memoryClaims, memoryTokenStore, stderrLog, systemClock } from '@parley/core';

export interface StandaloneOptions {
  /** Default: in this process only. */
  tokens?: TokenStore;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: warnings and errors to stderr. */
  log?: Log;
  /** Told about renewed and refused credentials. Default: nobody. */
  onNotice?: (notice: AccountNotice) => void;
}

/**
 * What an adapter needs when there is no bot around it: `web1on1({...}).open(standaloneAccount('leads')).api`.
 *
 * @param name the first half of every id that the adapter returns
 */
export function standaloneAccount(name: string, options: StandaloneOptions = {}): AccountContext {
  const { tokens = memoryTokenStore(), clock = systemClock, log = stderrLog, onNotice } = options;
  let limiter: Limiter | undefined;
  return {
    name,
    clock,
    log,
    tokens,
    claims: memoryClaims(clock),
    // One for the whole account: the first caller's rate holds, as in an engine.
    limiter: (rate) => {
      limiter ??= createLimiter(rate, clock);
      return limiter;
    },
    report: (notice) => onNotice?.(notice),
  };
}
