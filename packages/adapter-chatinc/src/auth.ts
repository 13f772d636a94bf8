import type { Authorization } from '@parley/adapter-kit';
import type { AccountContext } from '@parley/core';

/** The raw key, without a scheme: `Bearer` is wrong. That it is refused is told once. */
export function rawKey(apiKey: string, { report }: Pick<AccountContext, 'report'>): Authorization {
  let told = false;
  return {
    value: () => apiKey,
    renew: (_refused, { status }) => {
      if (status === 401 && !told) {
        told = true;
        report({ name: 'account.refused', reason: 'Chat Inc does not accept the API key' });
      }
      return undefined;
    },
  };
}
