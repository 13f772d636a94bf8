import type { Effect } from '../effect.js';
import type { StateEntry, TurnAttempt } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Event } from '../model/event.js';
import type { Effects } from './effects.js';
import type { InboxItem } from './inbox.js';
import type { Outbox } from './outbox.js';
import { StoredEffect } from './outbox.js';
import type { State } from './state.js';

/** One try at a turn in this process. */
export class MemoryAttempt implements TurnAttempt {
  readonly turnId: string;
  readonly event: Event;
  readonly attempt: number;
  readonly last: boolean;
  readonly #state: State;
  readonly #effects: Effects;
  readonly #outbox: Outbox;
  #fenced = false;
  #controller: AbortController | undefined;

  constructor(item: InboxItem, last: boolean, state: State, effects: Effects, outbox: Outbox) {
    this.turnId = item.turnId;
    this.event = item.event;
    this.attempt = item.attempts;
    this.last = last;
    this.#state = state;
    this.#effects = effects;
    this.#outbox = outbox;
  }

  /** Made when somebody asks for it: few handlers do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#fenced) this.#controller.abort(givenUp());
    }
    return this.#controller.signal;
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
    if (this.#fenced) throw givenUp();
    const record = new StoredEffect(effect);
    const leaves = effect.action.kind !== 'step';
    if (!leaves) record.settle('sent');
    this.#effects.addToTurn(this.turnId, record);
    if (leaves) this.#outbox.push(record);
    return record;
  }

  fence(): void {
    this.#fenced = true;
    this.#controller?.abort(givenUp());
  }
}

function givenUp(): ParleyError {
  return new ParleyError('ERR_CONFLICT', 'This try of the turn was given up; what it still does is refused');
}
