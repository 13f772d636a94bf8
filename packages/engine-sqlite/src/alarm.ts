import type { Clock, ScheduledCall } from '@parley/core';

/** A machine's clock may be set while we wait: how late that is noticed at the most. */
const LONGEST_WAIT_MS = 60_000;
const RETRY_MS = 1_000;

/** Rings when the next thing that is stored in a table becomes due. What is far away is not held in memory. */
export class Alarm {
  readonly #clock: Clock;
  readonly #next: () => number | undefined;
  readonly #onDue: () => Promise<unknown>;
  #call: ScheduledCall | undefined;
  #at = Number.POSITIVE_INFINITY;
  #running = false;
  #ringing = false;

  /** `next`: epoch milliseconds of what is due next. `onDue` takes what is due, and may leave some for the next ring. */
  constructor(clock: Clock, next: () => number | undefined, onDue: () => Promise<unknown>) {
    this.#clock = clock;
    this.#next = next;
    this.#onDue = onDue;
  }

  start(): void {
    this.#running = true;
    this.#lookAgain();
  }

  stop(): void {
    this.#running = false;
    this.#call?.cancel();
    this.#call = undefined;
  }

  /** Something new is due at this time. */
  add(at: number): void {
    if (!this.#running || this.#ringing || at >= this.#at) return;
    this.#at = at;
    this.#wind();
  }

  #lookAgain(): void {
    this.#at = this.#next() ?? Number.POSITIVE_INFINITY;
    this.#wind();
  }

  #wind(): void {
    this.#call?.cancel();
    this.#call = undefined;
    if (!this.#running || this.#at === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(Math.max(this.#at - this.#clock.now(), 0), LONGEST_WAIT_MS);
    this.#call = this.#clock.schedule(wait, () => {
      if (this.#clock.now() < this.#at) this.#wind();
      else void this.#ring();
    });
  }

  async #ring(): Promise<void> {
    this.#ringing = true;
    try {
      await this.#onDue();
      this.#ringing = false;
      if (this.#running) this.#lookAgain();
    } catch {
      // The file refuses for the moment, and whoever else writes says so in the log.
      this.#ringing = false;
      if (this.#running) this.#call = this.#clock.schedule(RETRY_MS, () => void this.#ring());
    }
  }
}
