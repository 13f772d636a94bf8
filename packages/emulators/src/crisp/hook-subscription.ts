import { isHookEvent } from './events.js';
import type { Announcement, Platform } from './platform.js';

export interface SubscribeOptions {
  url: string;
  /** Plugin hooks are signed, website hooks are not. Default `plugin`. */
  kind?: 'plugin' | 'website';
  /** The plugin, or the website. Default: that of the credentials. */
  owner?: string;
  /** Of plugin hooks. Default: that of the credentials. */
  secret?: string;
  /** Event names; without them, every event that such hooks have. */
  events?: readonly string[];
}

/** A hook as the Marketplace or the settings of a website would have it. */
export interface HookSubscription {
  id: string;
  kind: 'plugin' | 'website';
  url: string;
  owner: string;
  secret?: string;
  events?: readonly string[];
}

/** Whether a hook is told. */
export function isWanted(
  platform: Platform,
  { kind, owner, events }: HookSubscription,
  { event, websiteId, identifier, pluginId }: Announcement,
): boolean {
  if (!isHookEvent(kind, event) || events?.includes(event) === false) return false;
  if (kind === 'website') return websiteId === owner;
  if (pluginId !== undefined && pluginId !== owner) return false;
  if (websiteId !== undefined) return platform.plugins.get(owner)?.installations.has(websiteId) === true;
  return identifier === undefined || platform.keypairs.get(identifier)?.owner === owner;
}
