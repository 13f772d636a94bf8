import { randomBytes } from 'node:crypto';
import type { Auth } from './auth.js';
import { newRecord, type Platform } from './platform.js';
import type { Web1on1Record } from './records.js';

export interface SeedOptions {
  /** Of webhooks; invented when absent. */
  secret?: string;
  /** Ids, 24 hex characters; invented when absent. */
  organization?: string;
  botUser?: string;
}

export interface Web1on1Credentials {
  provider: 'web1on1';
  origin: string;
  /** Of the bot. */
  token: string;
  refreshToken: string;
  /** Of webhooks, unless a subscription brings its own. */
  secret: string;
  organization: string;
  botUser: string;
  botEmail: string;
  adminUser: string;
  adminToken: string;
  adminRefreshToken: string;
  adminEmail: string;
  adminPassword: string;
}

/** Seeds the world, and issues its first tokens. `origin` is known once the emulator listens. */
export function createCredentials(platform: Platform, auth: Auth, options: SeedOptions): Web1on1Credentials {
  const { organization, bot, admin, adminPassword } = seedWorld(platform, options);
  const [botTokens, adminTokens] = [auth.issue(bot), auth.issue(admin)];
  return {
    provider: 'web1on1',
    origin: '',
    token: botTokens.token,
    refreshToken: botTokens.refreshToken,
    secret: options.secret ?? randomBytes(24).toString('base64url'),
    organization,
    botUser: bot.id,
    botEmail: String(bot.email),
    adminUser: admin.id,
    adminToken: adminTokens.token,
    adminRefreshToken: adminTokens.refreshToken,
    adminEmail: String(admin.email),
    adminPassword,
  };
}

/** The world at the start: a group with one organization, its bot, its administrator and one agent channel. */
interface Seed {
  organization: string;
  bot: Web1on1Record;
  admin: Web1on1Record;
  adminPassword: string;
}

function seedWorld(platform: Platform, options: SeedOptions): Seed {
  const group = newRecord(platform);
  platform.organizations.put({
    ...group,
    name: 'Emulated Group',
    status: 'active',
    path: group.id,
    orgPath: group.id,
    level: 1,
  });
  const home = {
    ...newRecord(platform),
    ...(options.organization !== undefined && { id: options.organization }),
  };
  const path = `${group.id}#${home.id}`;
  platform.organizations.put({
    ...home,
    name: 'Emulated Organization',
    status: 'active',
    parent: group.id,
    path,
    orgPath: path,
    level: 2,
    categories: [],
    tags: [],
    meta: {},
  });

  const userRecord = (role: string, name: string, id?: string) => {
    const fresh = { ...newRecord(platform), ...(id !== undefined && { id }) };
    return platform.users.put({
      ...fresh,
      name,
      displayName: name,
      email: role === 'bot' ? `bot+${fresh.id}@web1on1.chat` : `${role}+${fresh.id}@web1on1.chat`,
      status: 'active',
      organizations: [{ organization: home.id, orgPath: path, selected: true, role }],
      meta: {},
    });
  };
  const bot = userRecord('bot', 'Emulated Bot', options.botUser);
  const admin = userRecord('admin', 'Emulated Administrator');
  const adminPassword = randomBytes(12).toString('base64url');
  platform.passwords.set(admin.id, adminPassword);

  const own = { organization: home.id, orgPath: path };
  const botFields = { name: 'Emulated Bot', status: 'active', enabled: true, meta: {} };
  platform.collections.get('bots')?.put({ ...newRecord(platform), id: bot.id, ...own, ...botFields });
  platform.collections
    .get('botinstances')
    ?.put({ ...newRecord(platform), bot: bot.id, ...own, ...botFields });
  platform.collections.get('channels')?.put({ ...newRecord(platform), ...own, name: 'Front desk', meta: {} });
  return { organization: home.id, bot, admin, adminPassword };
}
