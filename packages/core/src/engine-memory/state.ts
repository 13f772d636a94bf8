import type { Clock } from '../clock.js';
import type { StateEntry, StateWrite } from '../engine.js';

const TICK_MS = 10;
const NEVER = -1;

class Entry implements StateEntry {
  readonly value: string;
  readonly version: number;
  /**
   * In ticks of 10 ms since the state was made, rounded up; -1: never. V8 keeps such a number in place for eight months to
   * come, and one of milliseconds since 1970 in an object of its own.
   */
  readonly expiresAtTick: number;

  constructor(value: string, version: number, expiresAtTick: number) {
    this.value = value;
    this.version = version;
    this.expiresAtTick = expiresAtTick;
  }
}

/** Entries looked at per write: every expired one goes within half as many writes as there are entries. */
const SWEPT_PER_WRITE = 2;

/** State with compare-and-set and expiry. The sweep rides on the writes, so its cost is flat and no timer is needed. */
export class State {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #entries = new Map<string, Entry>();
  #sweep: MapIterator<[string, Entry]> | undefined;
  /** Grows over all keys, so that a removed and re-created entry never gets an old version again. */
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  #isExpired({ expiresAtTick }: Entry): boolean {
    return expiresAtTick !== NEVER && this.#clock.now() - this.#startedAt >= expiresAtTick * TICK_MS;
  }

  #tickOf(expiresAt: number | undefined): number {
    if (expiresAt === undefined) return NEVER;
    return Math.max(0, Math.ceil((expiresAt - this.#startedAt) / TICK_MS));
  }

  read(key: string): StateEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.#isExpired(entry)) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** All or nothing: false if any version is no longer the current one. */
  commit(writes: readonly StateWrite[]): boolean {
    for (const write of writes) {
      if ((this.read(write.key)?.version ?? 0) !== write.version) return false;
    }
    for (const write of writes) this.#apply(write);
    return true;
  }

  get size(): number {
    return this.#entries.size;
  }

  #apply(write: StateWrite): void {
    if (write.value === undefined) {
      this.#entries.delete(write.key);
      return;
    }
    this.#version += 1;
    // A new object each time: whoever read the old one keeps its value and version.
    this.#entries.set(write.key, new Entry(write.value, this.#version, this.#tickOf(write.expiresAt)));
    this.#sweepSome();
  }

  #sweepSome(): void {
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked += 1) {
      this.#sweep ??= this.#entries.entries();
      const step = this.#sweep.next();
      if (step.done) {
        this.#sweep = undefined;
        return;
      }
      const [key, entry] = step.value;
      if (this.#isExpired(entry)) this.#entries.delete(key);
    }
  }
}
