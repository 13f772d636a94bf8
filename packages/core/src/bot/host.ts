import type { Adapter } from '../adapter.js';
import type { Delivery, Effect, LookUp } from '../effect.js';
import type { EngineHost, EngineNotice, TurnAttempt, TurnResult } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Bus } from './bus.js';
import { CONTROL, readControl } from './control.js';
import { deliver, lookUp } from './deliver.js';
import type { Matcher } from './filter.js';
import { toEffectError } from './handler-error.js';
import { rememberOffered } from './offers.js';
import type { Surroundings } from './scope.js';
import { TurnScope } from './scope.js';
import { HandlerTurn } from './turn.js';
import type { ErrorContext, LeavingCheck } from './types.js';

/** A registered handler. `key` is its place in the order of registration: a re-run finds its effects by it. */
export interface Listener {
  (turn: HandlerTurn): unknown;
  readonly key: string;
  readonly matcher: Matcher | undefined;
  /** True for a handler of `hears`: it keeps `fallback` silent. */
  readonly hears: boolean;
}

export interface HostParts extends Surroundings {
  readonly listeners: Bus<Listener>;
  readonly fallbacks: readonly Listener[];
  readonly incoming: readonly ((turn: HandlerTurn, next: () => Promise<void>) => unknown)[];
  readonly leaving: readonly LeavingCheck[];
  adapterOf(account: string): Adapter | undefined;
  onError(error: unknown, context: ErrorContext): Promise<void>;
  onNotice(notice: EngineNotice): void;
}

const NO_EFFECTS: readonly Effect[] = [];

/** What the engine calls back: a turn, a delivery, a look-up. */
export function createHost(parts: HostParts): EngineHost {
  return {
    log: parts.log,
    turn: (attempt) => runTurn(parts, attempt),
    deliver: async (effect, _attempt, signal) => {
      const adapter = parts.adapterOf(effect.account);
      if (adapter === undefined) return { kind: 'failed', error: toEffectError(noAccount(effect.account)) };
      const stored = speaks(effect) ? parts.engine.readState(effect.lane, CONTROL) : undefined;
      const control = readControl(stored instanceof Promise ? await stored : stored);
      if (control?.takenAt !== undefined && control.takenAt > Date.parse(effect.createdAt)) {
        return { kind: 'withheld', reason: 'a human took the conversation before this message left' };
      }
      const delivery = await deliver(adapter, effect, signal, parts.leaving);
      if (effect.offered !== undefined) await remember(parts, effect, delivery);
      return delivery;
    },
    lookUp: async (effect, since, signal) => {
      const adapter = parts.adapterOf(effect.account);
      if (adapter === undefined) return { kind: 'unknown' };
      const found = await lookUp(adapter, effect, since, signal);
      if (effect.offered !== undefined) await remember(parts, effect, found);
      return found;
    },
    notice: (notice) => parts.onNotice(notice),
  };
}

/** True for what a bot's turn says to a contact; what the application says outside of turns is its own decision. */
function speaks({ action, ofTurn }: Effect): boolean {
  return ofTurn === true && action.kind === 'message' && action.note !== true;
}

/** Which buttons an answer presses from now on. That the effect has left is true whether this can be stored or not. */
async function remember(
  { engine, log }: HostParts,
  { id, action, offered }: Effect,
  became: Delivery | LookUp,
): Promise<void> {
  if (became.kind !== 'sent' || offered === undefined) return;
  const conversationId = action.kind === 'message' ? action.conversationId : became.conversationId;
  if (conversationId === undefined) return;
  try {
    await rememberOffered(engine, conversationId, offered);
  } catch (error) {
    log.warn({ effect: id, code: toEffectError(error).code }, 'Which buttons were shown could not be stored');
  }
}

function noAccount(account: string): ParleyError {
  return new ParleyError(
    'ERR_CONFIG',
    `accounts.${account}: missing; an event or effect of it is still stored`,
  );
}

async function runTurn(parts: HostParts, attempt: TurnAttempt): Promise<TurnResult> {
  const { event } = attempt;
  const adapter = parts.adapterOf(event.account);
  if (adapter === undefined) return { kind: 'failed', error: toEffectError(noAccount(event.account)) };
  const scope = new TurnScope(parts, attempt, adapter);
  const errors: unknown[] = [];
  try {
    const loading = scope.load();
    if (loading !== undefined) await loading;
    if (parts.incoming.length === 0) await runListeners(parts, scope, errors);
    else await runIncoming(parts, scope, errors);
    // What a handler did not wait for may begin something more when it ends.
    for (let rest = scope.finished(); rest !== undefined; rest = scope.finished()) await rest;
    if (errors.length === 0) {
      return resultOf(parts, scope);
    }
  } catch (error) {
    errors.push(error);
  } finally {
    scope.end();
    scope.logFailures(errors);
  }
  const context = { event, attempt: attempt.attempt, last: attempt.last };
  for (const error of errors) await parts.onError(error, context);
  return { kind: 'failed', error: toEffectError(errors[0]) };
}

function resultOf({ receipts }: HostParts, scope: TurnScope): TurnResult {
  const { timers } = scope;
  const effects = scope.held.length === 0 ? NO_EFFECTS : scope.held;
  if (scope.receipt !== undefined) receipts.came(scope.receipt.messageId);
  const result: TurnResult = { kind: 'done', writes: scope.writes(), effects };
  return timers === undefined ? result : { ...result, timers };
}

/** Runs the middleware from the outside in, and the handlers in the middle. */
async function runIncoming(parts: HostParts, scope: TurnScope, errors: unknown[]): Promise<void> {
  let handling: Promise<void> | undefined;
  const run = async (index: number): Promise<void> => {
    const middleware = parts.incoming[index];
    if (middleware !== undefined) {
      await middleware(new HandlerTurn(scope, `in${index}`), () => run(index + 1));
      return;
    }
    handling ??= runListeners(parts, scope, errors);
    await handling;
  };
  await run(0);
  // A middleware that does not wait for `next` must not end the turn under its handlers.
  await handling;
}

/** All handlers that match, one after the other. One that throws does not silence the others. */
async function runListeners(parts: HostParts, scope: TurnScope, errors: unknown[]): Promise<void> {
  // A copy: a handler may call `on` or `off`.
  const listeners = parts.listeners.listeners(scope.event.name).slice();
  // Those of `*` come last from the bus; the promise is the order of registration.
  if (listeners.length > 1) listeners.sort((one, other) => Number(one.key) - Number(other.key));
  let heard = false;
  for (const listener of listeners) {
    const running = runListener(listener, scope, errors);
    if (running === undefined) continue;
    heard ||= listener.hears;
    if (running !== true) await running;
  }
  if (heard || scope.event.name !== 'message.received') return;
  for (const listener of parts.fallbacks.slice()) {
    const running = runListener(listener, scope, errors);
    if (running instanceof Promise) await running;
  }
}

/** Undefined: did not match. True: done. A promise: wait for it. */
function runListener(
  listener: Listener,
  scope: TurnScope,
  errors: unknown[],
): Promise<void> | true | undefined {
  try {
    const match = listener.matcher === undefined ? undefined : listener.matcher(scope);
    if (listener.matcher !== undefined && match === undefined) return undefined;
    const turn = new HandlerTurn(scope, listener.key);
    turn.match = match?.groups;
    const result = listener(turn);
    if (!isThenable(result)) return true;
    return Promise.resolve(result).then(
      () => {},
      (error: unknown) => {
        errors.push(error);
      },
    );
  } catch (error) {
    errors.push(error);
    return true;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
