import type { Clock, EffectRecord, ScheduledCall } from '@parley/core';
import { ParleyError } from '@parley/core';
import type { Effects } from './effects.js';
import { recordOf } from './pg-effect.js';

/** Another process may deliver what is waited for here: how often we look. */
const LOOK_EVERY_MS = 250;

interface Waiter {
  resolve(record: EffectRecord): void;
  reject(error: unknown): void;
}

/** Those who wait for an effect to be settled, whichever process delivers it. */
export class Waiters {
  readonly #effects: Effects;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiter[]>();
  #looking: ScheduledCall | undefined;
  #closed = false;

  constructor(effects: Effects, clock: Clock) {
    this.#effects = effects;
    this.#clock = clock;
  }

  async wait(id: string): Promise<EffectRecord> {
    const local = this.#effects.known(id);
    const record = local ?? (await this.#effects.find(id));
    if (record === undefined) throw unknown();
    if (record.status !== 'queued') return record;
    if (this.#closed) throw closed();
    void local?.settled().then((settled) => this.settled(settled));
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), waiter]);
      this.#look();
    });
  }

  /** It was settled here. */
  settled(record: EffectRecord): void {
    const { id } = record.effect;
    for (const { resolve } of this.#waiting.get(id) ?? []) resolve(record);
    this.#waiting.delete(id);
  }

  close(): void {
    this.#closed = true;
    this.#looking?.cancel();
    for (const waiters of this.#waiting.values()) for (const { reject } of waiters) reject(closed());
    this.#waiting.clear();
  }

  #look(): void {
    if (this.#looking !== undefined || this.#waiting.size === 0) return;
    this.#looking = this.#clock.schedule(LOOK_EVERY_MS, () => {
      void this.#lookUp()
        .catch(() => {})
        .then(() => {
          this.#looking = undefined;
          if (!this.#closed) this.#look();
        });
    });
  }

  async #lookUp(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    const found = new Map((await this.#effects.read(ids)).map((row) => [row.id, row]));
    for (const id of ids) {
      const row = found.get(id);
      if (row === undefined) {
        for (const { reject } of this.#waiting.get(id) ?? []) reject(unknown());
        this.#waiting.delete(id);
      } else if (row.status !== 'queued') {
        this.settled(recordOf(row));
      }
    }
  }
}

function unknown(): ParleyError {
  return new ParleyError('ERR_NOT_FOUND', 'No effect with this id is known');
}

function closed(): ParleyError {
  return new ParleyError('ERR_ABORTED', 'The engine was closed before the effect was settled');
}
