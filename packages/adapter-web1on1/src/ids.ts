import { accountOf, externalIdOf, type Id, ParleyError } from '@parley/core';

/** Reads the platform's own id from an id of this account, and refuses one of another account. */
export function externalIdsOf(account: string): (id: Id) => string {
  return (id) => {
    const owner = accountOf(id);
    if (owner === account) return externalIdOf(id);
    throw new ParleyError('ERR_CONFIG', `An id of account "${owner}" was given to account "${account}"`, {
      account,
    });
  };
}
