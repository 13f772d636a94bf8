import type { Effect } from '../effect.js';
import type { StateEntry } from '../engine.js';
import { LaneAttempt } from '../lanes/attempt.js';
import type { InboxItem } from '../lanes/inbox.js';
import type { StoredEffect } from '../lanes/stored-effect.js';
import type { Effects } from './effects.js';
import type { State } from './state.js';

/** One try at a turn in this process. */
export class MemoryAttempt extends LaneAttempt {
  readonly #state: State;
  readonly #effects: Effects;
  readonly #send: (effect: Effect) => StoredEffect;

  constructor(
    item: InboxItem,
    last: boolean,
    state: State,
    effects: Effects,
    send: (effect: Effect) => StoredEffect,
  ) {
    super(item, last);
    this.#state = state;
    this.#effects = effects;
    this.#send = send;
  }

  readStates(scope: string, kinds: readonly string[]): readonly (StateEntry | undefined)[] {
    return this.#state.readAll(scope, kinds);
  }

  recorded(id: string): StoredEffect | undefined {
    return this.#effects.ofTurn(this.turnId, id);
  }

  record(effect: Effect): StoredEffect {
    const known = this.#effects.ofTurn(this.turnId, effect.id);
    if (known !== undefined) return known;
    this.assertMine();
    return this.#send(effect);
  }
}
