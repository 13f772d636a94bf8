/** Two readers of one source. */
export interface InStep<T> {
  readers: readonly [AsyncGenerator<T, void, undefined>, AsyncGenerator<T, void, undefined>];
  /** Somebody reads no further: the other is told, for it would wait for ever. */
  stop(): void;
}

/** What the other gets. */
const STOPPED = new Error('the other reader has stopped');

export function isStopped(error: unknown): boolean {
  return error === STOPPED;
}

/**
 * Two readers of a source that can be read only once. Neither is ahead of the other, so that nothing has to be kept.
 *
 * Both must be read to their end, or `stop` be called.
 */
export function inStep<T>(source: AsyncIterable<T>): InStep<T> {
  const iterator = source[Symbol.asyncIterator]();
  let stopped = false;
  let asked = 0;
  let round = newRound<T>();

  const next = (): Promise<IteratorResult<T>> => {
    if (stopped) return Promise.reject(STOPPED);
    const mine = round;
    asked += 1;
    if (asked === 2) {
      asked = 0;
      round = newRound();
      iterator.next().then(mine.resolve, mine.reject);
    }
    return mine.promise;
  };

  async function* reader(): AsyncGenerator<T, void, undefined> {
    for (let item = await next(); !item.done; item = await next()) yield item.value;
  }

  return {
    readers: [reader(), reader()],
    stop: () => {
      if (stopped) return;
      stopped = true;
      round.reject(STOPPED);
    },
  };
}

function newRound<T>(): PromiseWithResolvers<IteratorResult<T>> {
  const round = Promise.withResolvers<IteratorResult<T>>();
  // Where nobody waits, nobody has to be told.
  round.promise.catch(() => {});
  return round;
}
