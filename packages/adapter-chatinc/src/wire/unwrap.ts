import { type Decoder, decodeEach } from '@parley/adapter-kit';
import { ParleyError } from '@parley/core';

export interface ListForm {
  /** What an envelope calls the list, or the one thing of it. */
  keys: readonly string[];
  /** True for an object that is an item itself, and so is not looked into. */
  isItem(value: Record<string, unknown>): boolean;
  /** Makes one form of the several that an item may have. */
  normalize?(value: unknown): unknown;
}

/**
 * The items of a list, however it is wrapped: bare, in an envelope, an array of envelopes, one item where a list is expected.
 *
 * @throws ERR_UNEXPECTED_PAYLOAD where there is no list and no item at all: that is not an empty list
 */
export function readList<A>(
  body: unknown,
  form: ListForm,
  codec: Decoder<A>,
  from: string,
): { items: A[]; rejected: ParleyError[] } {
  const found: unknown[] = [];
  if (!collect(body, form, found, 0)) {
    const problems = [`expected a list of ${codec.name}`];
    throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: ${problems[0]}`, { problems });
  }
  return decodeEach(codec, found, from);
}

const DEEPEST = 4;

/** Adds the items of a value to `into`. False if there was nothing that could be a list or an item. */
export function collect(value: unknown, form: ListForm, into: unknown[], depth: number): boolean {
  if (depth > DEEPEST) return false;
  if (Array.isArray(value)) {
    for (const each of value) if (!collect(each, form, into, depth + 1)) into.push(each);
    return true;
  }
  const item = form.normalize?.(value) ?? value;
  if (!isRecord(item)) return false;
  if (form.isItem(item)) {
    into.push(item);
    return true;
  }
  let any = false;
  for (const key of form.keys) {
    const inner = item[key];
    if (typeof inner === 'object' && inner !== null) any = collect(inner, form, into, depth + 1) || any;
  }
  return any;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under a name, whatever its case, blanks and underscores. */
export function fieldOf(record: Record<string, unknown>, ...names: readonly string[]): unknown {
  for (const [key, value] of Object.entries(record)) {
    if (names.includes(plainName(key))) return value;
  }
  return undefined;
}

/** `Total Sent`, `total_sent` and `totalSent` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]/g, '');
}
