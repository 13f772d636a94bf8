import type { CallOptions } from '@parley/core';
import type {
  ChatIncAudience,
  ChatIncAudienceFile,
  ChatIncAudienceInput,
  ChatIncContact,
  ChatIncVariableFile,
  ChatIncVariableGroup,
  ChatIncVariableGroupInput,
  ChatIncWritten,
} from '../wire/audience.js';
import type {
  ChatIncInput,
  ChatIncInputGroupInput,
  ChatIncJourney,
  ChatIncJourneyInput,
  ChatIncProductInput,
  ChatIncTaskGroupInput,
} from '../wire/bot.js';
import type {
  ChatIncCampaign,
  ChatIncCampaignInput,
  ChatIncCampaignOptions,
  ChatIncCreated,
  ChatIncDetailsRow,
  ChatIncRunInput,
} from '../wire/campaign.js';
import { createAudiences } from './audiences.js';
import { createBotRoutes } from './bot-routes.js';
import type { Campaigns } from './campaigns.js';
import type { RouteName } from './routes.js';
import type { Transport } from './transport.js';
import { createVariableGroups } from './variable-groups.js';

/** An answer whose form is not documented. */
export type ChatIncAnswer = unknown;

export interface ChatIncImage {
  filename: string;
  /** `image/jpeg` or `image/png`. */
  type: string;
  bytes: Uint8Array;
}

/**
 * Chat Inc's whole API, by the names of the provider's own SDK. Everything is checked before it is sent; reads take whatever form
 * the answer has.
 */
export interface ChatIncApi {
  /**
   * Submits a template. Does not run it: that is `runCampaign`, once the template is approved. Reads the list of campaigns first, to
   * find the new one in it if the answer does not tell or does not come; never sends twice.
   *
   * @throws ERR_UNSUPPORTED for a message, buttons or options that cannot be
   * @throws ERR_OUTCOME_UNKNOWN if it is not found within `runProbeMs`, or if there are two
   */
  createCampaign(
    campaign: ChatIncCampaignInput,
    options?: ChatIncCampaignOptions,
    call?: CallOptions,
  ): Promise<ChatIncCreated>;
  /**
   * Sends a campaign to audiences. Costs money, and is never sent twice: where the answer does not come, it looks whether the run is
   * there.
   *
   * @throws ERR_UNSUPPORTED for a template that is not approved, for `all` without `allowAll`, or while another run is under way
   * @throws ERR_NOT_FOUND if the list has no such campaign
   * @throws ERR_OUTCOME_UNKNOWN if nothing has changed within `runProbeMs`
   */
  runCampaign(run: ChatIncRunInput, call?: CallOptions): Promise<void>;
  /** What "active" means is not documented. */
  retrieveCampaigns(query?: { active?: boolean }, call?: CallOptions): Promise<ChatIncCampaign[]>;
  /** Default format: the option `detailsFormat`. */
  retrieveCampaignDetails(query: ChatIncDetailsQuery, call?: CallOptions): Promise<ChatIncDetailsRow[]>;
  /** The same one by one, where a hundred thousand rows need not be held. */
  eachCampaignDetail(query: ChatIncDetailsQuery, call?: CallOptions): AsyncIterable<ChatIncDetailsRow>;

  createVariableGroup(group: ChatIncVariableGroupInput, call?: CallOptions): Promise<ChatIncWritten>;
  createVariableGroupFromFile(file: ChatIncVariableFile, call?: CallOptions): Promise<ChatIncWritten>;
  /** Also those that grew from the answers to a campaign. Values cannot be read back. */
  retrieveVariableGroups(call?: CallOptions): Promise<ChatIncVariableGroup[]>;

  createAudience(audience: ChatIncAudienceInput, call?: CallOptions): Promise<ChatIncWritten>;
  /** See the option `addContactsMode`. */
  addContactsToAudience(
    audience: Pick<ChatIncAudienceInput, 'id' | 'contacts'>,
    call?: CallOptions,
  ): Promise<ChatIncWritten>;
  createAudienceFromFile(file: ChatIncAudienceFile, call?: CallOptions): Promise<ChatIncWritten>;
  retrieveAudiences(call?: CallOptions): Promise<ChatIncAudience[]>;
  retrieveAudienceContacts(audience: { id: string }, call?: CallOptions): Promise<ChatIncContact[]>;
  /** The SDK's own spelling. */
  retrieveAudienceCotacts(audience: { id: string }, call?: CallOptions): Promise<ChatIncContact[]>;

  /**
   * One person: an audience of one, and a run.
   *
   * @throws ERR_UNSUPPORTED unless the option `singleSend` allows it
   */
  sendToOne(request: { campaignId: string; number: string }, call?: CallOptions): Promise<void>;

  /** @throws ERR_UNSUPPORTED unless the option `uploadImages` allows it */
  uploadImage(image: ChatIncImage, call?: CallOptions): Promise<{ url: string }>;
  /** @throws ERR_UNSUPPORTED unless the option `experimental.offPlatformTemplates` allows it */
  viewOffPlatformTemplates(call?: CallOptions): Promise<Record<string, unknown>[]>;
  /** Sends `body` as it is: its fields are not known. The same guard. */
  createCampaignFromOffPlatformTemplate(
    body: Record<string, unknown>,
    call?: CallOptions,
  ): Promise<ChatIncAnswer>;

  // The bot and catalog product.
  createJourney(journey: ChatIncJourneyInput, call?: CallOptions): Promise<ChatIncAnswer>;
  retrieveJourneys(call?: CallOptions): Promise<ChatIncJourney[]>;
  /** Changes the steps that are named, by their id or entry, and adds unknown ones. */
  editJourney(
    journey: Pick<ChatIncJourneyInput, 'journeyId'> & Partial<ChatIncJourneyInput>,
    call?: CallOptions,
  ): Promise<ChatIncAnswer>;
  /** What journeys were called before. */
  createFlow(flow: Record<string, unknown>, call?: CallOptions): Promise<ChatIncAnswer>;
  retrieveFlows(call?: CallOptions): Promise<ChatIncJourney[]>;
  editFlow(flow: Record<string, unknown>, call?: CallOptions): Promise<ChatIncAnswer>;
  createInputGroup(group: ChatIncInputGroupInput, call?: CallOptions): Promise<ChatIncAnswer>;
  /** What people answered. Its address is a guess: no documentation prints it. */
  retrieveInputGroup(group: { id: string }, call?: CallOptions): Promise<ChatIncInput[]>;
  createTaskGroup(group: ChatIncTaskGroupInput, call?: CallOptions): Promise<ChatIncAnswer>;
  /** In the newest documentation no more. */
  retrieveChats(
    query?: { abandonedCarts?: boolean; orders?: boolean },
    call?: CallOptions,
  ): Promise<Record<string, unknown>[]>;
  /** ERR_REJECTED with status 406: no Facebook catalog belongs to the account. */
  addStoreProduct(product: ChatIncProductInput, call?: CallOptions): Promise<ChatIncAnswer>;
  /** With `variant: 'true'` it adds a variant. */
  editStoreProduct(product: ChatIncProductInput, call?: CallOptions): Promise<ChatIncAnswer>;
  retrieveStoreProducts(call?: CallOptions): Promise<Record<string, unknown>[]>;

  /** A route as it is, without any check. */
  request(route: RouteName, params?: Record<string, unknown>, call?: CallOptions): Promise<ChatIncAnswer>;
}

export interface ChatIncDetailsQuery {
  campaignId: string;
  format?: 'json' | 'csv';
}

export function createApi(transport: Transport, campaigns: Campaigns): ChatIncApi {
  const { createCampaign, runCampaign, retrieveCampaigns, retrieveCampaignDetails, eachCampaignDetail } =
    campaigns;
  const audiences = createAudiences(transport);
  return {
    createCampaign,
    runCampaign,
    retrieveCampaigns,
    retrieveCampaignDetails,
    eachCampaignDetail,
    ...createVariableGroups(transport),
    ...audiences,
    ...createBotRoutes(transport),
    sendToOne: async ({ campaignId, number }, call) => {
      transport.require(transport.config.singleSend === 'emulate', 'sendToOne', "singleSend: 'emulate'");
      const id = `one_${number.replaceAll(/\D/g, '')}`;
      await audiences.createAudience({ id, name: id, contacts: [{ number }] }, call);
      await runCampaign({ campaignId, audiences: [id] }, call);
    },
    request: (route, params, call) => transport.send(route, params === undefined ? {} : { params }, call),
  };
}
