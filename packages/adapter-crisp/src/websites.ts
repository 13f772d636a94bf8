import type { AccountContext, CallOptions } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';

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

/** The account's own website, or all that have the plugin. */
export async function websitesOf(
  api: CrispApi,
  website: string | undefined,
  options: CallOptions | undefined,
): Promise<string[]> {
  if (website !== undefined) return [website];
  const websites: string[] = [];
  for await (const { website_id: id } of api.each('plugin.listWebsites', {}, options)) {
    if (typeof id === 'string') websites.push(id);
  }
  return websites;
}
