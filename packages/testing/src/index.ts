export type { TestAccount } from './account-context.js';
export { anAccount } from './account-context.js';
export { aContact, aConversation, aMessage, anEvent, anId } from './builders.js';
export type { FailureOptions, FakeAttempt, FakeFailure } from './fake-adapter/failures.js';
export type {
  FakeAdapter,
  FakeAdapterOptions,
  FakeDelivery,
  FakePerson,
} from './fake-adapter/fake-adapter.js';
export { fakeAdapter } from './fake-adapter/fake-adapter.js';
export type {
  NativeContact,
  NativeConversation,
  NativeEvent,
  NativeMessage,
  World,
} from './fake-adapter/world.js';
export type { VirtualClock } from './virtual-clock.js';
export { virtualClock } from './virtual-clock.js';
