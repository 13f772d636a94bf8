/** Lets so many things be under way at once. */
export class Window {
  #free: number;
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  #emptied: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
    this.#free = size;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#free += 1;
    if (this.#free === this.#size) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  async empty(): Promise<void> {
    if (this.#free < this.#size) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }
}
