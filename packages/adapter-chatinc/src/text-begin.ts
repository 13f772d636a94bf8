/** Text as it comes, of which the begin is known. */
export interface Begun {
  /** Without the blanks before it. */
  begin: string;
  /** All of it. */
  all: AsyncGenerator<string, void, undefined>;
}

/** A begin of this length tells enough. */
const LONGEST = 64 * 1024;

/** Reads on until the begin tells enough, or there is no more. */
export async function beginOf(
  texts: AsyncIterable<string>,
  isEnough: (begin: string) => boolean,
): Promise<Begun> {
  const iterator = texts[Symbol.asyncIterator]();
  let text = '';
  let done = false;
  while (!done && text.length < LONGEST && !isEnough(text.trimStart())) {
    const next = await iterator.next();
    done = next.done === true;
    if (!next.done) text += next.value;
  }
  async function* all(): AsyncGenerator<string, void, undefined> {
    try {
      yield text;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { begin: text.trimStart(), all: all() };
}
