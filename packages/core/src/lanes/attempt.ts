import type { Effect, EffectRecord } from '../effect.js';
import type { Awaitable, StateEntry, TurnAttempt } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Event } from '../model/event.js';
import type { InboxItem } from './inbox.js';

/** One try at a turn: its signal and its fence. What it reads and records is the engine's to say. */
export abstract class LaneAttempt implements TurnAttempt {
  readonly turnId: string;
  readonly event: Event;
  readonly attempt: number;
  readonly last: boolean;
  #fenced = false;
  #controller: AbortController | undefined;

  constructor(item: InboxItem, last: boolean) {
    this.turnId = item.turnId;
    this.event = item.event;
    this.attempt = item.attempts;
    this.last = last;
  }

  /** Made when somebody asks for it: few handlers do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#fenced) this.#controller.abort(givenUp());
    }
    return this.#controller.signal;
  }

  abstract readStates(
    scope: string,
    kinds: readonly string[],
  ): Awaitable<readonly (StateEntry | undefined)[]>;
  abstract recorded(id: string): Awaitable<EffectRecord | undefined>;
  abstract record(effect: Effect): Awaitable<EffectRecord>;

  /** From here on whatever this try still does is refused. */
  fence(): void {
    this.#fenced = true;
    this.#controller?.abort(givenUp());
  }

  /** @throws ERR_CONFLICT if this try was given up */
  assertMine(): void {
    if (this.#fenced) throw givenUp();
  }
}

function givenUp(): ParleyError {
  return new ParleyError('ERR_CONFLICT', 'This try of the turn was given up; what it still does is refused');
}
