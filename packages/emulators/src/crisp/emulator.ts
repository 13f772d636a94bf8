import type { Chaos } from '../chaos.js';
import type { JsonObject } from '../json.js';
import type { Machinery, MachineryOptions } from '../machinery.js';
import type { RateLimitSettings } from '../rate-limit.js';
import type { HookSubscription, SubscribeOptions } from './hook-subscription.js';
import type { Hooks } from './hooks.js';
import type { Operator, OperatorOptions } from './operators.js';
import type { Quota } from './quota.js';
import type { CrispConversation, CrispPerson } from './records.js';
import type { Rtm } from './rtm.js';
import type { CrispCredentials, SeedOptions } from './seed.js';
import type { CrispSnapshot } from './snapshot.js';
import type { SpamOptions } from './spam.js';
import type { CrispSwitches } from './switches.js';
import type { Visitor, VisitorOptions } from './visitors.js';

export interface CrispEmulatorOptions extends Partial<CrispSwitches>, SeedOptions, MachineryOptions {
  /** Requests a second in the user tier, by keypair and by address. Default off: the provider's figures are not published. */
  rateLimit?: boolean | Partial<RateLimitSettings>;
  /** Requests a day, of plugins and website tokens. Default off; `true` for the published figures. */
  dailyQuota?: boolean | number;
  /** What happens to hooks. */
  chaos?: Chaos;
  /** What happens to events on sockets. */
  rtmChaos?: Chaos;
  /** Larger bodies are answered 413. Default 1 MiB. */
  bodyLimitBytes?: number;
  /**
   * Goes on from where another emulator was: people, conversations, keypairs, hooks on their way, faults, journal, time. Ids and
   * secrets are those of the snapshot; switches and limits too, unless given here. Hooks keep their URLs: see `moveHook`.
   */
  snapshot?: CrispSnapshot;
  /**
   * Called before an answer, an event or a hook leaves. What stores the snapshot here, before it returns, is never behind what
   * somebody was told, whenever the process is killed. It must not throw.
   */
  save?: (snapshot: CrispSnapshot) => void;
}

/** A campaign's mail to one person. */
export interface CampaignMail {
  id: string;
  campaignId: string;
  peopleId: string;
  email: string;
  subject: string;
  message: string;
  opened: boolean;
}

export interface CrispEmulator extends Machinery {
  /** For example `http://127.0.0.1:4020`: what crisp-api's `setRestHost` takes. */
  readonly origin: string;
  readonly credentials: CrispCredentials;
  readonly switches: CrispSwitches;
  readonly hooks: Hooks;
  readonly rtm: Rtm;
  readonly quota: Quota;
  /** A copy of a conversation, with its messages. */
  conversation(sessionId: string): CrispConversation | undefined;
  /** Copies of all conversations of a website. */
  conversations(websiteId?: string): CrispConversation[];
  /** A copy of a person, by id or e-mail. */
  people(websiteId?: string): CrispPerson[];
  /** What campaigns have sent, as each person got it, in order. */
  campaignMails(websiteId?: string): CampaignMail[];
  /** A person opens a mail. Throws a TypeError for an id that is none. */
  openMail(mailId: string): void;
  /** Registers a hook, as the Marketplace or the settings of the website would. */
  subscribe(options: SubscribeOptions): HookSubscription;
  unsubscribe(id: string): boolean;
  /** Moves a hook, by id, and what waits for it. Throws a TypeError for an id that is none. */
  moveHook(id: string, url: string): HookSubscription;
  visitor(options?: VisitorOptions): Visitor;
  /** A visitor known by session id. */
  visitorOf(sessionId: string): Visitor | undefined;
  /** The same operator for the same e-mail. */
  operator(options: OperatorOptions): Operator;
  /** Returns the id of what the provider took for spam. */
  addSpam(options?: SpamOptions): string;
  /** One more website of the same owner; the plugin is installed on it unless told otherwise. */
  addWebsite(options?: { name?: string; domain?: string; installed?: boolean }): string;
  /** One more plugin, installed on the website of the credentials. Its hooks: `subscribe({ owner: pluginId, secret })`. */
  addPlugin(options?: { urn?: string }): { pluginId: string; identifier: string; key: string };
  /** Any of the 82 events, with any data; `website_id` is that of the credentials unless the data says otherwise. */
  emit(event: string, data?: JsonObject): void;
  /**
   * Answers a request in process, whatever host it asks for, as it would be answered over HTTP: faults, limits and journal
   * included. Rejects when a fault drops the connection, when the request's signal fires, and once the emulator is closed.
   */
  handle(request: Request): Promise<Response>;
  /** Everything it knows, as plain JSON, secrets included: for `startCrisp({ snapshot })`. */
  snapshot(): CrispSnapshot;
  close(): Promise<void>;
}
