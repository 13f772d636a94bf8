import type { Effect } from '../effect.js';
import type { Engine, EngineNotice } from '../engine.js';
import { conversationOf } from '../event-key.js';
import type { Log } from '../log.js';
import type { Event, EventName } from '../model/event.js';
import { createBus } from './bus.js';
import { CONTROL, controlWrite, readControl } from './control.js';
import { failedEvent, sentEvent } from './own-events.js';
import type { ErrorContext, ErrorHandler, Notice } from './types.js';

export type NoticeListener = (notice: Notice) => unknown;

export interface ReportsParts {
  engine: Engine;
  log: Log;
  /** True: a conversation whose turn is given up is handed over to a human. */
  failOpen: boolean;
  providerOf(account: string): string | undefined;
  /** True if an event of this name has a handler, and the bot is running. */
  isListening(name: EventName): boolean;
}

type TurnFailed = Extract<EngineNotice, { name: 'turn.failed' }>;
type EffectEnded = Extract<EngineNotice, { name: 'effect.failed' | 'effect.unknown' }>;
type EffectSettled = Extract<EngineNotice, { name: 'effect.sent' | 'effect.failed' }>;

/** What becomes of errors and notices: the application's handlers, the log, events of our own, a human. */
export class Reports {
  readonly #parts: ReportsParts;
  readonly #errorHandlers: ErrorHandler[] = [];
  readonly #notices = createBus<NoticeListener>();
  readonly #refusalLoggedAt = new Map<string, number>();

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  onError(handler: ErrorHandler): void {
    this.#errorHandlers.push(handler);
  }

  onNotice(name: Notice['name'], listener: NoticeListener): void {
    this.#notices.on(name, listener);
  }

  async error(error: unknown, context: ErrorContext): Promise<void> {
    for (const handler of this.#errorHandlers) {
      try {
        await handler(error, context);
      } catch {
        this.#parts.log.error({ event: context.event.id }, 'An onError handler threw an error itself');
      }
    }
  }

  notice(notice: Notice): void {
    if (notice.name === 'turn.failed') this.#turnFailed(notice);
    if (notice.name === 'effect.sent' || notice.name === 'effect.failed') this.#tellAsEvent(notice);
    if (notice.name === 'effect.failed' || notice.name === 'effect.unknown') this.#logEffect(notice);
    if (notice.name === 'webhook.refused') this.#logRefusal(notice);
    const listeners = this.#notices.listeners(notice.name);
    if (listeners.length === 0) return;
    for (const listener of listeners.slice()) {
      try {
        const result = listener(notice);
        if (result instanceof Promise) result.catch(() => this.#listenerFailed(notice));
      } catch {
        this.#listenerFailed(notice);
      }
    }
  }

  #listenerFailed(notice: Notice): void {
    this.#parts.log.error({ notice: notice.name }, 'A handler of onNotice threw an error');
  }

  #turnFailed({ event, turnId, attempt, last, error }: TurnFailed): void {
    const { log, failOpen, engine } = this.#parts;
    if (this.#errorHandlers.length === 0 || last) {
      const { code, message: reason } = error;
      const said = last
        ? 'A turn was given up: its event is a dead letter now'
        : 'A turn failed and is tried again';
      log.error({ event: event.id, account: event.account, attempt, code, reason }, said);
    }
    if (!last || !failOpen) return;
    const effect = failOpenEffect(event, turnId, new Date(engine.clock.now()).toISOString());
    if (effect === undefined) return;
    this.#giveToHuman(effect).catch(() => {
      log.error({ event: event.id }, 'The conversation could not be handed over to a human');
    });
  }

  /** From here on what the bot says is withheld, as after `turn.handOver`. */
  async #giveToHuman(handOver: Effect): Promise<void> {
    const { engine } = this.#parts;
    await engine.enqueue(handOver);
    const stored = await engine.readState(handOver.lane, CONTROL);
    const write = controlWrite(handOver.lane, readControl(stored) ?? {}, stored, engine.clock.now());
    if (write !== undefined) await engine.writeState(write);
  }

  /** At most once a minute and account: whoever sends forged calls must not fill the log, and a wrong secret must show. */
  #logRefusal({ account, status, code, reason }: Extract<Notice, { name: 'webhook.refused' }>): void {
    const now = this.#parts.engine.clock.now();
    if (now - (this.#refusalLoggedAt.get(account) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    this.#refusalLoggedAt.set(account, now);
    this.#parts.log.warn({ account, status, code, reason }, 'Webhook calls are refused');
  }

  #logEffect({ name, record, error }: EffectEnded): void {
    const { id, account, action } = record.effect;
    const { code, message: reason } = error;
    const fields = { effect: id, account, kind: action.kind, attempts: record.attempts, code, reason };
    const failed = name === 'effect.failed';
    this.#parts.log.error(
      fields,
      failed
        ? 'An effect was given up: it is a dead letter now'
        : 'Nobody knows whether an effect happened: it is not repeated',
    );
  }

  /** What the provider will not echo, or only later, becomes an event of our own; the echo has the same id and is dropped. */
  #tellAsEvent(notice: EffectSettled): void {
    // Asked first: most bots listen to neither, and this is on the way of every message.
    if (!this.#parts.isListening(notice.name === 'effect.sent' ? 'message.sent' : 'message.failed')) return;
    const event = notice.name === 'effect.sent' ? sentEvent(notice) : failedEvent(notice);
    if (event === undefined) return;
    const provider = this.#parts.providerOf(event.account);
    if (provider === undefined) return;
    const accept = async (): Promise<unknown> => this.#parts.engine.accept([{ ...event, provider }]);
    accept().catch(() => {
      this.#parts.log.error({ event: event.id }, 'An event about a message of ours could not be stored');
    });
  }
}

/** The effect that gives a conversation to a human when its turn is given up. */
function failOpenEffect(event: Event, turnId: string, createdAt: string): Effect | undefined {
  const conversationId = conversationOf(event);
  if (conversationId === undefined) return undefined;
  const request = { reason: 'The bot could not handle the last message' };
  return {
    id: `${turnId}#failOpen`,
    account: event.account,
    lane: conversationId,
    action: { kind: 'handOver', conversationId, request },
    createdAt,
  };
}
