import { web1on1 } from './adapter.js';

// What the adapter is
export { type Web1on1Adapter, web1on1 } from './adapter.js';
/** What a config file finds: `use: '@parley/adapter-web1on1'`. */
export const parley = { adapter: web1on1 };
// The platform's own API, adapter.api
export type {
  Web1on1Api,
  Web1on1Bots,
  Web1on1EventTypes,
  Web1on1RecordInput,
  Web1on1Request,
} from './client/api.js';
export type { Web1on1BotSettings, Web1on1BotSettingsOptions } from './client/bot-settings.js';
export type { Web1on1Conversations, Web1on1Upserted } from './client/conversations.js';
export type { Condition, Filter, PageQuery, Parameters, Query, Scalar, View } from './client/query.js';
export type { Resource } from './client/resource.js';
export type { NotifyTargets } from './commands.js';
export type { Web1on1Options } from './config.js';
export type { IgnoreOptions } from './ignore.js';
export type { SpeakingRole } from './to-web1on1.js';

// Its records
export type * from './wire/contact.js';
export type * from './wire/conversation.js';
export type * from './wire/message.js';
export type { Maybe, Reference } from './wire/reference.js';
export type * from './wire/tenancy.js';
// The codecs and the mapping functions stay inside: they change with the platform, not with our versions.
