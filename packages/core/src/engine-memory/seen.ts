import type { Clock } from '../clock.js';

/**
 * Remembers keys for at least `ttlMs`, at most twice that, in two generations: the older one is dropped whole. A Map with
 * a time per key costs three times the memory, and one whose oldest key is looked for after deletes is 400 times slower.
 */
export class Seen {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxKeys: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnsAt: number;

  /** `maxKeys`: a generation that grows beyond is closed early, so that memory stays bounded. */
  constructor(clock: Clock, ttlMs: number, maxKeys: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#maxKeys = maxKeys;
    this.#turnsAt = clock.now() + ttlMs;
  }

  /** True the first time. */
  add(key: string): boolean {
    const now = this.#clock.now();
    if (now >= this.#turnsAt || this.#young.size >= this.#maxKeys) {
      this.#old = now >= this.#turnsAt + this.#ttlMs ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnsAt = now + this.#ttlMs;
    }
    if (this.#old.has(key)) return false;
    const before = this.#young.size;
    this.#young.add(key);
    return this.#young.size !== before;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
