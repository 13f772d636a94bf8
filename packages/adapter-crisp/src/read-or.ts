import type { AccountContext } from '@parley/core';
import { isParleyError } from '@parley/core';

/** Undefined, and a line in the log, for an item that cannot be read: it does not cost the others. */
export function readOr<T>(account: Pick<AccountContext, 'name' | 'log'>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD')) throw error;
    account.log.warn({ account: account.name, code: error.code }, error.message);
    return undefined;
  }
}
