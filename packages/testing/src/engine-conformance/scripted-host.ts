import {
  type Awaitable,
  type Delivery,
  type Effect,
  type Engine,
  type EngineHost,
  type EngineNotice,
  type EngineStats,
  type Event,
  type LookUp,
  silentLog,
  type TurnAttempt,
  type TurnResult,
} from '@parley/core';
import { anEvent } from '../builders.js';
import type { EngineHarness } from './engine-harness.js';

export const DONE: TurnResult = { kind: 'done', writes: [], effects: [] };

export const failed = (message: string): TurnResult => ({
  kind: 'failed',
  error: { code: 'ERR_TEST', message },
});

/** A host whose every answer a case decides, and which writes down what it was asked. */
export interface ScriptedHost extends EngineHost {
  onTurn: (attempt: TurnAttempt, text: string) => Awaitable<TurnResult>;
  onDeliver: (effect: Effect, attempt: number) => Awaitable<Delivery>;
  onLookUp: (effect: Effect) => Awaitable<LookUp>;
  /** `hello 1` when the first try of the turn of "hello" began, `hello 1 ended` when it ended. */
  readonly turns: string[];
  /** The ids of effects, once per attempt, when it began. */
  readonly deliveries: string[];
  readonly lookUps: string[];
  readonly notices: EngineNotice[];
}

function scriptedHost(now: () => number): ScriptedHost {
  const host: ScriptedHost = {
    log: silentLog,
    onTurn: () => DONE,
    onDeliver: () => ({ kind: 'sent', at: new Date(now()).toISOString() }),
    onLookUp: () => ({ kind: 'unknown' }),
    turns: [],
    deliveries: [],
    lookUps: [],
    notices: [],
    async turn(attempt) {
      const text = textOfEvent(attempt.event);
      host.turns.push(`${text} ${attempt.attempt}`);
      const result = await host.onTurn(attempt, text);
      host.turns.push(`${text} ${attempt.attempt} ended`);
      return result;
    },
    async deliver(effect, attempt) {
      host.deliveries.push(effect.id);
      return host.onDeliver(effect, attempt);
    },
    async lookUp(effect) {
      host.lookUps.push(effect.id);
      return host.onLookUp(effect);
    },
    notice: (notice) => {
      host.notices.push(notice);
    },
  };
  return host;
}

function textOfEvent(event: Event): string {
  return event.name === 'message.received' && event.message.content.kind === 'text'
    ? event.message.content.text
    : event.name;
}

/** What a case works with. */
export interface EngineBench {
  readonly engine: Engine;
  readonly host: ScriptedHost;
  pass(ms: number): Promise<unknown>;
  /** Lets time pass until this is so. Fails after a minute of the engine's time. */
  until(what: string, so: () => Awaitable<boolean>): Promise<void>;
  /** Until nothing is pending. */
  rest(): Promise<void>;
  stats(): Promise<EngineStats>;
  /** Tries that began, without their ends: `['hello 1', 'hello 2']`. */
  tries(): string[];
  /** Cuts the engine off, as SIGKILL would, and gives a bench with a new engine and a new host on the same data. */
  crash(): Promise<EngineBench>;
  /** A bench with another engine and host beside this one, on the same data. */
  another(): Promise<EngineBench>;
}

const STEP_MS = 10;
const MOST_STEPS = 6_000;

export function engineBench(harness: EngineHarness): EngineBench {
  const { engine, pass } = harness;
  const host = scriptedHost(() => engine.clock.now());
  const bench: EngineBench = {
    engine,
    host,
    pass,
    async until(what, so) {
      for (let step = 0; step < MOST_STEPS; step += 1) {
        if (await so()) return;
        await pass(STEP_MS);
      }
      throw new Error(`it did not come to pass that ${what}`);
    },
    rest: () =>
      bench.until('nothing is pending', async () => {
        const { pendingEvents, pendingEffects } = await bench.stats();
        return pendingEvents === 0 && pendingEffects === 0;
      }),
    stats: async () => engine.stats(),
    tries: () => host.turns.filter((line) => !line.endsWith('ended')),
    async crash() {
      if (harness.crash === undefined) throw new Error('the harness of a durable engine needs crash()');
      return engineBench({ ...harness, engine: await harness.crash() });
    },
    async another() {
      if (harness.another === undefined) throw new Error('the harness of a shared engine needs another()');
      return engineBench({ ...harness, engine: await harness.another() });
    },
  };
  return bench;
}

/** Somebody says something in a conversation, `c1` for short: each conversation has a contact of its own. */
export function said(
  text: string,
  conversation = 'c1',
  changes: { id?: string; account?: string; provider?: string } = {},
): Event {
  const { account = 'leads' } = changes;
  const conversationId = `${account}:${conversation}`;
  const event = anEvent('message.received', { conversationId, content: text, ...changes });
  event.message.author.id = contactIn(conversation, account);
  if (event.conversation !== undefined) event.conversation.contactId = contactIn(conversation, account);
  return event;
}

/** Who speaks in a conversation. */
export function contactIn(conversation: string, account = 'leads'): string {
  return `${account}:contact-of-${conversation}`;
}

/** A message of a lane, `l1` for short. */
export function anEffect(id: string, lane = 'l1', changes: Partial<Effect> = {}): Effect {
  return {
    id,
    account: 'leads',
    lane: `leads:${lane}`,
    action: { kind: 'message', conversationId: `leads:${lane}`, content: { kind: 'text', text: id } },
    createdAt: '2026-01-01T12:00:00.000Z',
    ...changes,
  };
}

/** A door that a case opens. */
export function aGate(): { readonly open: () => void; readonly opened: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}
