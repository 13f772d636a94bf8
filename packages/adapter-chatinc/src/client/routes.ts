import type { RouteKind } from '@parley/adapter-kit';

/**
 * Every route that any documentation or code of Chat Inc names: method, whether it may be repeated, address. `never`: it may cost
 * money, so it is never sent a second time by us. A route of `bot` belongs to the bot and catalog product, on another host.
 */
const TABLE = {
  createCampaign: 'POST never /create/campaign',
  runCampaign: 'POST never /run/campaign',
  retrieveCampaigns: 'GET safe /retrieve/campaigns',
  retrieveCampaign: 'POST safe /retrieve/campaign',
  createVariableGroup: 'POST unsent /create/variable/group',
  createVariableGroupFromFile: 'POST unsent /create/variable/group/from/file',
  retrieveVariableGroups: 'POST safe /retrieve/variable/groups',
  createAudience: 'POST unsent /create/audience',
  addContactsToAudience: 'POST unsent /create/audience',
  createAudienceFromFile: 'POST unsent /create/audience/from/file',
  retrieveAudiences: 'GET safe /retrieve/audiences',
  retrieveAudienceContacts: 'POST safe /retrieve/audience/contacts',
  uploadImage: 'POST unsent /utils/upload/image',
  viewOffPlatformTemplates: 'GET safe /view/off-platform-templates',
  createCampaignFromOffPlatformTemplate: 'POST never /create/campaign/from-offplatform-template',
  createJourney: 'POST unsent /v1/create/journey bot',
  retrieveJourneys: 'GET safe /v1/retrieve/journeys bot',
  editJourney: 'POST unsent /edit/journey bot',
  createFlow: 'POST unsent /create/flow bot',
  retrieveFlows: 'GET safe /v1/retrieve/flows bot',
  editFlow: 'POST unsent /edit/flow bot',
  createInputGroup: 'POST unsent /v1/create/input/group bot',
  retrieveInputGroup: 'POST safe /v1/retrieve/input/group bot',
  createTaskGroup: 'POST unsent /create/task/group bot',
  retrieveChats: 'GET safe /retrieve/chats bot',
  addStoreProduct: 'POST unsent /add/store/product bot',
  editStoreProduct: 'POST unsent /edit/store/product bot',
  retrieveStoreProducts: 'GET safe /retrieve/store/products bot',
} as const;

export type RouteName = keyof typeof TABLE;

export interface Route {
  name: RouteName;
  method: 'GET' | 'POST';
  kind: RouteKind;
  path: string;
  /** True: of the bot and catalog product. */
  bot: boolean;
}

export function routeOf(name: RouteName): Route {
  const [method, kind, path, bot] = TABLE[name].split(' ') as ['GET' | 'POST', RouteKind, string, string?];
  return { name, method, kind, path, bot: bot === 'bot' };
}

export function isRouteName(name: string): name is RouteName {
  return Object.hasOwn(TABLE, name);
}

/** The whole table, in its order. */
export function allRoutes(): Route[] {
  return Object.keys(TABLE)
    .filter(isRouteName)
    .map((name) => routeOf(name));
}
