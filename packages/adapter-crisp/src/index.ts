import { crisp } from './adapter.js';

// What the adapter is
export { type CrispAdapter, crisp } from './adapter.js';
/** What a config file finds: `use: '@parley/adapter-crisp'`. */
export const parley = { adapter: crisp };
// The provider's own API, adapter.api
export type {
  CrispApi,
  CrispArguments,
  CrispData,
  CrispListRoute,
  CrispRequest,
  CrispRoute,
} from './client/api.js';
export { allRoutes, type Route } from './client/route.js';
export type { CrispAnswer } from './client/transport.js';
export type { CrispOptions, CrispTier } from './config.js';

// Its records and events
export { crispPayload } from './payload.js';
export type * from './wire/campaign.js';
export type * from './wire/conversation.js';
export { type CrispEventName, type CrispEventPayload, EVENTS } from './wire/events.js';
export type * from './wire/helpdesk.js';
export type { Maybe } from './wire/maybe.js';
export type * from './wire/message.js';
export type * from './wire/people.js';
export type * from './wire/plugin.js';
export type { CrispRecords } from './wire/records.js';
export type * from './wire/website.js';
// The codecs and the mapping functions stay inside: they change with the provider, not with our versions.
