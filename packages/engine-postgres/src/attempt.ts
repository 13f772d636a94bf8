import type { Effect, EffectRecord, StateEntry } from '@parley/core';
import { LaneAttempt } from '@parley/core/lanes';
import type { Batches } from './batches.js';
import type { Effects } from './effects.js';
import type { EventJob } from './inbox-jobs.js';
import type { ScopeState } from './state.js';

/** One try at a turn, with what it has recorded so far. */
export class PgAttempt extends LaneAttempt {
  readonly #item: EventJob;
  readonly #isFirst: boolean;
  readonly #effects: Effects;
  readonly #reads: Batches<string, ScopeState>;
  readonly #recorded = new Map<string, EffectRecord>();

  constructor(item: EventJob, last: boolean, effects: Effects, reads: Batches<string, ScopeState>) {
    super(item, last);
    this.#item = item;
    this.#isFirst = item.isFirst;
    item.isFirst = false;
    this.#effects = effects;
    this.#reads = reads;
  }

  async readStates(scope: string, kinds: readonly string[]): Promise<readonly (StateEntry | undefined)[]> {
    const entries = await this.#reads.add(scope);
    return kinds.map((kind) => entries.get(kind));
  }

  recorded(id: string): EffectRecord | undefined | Promise<EffectRecord | undefined> {
    const mine = this.#recorded.get(id);
    // Nobody can have recorded anything before the first try.
    if (mine !== undefined || this.#isFirst) return mine;
    return this.#effects.find(id);
  }

  async record(effect: Effect): Promise<EffectRecord> {
    this.assertMine();
    const mine = this.#recorded.get(effect.id);
    if (mine !== undefined) return mine;
    const record = await this.#effects.add(effect, this.#item);
    this.#recorded.set(effect.id, record);
    return record;
  }
}
