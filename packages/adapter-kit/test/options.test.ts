import { describe, expect, test } from '@jest/globals';
import { isParleyError, memoryTokenStore } from '@parley/core';
import fc from 'fast-check';
import { option } from '../src/index.js';

const { atLeast, fields, flag, number, oneOf, optional, optionsOf, or, text, texts, word } = option;

const place = optionsOf('pigeon').at('loft');

/** What a wrong value is told with; the value itself if it is right. */
function read<T>(reader: option.Reader<T>, value?: unknown): T | string {
  try {
    return reader(value, place);
  } catch (error) {
    if (!isParleyError(error, 'ERR_CONFIG')) throw error;
    expect(error.message).toBe(`pigeon({ loft }): ${error.problems?.[0]?.replace('loft: ', '')}`);
    return error.message.replace('pigeon({ loft }): ', '');
  }
}

describe('one option', () => {
  test('that is missing is wrong, or undefined, or what the adapter says', () => {
    expect(read(text())).toBe('expected a text that is not empty');
    expect(read(optional(text()))).toBeUndefined();
    expect(read(or(text(), 'north'))).toBe('north');
    expect([read(flag(true)), read(number(7)), read(oneOf('hen', 'cock'))]).toEqual([true, 7, 'hen']);
    expect(read(texts())).toEqual([]);
  });

  test.each<[option.Reader<unknown>, unknown[], unknown[], string]>([
    [text(), ['a', ' a '], ['', ' ', 1, null], 'expected a text that is not empty'],
    [text(/^\d+$/, 'digits'), ['12'], ['a', ''], 'expected digits'],
    [texts(), [['a', ' ']], ['', [], ['a', ''], [1], null], 'expected a text that is not empty, or several'],
    [texts(3), [['abc']], ['ab', ['abc', 'ab']], 'expected a text of at least 3 characters, or several'],
    [word('a', 'b', 'c'), ['a', 'c'], ['d', '', 1], 'expected "a", "b" or "c"'],
    [oneOf('GET', 'POST'), ['POST'], ['get', null], 'expected "GET" or "POST"'],
    [flag(false), [true, false], ['true', 1, null], 'expected true or false'],
    [atLeast(1), [1, 1.5], [0, undefined, '1', Number.NaN, Infinity], 'expected a number from 1'],
    [number(5, 0), [0], [-1, null], 'expected a number from 0'],
    [
      option.tokenStore,
      [memoryTokenStore()],
      [{}, null, { ...memoryTokenStore(), withLock: undefined }],
      'expected an object with the methods get, set, delete, withLock',
    ],
  ])('%# is taken as it is, or told what was expected', (reader, right, wrong, expected) => {
    for (const value of right) expect(read(reader, value)).toEqual(value);
    for (const value of wrong) expect(read(reader, value)).toBe(expected);
  });

  test('may be one text where several are meant', () => {
    expect(read(texts(), 'secret')).toEqual(['secret']);
  });

  test('is an origin only if what goes there is encrypted, or stays near', () => {
    const near = ['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1', 'http://emulator:1'];
    for (const origin of ['https://api.example.com', ...near]) {
      expect(read(option.origin, origin)).toBe(origin);
      expect(read(option.origin, `${origin}/`)).toBe(origin);
      expect(read(option.origin, `${origin}/v2`)).toContain('without a path');
    }
    for (const wrong of [
      'http://api.example.com',
      'ftp://near',
      'api.example.com',
      'https://u:p@x.test',
      7,
    ]) {
      expect(read(option.origin, wrong)).toMatch(/^expected https:\/\//);
    }
  });
});

describe('a table', () => {
  const table = {
    rate: optional(option.rate),
    author: optional(fields({ name: text() })),
    ringed: flag(false),
  };
  const readTable = (value: unknown) => fields(table)(value, optionsOf('pigeon'));
  const telling = (message: string) => expect.objectContaining({ code: 'ERR_CONFIG', message });

  test('gives every option, and no key for what is missing', () => {
    expect(readTable({})).toStrictEqual({ ringed: false });
    expect(readTable({ author: { name: 'Ada' }, rate: { requests: 1, perMs: 2 } })).toStrictEqual({
      author: { name: 'Ada' },
      rate: { requests: 1, perMs: 2 },
      ringed: false,
    });
    expect(fields({ poll: fields({ listMs: number(5) }) })({}, optionsOf('pigeon'))).toEqual({
      poll: { listMs: 5 },
    });
  });

  test('names what it does not know, by its place', () => {
    expect(() => readTable({ ring: true })).toThrow(
      telling('pigeon({ ring }): expected one of rate, author, ringed'),
    );
    expect(() => readTable({ rate: { requests: 1, perS: 1 } })).toThrow(
      telling('pigeon({ rate.perS }): expected one of requests, perMs'),
    );
    expect(() => readTable({ rate: { requests: 1 } })).toThrow(
      telling('pigeon({ rate.perMs }): expected a number from 1'),
    );
    expect(() => readTable({ author: 'Ada' })).toThrow(telling('pigeon({ author }): expected an object'));
    for (const nothing of [undefined, null, 'x']) {
      expect(() => readTable(nothing)).toThrow(telling('pigeon({ options }): expected an object'));
    }
  });

  test('never shows a value', () => {
    const secret = fc.string({ minLength: 1 }).map((end) => `sEcReT${end}`);
    const readers = [atLeast(1), flag(true), word('a'), option.origin, option.rate, option.tokenStore];
    fc.assert(
      fc.property(secret, fc.constantFrom(...readers), (value, reader) => {
        expect(read<unknown>(reader, value)).not.toContain('sEcReT');
      }),
    );
  });
});
