import type { Clock } from '../clock.js';
import type { StateEntry, StateWrite } from '../engine.js';

class Entry implements StateEntry {
  readonly value: string;
  readonly version: number;
  /**
   * Whole seconds since 1970, rounded up; 0: never. V8 keeps such a number in place, and one of milliseconds in an object
   * of its own.
   */
  readonly #expiresAtS: number;

  constructor(value: string, version: number, expiresAt: number | undefined) {
    this.value = value;
    this.version = version;
    this.#expiresAtS = expiresAt === undefined ? 0 : Math.ceil(expiresAt / 1000);
  }

  isExpired(nowMs: number): boolean {
    return this.#expiresAtS !== 0 && nowMs >= this.#expiresAtS * 1000;
  }
}

/** Entries looked at per write: every expired one goes within half as many writes as there are entries. */
const SWEPT_PER_WRITE = 2;

/** State with compare-and-set and expiry. The sweep rides on the writes, so its cost is flat and no timer is needed. */
export class State {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #sweep: MapIterator<[string, Entry]> | undefined;
  /** Grows over all keys, so that a removed and re-created entry never gets an old version again. */
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(key: string): StateEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !entry.isExpired(this.#clock.now())) return entry;
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
    this.#entries.set(write.key, new Entry(write.value, this.#version, write.expiresAt));
    this.#sweepSome();
  }

  #sweepSome(): void {
    const now = this.#clock.now();
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked += 1) {
      this.#sweep ??= this.#entries.entries();
      const step = this.#sweep.next();
      if (step.done) {
        this.#sweep = undefined;
        return;
      }
      const [key, entry] = step.value;
      if (entry.isExpired(now)) this.#entries.delete(key);
    }
  }
}
