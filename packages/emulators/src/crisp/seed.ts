import { randomBytes, randomUUID } from 'node:crypto';
import type { Tier } from './events.js';
import { issueKeypair, type Platform } from './platform.js';
import type { Plugin, User, Website } from './records.js';
import { DEFAULT_SETTINGS } from './settings.js';

export interface SeedOptions {
  /** Whose keypair `identifier` and `key` are. Default `plugin`. */
  tier?: Tier;
  /** Of that tier; invented when absent. */
  identifier?: string;
  key?: string;
  /** UUIDs; invented when absent. */
  websiteId?: string;
  pluginId?: string;
  /** Of plugin hooks; invented when absent. */
  hookSecret?: string;
}

export interface CrispCredentials {
  provider: 'crisp';
  origin: string;
  /** The real-time API, for clients that skip discovery. */
  rtmUrl: string;
  /** Of `tier`. */
  identifier: string;
  key: string;
  tier: Tier;
  websiteId: string;
  pluginId: string;
  pluginUrn: string;
  /** Plugin hooks are signed with it. */
  hookSecret: string;
  /** The owner of the website. */
  userId: string;
  email: string;
  password: string;
  userIdentifier: string;
  userKey: string;
  websiteIdentifier: string;
  websiteKey: string;
  pluginIdentifier: string;
  pluginKey: string;
}

/** The world at the start: a website, its owner, and a plugin that is installed on it. */
export function createCredentials(platform: Platform, options: SeedOptions): CrispCredentials {
  const tier = options.tier ?? 'plugin';
  const user = createUser(platform, { email: `owner-${randomBytes(4).toString('hex')}@crisp.test` });
  const website = createWebsite(platform, {
    website_id: options.websiteId,
    name: 'Emulated Website',
    domain: 'website.crisp.test',
    owner: user,
  });
  const plugin = createPlugin(platform, 'urn:crisp.test:parley:0', options.pluginId);
  install(platform, plugin, website);
  const given = { identifier: options.identifier, key: options.key };
  const keypair = (of: Tier, owner: string) => issueKeypair(platform, of, owner, of === tier ? given : {});
  const pairs = {
    user: keypair('user', user.user_id),
    website: keypair('website', website.website_id),
    plugin: keypair('plugin', plugin.plugin_id),
  };
  return {
    provider: 'crisp',
    origin: '',
    rtmUrl: '',
    identifier: pairs[tier].identifier,
    key: pairs[tier].key,
    tier,
    websiteId: website.website_id,
    pluginId: plugin.plugin_id,
    pluginUrn: plugin.urn,
    hookSecret: options.hookSecret ?? randomBytes(24).toString('hex'),
    userId: user.user_id,
    email: user.email,
    password: user.password,
    userIdentifier: pairs.user.identifier,
    userKey: pairs.user.key,
    websiteIdentifier: pairs.website.identifier,
    websiteKey: pairs.website.key,
    pluginIdentifier: pairs.plugin.identifier,
    pluginKey: pairs.plugin.key,
  };
}

export function createUser(platform: Platform, given: { email: string; name?: string }): User {
  const [first = 'Emulated', ...rest] = (given.name ?? 'Emulated Owner').split(' ');
  const user = {
    user_id: randomUUID(),
    email: given.email,
    password: randomBytes(12).toString('base64url'),
    first_name: first,
    last_name: rest.join(' '),
    avatar: null,
  };
  platform.users.set(user.user_id, user);
  return user;
}

export function createWebsite(
  platform: Platform,
  given: { website_id?: string; name: string; domain: string; owner: User },
): Website {
  const website: Website = {
    website_id: given.website_id ?? randomUUID(),
    name: given.name,
    domain: given.domain,
    logo: null,
    deleting: false,
    settings: structuredClone(DEFAULT_SETTINGS),
    conversations: new Map(),
    people: new Map(),
    members: new Map(),
    shelves: new Map(),
    documents: new Map(),
  };
  website.members.set(given.owner.user_id, {
    user_id: given.owner.user_id,
    type: 'operator',
    role: 'owner',
    title: '',
    availability: 'online',
  });
  platform.websites.set(website.website_id, website);
  return website;
}

export function createPlugin(platform: Platform, urn: string, pluginId: string = randomUUID()): Plugin {
  const plugin = { plugin_id: pluginId, urn, name: 'Emulated Plugin', installations: new Map() };
  platform.plugins.set(pluginId, plugin);
  return plugin;
}

export function install(platform: Platform, plugin: Plugin, website: Website): void {
  plugin.installations.set(website.website_id, {
    website_id: website.website_id,
    token: randomUUID(),
    since: platform.clock.iso(),
    settings: {},
    usage: [],
  });
}
