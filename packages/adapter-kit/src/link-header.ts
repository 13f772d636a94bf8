import { ParleyError } from '@parley/core';
import LinkHeader from 'http-link-header';
import type { HttpHeaders } from './http-client.js';

export interface Link {
  /** As written: absolute or relative. Not checked against any origin; see `sameOriginTarget`. */
  url: string;
  /** One relation, for example `next`. */
  rel: string;
}

/**
 * The links of a `Link` header (RFC 8288); URLs and quoted parameters may hold commas and semicolons. A link with several
 * relations comes once for each.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD if it is not one: taking it for "no next page" would lose the rest of a list
 */
export function parseLinkHeader(value: string | readonly string[] | undefined): Link[] {
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : value.join(', ');
  try {
    return LinkHeader.parse(text).refs.map(({ uri, rel }) => ({ url: uri, rel }));
  } catch {
    throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', 'Link header: not of the form <url>; rel="..."', {
      problems: ['Link: expected <url>; rel="..."'],
    });
  }
}

/** Where the next page is, or undefined on the last one. */
export function nextLink(headers: HttpHeaders): string | undefined {
  return parseLinkHeader(headers.link).find(({ rel }) => rel?.toLowerCase() === 'next')?.url;
}
