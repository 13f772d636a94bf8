import type { Clock } from '../clock.js';
import type { StoredEffect } from '../lanes/stored-effect.js';

/**
 * Effect records by id. A turn's records live until the turn is done and they are settled: only a re-run asks for them.
 * Those the application gave a key live for `ttlMs`, at most twice that, so that the same intent is carried out once.
 */
export class Effects {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #ofTurns = new Map<string, Map<string, StoredEffect>>();
  /** All that are queued and without a key of the application's: whoever waits for one finds it here, however many turns run. */
  readonly #leaving = new Map<string, StoredEffect>();
  #young = new Map<string, StoredEffect>();
  #old = new Map<string, StoredEffect>();
  #turnsAt: number;

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#turnsAt = clock.now() + ttlMs;
  }

  ofTurn(turnId: string, id: string): StoredEffect | undefined {
    return this.#ofTurns.get(turnId)?.get(id);
  }

  addToTurn(turnId: string, record: StoredEffect): void {
    const records = this.#ofTurns.get(turnId);
    if (records === undefined) this.#ofTurns.set(turnId, new Map([[record.effect.id, record]]));
    else records.set(record.effect.id, record);
    if (record.status === 'queued') this.#leaving.set(record.effect.id, record);
  }

  /** The turn can never run again: only what is still on its way out may be asked for. */
  forgetTurn(turnId: string): void {
    this.#ofTurns.delete(turnId);
  }

  settled(record: StoredEffect): void {
    this.#leaving.delete(record.effect.id);
  }

  get(id: string): StoredEffect | undefined {
    this.#rotate();
    const found = this.#leaving.get(id) ?? this.#young.get(id) ?? this.#old.get(id);
    if (found !== undefined) return found;
    // One that has left, of a turn that still runs.
    for (const records of this.#ofTurns.values()) {
      const record = records.get(id);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  add(record: StoredEffect): void {
    this.#rotate();
    const kept = record.effect.keyed ? this.#young : this.#leaving;
    kept.set(record.effect.id, record);
  }

  /** Forgets the records of these lanes and returns how many there were. */
  erase(lanes: ReadonlySet<string>): number {
    const erased = new Set<string>();
    for (const kept of [this.#leaving, this.#young, this.#old, ...this.#ofTurns.values()]) {
      for (const [id, record] of kept) {
        if (!lanes.has(record.effect.lane)) continue;
        kept.delete(id);
        erased.add(id);
      }
    }
    return erased.size;
  }

  #rotate(): void {
    const now = this.#clock.now();
    if (now < this.#turnsAt) return;
    const kept = now >= this.#turnsAt + this.#ttlMs ? new Map<string, StoredEffect>() : this.#young;
    // What is still queued outlives every generation.
    for (const [id, record] of this.#old) if (record.status === 'queued') kept.set(id, record);
    this.#old = kept;
    this.#young = new Map();
    this.#turnsAt = now + this.#ttlMs;
  }
}
