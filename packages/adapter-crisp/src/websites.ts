import type { CallOptions } from '@parley/core';
import type { CrispApi } from './client/api.js';

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
