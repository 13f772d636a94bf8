export type { Chaos } from './chaos.js';
export type {
  ChatIncCampaign,
  ChatIncEmulator,
  ChatIncEmulatorOptions,
  ChatIncRun,
} from './chatinc/emulator.js';
export type { PhoneMessage, PressOptions } from './chatinc/phones.js';
export type { ChatIncCredentials } from './chatinc/seed.js';
export { startChatInc } from './chatinc/server.js';
export type { ChatIncSnapshot } from './chatinc/snapshot.js';
export { type ChatIncSwitches, DEFAULT_CHATINC_SWITCHES } from './chatinc/switches.js';
export type { Clock } from './clock.js';
export type { CampaignMail, CrispEmulator, CrispEmulatorOptions } from './crisp/emulator.js';
export { CRISP_EVENTS, type Tier as CrispTier } from './crisp/events.js';
export type { HookDelivery } from './crisp/hook-delivery.js';
export type { HookSubscription, SubscribeOptions as HookOptions } from './crisp/hook-subscription.js';
export type { Hooks } from './crisp/hooks.js';
export type { Operator, OperatorOptions } from './crisp/operators.js';
export type { Quota } from './crisp/quota.js';
export type { CrispConversation, CrispMessage, CrispPerson } from './crisp/records.js';
export type { Rtm, RtmConnection } from './crisp/rtm.js';
export type { CrispCredentials } from './crisp/seed.js';
export { startCrisp } from './crisp/server.js';
export type { CrispSnapshot } from './crisp/snapshot.js';
export { type CrispSwitches, DEFAULT_CRISP_SWITCHES } from './crisp/switches.js';
export type { Visitor, VisitorOptions } from './crisp/visitors.js';
export { FAULT_KINDS, type Fault, type FaultKind, type Faults } from './faults.js';
export type { Journal, JournalEntry, JournalSelection } from './journal.js';
export type { RateLimit, RateLimitSettings } from './rate-limit.js';
export type { Agent } from './web1on1/agents.js';
export type { Consumer, ConsumerOptions } from './web1on1/consumers.js';
export type {
  Contact,
  Conversation,
  ConversationStatus,
  Json,
  JsonObject,
  Message,
  MessageRole,
  Participant,
  Web1on1Record,
} from './web1on1/records.js';
export type { Web1on1Credentials } from './web1on1/seed.js';
export {
  type ReadOnlyCollection,
  type SubscribeOptions,
  startWeb1on1,
  type Web1on1Emulator,
  type Web1on1EmulatorOptions,
} from './web1on1/server.js';
export type { Web1on1Snapshot } from './web1on1/snapshot.js';
export { DEFAULT_SWITCHES, type Web1on1Switches } from './web1on1/switches.js';
export type { WebhookDelivery, Webhooks } from './web1on1/webhooks.js';
