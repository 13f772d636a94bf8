import type { DeadLetter, DeadLetterQuery } from '../engine.js';

/** What was given up, with its place among all that was stored. */
export type KeptLetter = DeadLetter & { readonly order: number };

/** What was given up, oldest first, at most `max` of them: beyond that the oldest is lost, and the log says so. */
export class DeadLetterBox {
  readonly #letters = new Map<string, KeptLetter>();
  readonly #max: number;
  readonly #onLost: (letter: DeadLetter) => void;

  constructor(max: number, onLost: (letter: DeadLetter) => void) {
    this.#max = max;
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#letters.size;
  }

  add(letter: KeptLetter): void {
    this.#letters.set(letter.id, letter);
    if (this.#letters.size <= this.#max) return;
    for (const oldest of this.#letters.values()) {
      this.#letters.delete(oldest.id);
      this.#onLost(oldest);
      return;
    }
  }

  list({ limit = 100, after, ...query }: DeadLetterQuery = {}): readonly KeptLetter[] {
    const all = this.matching(query);
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return all.slice(start, start + limit);
  }

  matching({ account, lane, kind }: DeadLetterQuery): KeptLetter[] {
    return [...this.#letters.values()].filter(
      (letter) =>
        (account === undefined || letter.account === account) &&
        (lane === undefined || letter.lane === lane) &&
        (kind === undefined || letter.kind === kind),
    );
  }

  get(id: string): KeptLetter | undefined {
    return this.#letters.get(id);
  }

  take(id: string): KeptLetter | undefined {
    const letter = this.#letters.get(id);
    this.#letters.delete(id);
    return letter;
  }
}
