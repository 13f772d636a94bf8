import type { Effect, EffectRecord, StateEntry } from '@parley/core';
import { LaneAttempt } from '@parley/core/lanes';
import type { Deliveries } from './deliveries.js';
import type { StoredEvent } from './event-table.js';
import type { Running } from './running.js';
import { reading, type Store } from './store.js';

/** One try at a turn. State is read from the file, which holds what is committed. */
export class SqliteAttempt extends LaneAttempt {
  readonly #item: StoredEvent;
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #running: Running;

  constructor(item: StoredEvent, last: boolean, store: Store, deliveries: Deliveries, running: Running) {
    super(item, last);
    this.#item = item;
    this.#store = store;
    this.#deliveries = deliveries;
    this.#running = running;
    running.begin(item);
  }

  readStates(scope: string, kinds: readonly string[]): readonly (StateEntry | undefined)[] {
    return reading(this.#store, () => this.#store.states.read(scope, kinds));
  }

  recorded(id: string): EffectRecord | undefined {
    return this.#deliveries.ofTurn(this.turnId, id);
  }

  record(effect: Effect): Promise<EffectRecord> | EffectRecord {
    return (
      this.#deliveries.ofTurn(this.turnId, effect.id) ?? this.#deliveries.record(this, this.#item, effect)
    );
  }

  override fence(): void {
    super.fence();
    this.#running.clear(this.#item);
  }
}
