import type { AccountContext, AdapterDefinition, CampaignPort, FeedPort } from '@parley/core';
import { createCampaignPort } from './campaigns.js';
import { type ChatIncApi, createApi } from './client/api.js';
import { createCampaigns } from './client/campaigns.js';
import { createTransport } from './client/transport.js';
import { type ChatIncConfig, readConfig } from './config.js';
import { createFeed } from './feed.js';
import type { ChatIncOptions } from './options.js';
import { createReadings } from './readings.js';

/**
 * One account at Chat Inc. There are no conversations, messages, contacts and webhooks: Chat Inc only sends. A button that was pressed
 * is all that comes back.
 */
export interface ChatIncAdapter {
  readonly provider: 'chatinc';
  readonly account: string;
  readonly campaigns: Required<Omit<CampaignPort, 'pause' | 'resume'>>;
  /** Asks again and again: Chat Inc tells nothing by itself. */
  readonly feed: FeedPort;
  readonly api: ChatIncApi;
  /** Whether the provider tells what became of each message, or totals only. Undefined until details were read. */
  perRecipientStatus(): boolean | undefined;
  close(): Promise<void>;
}

/**
 * An account at Chat Inc.
 *
 * @throws ERR_CONFIG for an option that is wrong or unknown
 */
export function chatinc(options: ChatIncOptions): AdapterDefinition<ChatIncAdapter> {
  const config = readConfig(options);
  return { provider: 'chatinc', open: (account) => open(config, account) };
}

function open(config: ChatIncConfig, context: AccountContext): ChatIncAdapter {
  const { name: account } = context;
  const transport = createTransport(config, context);
  const campaigns = createCampaigns(transport);
  const api = createApi(transport, campaigns);
  const readings = createReadings(api, config);
  const view = { account, runUnknownTemplates: config.runUnknownTemplates };
  const { closing, onAction } = transport;
  return {
    provider: 'chatinc',
    account,
    api,
    campaigns: createCampaignPort({ api, campaigns, readings, config, view }),
    feed: createFeed({ api, readings, config, context, closing, onAction }),
    perRecipientStatus: () => readings.perRecipientStatus(),
    close: () => transport.close(),
  };
}
