import type { Adapter, CallOptions, OpenedConversation, SendRequest } from '../adapter.js';
import type { Delivery, Effect, EffectAction, LookUp } from '../effect.js';
import type { ErrorCode } from '../errors.js';
import { isParleyError, ParleyError } from '../errors.js';
import { toEffectError } from './handler-error.js';
import type { LeavingCheck } from './types.js';

/** Carries out one effect at its account. Never rejects: every error becomes what the engine has to do about it. */
export async function deliver(
  adapter: Adapter,
  effect: Effect,
  signal: AbortSignal,
  checks: readonly LeavingCheck[] = [],
): Promise<Delivery> {
  // One attempt: the engine repeats, so that the wait is durable and keeps the order of the lane.
  const options: CallOptions = { signal, retry: false };
  let reason: string | undefined;
  const ask = async (): Promise<void> => {
    for (const check of checks) reason ??= await check(effect);
    if (reason !== undefined) throw new ParleyError('ERR_ABORTED', reason);
  };
  try {
    if (checks.length > 0) {
      await ask();
      options.leaving = onceAfterWaiting(ask);
    }
    return await carryOut(adapter, effect, options);
  } catch (error) {
    if (reason !== undefined) return { kind: 'withheld', reason };
    return deliveryOf(error, effect, adapter);
  }
}

/** Milliseconds for which an answer holds: asking again costs more than it helps. */
const SOON_MS = 50;

/** Asks when the first request leaves: whatever has left cannot be withheld any more. */
function onceAfterWaiting(ask: () => Promise<void>): () => Promise<void> | undefined {
  const since = performance.now();
  let isFirst = true;
  return () => {
    const isToAsk = isFirst && performance.now() - since >= SOON_MS;
    isFirst = false;
    return isToAsk ? ask() : undefined;
  };
}

async function carryOut(adapter: Adapter, effect: Effect, options: CallOptions): Promise<Delivery> {
  const { action } = effect;
  const { conversations, messages, campaigns } = adapter;
  switch (action.kind) {
    case 'message': {
      const send = messages?.send ?? unsupported(adapter, 'send messages');
      const sent = await send(sendRequest(action, effect.id), options);
      const delivery: Delivery = { kind: 'sent', at: sent.at };
      if (sent.id !== undefined) delivery.messageId = sent.id;
      if (sent.eventId !== undefined) delivery.eventId = sent.eventId;
      return delivery;
    }
    case 'open': {
      const open = conversations?.open ?? unsupported(adapter, 'write to a person first');
      return openedAs(await open({ ...action.request, key: effect.id }, options));
    }
    case 'typing':
      await messages?.typing?.(action.conversationId, action.on, options);
      break;
    case 'status': {
      const setStatus =
        conversations?.setStatus ?? unsupported(adapter, 'change the status of a conversation');
      await setStatus(action.conversationId, action.status, options);
      break;
    }
    case 'assign': {
      const assign = conversations?.assign ?? unsupported(adapter, 'assign conversations');
      await assign(action.conversationId, action.assigneeIds, options);
      break;
    }
    case 'fields': {
      const setFields = conversations?.setFields ?? unsupported(adapter, 'store custom values');
      await setFields(action.conversationId, action.fields, options);
      break;
    }
    case 'handOver': {
      const handOver = conversations?.handOver ?? unsupported(adapter, 'hand a conversation over');
      await handOver(action.conversationId, action.request, options);
      break;
    }
    case 'campaign': {
      const { create } = campaigns ?? unsupported(adapter, 'make campaigns');
      await create(action.draft, options);
      break;
    }
    case 'run': {
      const { run } = campaigns ?? unsupported(adapter, 'run campaigns');
      await run(action.request, options);
      break;
    }
    case 'step':
      break;
  }
  return { kind: 'sent', at: now() };
}

function openedAs({ conversation, messageId }: OpenedConversation): Extract<Delivery, { kind: 'sent' }> {
  const sent = { kind: 'sent', at: now(), conversationId: conversation.id } as const;
  return messageId === undefined ? sent : { ...sent, messageId };
}

function sendRequest(action: Extract<EffectAction, { kind: 'message' }>, key: string): SendRequest {
  const { conversationId, content, note, channel, quote } = action;
  const request: SendRequest = { conversationId, content, key };
  if (note !== undefined) request.note = note;
  if (channel !== undefined) request.channel = channel;
  if (quote !== undefined) request.quote = quote;
  return request;
}

function now(): string {
  return new Date().toISOString();
}

function unsupported(adapter: Adapter, what: string): never {
  throw new ParleyError('ERR_UNSUPPORTED', `${adapter.provider} cannot ${what}`, {
    account: adapter.account,
  });
}

/** What an error means for an effect: only what certainly did not happen is worth repeating. */
function deliveryOf(error: unknown, effect: Effect, adapter: Adapter): Delivery {
  const stored = toEffectError(error);
  // A sign that somebody types is stale by the time it could be repeated.
  if (effect.action.kind === 'typing') return { kind: 'withheld', reason: stored.message };
  if (!isParleyError(error)) return { kind: 'failed', error: stored };
  // A gateway may say 503 after the server has done the work. Where one can look, that costs nothing.
  if (error.code === 'ERR_UNAVAILABLE' && error.status === 503 && canLookUp(effect, adapter)) {
    return { kind: 'unknown', error: stored };
  }
  switch (error.code) {
    case 'ERR_RATE_LIMITED':
    case 'ERR_UNAVAILABLE':
    case 'ERR_CONFLICT':
    case 'ERR_ABORTED':
      return error.retryAfterMs === undefined
        ? { kind: 'retry', error: stored }
        : { kind: 'retry', error: stored, afterMs: error.retryAfterMs };
    case 'ERR_OUTCOME_UNKNOWN':
      return { kind: 'unknown', error: stored };
    default:
      return { kind: 'failed', error: stored };
  }
}

function canLookUp({ action }: Effect, { messages, conversations, campaigns }: Adapter): boolean {
  if (action.kind === 'message') return messages?.find !== undefined;
  if (action.kind === 'campaign' || action.kind === 'run') return campaigns !== undefined;
  return action.kind === 'open' && conversations?.findOpened !== undefined;
}

/** Looks whether an effect whose answer never came has happened. Never rejects. */
export async function lookUp(
  adapter: Adapter,
  effect: Effect,
  since: string,
  signal: AbortSignal,
): Promise<LookUp> {
  const { action } = effect;
  try {
    switch (action.kind) {
      case 'message': {
        if (adapter.messages?.find === undefined) return { kind: 'unknown' };
        const found = await adapter.messages.find(sendRequest(action, effect.id), since, { signal });
        if (found === undefined) return { kind: 'absent' };
        return found.id === undefined
          ? { kind: 'sent', at: found.at }
          : { kind: 'sent', at: found.at, messageId: found.id };
      }
      case 'open': {
        if (adapter.conversations?.findOpened === undefined) return { kind: 'unknown' };
        const found = await adapter.conversations.findOpened({ ...action.request, key: effect.id }, since, {
          signal,
        });
        return found === undefined ? { kind: 'absent' } : openedAs(found);
      }
      case 'campaign': {
        if (adapter.campaigns === undefined) return { kind: 'unknown' };
        const found = await adapter.campaigns.find(action.draft, { signal });
        return found === undefined ? { kind: 'absent' } : { kind: 'sent', at: now() };
      }
      case 'run': {
        const happened = await adapter.campaigns?.findRun(action.request, since, { signal });
        if (happened === undefined) return { kind: 'unknown' };
        return happened ? { kind: 'sent', at: now() } : { kind: 'absent' };
      }
      case 'status':
      case 'fields':
      case 'assign':
        // Doing these twice leaves what doing them once leaves.
        return { kind: 'absent' };
      default:
        return { kind: 'unknown' };
    }
  } catch (error) {
    return isParleyError(error) && PASSES.has(error.code) ? lookAgain(error) : { kind: 'unknown' };
  }
}

/** What keeps us from looking now, and passes. */
const PASSES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_RATE_LIMITED',
  'ERR_UNAVAILABLE',
  'ERR_OUTCOME_UNKNOWN',
  'ERR_ABORTED',
]);

function lookAgain({ retryAfterMs }: ParleyError): LookUp {
  return retryAfterMs === undefined ? { kind: 'retry' } : { kind: 'retry', afterMs: retryAfterMs };
}
