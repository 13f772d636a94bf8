import type { EngineNotice } from '../engine.js';
import type { Event } from '../model/event.js';
import { OWN_FAILURE } from './receipts.js';

type SentNotice = Extract<EngineNotice, { name: 'effect.sent' }>;
type FailedNotice = Extract<EngineNotice, { name: 'effect.failed' }>;

/** Our message went out. The provider's echo of it, if one comes, carries the same id. */
export function sentEvent({ delivery, record }: SentNotice): Event | undefined {
  const { messageId, effect } = record;
  const { action, account } = effect;
  if (action.kind !== 'message' || action.note || messageId === undefined || delivery.eventId === undefined)
    return undefined;
  const { conversationId, content } = action;
  const author = { role: 'bot', self: true } as const;
  const message = {
    id: messageId,
    account,
    conversationId,
    direction: 'out' as const,
    author,
    content,
    status: 'sent' as const,
    createdAt: delivery.at,
  };
  return {
    name: 'message.sent',
    id: delivery.eventId,
    provider: '',
    account,
    at: delivery.at,
    native: 'parley.sent',
    conversationId,
    message,
  };
}

/** Our message was given up before the provider had it. */
export function failedEvent({ record: { effect }, error }: FailedNotice): Event | undefined {
  const { action, account, id, createdAt } = effect;
  if (action.kind !== 'message') return undefined;
  return {
    name: 'message.failed',
    id: `${account}:failed:${id}`,
    provider: '',
    account,
    at: createdAt,
    native: OWN_FAILURE,
    conversationId: action.conversationId,
    messageId: `${account}:${id}`,
    reason: error.message,
  };
}
