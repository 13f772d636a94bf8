import { ParleyError } from '@parley/core';
import { identity } from 'io-ts';

/**
 * What `decode` needs of a codec. Every io-ts codec has this shape; it is spelled out here so that no public declaration
 * leads to io-ts.
 */
export interface Decoder<A> {
  /** What an error shows: name every codec. */
  readonly name: string;
  decode(value: unknown): Decoded<A>;
  is?(value: unknown): boolean;
  readonly encode?: unknown;
}

export type Decoded<A> =
  | { readonly _tag: 'Left'; readonly left: readonly Mismatch[] }
  | { readonly _tag: 'Right'; readonly right: A };

/** One thing that is not as expected, and the way to it from the outside in. */
export interface Mismatch {
  readonly context: readonly { readonly key: string; readonly type: { readonly name: string } }[];
}

/**
 * The value as what the codec describes.
 *
 * Asks `is` first, which costs a fraction of `decode`, and then returns the value itself; `decode` runs to explain a refusal.
 * Only where the two agree, see `leavesValues`: a codec that turns text into a date or strips fields is always decoded.
 *
 * @param from what it is, for the error, for example `webhook message.create` or `GET /v2/users`; a function where that takes
 *   some work, which is called for an error only
 * @throws ERR_UNEXPECTED_PAYLOAD with `problems`: paths and expected types, never values
 */
export function decode<A>(codec: Decoder<A>, value: unknown, from: string | (() => string)): A {
  if (leavesValues(codec) && codec.is?.(value) === true) return value as A;
  const decoded = codec.decode(value);
  if (decoded._tag === 'Right') return decoded.right;
  throw unexpected(codec, decoded.left, typeof from === 'string' ? from : from());
}

/** A codec as a part of others. */
interface Part {
  readonly encode?: unknown;
  readonly _tag?: unknown;
  readonly types?: readonly Part[];
  readonly props?: Readonly<Record<string, Part>>;
  readonly type?: Part;
}

const composed = new WeakMap<object, boolean>();

/**
 * True if decoding gives back the value itself. io-ts says so by giving its own `identity` as `encode`, except for an
 * intersection, and so for whatever has one in it: there the parts decide.
 */
function leavesValues(codec: Part): boolean {
  if (codec.encode === identity) return true;
  let leaves = composed.get(codec);
  if (leaves === undefined) {
    leaves = partsOf(codec)?.every(leavesValues) ?? false;
    composed.set(codec, leaves);
  }
  return leaves;
}

/** Undefined for a codec of another kind, such as one that strips fields: who knows what it does. */
function partsOf({ _tag, types, props, type }: Part): readonly Part[] | undefined {
  switch (_tag) {
    case 'IntersectionType':
    case 'UnionType':
      return types;
    case 'InterfaceType':
    case 'PartialType':
      return props && Object.values(props);
    case 'ArrayType':
      return type && [type];
    default:
      return undefined;
  }
}

/** Decodes the items of a list one by one: one that cannot be read does not cost the others. */
export function decodeEach<A>(
  codec: Decoder<A>,
  values: unknown,
  from: string,
): { items: A[]; rejected: ParleyError[] } {
  if (!Array.isArray(values)) {
    const problems = [`expected Array<${shortName(codec.name)}>`];
    throw new ParleyError('ERR_UNEXPECTED_PAYLOAD', `${from}: ${problems[0]}`, { problems });
  }
  const items: A[] = [];
  const rejected: ParleyError[] = [];
  values.forEach((value: unknown, index) => {
    try {
      items.push(decode(codec, value, `${from}[${index}]`));
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      rejected.push(error);
    }
  });
  return { items, rejected };
}

const MOST_PROBLEMS = 10;

function unexpected(codec: Decoder<unknown>, mismatches: readonly Mismatch[], from: string): ParleyError {
  const problems = [...new Set(mismatches.map(describe))];
  const shown = problems.slice(0, MOST_PROBLEMS);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : '';
  return new ParleyError(
    'ERR_UNEXPECTED_PAYLOAD',
    `${from}: not a ${shortName(codec.name)}: ${shown.join('; ')}${more}`,
    { problems: shown },
  );
}

/** `data.message.id: expected string` */
function describe({ context }: Mismatch): string {
  const path = context
    .filter((_, place) => place > 0 && !isAlternative(context[place - 1]?.type))
    .map(({ key }) => safeKey(key))
    .join('.');
  const expected = `expected ${shortName(context.at(-1)?.type.name ?? 'another type')}`;
  return path === '' ? expected : `${path}: ${expected}`;
}

/** A member of a union or an intersection is numbered like an element, but is no step into the value. */
function isAlternative(type: { readonly name: string; readonly _tag?: unknown } | undefined): boolean {
  return type?._tag === 'UnionType' || type?._tag === 'IntersectionType';
}

/** The keys of a record come from the payload: one that does not look like a field's name may be somebody's words. */
function safeKey(key: string): string {
  return /^(?:\d{1,6}|[A-Za-z_$@][\w$-]{0,40})$/.test(key) ? key : '…';
}

function shortName(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}
