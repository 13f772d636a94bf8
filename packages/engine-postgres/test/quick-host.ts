import type {
  Delivery,
  Effect,
  EngineHost,
  EngineNotice,
  Event,
  TurnAttempt,
  TurnResult,
} from '@parley/core';
import { laneOf, silentLog } from '@parley/core';
import { anEvent } from '@parley/testing';

/** A host that counts the events of a conversation in its session, answers each with one effect, and writes down both. */
export interface QuickHost extends EngineHost {
  readonly handled: string[];
  readonly delivered: string[];
  readonly notices: EngineNotice[];
  onTurn: (attempt: TurnAttempt) => unknown;
  onDeliver: (effect: Effect, signal: AbortSignal) => Delivery | Promise<Delivery>;
}

export function quickHost(): QuickHost {
  const host: QuickHost = {
    log: silentLog,
    handled: [],
    delivered: [],
    notices: [],
    onTurn: () => {},
    onDeliver: () => ({ kind: 'sent', at: new Date().toISOString() }),
    async turn(attempt) {
      await host.onTurn(attempt);
      const result = await answer(attempt);
      host.handled.push(textOf(attempt.event));
      return result;
    },
    async deliver(effect, _attempt, signal) {
      host.delivered.push(effect.id);
      return host.onDeliver(effect, signal);
    },
    lookUp: async () => ({ kind: 'absent' }),
    notice: (notice) => {
      host.notices.push(notice);
    },
  };
  return host;
}

async function answer(attempt: TurnAttempt): Promise<TurnResult> {
  const scope = laneOf(attempt.event);
  const [entry] = await attempt.readStates(scope, ['count']);
  await attempt.record(anEffect(`${attempt.turnId}/0`, scope));
  const value = String(Number(entry?.value ?? 0) + 1);
  return {
    kind: 'done',
    writes: [{ scope, kind: 'count', value, version: entry?.version ?? 0 }],
    effects: [],
  };
}

export function anEffect(id: string, lane: string): Effect {
  const action = { kind: 'message', conversationId: lane, content: { kind: 'text', text: id } } as const;
  return { id, account: 'leads', lane, action, createdAt: new Date().toISOString() };
}

/** Somebody says `text` in a conversation. Saying it again is a redelivery. */
export function said(text: string, conversation = 'c1'): Event {
  return anEvent('message.received', {
    id: `leads:${conversation}-${text}`,
    conversationId: `leads:${conversation}`,
    content: text,
  });
}

export function textOf(event: Event): string {
  return event.name === 'message.received' && event.message.content.kind === 'text'
    ? event.message.content.text
    : event.name;
}
