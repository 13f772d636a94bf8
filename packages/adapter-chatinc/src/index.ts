import { chatinc } from './adapter.js';

// What the adapter is
export { type ChatIncAdapter, chatinc } from './adapter.js';
/** What a config file finds: `use: '@parley/adapter-chatinc'`. */
export const parley = { adapter: chatinc };
// The provider's own API, adapter.api
export type { ChatIncAnswer, ChatIncApi, ChatIncDetailsQuery, ChatIncImage } from './client/api.js';
export { allRoutes, type Route, type RouteName } from './client/routes.js';
// What a campaign's record and a recipient's row say
export { type ChatIncCounters, type ChatIncRates, ratesOf, readCounters } from './counters.js';
export type { ChatIncOptions, PollingOptions } from './options.js';
export {
  type ChatIncFailure,
  type ChatIncRecipient,
  type ChatIncRecipientStatus,
  readRecipient,
} from './recipient.js';
export { type ChatIncTemplateStatus, fromTemplateStatus } from './template-status.js';
// Its records
export type * from './wire/audience.js';
export type * from './wire/bot.js';
export type * from './wire/campaign.js';
export type { Maybe } from './wire/maybe.js';
