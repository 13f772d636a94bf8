import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { CrispApi } from './client/api.js';
import type { Viewpoint } from './ids.js';

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

/**
 * The website to act in: named by the request, or the account's own.
 *
 * @throws ERR_CONFIG if there is neither
 */
export function tenantOf({ account, website }: Viewpoint, named: string | undefined): string {
  const found = named ?? website;
  if (found !== undefined) return found;
  const how = 'name the website as "organization", or set the option website';
  throw new ParleyError('ERR_CONFIG', `Crisp: ${how}`, { account });
}
