import type { Chaos } from '../chaos.js';
import { type Clock, createClock } from '../clock.js';
import { createFaults, type Faults } from '../faults.js';
import { openFrontDoor } from '../front-door.js';
import { answerInProcess } from '../in-process.js';
import { createJournal, type Journal } from '../journal.js';
import { type JsonObject, snapshot } from '../json.js';
import { createRateLimit, type RateLimit, type RateLimitSettings } from '../rate-limit.js';
import { addApiRoutes } from './api.js';
import { createApp } from './app.js';
import { addBucketRoutes } from './bucket.js';
import { addControlRoutes } from './control.js';
import { CRISP_EVENTS } from './events.js';
import { createHooks, type HookSubscription, type Hooks, type SubscribeOptions } from './hooks.js';
import { addLoginRoutes } from './login.js';
import { type Operator, type OperatorOptions, playOperator } from './operators.js';
import { type Announcement, createPlatform, type Platform } from './platform.js';
import { createQuota, type Quota } from './quota.js';
import type { CrispConversation, CrispPerson, Website } from './records.js';
import { apiRoutes } from './routes/index.js';
import { createRtm, type Rtm } from './rtm.js';
import {
  type CrispCredentials,
  createCredentials,
  createWebsite,
  install,
  type SeedOptions,
} from './seed.js';
import { addSpam, type SpamOptions } from './spam.js';
import { type CrispSwitches, createCrispSwitches } from './switches.js';
import { createVisitors, type Visitor, type VisitorOptions } from './visitors.js';

export interface CrispEmulatorOptions extends Partial<CrispSwitches>, SeedOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Requests a second, of users and addresses. Default off: the provider's figures are not published. */
  rateLimit?: boolean | Partial<RateLimitSettings>;
  /** Requests a day, of plugins and website tokens. Default off; `true` for the published figures. */
  dailyQuota?: boolean | number;
  /** What happens to hooks. */
  chaos?: Chaos;
  /** What happens to events on sockets. */
  rtmChaos?: Chaos;
  /** How many requests the journal keeps. Default 2000. */
  journalSize?: number;
  /** Larger bodies are answered 413. Default 1 MiB. */
  bodyLimitBytes?: number;
  /** Where the clock starts, epoch milliseconds. Default: now. */
  startAt?: number;
}

export interface CrispEmulator {
  /** For example `http://127.0.0.1:4020`: what crisp-api's `setRestHost` takes. */
  readonly origin: string;
  readonly credentials: CrispCredentials;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly switches: CrispSwitches;
  readonly hooks: Hooks;
  readonly rtm: Rtm;
  readonly quota: Quota;
  /** Settings of the limiter; assign `false`, `true` or some settings to change it. */
  get rateLimit(): RateLimit;
  set rateLimit(value: boolean | Partial<RateLimitSettings>);
  /** A copy of a conversation, with its messages. */
  conversation(sessionId: string): CrispConversation | undefined;
  /** Copies of all conversations of a website. */
  conversations(websiteId?: string): CrispConversation[];
  /** A copy of a person, by id or e-mail. */
  people(websiteId?: string): CrispPerson[];
  /** Registers a hook, as the Marketplace or the settings of the website would. */
  subscribe(options: SubscribeOptions): HookSubscription;
  unsubscribe(id: string): boolean;
  visitor(options?: VisitorOptions): Visitor;
  /** A visitor known by session id. */
  visitorOf(sessionId: string): Visitor | undefined;
  /** The same operator for the same e-mail. */
  operator(options: OperatorOptions): Operator;
  /** Returns the id of what the provider took for spam. */
  addSpam(options?: SpamOptions): string;
  /** One more website of the same owner; the plugin is installed on it unless told otherwise. */
  addWebsite(options?: { name?: string; domain?: string; installed?: boolean }): string;
  /** Any of the 82 events, with any data; `website_id` is that of the credentials unless the data says otherwise. */
  emit(event: string, data?: JsonObject): void;
  /**
   * Answers a request in process, whatever host it asks for, as it would be answered over HTTP: faults, limits and journal
   * included. Rejects when a fault drops the connection, when the request's signal fires, and once the emulator is closed.
   */
  handle(request: Request): Promise<Response>;
  close(): Promise<void>;
}

const RATE_LIMIT: RateLimitSettings = { enabled: false, perSecond: 20, retryAfter: false };
/** Events that belong to no website. */
const WITHOUT_WEBSITE = /^(bucket|media):/;

/**
 * Starts a Crisp on loopback: REST, real-time API and hooks.
 *
 * @throws when the port is taken (`EADDRINUSE`) and a TypeError for a switch with a wrong value
 */
export async function startCrisp(options: CrispEmulatorOptions = {}): Promise<CrispEmulator> {
  const {
    port,
    host,
    rateLimit: limit,
    dailyQuota,
    chaos,
    rtmChaos,
    journalSize,
    startAt,
    ...others
  } = options;
  const { bodyLimitBytes, tier, identifier, key, websiteId, pluginId, hookSecret, ...rest } = others;
  const switches = createCrispSwitches(rest);
  const clock = createClock(startAt);
  const journal = createJournal(journalSize ?? 2000);
  const faults = createFaults();
  let rateLimit = createRateLimit(clock, limitSettings(RATE_LIMIT, limit ?? {}));
  const quota = createQuota(clock, dailyQuota ?? false);

  const platform: Platform = createPlatform(clock, switches, {
    announce(announcement: Announcement) {
      rtm.announce(announcement);
      hooks.announce(announcement);
    },
    deliver: (message) => visitors.deliver(message),
  });
  const visitors = createVisitors(() => platform);
  const rtm = createRtm(platform);
  const hooks = createHooks(platform);
  const seed = { tier, identifier, key, websiteId, pluginId, hookSecret };
  const credentials = createCredentials(platform, seed);
  const closing = new AbortController();

  const app = createApp(bodyLimitBytes);
  openFrontDoor(app, {
    clock,
    journal,
    faults,
    rateLimit: () => rateLimit,
    limitStatus: () => switches.limitStatus,
    // Plugins and website tokens have a daily quota in the place of a limit.
    apiKey: ({ headers }) =>
      (headers['x-crisp-tier'] ?? 'user') === 'user' ? headers.authorization : undefined,
    errorBody: (message) => ({ error: true, reason: reasonOf(message), data: { message } }),
    save: () => undefined,
  });
  addLoginRoutes(app, platform);
  addApiRoutes(app, platform, apiRoutes(rtm.endpoint), quota);

  const website = (id = credentials.websiteId): Website => {
    const found = platform.websites.get(id);
    if (found === undefined) throw new TypeError('no website has this id');
    return found;
  };

  const emulator: CrispEmulator = {
    get origin() {
      return platform.origin;
    },
    credentials,
    clock,
    journal,
    faults,
    switches,
    hooks,
    rtm,
    quota,
    get rateLimit(): RateLimit {
      return rateLimit;
    },
    set rateLimit(value: boolean | Partial<RateLimitSettings>) {
      rateLimit = createRateLimit(clock, limitSettings(rateLimit, value));
    },
    conversation(sessionId) {
      for (const { conversations } of platform.websites.values()) {
        const found = conversations.get(sessionId);
        if (found !== undefined) return snapshot(found);
      }
      return undefined;
    },
    conversations: (id) => [...website(id).conversations.values()].map(snapshot),
    people: (id) => [...website(id).people.values()].map(snapshot),
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
    emit(event, data = {}) {
      if (!CRISP_EVENTS.has(event)) throw new TypeError(`unknown event "${event}"`);
      if (WITHOUT_WEBSITE.test(event)) return platform.announce({ event, data });
      const id = typeof data.website_id === 'string' ? data.website_id : credentials.websiteId;
      platform.announce({ event, websiteId: id, data: { website_id: id, ...data } });
    },
    handle: answerInProcess(app, { origin: () => platform.origin, closing: closing.signal }),
    async close() {
      closing.abort(new Error('the emulator is closed'));
      visitors.close();
      hooks.close();
      rtm.close();
      clock.close();
      await app.close();
    },
  };

  addControlRoutes(app, emulator);
  addBucketRoutes(app);
  rtm.attach(app.server);
  platform.origin = await app.listen({ port: port ?? 0, host: host ?? '127.0.0.1' });
  credentials.origin = platform.origin;
  credentials.rtmUrl = rtm.endpoint(credentials.tier);
  if (chaos !== undefined) hooks.chaos = chaos;
  if (rtmChaos !== undefined) rtm.chaos = rtmChaos;
  return emulator;
}

const reasonOf = (message: string) => message.toLowerCase().replace(/[^a-z0-9]+/g, '_');

function limitSettings(
  { enabled, perSecond, retryAfter }: RateLimitSettings,
  value: boolean | Partial<RateLimitSettings>,
): RateLimitSettings {
  const present = { enabled, perSecond, retryAfter };
  return typeof value === 'boolean' ? { ...present, enabled: value } : { ...present, ...value };
}
