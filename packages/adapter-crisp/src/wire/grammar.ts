import type { CrispRecords } from './records.js';

// The types that the tables of routes and events write down as text.

type Primitive = { string: string; number: number; boolean: boolean; unknown: unknown };

/** `string`, `Person[]`, `State|null`, `=start|stop`, `{a:string,b?:number}`, or a record's name. */
export type Value<T> = T extends `${infer Item}[]`
  ? Value<Item>[]
  : T extends `${infer Some}|null`
    ? Value<Some> | null
    : T extends `=${infer Words}`
      ? Word<Words>
      : T extends keyof Primitive
        ? Primitive[T]
        : T extends keyof CrispRecords
          ? CrispRecords[T]
          : T extends `{${infer Inner}}`
            ? Fields<Inner>
            : never;

type Word<T> = T extends `${infer First}|${infer Rest}` ? First | Word<Rest> : T;

type Field<F> = F extends `${infer Name}?:${infer Type}`
  ? { [K in Name]?: Value<Type> }
  : F extends `${infer Name}:${infer Type}`
    ? { [K in Name]: Value<Type> }
    : unknown;

/** `a:string,b?:number` */
export type Fields<T> = T extends `${infer First},${infer Rest}` ? Field<First> & Fields<Rest> : Field<T>;

/** One object in place of an intersection, for whoever reads a hint. */
export type Flat<T> = { [K in keyof T]: T[K] };
