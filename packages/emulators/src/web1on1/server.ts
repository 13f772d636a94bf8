import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Chaos } from '../chaos.js';
import { openFrontDoor } from '../front-door.js';
import { createMachinery, equip, type Machinery, type MachineryOptions, splitOptions } from '../machinery.js';
import { allowEmptyJson, createPremises } from '../premises.js';
import type { RateLimitSettings } from '../rate-limit.js';
import { assertFormat } from '../snapshot-format.js';
import { type Agent, createAgent } from './agents.js';
import { createAuth } from './auth.js';
import { type Consumer, type ConsumerOptions, createConsumers } from './consumers.js';
import { addControlRoutes } from './control.js';
import { createPlatform, type Platform } from './platform.js';
import {
  ApiError,
  type Contact,
  type Conversation,
  type Message,
  newIdState,
  snapshot,
  type Web1on1Record,
} from './records.js';
import { createResources, createService, moveService, NOT_VERIFIED } from './resources.js';
import { addApiRoutes } from './routes.js';
import { createCredentials, type Web1on1Credentials } from './seed.js';
import { FORMAT, restorePlatform, takeSnapshot, type Web1on1Snapshot } from './snapshot.js';
import { createSwitches, type Web1on1Switches } from './switches.js';
import { createWebhooks, type Webhooks } from './webhooks.js';

export interface Web1on1EmulatorOptions extends Partial<Web1on1Switches>, MachineryOptions {
  /** Default webhook secret of `subscribe`; invented when absent. */
  secret?: string;
  /** Ids to use, 24 hex characters; invented when absent. */
  organization?: string;
  botUser?: string;
  /** Default on: 20 per second, without `Retry-After`. */
  rateLimit?: boolean | Partial<RateLimitSettings>;
  chaos?: Chaos;
  /** Larger bodies are answered 413. Default 1 MiB. */
  bodyLimitBytes?: number;
  /**
   * Goes on from where another emulator was: people, conversations, tokens, webhooks on their way, faults, journal, time. Ids and
   * secrets are those of the snapshot; switches and rate limit too, unless given here. Subscriptions keep their URLs: see
   * `moveWebhook`.
   */
  snapshot?: Web1on1Snapshot;
  /**
   * Called before an answer leaves and before a webhook does. What stores the snapshot here, before it returns, is never behind
   * what somebody was told, whenever the process is killed. It must not throw.
   */
  save?: (snapshot: Web1on1Snapshot) => void;
}

export interface SubscribeOptions {
  url: string;
  secret?: string;
  /** Event names, with wildcards; without them, every event. */
  events?: readonly string[];
  name?: string;
  /** Default: the home organization. */
  organization?: string;
}

/** Read access to a kind of resource. What it returns is a copy. */
export interface ReadOnlyCollection<T> {
  get(id: string): T | undefined;
  list(): T[];
}

export interface Web1on1Emulator extends Machinery {
  /** For example `http://127.0.0.1:4010`. */
  readonly origin: string;
  readonly credentials: Web1on1Credentials;
  readonly switches: Web1on1Switches;
  readonly webhooks: Webhooks;
  readonly conversations: ReadOnlyCollection<Conversation>;
  readonly messages: ReadOnlyCollection<Message>;
  readonly contacts: ReadOnlyCollection<Contact>;
  /** Any other resource, by its name in the API. */
  resource(name: string): ReadOnlyCollection<Web1on1Record>;
  /** Registers a webhook as the provider's console would. Rejects when the URL does not answer the challenge. */
  subscribe(options: SubscribeOptions): Promise<Web1on1Record>;
  /** Moves a subscription, by id, and what waits for it. Rejects when the URL does not answer the challenge. */
  moveWebhook(id: string, url: string): Promise<Web1on1Record>;
  contact(options: ConsumerOptions): Promise<Consumer>;
  /** A consumer known by contact id. */
  consumer(contactId: string): Consumer | undefined;
  /** The same agent for the same e-mail. */
  agent(options: { name: string; email?: string }): Promise<Agent>;
  /** A fresh token pair of any user, by id. */
  issueTokens(userId: string): { token: string; refreshToken: string };
  /**
   * Answers a request in process, whatever host it asks for, as it would be answered over HTTP: faults, rate limit and
   * journal included. Links in the answer lead to the host that was asked.
   *
   * Rejects when a fault drops the connection, when the request's signal fires, and once the emulator is closed.
   */
  handle(request: Request): Promise<Response>;
  /** Makes every access token answer 401 `invalid signature`. */
  rotateSigningKey(): void;
  /** Everything it knows, as plain JSON, secrets included: for `startWeb1on1({ snapshot })`. */
  snapshot(): Web1on1Snapshot;
  close(): Promise<void>;
}

const RATE_LIMIT: RateLimitSettings = { enabled: true, perSecond: 20, retryAfter: false };

/**
 * Starts a Web1on1 on loopback.
 *
 * @throws when the port is taken (`EADDRINUSE`) and a TypeError for a switch with a wrong value, or for a snapshot of another
 * version
 */
export async function startWeb1on1(options: Web1on1EmulatorOptions = {}): Promise<Web1on1Emulator> {
  const { common, own } = splitOptions(options);
  const { secret, organization, botUser, chaos, bodyLimitBytes, snapshot: from, save, ...rest } = own;
  assertFormat(from, FORMAT);
  const switches = createSwitches({ ...from?.switches, ...rest });
  const machinery = createMachinery(common, RATE_LIMIT, from);
  const { clock } = machinery;

  const consumers = createConsumers(() => platform);
  const platform: Platform = createPlatform(
    clock,
    switches,
    { ...(from?.ids ?? newIdState()) },
    {
      announce: (announcement) => webhooks.announce(announcement),
      deliver: (contactId, message) => consumers.deliver(contactId, message),
    },
  );
  const saveNow = () => save?.(emulator.snapshot());
  const webhooks = createWebhooks(platform, saveNow);
  const auth = createAuth(platform, from?.auth);
  const resources = createResources(platform, webhooks);
  const credentials =
    from === undefined
      ? createCredentials(platform, auth, { secret, organization, botUser })
      : { ...from.credentials };

  const app = createApp(bodyLimitBytes);
  const premises = createPremises(app, platform);
  openFrontDoor(app, {
    machinery,
    apiKey: (request) => request.headers.authorization,
    errorBody: (message) => ({ error: { message } }),
    save: saveNow,
  });
  addApiRoutes(app, platform, auth, resources);

  const emulator = equip<Web1on1Emulator>(machinery, {
    get origin() {
      return platform.origin;
    },
    credentials,
    switches,
    webhooks,
    conversations: readOnly(platform.conversations),
    messages: readOnly(platform.messages),
    contacts: readOnly(platform.contacts),
    resource(name) {
      const collection = platform.collections.get(name);
      if (collection === undefined) throw new TypeError(`no resource is called "${name}"`);
      return readOnly(collection);
    },
    async subscribe({ url, secret: own, events, name, organization: place }) {
      const service = await createService(platform, webhooks, `users/${credentials.adminUser}`, {
        name: name ?? 'Webhook',
        type: 'webhook',
        organization: place ?? credentials.organization,
        params: {
          url,
          secret: own ?? credentials.secret,
          ...(events !== undefined && { events: [...events] }),
        },
      });
      if (service.status === 'active') return service;
      platform.services.delete(service.id);
      throw new ApiError(403, NOT_VERIFIED);
    },
    moveWebhook: (id, url) => moveService(platform, webhooks, id, url),
    contact: async (consumerOptions) => consumers.play(consumerOptions),
    consumer: (contactId) => consumers.get(contactId),
    agent: async (agentOptions) => createAgent(platform, auth, credentials.organization, agentOptions),
    issueTokens(userId) {
      const user = platform.users.get(userId);
      if (user === undefined) throw new TypeError('no user has this id');
      return auth.issue(user);
    },
    handle: premises.handle,
    rotateSigningKey: () => auth.rotateSigningKey(),
    snapshot: () => takeSnapshot({ platform, auth, consumers, webhooks, machinery, credentials }),
    close() {
      consumers.close();
      webhooks.close();
      clock.close();
      return premises.close();
    },
  });

  addControlRoutes(app, emulator);
  credentials.origin = await premises.listen(common);
  if (from !== undefined) restorePlatform({ platform, consumers, webhooks }, from);
  if (chaos !== undefined) webhooks.chaos = chaos;
  premises.open();
  return emulator;
}

function createApp(bodyLimitBytes = 1024 * 1024): FastifyInstance {
  const app = Fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true });
  allowEmptyJson(app);
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const status = error instanceof ApiError ? error.status : (error.statusCode ?? 500);
    return reply.code(status).send({ error: { message: error.message } });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: { message: 'Not found' } }));
  return app;
}

function readOnly<T extends Web1on1Record>(collection: ReadOnlyCollection<T>): ReadOnlyCollection<T> {
  return {
    get: (id) => {
      const record = collection.get(id);
      return record && snapshot(record);
    },
    list: () => collection.list().map(snapshot),
  };
}
