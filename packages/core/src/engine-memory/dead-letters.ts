import type { DeadLetter } from '../engine.js';

/** What was given up, oldest first, at most `max` of them: beyond that the oldest is lost, and the log says so. */
export class DeadLetterBox {
  readonly #letters = new Map<string, DeadLetter>();
  readonly #max: number;
  readonly #onLost: (letter: DeadLetter) => void;

  constructor(max: number, onLost: (letter: DeadLetter) => void) {
    this.#max = max;
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#letters.size;
  }

  add(letter: DeadLetter): void {
    this.#letters.set(letter.id, letter);
    if (this.#letters.size <= this.#max) return;
    for (const oldest of this.#letters.values()) {
      this.#letters.delete(oldest.id);
      this.#onLost(oldest);
      return;
    }
  }

  list(): readonly DeadLetter[] {
    return [...this.#letters.values()];
  }

  get(id: string): DeadLetter | undefined {
    return this.#letters.get(id);
  }

  take(id: string): DeadLetter | undefined {
    const letter = this.#letters.get(id);
    this.#letters.delete(id);
    return letter;
  }
}
