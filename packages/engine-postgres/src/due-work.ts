import type { Clock, Log, ScheduledCall } from '@parley/core';
import type { Run } from './database.js';
import { refusalOf } from './refusal.js';
import type { Tables } from './schema.js';
import { SWEEP_FULL, sweepSome } from './sweep.js';
import { fireTimers, nextDue, releaseEffects } from './timers.js';

/** Another process may have stored what is due before anything we know of. */
const LOOK_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 30_000;

export interface DueWorkOptions {
  run: Run;
  tables: Tables;
  clock: Clock;
  log: Log;
  dedupeTtlMs: number;
  /** Events, effects or both are to be fetched now. */
  onDue(what: { events: boolean; effects: boolean }): void;
}

/** What becomes due at a time of the clock: timers and scheduled effects; and the broom for what has expired. */
export class DueWork {
  readonly #options: DueWorkOptions;
  #looking: ScheduledCall | undefined;
  #lookAt = Number.POSITIVE_INFINITY;
  #busy = false;
  #sweptAt = 0;
  #stopped = true;
  #failed = false;

  constructor(options: DueWorkOptions) {
    this.#options = options;
    this.#sweptAt = options.clock.elapsed();
  }

  start(): void {
    this.#stopped = false;
    this.#lookIn(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#looking?.cancel();
  }

  /** Something was stored that is due at this time. */
  expect(at: number): void {
    if (!this.#stopped) this.#lookIn(at - this.#options.clock.now());
  }

  #lookIn(ms: number): void {
    const { clock } = this.#options;
    const wait = Math.min(Math.max(ms, 0), LOOK_EVERY_MS);
    const at = clock.elapsed() + wait;
    if (this.#busy || (this.#looking !== undefined && this.#lookAt <= at)) return;
    this.#looking?.cancel();
    this.#lookAt = at;
    this.#looking = clock.schedule(wait, () => void this.#look(), true);
  }

  async #look(): Promise<void> {
    this.#busy = true;
    this.#looking = undefined;
    let wait = LOOK_EVERY_MS;
    try {
      wait = await this.#release();
      await this.#sweep();
      this.#failed = false;
    } catch (error) {
      if (!this.#failed && !this.#stopped) {
        const { log } = this.#options;
        log.warn({ reason: refusalOf(error).message }, 'The database does not say what is due: trying again');
      }
      this.#failed = true;
    }
    this.#busy = false;
    if (!this.#stopped) this.#lookIn(wait);
  }

  /** Milliseconds until the next look. */
  async #release(): Promise<number> {
    const { run, tables, clock, dedupeTtlMs, onDue } = this.#options;
    const at = await nextDue(run, tables);
    const now = clock.now();
    if (at === undefined) return LOOK_EVERY_MS;
    if (at > now) return at - now;
    const events = (await fireTimers(run, tables, now, dedupeTtlMs)) > 0;
    const effects = (await releaseEffects(run, tables, now)) > 0;
    onDue({ events, effects });
    // There may be more of them.
    return events || effects ? 0 : LOOK_EVERY_MS;
  }

  async #sweep(): Promise<void> {
    const { run, tables, clock } = this.#options;
    if (clock.elapsed() - this.#sweptAt < SWEEP_EVERY_MS) return;
    const swept = await sweepSome(run, tables, clock.now());
    if (swept < SWEEP_FULL) this.#sweptAt = clock.elapsed();
  }
}
