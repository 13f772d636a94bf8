import type { Json, JsonObject } from '../../json.js';
import { flag, optionalText, text } from '../body.js';
import { isActive, shownCampaign } from '../campaign-view.js';
import { detailRows, detailsAsCsv } from '../details.js';
import { invalid } from '../errors.js';
import { campaignOf, type Platform } from '../platform.js';
import type { Campaign } from '../records.js';
import { type Answer, type Call, type Route, read, wrote } from '../route.js';
import { askForRun, readRunRequest } from '../runs.js';
import { createCampaign, createFromOffPlatform } from '../templates.js';

export const CAMPAIGN_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/create/campaign', handle: create },
  { method: 'POST', path: '/run/campaign', handle: run },
  { method: 'campaignsMethod', path: '/retrieve/campaigns', handle: list },
  { method: 'campaignMethod', path: '/retrieve/campaign', handle: details },
  {
    method: 'GET',
    path: '/view/off-platform-templates',
    handle: ({ account }) => read(structuredClone([...account.offPlatformTemplates.values()]) as never),
  },
  {
    method: 'POST',
    path: '/create/campaign/from-offplatform-template',
    handle: ({ platform, account, params }) =>
      created(platform, createFromOffPlatform(platform, account, params)),
  },
];

function create(call: Call): Answer {
  const { platform, account, params } = call;
  const isRun = params.campaignId !== undefined && params.title === undefined && params.message === undefined;
  if (isRun && platform.switches.acceptRunViaCreate) return run(call);
  return created(platform, createCampaign(platform, account, params));
}

function created(platform: Platform, campaign: Campaign): Answer {
  const { campaignId } = campaign;
  const answers: Record<Platform['switches']['createResponse'], () => Json | undefined> = {
    envelope: () => ({ status: 'success', campaignId }),
    campaign: () => shownCampaign(platform, campaign),
    array: () => [{ status: 'success', campaignId }],
    empty: () => undefined,
  };
  return { body: answers[platform.switches.createResponse]() };
}

function run({ platform, account, params }: Call): Answer {
  const campaign = campaignOf(platform, account, text(params, 'campaignId'));
  const { status } = campaign;
  if (status !== 'APPROVED' && platform.switches.runUnapproved === 'refuse')
    throw invalid(`the template is ${status}`);
  const { runId } = askForRun(platform, account, campaign, readRunRequest(account, params));
  return wrote(platform, { campaignId: campaign.campaignId, runId });
}

function list({ platform, account, params }: Call): Answer {
  const campaigns = [...account.campaigns.values()]
    .filter((campaign) => !flag(params.active) || isActive(platform, campaign))
    .map((campaign) => shownCampaign(platform, campaign));
  switch (platform.switches.listEnvelope) {
    // The plural holds one campaign.
    case 'seed':
      return read(campaigns.map((campaign): JsonObject => ({ status: 'success', campaigns: campaign })));
    case 'object':
      return read({ status: 'success', campaigns });
    case 'bare':
      return read(campaigns);
  }
}

function details({ platform, account, params }: Call): Answer {
  const campaign = campaignOf(platform, account, text(params, 'campaignId'));
  const format = optionalText(params, 'format') ?? 'json';
  if (format === 'csv') {
    const { type, text: csv } = detailsAsCsv(platform, campaign);
    return { type, body: csv };
  }
  if (format !== 'json') throw invalid('format must be csv or json');
  const most = platform.switches.detailsJsonRows;
  const rows = detailRows(platform, campaign);
  return read(most === 0 ? rows : rows.slice(0, most));
}
