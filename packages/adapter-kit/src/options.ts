import type { Rate, TokenStore } from '@parley/core';
import { ParleyError } from '@parley/core';
import { isNearby } from './origin.js';

/** Where an option stands: in `crisp({ rate.perMs })` it is `rate.perMs`; nothing for the options as a whole. */
export interface Place {
  readonly name: string;
  at(name: string): Place;
  /**
   * @param expected for example `a number from 1`; the value itself may be a secret and is never shown
   * @throws ERR_CONFIG with `problems`, before which a config file puts its own place
   */
  wrong(expected: string): never;
}

/** Takes an option as it was given, maybe missing, and gives what the adapter works with. */
export type Reader<T> = (value: unknown, place: Place) => T;

/** What a table of readers gives. */
export type Read<Table extends Record<string, Reader<unknown>>> = {
  [Name in keyof Table]: ReturnType<Table[Name]>;
};

/** @param factory what the user calls, for example `crisp` */
export function optionsOf(factory: string, name = ''): Place {
  return {
    name,
    at: (inner) => optionsOf(factory, name === '' ? inner : `${name}.${inner}`),
    wrong: (expected) => {
      const place = name === '' ? 'options' : name;
      const problems = [`${place}: expected ${expected}`];
      throw new ParleyError('ERR_CONFIG', `${factory}({ ${place} }): expected ${expected}`, { problems });
    },
  };
}

/** An object of which every name is known; a missing one is an empty one, except for the options as a whole. */
export function fields<Table extends Record<string, Reader<unknown>>>(table: Table): Reader<Read<Table>> {
  return (value, place) => {
    const given = value === undefined && place.name !== '' ? {} : value;
    if (typeof given !== 'object' || given === null) return place.wrong('an object');
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(table, name)) place.at(name).wrong(`one of ${Object.keys(table).join(', ')}`);
    }
    const read = Object.entries(table).map(
      ([name, reader]) => [name, reader(Reflect.get(given, name), place.at(name))] as const,
    );
    return Object.fromEntries(read.filter(([, option]) => option !== undefined)) as Read<Table>;
  };
}

/** Undefined if it is missing. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, place) => (value === undefined ? undefined : reader(value, place));
}

/** `byDefault` if it is missing. */
export function or<T>(reader: Reader<T>, byDefault: T): Reader<T> {
  return (value, place) => (value === undefined ? byDefault : reader(value, place));
}

export function text(form = /\S/, expected = 'a text that is not empty'): Reader<string> {
  return (value, place) => (typeof value === 'string' && form.test(value) ? value : place.wrong(expected));
}

/** One text or several, as secrets are while they are being replaced; none if it is missing. */
export function texts(shortest = 1): Reader<readonly string[]> {
  const length = shortest === 1 ? 'that is not empty' : `of at least ${shortest} characters`;
  const fits = (each: unknown): each is string => typeof each === 'string' && each.length >= shortest;
  return (value, place) => {
    if (value === undefined) return [];
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (given.length > 0 && given.every(fits)) return given;
    return place.wrong(`a text ${length}, or several`);
  };
}

export function word<const Word extends string>(...words: readonly [Word, ...Word[]]): Reader<Word> {
  return (value, place) => {
    const found = words.find((each) => each === value);
    if (found !== undefined) return found;
    const quoted = words.map((each) => JSON.stringify(each));
    return place.wrong(quoted.join(', ').replace(/, (?=[^,]*$)/, ' or '));
  };
}

/** The first one is the default. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Reader<Word> {
  return or(word(...words), words[0]);
}

export function flag(byDefault: boolean): Reader<boolean> {
  return or((value, place) => (typeof value === 'boolean' ? value : place.wrong('true or false')), byDefault);
}

export function atLeast(lowest: number): Reader<number> {
  return (value, place) =>
    typeof value === 'number' && Number.isFinite(value) && value >= lowest
      ? value
      : place.wrong(`a number from ${lowest}`);
}

export function number(byDefault: number, lowest = 1): Reader<number> {
  return or(atLeast(lowest), byDefault);
}

export const rate: Reader<Rate> = fields({ requests: atLeast(1), perMs: atLeast(1) });

/** Scheme, host and port of where credentials are sent: encrypted, or not far. */
export const origin: Reader<string> = (value, place) => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const isOrigin = url !== null && (value === url.origin || value === `${url.origin}/`);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isNearby(url.hostname));
  if (isOrigin && isSafe) return url.origin;
  return place.wrong('https:// and a host, without a path (http:// on this machine or its own network only)');
};

const STORE_METHODS = ['get', 'set', 'delete', 'withLock'] satisfies (keyof TokenStore)[];

export const tokenStore: Reader<TokenStore> = (value, place) => {
  const isStore =
    typeof value === 'object' &&
    value !== null &&
    STORE_METHODS.every((name) => typeof Reflect.get(value, name) === 'function');
  if (isStore) return value as TokenStore;
  return place.wrong(`an object with the methods ${STORE_METHODS.join(', ')}`);
};
