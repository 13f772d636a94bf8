import { isObject, type Json, type JsonObject } from '../json.js';
import { invalidData } from './errors.js';
import type { Platform } from './platform.js';
import type { CrispConversation, CrispMessage, Website } from './records.js';

/** A page of the list, newest first (docs.crisp.chat, references/rest-api/v1, "List Conversations"). */
export function selectConversations(
  platform: Platform,
  website: Website,
  page: number,
  query: Record<string, string>,
): CrispConversation[] {
  const perPage = query.per_page === undefined ? platform.switches.pageSize : Number(query.per_page);
  if (!Number.isInteger(perPage) || (query.per_page !== undefined && (perPage < 20 || perPage > 50)))
    throw invalidData('query.per_page should be >= 20 and <= 50');
  const size = perPage;
  const found = [...website.conversations.values()].filter(
    (conversation) => passesFilters(conversation, query) && matchesSearch(conversation, query),
  );
  const sorted = found.sort((one, other) => orderOf(other, query) - orderOf(one, query));
  const number = Math.max(1, page || 1);
  return sorted.slice((number - 1) * size, number * size);
}

function orderOf(conversation: CrispConversation, query: Record<string, string>): number {
  if (query.order_date_created === '1') return conversation.created_at;
  // The one that has waited longest comes first.
  if (query.order_date_waiting === '1')
    return conversation.waiting_since === null ? Number.NEGATIVE_INFINITY : -conversation.waiting_since;
  return conversation.updated_at;
}

const FILTERS: Record<string, (conversation: CrispConversation, value: string) => boolean> = {
  filter_inbox_id: ({ inbox_id }, value) => inbox_id === value,
  filter_unread: ({ unread }) => unread.operator > 0,
  filter_resolved: ({ state }) => state === 'resolved',
  filter_not_resolved: ({ state }) => state !== 'resolved',
  filter_mention: ({ mentions }) => mentions.length > 0,
  filter_unassigned: ({ assigned }) => assigned === null,
  filter_assigned: ({ assigned }, value) => assigned?.user_id === value,
  filter_date_start: ({ updated_at }, value) => updated_at >= instant('filter_date_start', value),
  filter_date_end: ({ updated_at }, value) => updated_at <= instant('filter_date_end', value),
};

function passesFilters(conversation: CrispConversation, query: Record<string, string>): boolean {
  if (query.include_empty !== '1' && conversation.messages.length === 0) return false;
  return Object.entries(FILTERS).every(([name, passes]) => {
    const value = query[name];
    return value === undefined || value === '' || value === '0' || passes(conversation, value);
  });
}

function instant(name: string, value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw invalidData(`query.${name} should match format "date-time"`);
  return at;
}

function matchesSearch(conversation: CrispConversation, query: Record<string, string>): boolean {
  const { search_query: wanted = '', search_type: type = 'text' } = query;
  if (wanted === '') return true;
  if (type === 'segment') return (conversation.meta.segments as string[]).includes(wanted);
  if (type === 'text') return textOf(conversation).includes(wanted.toLowerCase());
  if (type !== 'filter') throw invalidData('query.search_type should be equal to one of the allowed values');
  const filters = parseFilters('search_query', wanted);
  const one = (filter: JsonObject) => fitsFilter(searched(conversation), filter);
  return query.search_operator === 'or' ? filters.some(one) : filters.every(one);
}

const textOf = ({ meta, messages }: CrispConversation): string => {
  const said = messages.map(({ content }: CrispMessage) => JSON.stringify(content));
  return [meta.nickname, meta.email, meta.phone, meta.subject, ...said].join('\n').toLowerCase();
};

/** What filters of the model `session` may ask for. */
const searched = ({
  meta,
  state,
  assigned,
  inbox_id,
  is_blocked,
  is_verified,
}: CrispConversation): JsonObject => ({
  ...meta,
  state,
  assigned: assigned?.user_id,
  inbox_id,
  is_blocked,
  is_verified,
});

/** `[{model, criterion, operator, query: [...]}]`, as JSON text. */
export function parseFilters(name: string, value: string): JsonObject[] {
  try {
    const filters: unknown = JSON.parse(value);
    if (Array.isArray(filters) && filters.every(isObject)) return filters;
  } catch {
    // Said below.
  }
  throw invalidData(`query.${name} should be array`);
}

/** A list fits if one of its items does. `data.<key>` looks into custom data. */
export function fitsFilter(record: JsonObject, { criterion, operator, query }: JsonObject): boolean {
  const found = String(criterion)
    .split('.')
    .reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), record);
  const values = Array.isArray(found) ? found : [found ?? null];
  const wanted = Array.isArray(query) ? query : [query ?? null];
  const some = (fits: (value: Json, other: Json) => boolean) =>
    values.some((value) => wanted.some((other) => fits(value, other)));
  switch (operator) {
    case 'eq':
      return some((value, other) => value === other);
    case 'neq':
      return !some((value, other) => value === other);
    case 'gte':
      return some((value, other) => Number(value) >= Number(other));
    case 'lte':
      return some((value, other) => Number(value) <= Number(other));
    case 'gt':
      return some((value, other) => Number(value) > Number(other));
    case 'lt':
      return some((value, other) => Number(value) < Number(other));
    default:
      throw invalidData('query.search_query[0].operator should be equal to one of the allowed values');
  }
}
