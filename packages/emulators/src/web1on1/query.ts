import { ApiError, isObject, type Json, type JsonObject, type Web1on1Record } from './records.js';

type Operator = '=' | '~' | '^' | '>' | '>=' | '<' | '<=' | 'any';

interface Filter {
  path: string[];
  operator: Operator;
  value: string;
  /** For `any`. */
  values: string[];
}

export interface Query {
  filters: Filter[];
  sort: { path: string[]; descending: boolean }[];
  select: string[][] | undefined;
  populate: string[][];
  limit: number;
  offset: number;
  /** The pairs as they came, decoded, for the Link header. */
  pairs: [string, string][];
}

export interface PageSizes {
  defaultLimit: number;
  maxLimit: number;
}

const RESERVED = new Set(['limit', 'offset', 'sort', 'select', 'populate']);

/**
 * Reads a query string as the API does (developers.web1on1.chat, fetching resources).
 * Refuses with 400 a limit or an offset that is no number.
 */
export function parseQuery(search: string, sizes: PageSizes): Query {
  const raw = search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? ([pair, ''] as const)
        : ([pair.slice(0, equals), pair.slice(equals + 1)] as const);
    });
  const pairs = raw.map(([key, value]): [string, string] => [decode(key), decode(value)]);
  const last = (name: string) => pairs.findLast(([key]) => key === name)?.[1];

  return {
    filters: raw
      .flatMap(([key, value]) => (RESERVED.has(decode(key)) ? [] : [parseFilter(decode(key), value)]))
      // What is compared as text first: a thousand times are not read to find one conversation's messages.
      .toSorted((left, right) => Number(left.operator !== '=') - Number(right.operator !== '=')),
    sort: names(last('sort')).map((name) => ({
      path: name.replace(/^-/, '').split('.'),
      descending: name.startsWith('-'),
    })),
    select: last('select') === undefined ? undefined : names(last('select')).map((name) => name.split('.')),
    populate: names(last('populate')).map((name) => name.split('.')),
    limit: Math.min(wholeNumber('limit', last('limit'), 1) ?? sizes.defaultLimit, sizes.maxLimit),
    offset: wholeNumber('offset', last('offset'), 0) ?? 0,
    pairs,
  };
}

function decode(text: string): string {
  try {
    // A literal plus is a space here, which is why phone numbers need %2B.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ApiError(400, 'Malformed query string');
  }
}

function names(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < least) {
    throw new ApiError(400, `${name} must be a whole number of at least ${least}`);
  }
  return number;
}

function parseFilter(key: string, rawValue: string): Filter {
  const path = key.split('.');
  const value = decode(rawValue);
  if (value.startsWith('[') && value.endsWith(']')) {
    // With raw brackets, only raw commas separate: an encoded one belongs to a value.
    const values = rawValue.startsWith('[')
      ? rawValue.slice(1, rawValue.lastIndexOf(']')).split(',').map(decode)
      : value.slice(1, -1).split(',');
    return { path, operator: 'any', value: '', values: values.map((item) => item.trim()) };
  }
  const operator = /^(?:>=|<=|[~^><])/.exec(value)?.[0] as Operator | undefined;
  return { path, operator: operator ?? '=', value: value.slice(operator?.length ?? 0), values: [] };
}

/** Whether a record passes every filter. An array matches when one of its items does, at any depth. */
export function matchesFilters(record: JsonObject, filters: readonly Filter[]): boolean {
  return filters.every((filter) => valuesAt(record, filter.path).some((value) => passes(value, filter)));
}

function valuesAt(value: Json | undefined, path: readonly string[]): (Json | undefined)[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  return isObject(value) && Object.hasOwn(value, name) ? valuesAt(value[name], rest) : [];
}

function passes(value: Json | undefined, { operator, value: wanted, values }: Filter): boolean {
  if (value === undefined || (typeof value === 'object' && value !== null)) return false;
  const text = String(value);
  switch (operator) {
    case '=':
      return text === wanted;
    case 'any':
      return values.includes(text);
    case '~':
      return text.toLowerCase().includes(wanted.toLowerCase());
    case '^':
      return text.startsWith(wanted);
    default: {
      const order = compareText(text, wanted);
      if (operator === '>') return order > 0;
      if (operator === '>=') return order >= 0;
      return operator === '<' ? order < 0 : order <= 0;
    }
  }
}

/** Numbers as numbers, times as times (UTC when they name no zone), anything else as text. */
function compareText(left: string, right: string): number {
  const asNumber = [Number(left), Number(right)] as const;
  if (left !== '' && right !== '' && !asNumber.some(Number.isNaN)) return asNumber[0] - asNumber[1];
  const asTime = [instant(left), instant(right)] as const;
  if (asTime[0] !== undefined && asTime[1] !== undefined) return asTime[0] - asTime[1];
  return left < right ? -1 : left > right ? 1 : 0;
}

function instant(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const zoned = /^\d{4}-\d{2}-\d{2}$|Z$|[+-]\d{2}:?\d{2}$/i.test(text) ? text : `${text}Z`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? undefined : at;
}

/** Sorted copies keep the order of creation among equals; a missing value comes first. */
export function sortRecords<T extends JsonObject>(records: readonly T[], sort: Query['sort']): T[] {
  return records.toSorted((left, right) => {
    for (const { path, descending } of sort) {
      const order = compareValues(valuesAt(left, path)[0], valuesAt(right, path)[0]);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

function compareValues(left: Json | undefined, right: Json | undefined): number {
  const missing = [left ?? null, right ?? null].map((value) => value === null);
  if (missing[0] || missing[1]) return Number(missing[1]) - Number(missing[0]);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const texts = [String(left), String(right)] as const;
  return texts[0] < texts[1] ? -1 : texts[0] > texts[1] ? 1 : 0;
}

/** Only the selected fields, and always the id. */
export function selectFields(record: JsonObject, select: string[][] | undefined): JsonObject {
  if (select === undefined || select.length === 0) return record;
  return picked(record, [['id'], ...select]) as JsonObject;
}

function picked(value: Json | undefined, paths: readonly string[][]): Json | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) return value.map((item) => picked(item, paths) ?? null);
  if (!isObject(value)) return undefined;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, Json | undefined][] => {
    const below = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    return below.length === 0 ? [] : [[name, picked(inner, below)]];
  });
  return Object.fromEntries(kept.filter(([, inner]) => inner !== undefined));
}

/** Which resource an id under this name refers to. */
const REFERENCES = new Map([
  ['organization', 'organizations'],
  ['organizations', 'organizations'],
  ['parent', 'organizations'],
  ['conversation', 'conversations'],
  ['contact', 'contacts'],
  ['user', 'users'],
  ['users', 'users'],
  ['message', 'messages'],
  ['messages', 'messages'],
  ['form', 'forms'],
  ['forms', 'forms'],
  ['bot', 'bots'],
  ['channel', 'channels'],
  ['channels', 'channels'],
  ['kbase', 'kbases'],
]);

/** Replaces ids on the populated paths by the records they name; an unknown path or id stays as it is. */
export function populate(
  record: JsonObject,
  paths: readonly string[][],
  lookUp: (resource: string, id: string) => Web1on1Record | undefined,
): JsonObject {
  return paths.reduce<JsonObject>((current, path) => expand(current, path, lookUp) as JsonObject, record);
}

function expand(
  value: Json | undefined,
  path: readonly string[],
  lookUp: Parameters<typeof populate>[2],
): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => expand(item, path, lookUp) ?? null);
  const [name, ...rest] = path;
  if (name === undefined || !isObject(value) || !Object.hasOwn(value, name)) return value;
  const resource = REFERENCES.get(name);
  const refer = (reference: Json | undefined): Json | undefined => {
    if (Array.isArray(reference)) return reference.map((item) => refer(item) ?? null);
    if (typeof reference !== 'string' || resource === undefined) return reference;
    return lookUp(resource, reference) ?? reference;
  };
  return { ...value, [name]: expand(refer(value[name]), rest, lookUp) };
}

const MESSAGE_FILTERS = ['id', 'organization', 'conversation', 'type', 'role', 'createdAt'];
const CONVERSATION_FILTERS = [
  'id',
  'type',
  'participants.user',
  'status',
  'createdAt',
  'categoryIndex',
  'category',
  'organization',
  'updatedAt',
];

/** Lists that would scan everything are refused (developers.web1on1.chat, fetching resources). The 400 is a guess. */
export function requireIndexedFilter(resource: string, filters: readonly Filter[]): void {
  const fields = filters.map(({ path }) => path.join('.'));
  const has = (indexed: readonly string[]) => fields.some((field) => indexed.includes(field));
  if (resource === 'messages' && !has(MESSAGE_FILTERS)) {
    throw new ApiError(400, `Listing messages needs a filter on one of: ${MESSAGE_FILTERS.join(', ')}`);
  }
  const byMeta = fields.some((field) => field.startsWith('meta.'));
  if (resource === 'conversations' && byMeta && !has(CONVERSATION_FILTERS)) {
    throw new ApiError(400, `Filtering by meta needs a filter on one of: ${CONVERSATION_FILTERS.join(', ')}`);
  }
}
