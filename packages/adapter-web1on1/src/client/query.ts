import { ParleyError } from '@parley/core';

export type Scalar = string | number | boolean;

/** What a field must be: a value, or one comparison. The documentation knows no way to combine two on one field. */
export type Condition =
  | Scalar
  | { contains: string }
  | { startsWith: string }
  | { gt: Scalar }
  | { gte: Scalar }
  | { lt: Scalar }
  | { lte: Scalar }
  | { anyOf: readonly Scalar[] };

/** Conditions by field. A nested field has dots: `'profile.telephone'`, `'participants.user'`, `'meta.intent'`. */
export type Filter<Item> = { [Field in Extract<KnownKeys<Item>, string>]?: Condition } & {
  [path: `${string}.${string}`]: Condition | undefined;
};

/** The named fields of a record, without its index signature. */
type KnownKeys<Item> = keyof {
  [Key in keyof Item as string extends Key ? never : number extends Key ? never : Key]: true;
};

/** What to read of one record. */
export interface View {
  /** Only these fields. The id always comes along. */
  select?: readonly string[];
  /** References to expand: `contact`, `categories.forms`. */
  populate?: readonly string[];
}

/** What to list, and how. */
export interface Query<Item> extends View {
  where?: Filter<Item>;
  /** `['status', '-createdAt']`: a minus sorts downwards. */
  sort?: readonly string[];
}

/** One page of a query. */
export interface PageQuery<Item> extends Query<Item> {
  /** Records per page. The platform's default is not documented; ours is 100. */
  limit?: number;
  offset?: number;
}

export type Parameters = readonly (readonly [name: string, value: string])[];

/** The query parameters of a list. */
export function toParameters<Item>(query: PageQuery<Item>): Parameters {
  const parameters: (readonly [string, string])[] = [];
  for (const [field, condition] of Object.entries(query.where ?? {})) {
    if (condition !== undefined) parameters.push([field, toValue(field, condition)]);
  }
  if (query.sort !== undefined) parameters.push(['sort', toList('sort', query.sort)]);
  parameters.push(...toViewParameters(query));
  if (query.limit !== undefined) parameters.push(['limit', String(toCount('limit', query.limit, 1))]);
  if (query.offset !== undefined) parameters.push(['offset', String(toCount('offset', query.offset, 0))]);
  return parameters;
}

/** The query parameters that say what to read of a record. */
export function toViewParameters(view: View): Parameters {
  const parameters: (readonly [string, string])[] = [];
  if (view.select !== undefined) {
    const fields = view.select.includes('id') ? view.select : ['id', ...view.select];
    parameters.push(['select', toList('select', fields)]);
  }
  if (view.populate !== undefined) parameters.push(['populate', toList('populate', view.populate)]);
  return parameters;
}

/** `a=b&c=d`, percent-encoded: a `+` in a phone number must leave as `%2B`. */
export function toQueryString(parameters: Parameters): string {
  return parameters
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Operator characters: a plain value that starts with one would be read as something else, and no escape is documented. */
const OPERATORS = ['~', '^', '>', '<', '[', '!', '$'];

function toValue(field: string, condition: Condition): string {
  if (typeof condition !== 'object') return plain(field, condition);
  const entries = Object.entries(condition ?? {});
  const [operator, operand] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined) {
    throw wrong(field, 'one condition: a value, or one of contains, startsWith, gt, gte, lt, lte, anyOf');
  }
  switch (operator) {
    case 'contains':
      return `~${text(field, operand)}`;
    case 'startsWith':
      return `^${text(field, operand)}`;
    case 'gt':
      return `>${comparable(field, operand)}`;
    case 'gte':
      return `>=${comparable(field, operand)}`;
    case 'lt':
      return `<${comparable(field, operand)}`;
    case 'lte':
      return `<=${comparable(field, operand)}`;
    case 'anyOf':
      return anyOf(field, operand);
    default:
      throw wrong(field, `contains, startsWith, gt, gte, lt, lte or anyOf, not "${operator}"`);
  }
}

function plain(field: string, value: unknown): string {
  const written = scalar(field, value);
  if (OPERATORS.includes(written.charAt(0))) {
    throw wrong(
      field,
      `a value that does not start with one of ${OPERATORS.join(' ')}: use contains instead`,
    );
  }
  return written;
}

function anyOf(field: string, values: unknown): string {
  if (!Array.isArray(values) || values.length === 0) throw wrong(field, 'at least one value in anyOf');
  const written = values.map((value) => scalar(field, value));
  if (written.some((value) => value === '' || /[,[\]]/.test(value))) {
    throw wrong(field, 'values without commas and brackets in anyOf');
  }
  return `[${written.join(',')}]`;
}

function comparable(field: string, value: unknown): string {
  const written = scalar(field, value);
  if (written.startsWith('=')) throw wrong(field, 'a value to compare with that does not start with "="');
  return written;
}

function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw wrong(field, 'a text that is not empty');
  return value;
}

function scalar(field: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw wrong(field, 'a string, a number or a boolean');
}

function toList(name: string, entries: readonly string[]): string {
  if (entries.length === 0 || entries.some((entry) => !/^-?[A-Za-z0-9_.@-]+$/.test(entry))) {
    throw wrong(name, 'names of fields');
  }
  return entries.join(',');
}

function toCount(name: string, value: number, lowest: number): number {
  if (!Number.isInteger(value) || value < lowest) throw wrong(name, `a whole number from ${lowest}`);
  return value;
}

function wrong(field: string, expected: string): ParleyError {
  return new ParleyError('ERR_CONFIG', `Web1on1 query: ${field}: expected ${expected}`);
}
