import { isObject, type Json } from '../../json.js';
import { fitsFilter, parseFilters } from '../conversation-list.js';
import { notFound } from '../errors.js';
import {
  createPerson,
  findPerson,
  mergeCard,
  personOf,
  removePerson,
  replaceCard,
  shownPerson,
} from '../people.js';
import type { CrispPerson } from '../records.js';
import {
  type Answer,
  added,
  type Call,
  deleted,
  page,
  type Route,
  resolved,
  saved,
  updated,
} from '../route.js';
import { object, text, texts } from '../schemas.js';

const ALL = '/website/:website/people';
const PROFILE = `${ALL}/profile/:people`;

export const CARD = object({
  email: { type: ['string', 'null'] },
  person: object(),
  company: { type: ['object', 'null'] },
  segments: texts,
  notepad: text,
  active: { type: 'number' },
});

/** The person of a path, by id or e-mail address. */
export const who = ({ website, params }: Call): CrispPerson => personOf(website, params.people ?? '');

export const peopleRoutes: Route[] = [
  {
    method: 'GET',
    path: `${ALL}/stats`,
    tiers: 'UP',
    handle: ({ website }) => resolved({ total: website.people.size }),
  },
  { method: 'GET', path: `${ALL}/profiles/:page`, tiers: 'UP', handle: list },
  // Of the Node SDK before 2.0: no page, and every query was dropped (lib/resources/WebsitePeople.js).
  { method: 'GET', path: `${ALL}/profiles`, tiers: 'UP', handle: list },
  {
    method: 'POST',
    path: `${ALL}/profile`,
    tiers: 'UP',
    body: CARD,
    handle: ({ platform, website, body }) =>
      added({ people_id: createPerson(platform, website, body).people_id }),
  },
  { method: 'HEAD', path: PROFILE, tiers: 'UP', handle: exists },
  // A wrong path of the Node SDK before 2.0.
  { method: 'HEAD', path: `${ALL}/:people`, tiers: 'UP', handle: exists },
  { method: 'GET', path: PROFILE, tiers: 'UP', handle: (call) => resolved(shownPerson(who(call))) },
  {
    method: 'PUT',
    path: PROFILE,
    tiers: 'UP',
    body: CARD,
    handle(call) {
      replaceCard(call.platform, call.website, who(call), call.body);
      return saved();
    },
  },
  {
    method: 'PATCH',
    path: PROFILE,
    tiers: 'UP',
    body: CARD,
    handle(call) {
      mergeCard(call.platform, call.website, who(call), call.body);
      return updated();
    },
  },
  {
    method: 'DELETE',
    path: PROFILE,
    tiers: 'UP',
    handle(call) {
      removePerson(call.platform, call.website, who(call));
      return deleted();
    },
  },
];

function exists({ website, params }: Call): Answer {
  if (findPerson(website, params.people ?? '') === undefined) throw notFound('people');
  return resolved({});
}

function list(call: Call): Answer {
  const { website, query } = call;
  const found = [...website.people.values()].filter((person) => matches(person, query)).map(shownPerson);
  const { sort_field: field, sort_order: order } = query;
  if (field === undefined) return page(call, found);
  const key = (person: Json) =>
    field.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), person);
  const sorted = found.sort((one, other) => compare(key(one), key(other)));
  return page(call, order === 'descending' ? sorted.reverse() : sorted);
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''), 'en');
}

/** Filters and words of a search, as the list and batch operations take them. */
export function matches(person: CrispPerson, query: Record<string, string>): boolean {
  const { search_filter: filter = '', search_text: wanted = '', search_operator: operator } = query;
  const shown = { ...shownPerson(person), data: person.data };
  const words = [person.email, ...Object.values(person.person)].join('\n').toLowerCase();
  if (wanted !== '' && !words.includes(wanted.toLowerCase())) return false;
  if (filter === '') return true;
  const filters = parseFilters('search_filter', filter);
  const one = (each: (typeof filters)[number]) => fitsFilter(shown, each);
  return operator === 'or' ? filters.some(one) : filters.every(one);
}
