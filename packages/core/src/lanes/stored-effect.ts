import type { Effect, EffectError, EffectRecord, EffectStatus } from '../effect.js';
import type { FailedAttempt } from '../engine.js';
import type { Id } from '../model/id.js';

/** An effect in this process, with what became of it. */
export class StoredEffect implements EffectRecord {
  readonly effect: Effect;
  /** Its place among all effects: a redriven one goes back to it. */
  order: number;
  status: EffectStatus = 'queued';
  attempts = 0;
  /** Epoch milliseconds of the first attempt whose outcome is not known (yet). */
  begunAt: number | undefined = undefined;
  history: FailedAttempt[] | undefined = undefined;
  declare messageId?: Id;
  declare conversationId?: Id;
  declare error?: EffectError;
  #waiting: ((record: EffectRecord) => void)[] | undefined;

  constructor(effect: Effect, order: number) {
    this.effect = effect;
    this.order = order;
  }

  settled(): Promise<EffectRecord> {
    if (this.status !== 'queued') return Promise.resolve(this);
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  settle(status: EffectStatus): void {
    this.status = status;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) for (const resolve of waiting) resolve(this);
  }
}
