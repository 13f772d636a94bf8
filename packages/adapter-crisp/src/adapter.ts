import type {
  AccountContext,
  AdapterDefinition,
  CallOptions,
  CampaignPort,
  ContactPort,
  ConversationPort,
  FeedPort,
  Id,
  MessagePort,
  WebhookPort,
  WebhookRequest,
} from '@parley/core';
import { toId } from '@parley/core';
import { createAnswers } from './answers.js';
import { createCampaigns } from './campaigns.js';
import { type CrispApi, createApi } from './client/api.js';
import { createTransport } from './client/transport.js';
import { type CrispConfig, type CrispOptions, readConfig } from './config.js';
import { createContacts } from './contacts.js';
import { createConversations } from './conversations.js';
import { createEdits } from './edits.js';
import { createFeed } from './feed.js';
import { createGate } from './gate.js';
import { idsOf, type Viewpoint } from './ids.js';
import { createMessages } from './messages.js';
import { BY_HOOK_TIME, createOccurrences, type Occurrences } from './occurrence.js';
import { readOr } from './read-or.js';
import { createWebhook } from './webhook.js';
import { tenantOf, websitesOf } from './websites.js';

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
  const gate = createGate(context.clock);
  const edits = createEdits({ api, view, ids, context });
  const hooksIn = (counted: Occurrences) =>
    createWebhook({
      secrets: config.secret,
      hookKeys: config.hookKey,
      hookWindowMs: config.hookWindowMs,
      keepRaw: config.keepRaw,
      clock: context.clock,
      view,
      occurrences: counted,
      gate,
    });
  const hooks = hooksIn(answers.in(occurrences));
  const retriedHooks = hooksIn(answers.in(occurrences, true));
  const { permit } = transport;
  const shared = {
    api,
    view,
    ids,
    clock: context.clock,
    storedWithinMs: config.storedWithinMs,
    websites: (options: CallOptions | undefined) => websitesOf(api, config.website, options),
    tenant: (named: string | undefined) => tenantOf(view, named),
    permit,
    ...(config.author && { author: config.author }),
    readOr: <T>(read: () => T) => readOr(context, read),
  };

  return {
    provider: 'crisp',
    account,
    api,
    selfId: () => toId(account, view.selfId),

    conversations: createConversations(shared),

    messages: createMessages(shared),

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

    webhook: edits.hooks({
      receive: (request) => (isRetry(request) ? retriedHooks : hooks).receive(request),
    }),

    ...(config.realtime && {
      feed: edits.feed(
        createFeed({ config, context, transport, api, view, gate, occurrences: answers.in(occurrences) }),
      ),
    }),

    close: transport.close,
  };
}

/** The platform numbers its attempts (docs.crisp.chat/references/web-hooks/v1). */
function isRetry({ headers }: WebhookRequest): boolean {
  return Number(headers['x-delivery-attempt-count']) > 1;
}
