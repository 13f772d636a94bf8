import type { RouteKind } from '@parley/adapter-kit';
import type { Fields, Flat, Value } from '../wire/grammar.js';
import { ROUTES } from './routes.js';

type Verb = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A line of the table, taken apart. */
export interface Route {
  /** `conversations.get` */
  readonly name: string;
  readonly verb: Verb;
  readonly kind: RouteKind;
  /** `/website/:website/conversation/:session` */
  readonly path: string;
  /** What `path` is between the slashes. */
  readonly segments: readonly string[];
  /** Names of the query's fields. */
  readonly query: readonly string[];
  /** The body's record or fields, as the table has it; empty for none. */
  readonly body: string;
  readonly answer: string;
  /** The method of the provider's Node wrapper, `-` if it has none. */
  readonly wrapper: string;
  readonly tiers: string;
  readonly source: string;
}

const LINE =
  /^(?<verb>[A-Z]+) (?<kind>\w+) (?<path>[^ ?]+)(?:\?\{(?<query>[^ ]+)\})?(?: (?<body>[^ ]+))? -> (?<answer>[^ ]+) \| (?<wrapper>[^ ]+) (?<tiers>[^ ]+) (?<source>[^ ]+)$/;

/** Takes a line of the table apart. */
export function readRoute(name: string, line: string): Route {
  const { verb, kind, path, query, body, answer, wrapper, tiers, source } = LINE.exec(line)?.groups ?? {};
  return {
    name,
    verb: verb as Verb,
    kind: kind as RouteKind,
    path: path ?? '',
    segments: path?.slice(1).split('/') ?? [],
    query: query === undefined ? [] : query.split(',').map((field) => field.slice(0, field.indexOf(':'))),
    body: body ?? '',
    answer: answer ?? '',
    wrapper: wrapper ?? '',
    tiers: tiers ?? '',
    source: source ?? '',
  };
}

/** All routes, in the table's order. */
export function allRoutes(): Route[] {
  return Object.entries(ROUTES).flatMap(([group, methods]) =>
    Object.entries(methods).map(([method, line]) => readRoute(`${group}.${method}`, line)),
  );
}

// The same grammar for the compiler: what a line says is what a method takes and returns.

type Trimmed<Line> = Line extends `${string} ${string} ${infer Rest} | ${string}` ? Rest : never;
type Asked<Line> = Trimmed<Line> extends `${infer Left} -> ${string}` ? Left : never;
type Answered<Line> = Trimmed<Line> extends `${string} -> ${infer Right}` ? Right : never;
type Target<Line> = Asked<Line> extends `${infer Left} ${string}` ? Left : Asked<Line>;
type Body<Line> = Asked<Line> extends `${string} ${infer Right}` ? Right : never;
type Path<Line> = Target<Line> extends `${infer Left}?${string}` ? Left : Target<Line>;
type Query<Line> = Target<Line> extends `${string}?{${infer Fields}}` ? Fields : never;

type Parameter<P> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Parameter<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** `:website` may be left out where the account has one, `:page` is 1 by default. */
type Parameters<P> = {
  [Name in Exclude<Parameter<P>, 'website' | 'page' | 'fingerprint'>]: string;
} & ('website' extends Parameter<P> ? { website?: string } : unknown) &
  ('page' extends Parameter<P> ? { page?: number } : unknown) &
  ('fingerprint' extends Parameter<P> ? { fingerprint: number } : unknown);

/** What a method takes. */
export type ArgumentsOf<Line> = Flat<
  Parameters<Path<Line>> &
    ([Query<Line>] extends [never] ? unknown : { query?: Partial<Fields<Query<Line>>> }) &
    ([Body<Line>] extends [never] ? unknown : { body: Flat<Value<Body<Line>>> })
>;

/** What a method resolves with: the `data` of the answer. */
export type AnswerOf<Line> =
  Answered<Line> extends 'nothing'
    ? Record<string, unknown>
    : Answered<Line> extends 'exists'
      ? boolean
      : Value<Answered<Line>> extends infer Answer
        ? Answered<Line> extends `{${string}`
          ? Partial<Answer>
          : Answer
        : never;
