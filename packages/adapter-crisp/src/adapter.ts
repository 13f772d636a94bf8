import { decode } from '@parley/adapter-kit';
import type {
  AccountContext,
  AdapterDefinition,
  CallOptions,
  CampaignPort,
  ContactPort,
  ConversationPort,
  FeedPort,
  Id,
  ListOptions,
  MessagePort,
  WebhookPort,
  WebhookRequest,
} from '@parley/core';
import { ParleyError, sleep, toId } from '@parley/core';
import { createAnswers } from './answers.js';
import { createCampaigns } from './campaigns.js';
import { type CrispApi, createApi } from './client/api.js';
import { createTransport } from './client/transport.js';
import { type CrispConfig, type CrispOptions, readConfig } from './config.js';
import { createContacts } from './contacts.js';
import { createConversations } from './conversations.js';
import { createFeed } from './feed.js';
import { fromCrispMessage, toIsoTime } from './from-crisp.js';
import { idsOf, messageEventId, type Place, toFingerprint, toMessageId, type Viewpoint } from './ids.js';
import { BY_HOOK_TIME, createOccurrences, type Occurrences } from './occurrence.js';
import { orNothing } from './open.js';
import { readOr } from './read-or.js';
import { ACCEPTS, toCrispContent, toCrispMessage } from './to-crisp.js';
import { createWebhook } from './webhook.js';
import { websitesOf } from './websites.js';
import { MessageCodec } from './wire/codecs.js';

/** One account at Crisp. */
export interface CrispAdapter {
  readonly provider: 'crisp';
  readonly account: string;
  readonly conversations: Required<ConversationPort>;
  readonly messages: Required<MessagePort>;
  readonly contacts: Required<ContactPort>;
  /** Of an operator (tier `user`) only. */
  readonly campaigns?: Required<CampaignPort>;
  readonly webhook: WebhookPort;
  /** Missing if the option `realtime` is false. */
  readonly feed?: FeedPort;
  readonly api: CrispApi;
  selfId(): Id;
  close(): Promise<void>;
}

/**
 * An account at Crisp.
 *
 * @throws ERR_CONFIG for an option that is wrong or unknown
 */
export function crisp(options: CrispOptions): AdapterDefinition<CrispAdapter> {
  const config = readConfig(options);
  return { provider: 'crisp', open: (account) => open(config, account) };
}

/** A message whose answer got lost this short ago may be accepted and not stored yet. */
const STORING_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;

function open(config: CrispConfig, context: AccountContext): CrispAdapter {
  const { name: account } = context;
  const transport = createTransport(config, context);
  const api = createApi(transport, config.website);
  const ids = idsOf(account);
  const view: Viewpoint = {
    account,
    website: config.website,
    selfId: config.operator ?? 'self',
    owner: config.email ?? config.identifier ?? account,
  };
  const occurrences = config.realtime ? createOccurrences(context.clock) : BY_HOOK_TIME;
  const answers = createAnswers();
  const hooksIn = (counted: Occurrences) =>
    createWebhook({
      secrets: config.secret,
      hookKeys: config.hookKey,
      hookWindowMs: config.hookWindowMs,
      keepRaw: config.keepRaw,
      clock: context.clock,
      view,
      occurrences: counted,
    });
  const hooks = hooksIn(answers.in(occurrences));
  const retriedHooks = hooksIn(answers.in(occurrences, true));
  const { permit } = transport;
  const websites = (options: CallOptions | undefined) => websitesOf(api, config.website, options);
  /** The website to act in: named by the request, or the account's own. */
  const tenant = (named: string | undefined): string => {
    const website = named ?? config.website;
    if (website !== undefined) return website;
    throw new ParleyError(
      'ERR_CONFIG',
      'Crisp: name the website as "organization", or set the option website',
      {
        account,
      },
    );
  };
  const inSession = ({ id, website }: Place) => ({ session: id, ...(website !== undefined && { website }) });
  const toSent = (conversationId: Id, fingerprint: number, at: number) => {
    const id = toMessageId(conversationId, fingerprint);
    return { id, at: toIsoTime(at), eventId: messageEventId(id) };
  };
  const shared = {
    api,
    view,
    ids,
    websites,
    tenant,
    permit,
    readOr: <T>(read: () => T) => readOr(context, read),
  };

  return {
    provider: 'crisp',
    account,
    api,
    selfId: () => toId(account, view.selfId),

    conversations: createConversations({ ...shared, ...(config.author && { author: config.author }) }),

    messages: {
      accepts: ACCEPTS,
      send: async ({ conversationId, key, ...utterance }, options) => {
        permit('messages.send', options);
        const place = ids.place(conversationId);
        const fingerprint = toFingerprint(view.owner, place.id, key);
        const body = toCrispMessage({
          ...utterance,
          fingerprint,
          ...(config.author && { author: config.author }),
        });
        await api.messages.send({ ...inSession(place), body }, options);
        return toSent(conversationId, fingerprint, context.clock.now());
      },
      find: async ({ conversationId, key }, since, options) => {
        permit('messages.find', options);
        const place = ids.place(conversationId);
        const fingerprint = toFingerprint(view.owner, place.id, key);
        const look = () => orNothing(api.messages.get({ ...inSession(place), fingerprint }, options));
        let found = await look();
        if (found === undefined && context.clock.now() - Date.parse(since) < STORING_MS) {
          await sleep(context.clock, LOOK_AGAIN_MS, options?.signal);
          found = await look();
        }
        return found && toSent(conversationId, fingerprint, found.timestamp ?? context.clock.now());
      },
      async *list(conversationId: Id, options?: ListOptions) {
        permit('messages.list', options);
        const place = ids.place(conversationId);
        for await (const item of api.eachMessage(inSession(place), options)) {
          const source = readOr(context, () => decode(MessageCodec, item, 'Crisp message'));
          if (source !== undefined) yield fromCrispMessage(source, view, place);
        }
      },
      get: async (id, options) => {
        permit('messages.get', options);
        const { fingerprint, ...place } = ids.message(id);
        const source = await api.messages.get({ ...inSession(place), fingerprint }, options);
        return fromCrispMessage(decode(MessageCodec, source, 'Crisp message'), view, place);
      },
      edit: async (id, content, options) => {
        permit('messages.edit', options);
        const { fingerprint, ...place } = ids.message(id);
        const body = { content: toCrispContent(content, fingerprint).content };
        await api.messages.update({ ...inSession(place), fingerprint, body }, options);
      },
      delete: async (id, options) => {
        permit('messages.delete', options);
        const { fingerprint, ...place } = ids.message(id);
        await api.messages.remove({ ...inSession(place), fingerprint }, options);
      },
      typing: async (conversationId, on, options) => {
        permit('messages.typing', options);
        const body = { type: on ? 'start' : 'stop', from: 'operator', automated: true } as const;
        await api.messages.compose({ ...inSession(ids.place(conversationId)), body }, options);
      },
    },

    contacts: createContacts(shared),

    ...(config.tier === 'user' &&
      config.website !== undefined && {
        campaigns: createCampaigns({
          account,
          api,
          website: config.website,
          recipientsType: config.campaignRecipients,
          permit,
        }),
      }),

    webhook: { receive: (request) => (isRetry(request) ? retriedHooks : hooks).receive(request) },

    ...(config.realtime && {
      feed: createFeed({ config, context, transport, api, view, occurrences: answers.in(occurrences) }),
    }),

    close: transport.close,
  };
}

/** The platform numbers its attempts (docs.crisp.chat/references/web-hooks/v1). */
function isRetry({ headers }: WebhookRequest): boolean {
  return Number(headers['x-delivery-attempt-count']) > 1;
}
