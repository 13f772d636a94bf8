import type { Awaitable, DeadLetter, DeadLetterQuery, DeadLetters } from '@parley/core';
import type { KeptLetter } from './dead-letter-table.js';
import type { Deliveries } from './deliveries.js';
import type { SqliteEffect } from './effect-table.js';
import type { StoredEvent } from './event-table.js';
import { toNewEvent } from './event-table.js';
import type { Store } from './store.js';
import type { Turns } from './turns.js';

interface Redriven {
  readonly item?: StoredEvent;
  readonly records: readonly SqliteEffect[];
}

/** Dead letters of an open file. */
export class FileDeadLetters implements DeadLetters {
  readonly #store: Store;
  readonly #turns: Turns;
  readonly #deliveries: Deliveries;

  constructor(store: Store, turns: Turns, deliveries: Deliveries) {
    this.#store = store;
    this.#turns = turns;
    this.#deliveries = deliveries;
  }

  list(query: DeadLetterQuery = {}): readonly DeadLetter[] {
    return this.#store.dead.list(query);
  }

  get(id: string): Awaitable<DeadLetter | undefined> {
    return this.#store.dead.get(id)?.letter;
  }

  async redrive(id: string): Promise<boolean> {
    return (await this.#redrive(() => [id])) === 1;
  }

  redriveAll(query: DeadLetterQuery = {}): Promise<number> {
    return this.#redrive(() => this.#store.dead.matching(query));
  }

  drop(id: string): Promise<boolean> {
    const { writer, dead, effects } = this.#store;
    return writer.write(
      () => {
        const kept = dead.get(id);
        if (kept === undefined) return false;
        dead.remove(id);
        for (const record of kept.records) effects.release(record);
        return true;
      },
      (found) => {
        if (found) this.#deliveries.released(id);
      },
    );
  }

  async #redrive(ids: () => readonly string[]): Promise<number> {
    const redriven = await this.#store.writer.write(
      () => ids().flatMap((id) => this.#requeue(id)),
      (all) => {
        for (const one of all) this.#requeued(one);
      },
    );
    return redriven.length;
  }

  /** Within a write. */
  #requeue(id: string): Redriven[] {
    const { dead, events, effects, clock } = this.#store;
    const kept = dead.get(id);
    if (kept === undefined) return [];
    dead.remove(id);
    const { letter, seq } = kept;
    if (letter.kind === 'effect') return [{ records: [effects.requeue(letter.effect, seq, clock.now())] }];
    const item = events.insert(toNewEvent(letter.event), seq, Date.parse(letter.acceptedAt));
    return [{ item, records: this.#recordsOf(kept) }];
  }

  #recordsOf({ records }: KeptLetter): SqliteEffect[] {
    return records.map((id) => this.#deliveries.find(id)).filter((record) => record !== undefined);
  }

  /** After the write. */
  #requeued({ item, records }: Redriven): void {
    if (item === undefined) {
      for (const record of records) this.#deliveries.requeued(record);
      return;
    }
    this.#deliveries.unburied(records);
    this.#turns.putBack(item);
  }
}
