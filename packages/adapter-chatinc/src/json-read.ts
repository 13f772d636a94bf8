import { ParleyError } from '@parley/core';
import { JSONParser } from '@streamparser/json';
import { collect, isRecord, type ListForm } from './wire/unwrap.js';

type Found = Parameters<JSONParser['onValue']>[0];

/**
 * The items of a list in JSON text, however it is wrapped, as they come: `readList` for what is too large to be held.
 *
 * @param refuse called with what there is instead, where there is no list and no item at all
 * @throws ERR_UNEXPECTED_PAYLOAD if it is no JSON
 */
export async function* readJsonItems(
  texts: AsyncIterable<string>,
  form: ListForm,
  from: string,
  refuse: (body: unknown) => never,
): AsyncGenerator<unknown, void, undefined> {
  let items: unknown[] = [];
  let body: unknown;
  const parser = new JSONParser();
  parser.onValue = (found) => {
    const { value, key, parent, stack } = found;
    if (stack.length === 0) body = value;
    // It changes the prototype of the first object that somebody assigns it to.
    if (key === '__proto__' && isRecord(parent)) delete parent[key];
    if (!Array.isArray(parent) || !isInList(found, form)) return;
    parent.pop();
    if (!collect(value, form, items, stack.length)) items.push(value);
  };
  for await (const text of texts) {
    attempt(() => parser.write(text), from);
    yield* items;
    items = [];
  }
  if (!parser.isEnded) throw notJson(from);
  // What stood in lists is gone from it.
  if (!collect(body, form, items, 0)) refuse(body);
  yield* items;
}

/** An item is not looked into, nor is what has another name. */
function isInList({ stack }: Found, { keys, isItem }: ListForm): boolean {
  return stack.every(({ key, value }, depth) => {
    if (depth === 0) return true;
    if (isRecord(value) && isItem(value)) return false;
    return typeof key === 'number' || (key !== undefined && keys.includes(key));
  });
}

/** A text that begins with a quote: no CSV with quotes in its header, but all of it quoted as JSON. */
export function isQuoted(begin: string): boolean {
  return /^"(?:[^"\\\r\n]|\\[^nr])*(?:\\[nr]|"\s*$)/.test(begin);
}

/** The text that a JSON text says, as it comes. */
export async function* unquote(
  texts: AsyncIterable<string>,
  from: string,
): AsyncGenerator<string, void, undefined> {
  let rest = '';
  let begun = false;
  for await (const text of texts) {
    rest += text;
    if (!begun) {
      begun = rest.trimStart() !== '';
      rest = rest.trimStart().slice(1);
    }
    const piece = WHOLE_CHARACTERS.exec(rest)?.[0] ?? '';
    rest = rest.slice(piece.length);
    if (!/^(?:$|\\|"\s*$)/.test(rest)) throw notJson(from);
    yield attempt(() => JSON.parse(`"${piece}"`) as string, from);
  }
  if (!rest.startsWith('"')) throw notJson(from);
}

/** As much as has come of a JSON text, without half an escape, or half a pair of them. */
const WHOLE_CHARACTERS =
  /^(?:[^"\\]+|\\[^u]|\\u(?!d[89ab])[0-9a-f]{4}|\\ud[89ab][0-9a-f]{2}(?:\\u[0-9a-f]{4}|(?=[^\\]|\\[^u])))*/i;

/** The parsers' own words quote the text. */
function attempt<T>(read: () => T, from: string): T {
  try {
    return read();
  } catch {
    throw notJson(from);
  }
}

function notJson(from: string): ParleyError {
  return new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: is not JSON`, { problems: ['expected JSON'] });
}
