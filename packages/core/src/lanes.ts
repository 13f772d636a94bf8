/**
 * For authors of engines: the part that decides what runs next, without the part that stores.
 *
 * `Inbox` runs turns and `Outbox` deliveries: lanes in parallel, within a lane one at a time and in order, with retries,
 * time-outs, look-ups and draining. An engine gives them what it has stored, and hooks that store what became of it.
 */
export { LaneAttempt } from './lanes/attempt.js';
export { withFailure } from './lanes/history.js';
export type { CommitOutcome, InboxItem, InboxOptions, InboxStorage } from './lanes/inbox.js';
export { Inbox } from './lanes/inbox.js';
export type { EffectOutcome, OutboxOptions, OutboxStorage } from './lanes/outbox.js';
export { Outbox } from './lanes/outbox.js';
export type { Persistence } from './lanes/persist.js';
export { persist } from './lanes/persist.js';
export { Schedule } from './lanes/schedule.js';
export { StoredEffect } from './lanes/stored-effect.js';
