import {
  type AccountContext,
  type AccountNotice,
  type Limiter,
  memoryClaims,
  memoryTokenStore,
  silentLog,
  systemClock,
} from '@parley/core';

/** The surroundings of one account, for opening an adapter without a bot: `web1on1({...}).open(anAccount())`. */
export interface TestAccount extends AccountContext {
  /** What the adapter has reported, oldest first. */
  readonly notices: readonly AccountNotice[];
}

const UNLIMITED: Limiter = { acquire: () => undefined, pause: () => {} };

/** Default: called `leads`, on the machine's clock, silent, tokens in memory, no limit on requests. */
export function anAccount(changes: Partial<Omit<AccountContext, 'report'>> = {}): TestAccount {
  const notices: AccountNotice[] = [];
  return {
    name: 'leads',
    clock: systemClock,
    log: silentLog,
    tokens: memoryTokenStore(),
    limiter: () => UNLIMITED,
    claims: memoryClaims(changes.clock ?? systemClock),
    report: (notice) => notices.push(notice),
    notices,
    ...changes,
  };
}
