import { randomUUID } from 'node:crypto';
import type { CallOptions } from '@parley/core';
import { isParleyError, ParleyError, sleep } from '@parley/core';
import { checkCampaign } from '../check-campaign.js';
import { readCounters } from '../counters.js';
import { shortHash, withTag } from '../names.js';
import { fromTemplateStatus } from '../template-status.js';
import { toChatIncCampaign, toWireTime } from '../to-chatinc.js';
import type {
  ChatIncCampaign,
  ChatIncCampaignInput,
  ChatIncCampaignOptions,
  ChatIncCreated,
  ChatIncRunInput,
} from '../wire/campaign.js';
import { findCampaignId } from '../wire/campaign-id.js';
import { CampaignCodec } from '../wire/codecs.js';
import { CAMPAIGNS } from '../wire/lists.js';
import type { ChatIncApi } from './api.js';
import { readDetails } from './details.js';
import { retrieve } from './lists.js';
import { outcomeUnknown, probe } from './probe.js';
import type { Transport } from './transport.js';

/** The routes of campaigns, and the parts that they are made of. */
export interface Campaigns
  extends Pick<
    ChatIncApi,
    'createCampaign' | 'runCampaign' | 'retrieveCampaigns' | 'retrieveCampaignDetails' | 'eachCampaignDetail'
  > {
  /** `createCampaign` under exactly this title. */
  createTitled(
    campaign: ChatIncCampaignInput,
    options: ChatIncCampaignOptions,
    call?: CallOptions,
  ): Promise<ChatIncCreated>;
  /** The campaign as the list has it. */
  find(campaignId: string, call?: CallOptions): Promise<ChatIncCampaign>;
  /** The run itself: it does not look for an answer that did not come. */
  send(run: ChatIncRunInput, before: ChatIncCampaign, call?: CallOptions): Promise<void>;
  /** Looks for a run. Undefined if it was not to be seen, which proves nothing. */
  sawRun(campaignId: string, before: Before, call?: CallOptions): Promise<true | undefined>;
}

/** What a campaign looked like before a run. */
export interface Before {
  runs: number;
  sent: number;
}

export function createCampaigns(transport: Transport): Campaigns {
  const { config, account } = transport;

  const retrieveCampaigns: Campaigns['retrieveCampaigns'] = async ({ active } = {}, call) => {
    const sending = active === undefined ? {} : { params: { active } };
    const form = [CAMPAIGNS, CampaignCodec] as const;
    return distinct(await retrieve(transport, 'retrieveCampaigns', sending, form, call));
  };

  const find: Campaigns['find'] = async (campaignId, call) => {
    const found = (await retrieveCampaigns({}, call)).find((one) => one.campaignId === campaignId);
    if (found !== undefined) return found;
    throw new ParleyError('ERR_NOT_FOUND', 'Chat Inc: the list has no campaign with this id', {
      account: account.name,
    });
  };

  const sawRun: Campaigns['sawRun'] = (campaignId, before, call) =>
    probe(
      transport,
      async () => (hasRunSince(before, await find(campaignId, call)) ? true : undefined),
      call,
    );

  const createTitled: Campaigns['createTitled'] = async (campaign, options, call) => {
    const { runImmediately } = options as { runImmediately?: boolean };
    if (runImmediately === true) {
      throw unsupported('runImmediately: create it, wait until its template is approved, then run it');
    }
    const warnings = checkCampaign(campaign, config.buttonRules);
    const { title } = campaign;
    const before = new Set((await retrieveCampaigns({}, call)).map(({ campaignId }) => campaignId));
    const params = toChatIncCampaign(campaign, options, config);
    const answer = await transport.send('createCampaign', { params }, call).catch(unlessUnknown);
    const named = findCampaignId(answer);
    if (named !== undefined) return { campaignId: named, title, warnings };
    const isNew = (one: ChatIncCampaign): boolean =>
      one.title?.trim() === title.trim() && !before.has(one.campaignId);
    const look = async () => onlyOne((await retrieveCampaigns({}, call)).filter(isNew));
    const found = await probe(transport, look, call);
    if (found === undefined) throw outcomeUnknown('no new campaign with its title is to be seen');
    return { campaignId: found.campaignId, title, warnings };
  };

  const send: Campaigns['send'] = async (run, before, call) => {
    const { campaignId, audiences, timeToRun } = run;
    checkRun(run, config.allowAll);
    checkApproved(before, config.runUnknownTemplates);
    const time = timeToRun === undefined ? {} : { timeToRun: toWireTime(timeToRun, config.timestampUnit) };
    const waitMs = timeToRun === undefined ? 0 : toWireTime(timeToRun, 'ms') - account.clock.now();
    // Before it is asked for: two calls at once, here or in another process, are two runs.
    const claim = `run:${campaignId}`;
    const isOnlyOne = await account.claims.take(claim, Math.max(0, waitMs) + config.poll.settleMs);
    if (!isOnlyOne && !config.allowOverlappingRuns) throw unsupported(OVERLAP);
    try {
      await transport.send('runCampaign', { params: { campaignId, audiences, ...time } }, call);
    } catch (error) {
      if (isOnlyOne && !isParleyError(error, 'ERR_OUTCOME_UNKNOWN')) await account.claims.giveBack(claim);
      throw error;
    }
  };

  async function* eachCampaignDetail(
    query: Parameters<ChatIncApi['eachCampaignDetail']>[0],
    call?: CallOptions,
  ): ReturnType<typeof readDetails> {
    const { campaignId, format = config.detailsFormat } = query;
    const sending = { params: { campaignId, format }, answer: 'stream' as const };
    // Nobody knows whether somebody will read on: it ends with the account.
    const signal = call?.signal ? AbortSignal.any([call.signal, transport.closing]) : transport.closing;
    const body = await transport.send('retrieveCampaign', sending, { ...call, signal });
    yield* readDetails(body as AsyncIterable<Uint8Array>, (error) =>
      transport.warnAll('retrieveCampaign', [error]),
    );
  }

  return {
    retrieveCampaigns,
    eachCampaignDetail,
    createTitled,
    find,
    send,
    sawRun,
    retrieveCampaignDetails: async (query, call) => {
      const rows = [];
      for await (const row of eachCampaignDetail(query, call)) rows.push(row);
      return rows;
    },
    createCampaign: (campaign, options = {}, call) => {
      const title = config.uniqueTitles ? withTag(campaign.title, shortHash(randomUUID())) : campaign.title;
      return createTitled({ ...campaign, title }, options, call);
    },
    runCampaign: async (asked, call) => {
      checkRun(asked, config.allowAll);
      const run = config.scheduling === 'local' ? await waitForTime(transport, asked, call) : asked;
      const before = await find(run.campaignId, call);
      try {
        await send(run, before, call);
      } catch (error) {
        unlessUnknown(error);
        if ((await sawRun(run.campaignId, beforeOf(before), call)) !== true) {
          throw outcomeUnknown('neither runs nor counters have changed');
        }
      }
    },
  };
}

/** Resolves at the time of the run with a run that has none. */
async function waitForTime(
  { account, closing, permit }: Transport,
  { timeToRun, ...run }: ChatIncRunInput,
  call: CallOptions | undefined,
): Promise<ChatIncRunInput> {
  const signal = call?.signal ? AbortSignal.any([call.signal, closing]) : closing;
  const at = toWireTime(timeToRun ?? 0, 'ms');
  // More than once: a clock has a longest wait.
  for (let leftMs = at - account.clock.now(); leftMs > 0; leftMs = at - account.clock.now()) {
    await sleep(account.clock, leftMs, signal).catch(() => permit('runCampaign', call));
  }
  return run;
}

function beforeOf(campaign: ChatIncCampaign): Before {
  return { runs: campaign.runs?.length ?? 0, sent: readCounters(campaign).sent ?? 0 };
}

function hasRunSince(before: Before, campaign: ChatIncCampaign): boolean {
  const after = beforeOf(campaign);
  return after.runs > before.runs || after.sent > before.sent;
}

const OVERLAP =
  'a run of this campaign is under way, and the results of two cannot be told apart; the option allowOverlappingRuns allows it';

function checkRun({ audiences, allowAll }: ChatIncRunInput, always: boolean): void {
  if (audiences.length === 0) throw unsupported('audiences: expected at least one');
  if (!audiences.includes('all')) return;
  if (allowAll !== true && !always) {
    throw unsupported(
      'audiences: "all" is every contact of the account; allowAll: true says that it is meant',
    );
  }
}

function checkApproved({ whatsAppTemplatesStatus }: ChatIncCampaign, alsoUnknown: boolean): void {
  const status = fromTemplateStatus(whatsAppTemplatesStatus);
  if (status === 'approved' || (status === 'unknown' && alsoUnknown)) return;
  const remedy =
    status === 'unknown'
      ? 'its status is a word that is not known here; the option runUnknownTemplates allows it'
      : `it is ${status}; wait until it is approved`;
  throw unsupported(`the template cannot be run: ${remedy}`);
}

/** Two new campaigns of one title: which one is ours, nobody can tell. */
function onlyOne(found: readonly ChatIncCampaign[]): ChatIncCampaign | undefined {
  if (found.length > 1) throw outcomeUnknown('there are two new campaigns with its title');
  return found[0];
}

function unlessUnknown(error: unknown): undefined {
  if (!isParleyError(error, 'ERR_OUTCOME_UNKNOWN')) throw error;
  return undefined;
}

function distinct(campaigns: readonly ChatIncCampaign[]): ChatIncCampaign[] {
  return [...new Map(campaigns.map((one) => [one.campaignId, one])).values()];
}

function unsupported(why: string): ParleyError {
  return new ParleyError('ERR_UNSUPPORTED', `Chat Inc: ${why}`, { problems: [why] });
}
