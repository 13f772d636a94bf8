import { createHash, timingSafeEqual } from 'node:crypto';
import { CrispError } from './errors.js';
import type { Tier } from './events.js';
import type { Platform } from './platform.js';
import { websitesOf } from './platform.js';
import type { Keypair, Website } from './records.js';

const invalidSession = () => new CrispError(401, 'invalid_session');

/** The keypair of a request. The tier of the header must be that of the keypair; without a header it is `user`. */
export function authenticate(
  platform: Platform,
  authorization: string | undefined,
  tierHeader: string | string[] | undefined,
): Keypair {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) throw invalidSession();
  const [identifier = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const keypair = checkKeypair(platform, identifier, rest.join(':'));
  if (keypair === undefined || keypair.tier !== (tierHeader ?? 'user')) throw invalidSession();
  return keypair;
}

export function checkKeypair(platform: Platform, identifier: string, key: string): Keypair | undefined {
  const keypair = platform.keypairs.get(identifier);
  return keypair !== undefined && sameText(keypair.key, key) ? keypair : undefined;
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Tiers that may call a route: `U` user, `P` plugin, and the website tier where the plugin tier may reach a website. */
export type RouteTiers = 'U' | 'P' | 'UP' | '?';

export function mayCall(tier: Tier, tiers: RouteTiers, aboutWebsite: boolean): boolean {
  if (tiers === '?') return true;
  if (tier === 'user') return tiers.includes('U');
  return tiers.includes('P') && (tier === 'plugin' || aboutWebsite);
}

/** The website of a path, if the keypair reaches it. */
export function reachWebsite(platform: Platform, keypair: Keypair, websiteId: string): Website {
  const reached = websitesOf(platform, keypair).find(({ website_id }) => website_id === websiteId);
  if (reached !== undefined) return reached;
  if (keypair.tier === 'plugin') throw new CrispError(404, 'not_subscribed');
  throw platform.websites.has(websiteId)
    ? new CrispError(403, 'not_allowed')
    : new CrispError(404, 'website_not_found');
}
