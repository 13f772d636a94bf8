import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkMandatoryFilters } from '../src/client/mandatory-filters.js';
import { type Condition, type PageQuery, toParameters, toQueryString } from '../src/client/query.js';

interface Row {
  id: string;
  text: string;
  status: string;
}

const where = (condition: unknown): string => {
  const query = { where: { text: condition } } as PageQuery<Row>;
  return new URLSearchParams(toQueryString(toParameters(query))).get('text') ?? '';
};

test.each<[string, Condition, string]>([
  ['equality', 'hello', 'hello'],
  ['a number', 3, '3'],
  ['a boolean', true, 'true'],
  ['a phone number', '+31655501234', '+31655501234'],
  ['contains', { contains: 'hello' }, '~hello'],
  ['starts with', { startsWith: '5978#61ff' }, '^5978#61ff'],
  ['more than', { gt: '2024-01-01' }, '>2024-01-01'],
  ['at least', { gte: 3 }, '>=3'],
  ['less than', { lt: 3 }, '<3'],
  ['at most', { lte: 3 }, '<=3'],
  ['any of', { anyOf: ['a', 'b'] }, '[a,b]'],
])('writes %s', (_what, condition, expected) => {
  expect(where(condition)).toBe(expected);
});

test('percent-encodes names and values: a plus sign must not become a space', () => {
  const query: PageQuery<Row> = { where: { 'profile.telephone': '+31655501234', 'meta.a&b': 'x=y' } };
  expect(toQueryString(toParameters(query))).toBe('profile.telephone=%2B31655501234&meta.a%26b=x%3Dy');
});

test('writes sort, select, populate and the page; the id always comes along', () => {
  const query: PageQuery<Row> = {
    sort: ['status', '-createdAt'],
    select: ['text', 'meta.step'],
    populate: ['contact', 'categories.forms'],
    limit: 10,
    offset: 20,
  };
  expect(toParameters(query)).toEqual([
    ['sort', 'status,-createdAt'],
    ['select', 'id,text,meta.step'],
    ['populate', 'contact,categories.forms'],
    ['limit', '10'],
    ['offset', '20'],
  ]);
});

test.each<[string, unknown]>([
  ['a value that would be read as an operator', '~x'],
  ['another one', '[a]'],
  ['two conditions on one field', { gt: 1, lt: 3 }],
  ['an unknown operator', { matches: 'x' }],
  ['no operator', {}],
  ['nothing', null],
  ['not a number', Number.NaN],
  ['an object to compare with', { gt: {} }],
  ['a comparison that would turn into another one', { gt: '=3' }],
  ['an empty list', { anyOf: [] }],
  ['a list with a comma in a value', { anyOf: ['a,b'] }],
  ['an empty text to look for', { contains: '' }],
])('refuses %s, naming the field', (_what, condition) => {
  expect(() => where(condition)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining('text') }),
  );
});

test.each<PageQuery<Row>>([
  { limit: 0 },
  { limit: 1.5 },
  { offset: -1 },
  { sort: ['a,b'] },
  { select: ['a,b'] },
  { populate: ['x y'] },
])('refuses %j', (query) => {
  expect(() => toParameters(query)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
});

describe('whatever the values', () => {
  /** Reads a condition as the platform documents it. */
  function read(value: string): unknown {
    if (value.startsWith('[')) return { anyOf: value.slice(1, -1).split(',') };
    if (value.startsWith('>=')) return { gte: value.slice(2) };
    if (value.startsWith('<=')) return { lte: value.slice(2) };
    if (value.startsWith('>')) return { gt: value.slice(1) };
    if (value.startsWith('<')) return { lt: value.slice(1) };
    if (value.startsWith('~')) return { contains: value.slice(1) };
    if (value.startsWith('^')) return { startsWith: value.slice(1) };
    return value;
  }

  test('the platform reads what was meant', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const comparable = text.filter((value) => !value.startsWith('='));
    const condition = fc.oneof(
      text.filter((value) => !/^[~^><[!$]/.test(value)),
      fc.record({ contains: text }),
      fc.record({ startsWith: text }),
      fc.record({ gt: comparable }),
      fc.record({ gte: comparable }),
      fc.record({ lt: comparable }),
      fc.record({ lte: comparable }),
      fc.record({
        anyOf: fc.array(
          text.filter((value) => !/[,[\]]/.test(value)),
          { minLength: 1 },
        ),
      }),
    );
    fc.assert(fc.property(condition, (given) => expect(read(where(given))).toEqual(given)));
  });
});

describe('the filters that the platform insists on', () => {
  test('are checked for messages', () => {
    expect(() => checkMandatoryFilters('messages', [['text', '~x']])).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining('conversation') }),
    );
    expect(() => checkMandatoryFilters('messages', [['createdAt', '>2024-01-01']])).not.toThrow();
  });

  test('are checked for conversations by meta, and only then', () => {
    expect(() => checkMandatoryFilters('conversations', [['meta.intent', 'buy']])).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining('participants.user') }),
    );
    expect(() => checkMandatoryFilters('conversations', [['name', 'x']])).not.toThrow();
    expect(() =>
      checkMandatoryFilters('conversations', [
        ['meta.intent', 'buy'],
        ['status', 'active'],
      ]),
    ).not.toThrow();
  });
});
