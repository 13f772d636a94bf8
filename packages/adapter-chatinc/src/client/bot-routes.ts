import type { CallOptions } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { ChatIncProductInput } from '../wire/bot.js';
import { InputCodec, JourneyCodec, RecordCodec } from '../wire/codecs.js';
import { INPUTS, JOURNEYS, recordsUnder } from '../wire/lists.js';
import { isRecord } from '../wire/unwrap.js';
import type { ChatIncApi } from './api.js';
import { retrieve } from './lists.js';
import { multipart, type Part } from './multipart.js';
import type { RouteName } from './routes.js';
import type { Transport } from './transport.js';

type OtherRoutes = Omit<
  ChatIncApi,
  | 'createCampaign'
  | 'runCampaign'
  | 'retrieveCampaigns'
  | 'retrieveCampaignDetails'
  | 'eachCampaignDetail'
  | 'createVariableGroup'
  | 'createVariableGroupFromFile'
  | 'retrieveVariableGroups'
  | 'createAudience'
  | 'addContactsToAudience'
  | 'createAudienceFromFile'
  | 'retrieveAudiences'
  | 'retrieveAudienceContacts'
  | 'retrieveAudienceCotacts'
  | 'sendToOne'
  | 'request'
>;

/** Images, templates from elsewhere, and the bot and catalog product: seen in code only, or in older documentation. */
export function createBotRoutes(transport: Transport): OtherRoutes {
  const { config } = transport;
  const post =
    (route: RouteName) =>
    (body: object, call?: CallOptions): Promise<unknown> =>
      transport.send(route, { params: { ...body } }, call);
  const postForm =
    (route: RouteName) =>
    (product: ChatIncProductInput, call?: CallOptions): Promise<unknown> =>
      transport.send(route, { raw: multipart(() => Object.entries(product).map(toPart)) }, call);
  const requireOffPlatform = (what: string): void =>
    transport.require(config.experimental.offPlatformTemplates, what, 'experimental.offPlatformTemplates');

  return {
    uploadImage: async ({ filename, type, bytes }, call) => {
      transport.require(config.uploadImages, 'uploadImage', 'uploadImages');
      const raw = multipart(() => [{ name: 'image', filename, type, bytes: [bytes] }]);
      return { url: urlIn(await transport.send('uploadImage', { raw }, call)) };
    },
    viewOffPlatformTemplates: async (call) => {
      requireOffPlatform('viewOffPlatformTemplates');
      const form = [recordsUnder('templates', 'data'), RecordCodec] as const;
      return retrieve(transport, 'viewOffPlatformTemplates', {}, form, call);
    },
    createCampaignFromOffPlatformTemplate: async (params, call) => {
      requireOffPlatform('createCampaignFromOffPlatformTemplate');
      return transport.send('createCampaignFromOffPlatformTemplate', { params }, call);
    },
    createJourney: post('createJourney'),
    retrieveJourneys: (call) => retrieve(transport, 'retrieveJourneys', {}, [JOURNEYS, JourneyCodec], call),
    editJourney: post('editJourney'),
    createFlow: post('createFlow'),
    retrieveFlows: (call) => retrieve(transport, 'retrieveFlows', {}, [JOURNEYS, JourneyCodec], call),
    editFlow: post('editFlow'),
    createInputGroup: post('createInputGroup'),
    retrieveInputGroup: (params, call) =>
      retrieve(transport, 'retrieveInputGroup', { params: { ...params } }, [INPUTS, InputCodec], call),
    createTaskGroup: post('createTaskGroup'),
    retrieveChats: ({ abandonedCarts, orders } = {}, call) => {
      // The provider's own spelling.
      const params = { abondonedCarts: abandonedCarts, orders };
      const form = [recordsUnder('chats', 'data'), RecordCodec] as const;
      return retrieve(transport, 'retrieveChats', { params }, form, call);
    },
    addStoreProduct: postForm('addStoreProduct'),
    editStoreProduct: postForm('editStoreProduct'),
    retrieveStoreProducts: (call) =>
      retrieve(transport, 'retrieveStoreProducts', {}, [recordsUnder('products', 'data'), RecordCodec], call),
  };
}

function toPart([name, value]: [string, ChatIncProductInput[string]]): Part {
  return typeof value === 'string' ? { name, value } : { ...value, name, bytes: [value.bytes] };
}

/** What the answer calls it is not documented. */
function urlIn(answer: unknown): string {
  const body = isRecord(answer) ? answer : {};
  const inner = isRecord(body.data) ? body.data.url : body.data;
  const found = [answer, body.url, body.imgUrl, body.imageUrl, inner].find(
    (one): one is string => typeof one === 'string' && one !== '',
  );
  if (found !== undefined) return found;
  // It is uploaded, but where to?
  throw new ParleyError('ERR_OUTCOME_UNKNOWN', 'Chat Inc: uploadImage: the answer names no address', {
    problems: ['expected url, imgUrl, imageUrl or data.url'],
  });
}
