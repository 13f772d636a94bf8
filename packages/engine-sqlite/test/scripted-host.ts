import {
  type Delivery,
  type Effect,
  type EngineHost,
  type EngineNotice,
  type Log,
  silentLog,
  type TurnAttempt,
  type TurnResult,
} from '@parley/core';

export const DONE: TurnResult = { kind: 'done', writes: [], effects: [] };

export interface Script {
  turn?: (attempt: TurnAttempt) => TurnResult | Promise<TurnResult>;
  deliver?: (effect: Effect) => Delivery | Promise<Delivery>;
  log?: Log;
}

/** A host that does what a test says, and writes down what it was asked. */
export function scriptedHost(script: Script = {}): EngineHost & {
  readonly turns: string[];
  readonly deliveries: string[];
  readonly notices: EngineNotice[];
} {
  const turns: string[] = [];
  const deliveries: string[] = [];
  const notices: EngineNotice[] = [];
  return {
    turns,
    deliveries,
    notices,
    log: script.log ?? silentLog,
    turn: async (attempt) => {
      turns.push(attempt.event.id);
      return script.turn?.(attempt) ?? DONE;
    },
    deliver: async (effect) => {
      deliveries.push(effect.id);
      return script.deliver?.(effect) ?? { kind: 'sent', at: '2026-01-01T00:00:00.000Z' };
    },
    lookUp: async () => ({ kind: 'absent' }),
    notice: (notice) => {
      notices.push(notice);
    },
  };
}

/** A message of conversation `leads:c1`, or another one. */
export function anEffect(id: string, changes: Partial<Effect> = {}): Effect {
  const lane = changes.lane ?? 'leads:c1';
  return {
    id,
    account: 'leads',
    lane,
    action: { kind: 'message', conversationId: lane, content: { kind: 'text', text: id } },
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}
