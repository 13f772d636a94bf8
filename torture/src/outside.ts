import type { Processes } from './processes.js';

/** Calls from outside of turns that change a conversation's session while a turn of it runs. */
export class Outside {
  readonly #processes: Processes;
  readonly #made = new Map<number, number>();
  readonly #answered = new Map<number, number>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Counts one more in the session of a conversation, in any process. One that is killed before it answers may have done so. */
  count(conversation: number, conversationId: string, place: number): void {
    const process = this.#processes.at(place);
    if (process?.serves !== true) return;
    add(this.#made, conversation);
    const call = process.ask({ question: 'count outside', conversationId }).then(
      () => add(this.#answered, conversation),
      () => {},
    );
    this.#underWay.add(call);
    void call.finally(() => this.#underWay.delete(call));
  }

  outcome(conversation: number): { answered: number; made: number } {
    return { answered: this.#answered.get(conversation) ?? 0, made: this.#made.get(conversation) ?? 0 };
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
