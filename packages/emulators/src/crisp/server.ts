import { openFrontDoor } from '../front-door.js';
import { snapshot } from '../json.js';
import { createMachinery, equip, splitOptions } from '../machinery.js';
import { createPremises } from '../premises.js';
import type { RateLimitSettings } from '../rate-limit.js';
import { assertFormat } from '../snapshot-format.js';
import { addApiRoutes } from './api.js';
import { createApp } from './app.js';
import { addBucketRoutes } from './bucket.js';
import { campaignMails, openMail } from './campaign-mail.js';
import { addControlRoutes } from './control.js';
import type { CrispEmulator, CrispEmulatorOptions } from './emulator.js';
import { CRISP_EVENTS } from './events.js';
import { createHooks } from './hooks.js';
import { addLoginRoutes } from './login.js';
import { playOperator } from './operators.js';
import { type Announcement, createPlatform, issueKeypair, type Platform } from './platform.js';
import { createQuota } from './quota.js';
import type { Website } from './records.js';
import { apiRoutes } from './routes/index.js';
import { createRtm } from './rtm.js';
import { createCredentials, createPlugin, createWebsite, install } from './seed.js';
import { FORMAT, restorePlatform, takeSnapshot } from './snapshot.js';
import { addSpam } from './spam.js';
import { createCrispSwitches } from './switches.js';
import { createVisitors } from './visitors.js';

const RATE_LIMIT: RateLimitSettings = { enabled: false, perSecond: 20, retryAfter: false };
/** Events that belong to no website. */
const WITHOUT_WEBSITE = /^(bucket|media):/;

/**
 * Starts a Crisp on loopback: REST, real-time API and hooks.
 *
 * @throws when the port is taken (`EADDRINUSE`) and a TypeError for a switch with a wrong value
 */
export async function startCrisp(options: CrispEmulatorOptions = {}): Promise<CrispEmulator> {
  const { common, own } = splitOptions(options);
  const { dailyQuota, chaos, rtmChaos, snapshot: from, save, bodyLimitBytes, ...seedAndSwitches } = own;
  const { tier, identifier, key, websiteId, pluginId, hookSecret, ...rest } = seedAndSwitches;
  assertFormat(from, FORMAT);
  const switches = createCrispSwitches({ ...from?.switches, ...rest });
  const machinery = createMachinery(common, RATE_LIMIT, from);
  const { clock } = machinery;
  const quota = createQuota(clock, dailyQuota ?? false);

  const platform: Platform = createPlatform(clock, switches, {
    announce(announcement: Announcement) {
      rtm.announce(announcement);
      hooks.announce(announcement);
    },
    deliver: (message) => visitors.deliver(message),
  });
  const visitors = createVisitors(() => platform);
  const saveNow = () => save?.(emulator.snapshot());
  const rtm = createRtm(platform, saveNow);
  const hooks = createHooks(platform, saveNow);
  const seed = { tier, identifier, key, websiteId, pluginId, hookSecret };
  const credentials = from === undefined ? createCredentials(platform, seed) : { ...from.credentials };

  const app = createApp(bodyLimitBytes);
  const premises = createPremises(app, platform);
  openFrontDoor(app, {
    machinery,
    limitStatus: () => switches.limitStatus,
    // Plugins and website tokens have a daily quota in its place.
    isLimited: ({ headers }) => (headers['x-crisp-tier'] ?? 'user') === 'user',
    apiKey: ({ headers }) => headers.authorization,
    errorBody: (message) => ({ error: true, reason: reasonOf(message), data: { message } }),
    save: saveNow,
  });
  // Its own time, which a test may have moved.
  app.addHook('onSend', async (_request, reply) => {
    reply.header('date', new Date(clock.now()).toUTCString());
  });
  addLoginRoutes(app, platform);
  addApiRoutes(app, platform, apiRoutes(rtm.endpoint), quota);

  const website = (id = credentials.websiteId): Website => {
    const found = platform.websites.get(id);
    if (found === undefined) throw new TypeError('no website has this id');
    return found;
  };

  const emulator = equip<CrispEmulator>(machinery, {
    get origin() {
      return platform.origin;
    },
    credentials,
    switches,
    hooks,
    rtm,
    quota,
    conversation(sessionId) {
      for (const { conversations } of platform.websites.values()) {
        const found = conversations.get(sessionId);
        if (found !== undefined) return snapshot(found);
      }
      return undefined;
    },
    conversations: (id) => [...website(id).conversations.values()].map(snapshot),
    people: (id) => [...website(id).people.values()].map(snapshot),
    campaignMails: (id) => campaignMails(website(id)),
    openMail: (id) => openMail([...platform.websites.values()], id),
    subscribe({ url, kind = 'plugin', owner, secret, events }) {
      const own = kind === 'plugin' ? credentials.pluginId : credentials.websiteId;
      return hooks.subscribe({
        kind,
        url: new URL(url).href,
        owner: owner ?? own,
        ...(kind === 'plugin' && { secret: secret ?? credentials.hookSecret }),
        ...(events !== undefined && { events: [...events] }),
      });
    },
    unsubscribe: (id) => hooks.unsubscribe(id),
    moveHook: (id, url) => hooks.move(id, new URL(url).href),
    visitor: (who = {}) => visitors.play(website(who.websiteId), who),
    visitorOf: (sessionId) => visitors.get(sessionId),
    operator: (who) => playOperator(platform, website(who.websiteId), who),
    addSpam: (what = {}) => addSpam(platform, website(what.websiteId), what),
    addWebsite({ name = 'Other Website', domain = 'other.crisp.test', installed = true } = {}) {
      const owner = platform.users.get(credentials.userId);
      const plugin = platform.plugins.get(credentials.pluginId);
      if (owner === undefined || plugin === undefined)
        throw new TypeError('the seeded owner or plugin is gone');
      const created = createWebsite(platform, { name, domain, owner });
      if (installed) install(platform, plugin, created);
      return created.website_id;
    },
    addPlugin({ urn = 'urn:crisp.test:other:0' } = {}) {
      const plugin = createPlugin(platform, urn);
      install(platform, plugin, website());
      const { identifier, key } = issueKeypair(platform, 'plugin', plugin.plugin_id);
      return { pluginId: plugin.plugin_id, identifier, key };
    },
    emit(event, data = {}) {
      if (!CRISP_EVENTS.has(event)) throw new TypeError(`unknown event "${event}"`);
      if (WITHOUT_WEBSITE.test(event)) return platform.announce({ event, data });
      const id = typeof data.website_id === 'string' ? data.website_id : credentials.websiteId;
      platform.announce({ event, websiteId: id, data: { website_id: id, ...data } });
    },
    handle: premises.handle,
    snapshot: () => takeSnapshot({ platform, visitors, hooks, rtm, quota, machinery, credentials }),
    close() {
      visitors.close();
      hooks.close();
      rtm.close();
      clock.close();
      return premises.close();
    },
  });

  addControlRoutes(app, emulator);
  addBucketRoutes(app);
  rtm.attach(app.server);
  credentials.origin = await premises.listen(common);
  if (from !== undefined) restorePlatform({ platform, visitors, hooks, rtm, quota }, from);
  credentials.rtmUrl = rtm.endpoint(credentials.tier);
  if (chaos !== undefined) hooks.chaos = chaos;
  if (rtmChaos !== undefined) rtm.chaos = rtmChaos;
  if (dailyQuota !== undefined) quota.limit = dailyQuota;
  premises.open();
  return emulator;
}

const reasonOf = (message: string) => message.toLowerCase().replace(/[^a-z0-9]+/g, '_');
