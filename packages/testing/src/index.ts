export type { TestAccount } from './account-context.js';
export { anAccount } from './account-context.js';
export type {
  AdapterConformance,
  AdapterConformanceOptions,
} from './adapter-conformance/adapter-conformance.js';
export { adapterConformance } from './adapter-conformance/adapter-conformance.js';
export type { WebhookCapture } from './adapter-conformance/capture-webhooks.js';
export { captureWebhooks, firstsAndDuplicates } from './adapter-conformance/capture-webhooks.js';
export type {
  AdapterHarness,
  Describe,
  Fault,
  HarnessConsumer,
  HarnessWebhooks,
  KnownIds,
  Test,
} from './adapter-conformance/harness.js';
export type { Stage, StageContext, StageOptions } from './adapter-conformance/stage.js';
export { emulatorClock, setStage } from './adapter-conformance/stage.js';
export { aContact, aConversation, aMessage, anEvent, anId } from './builders.js';
export type { EngineConformanceOptions } from './engine-conformance/engine-conformance.js';
export { engineConformance } from './engine-conformance/engine-conformance.js';
export type { EngineHarness, EngineSettings } from './engine-conformance/engine-harness.js';
export { eventually } from './eventually.js';
export type { FailureOptions, FakeAttempt, FakeFailure } from './fake-adapter/failures.js';
export type {
  FakeAccount,
  FakeAdapter,
  FakeAdapterOptions,
  FakeDelivery,
  FakePerson,
} from './fake-adapter/fake-adapter.js';
export { fakeAdapter } from './fake-adapter/fake-adapter.js';
export { fakeHarness } from './fake-adapter/harness.js';
export type {
  NativeContact,
  NativeConversation,
  NativeEvent,
  NativeMessage,
  World,
} from './fake-adapter/world.js';
export type { Bed } from './test-bed/bed.js';
export type { BotClient, BotClientOptions, Seen } from './test-bed/bot-client.js';
export type {
  CrispAccountOptions,
  CrispBed,
  CrispBedOptions,
  VisitorClientOptions,
} from './test-bed/crisp.js';
export { crispBed } from './test-bed/crisp.js';
export type { BotUnderTest } from './test-bed/quiet-bot.js';
export type { PersonOptions, Web1on1AccountOptions, Web1on1Bed } from './test-bed/web1on1.js';
export { web1on1Bed } from './test-bed/web1on1.js';
export type { VirtualClock } from './virtual-clock.js';
export { virtualClock } from './virtual-clock.js';
