import type { SqliteEffect } from './effect-table.js';

/**
 * The effects that this process works with: all that are queued, but for scheduled ones that nobody has asked for, and all
 * that an unfinished turn has recorded.
 */
export class EffectRegister {
  readonly #byId = new Map<string, SqliteEffect>();
  readonly #ofTurns = new Map<string, Map<string, SqliteEffect>>();

  get(id: string): SqliteEffect | undefined {
    return this.#byId.get(id);
  }

  ofTurn(turnId: string, id: string): SqliteEffect | undefined {
    return this.#ofTurns.get(turnId)?.get(id);
  }

  /** The ids of what a turn has recorded so far. */
  idsOf(turnId: string): string[] {
    return [...(this.#ofTurns.get(turnId)?.keys() ?? [])];
  }

  /** Replaces one with the same id. */
  keep(record: SqliteEffect): void {
    const { turn, effect } = record;
    if (turn !== undefined) {
      const records = this.#ofTurns.get(turn);
      if (records === undefined) this.#ofTurns.set(turn, new Map([[effect.id, record]]));
      else records.set(effect.id, record);
    }
    if (turn !== undefined || record.status === 'queued') this.#byId.set(effect.id, record);
  }

  /** It is settled, and no turn asks for it. */
  forget(record: SqliteEffect): void {
    if (record.turn === undefined) this.#remove(record);
  }

  /** The turn is over: only what is still queued stays. */
  turnIsOver(turnId: string): void {
    const records = this.#ofTurns.get(turnId);
    if (records === undefined) return;
    this.#ofTurns.delete(turnId);
    for (const record of records.values()) {
      record.turn = undefined;
      if (record.status !== 'queued') this.#remove(record);
    }
  }

  /** The turn is a dead letter: what has left is in the file, for when it is redriven. */
  turnIsDead(turnId: string): void {
    for (const record of this.#ofTurns.get(turnId)?.values() ?? []) {
      if (record.status !== 'queued') this.#drop(record);
    }
  }

  /** Forgets what is in these lanes, and returns it. */
  erase(lanes: ReadonlySet<string>): SqliteEffect[] {
    const erased = Array.from(this.#byId.values()).filter(({ effect }) => lanes.has(effect.lane));
    for (const record of erased) this.#drop(record);
    return erased;
  }

  #drop(record: SqliteEffect): void {
    this.#remove(record);
    if (record.turn === undefined) return;
    const records = this.#ofTurns.get(record.turn);
    records?.delete(record.effect.id);
    if (records?.size === 0) this.#ofTurns.delete(record.turn);
  }

  #remove(record: SqliteEffect): void {
    if (this.#byId.get(record.effect.id) === record) this.#byId.delete(record.effect.id);
  }
}
