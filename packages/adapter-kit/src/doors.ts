/** As many as there are connections leave at once: who is asked whether to leave must not wait behind the question. */
export interface Doors {
  /** Resolves when it is one's turn; undefined: it is. Each one leaves again. */
  enter(): Promise<void> | undefined;
  leave(): void;
}

export function createDoors(count: number): Doors {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    enter() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return undefined;
    },
    leave() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
