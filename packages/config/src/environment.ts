import type { Problems } from './problems.js';

/** Where a secret comes from: `process.env`, or what a test puts in its place. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `value` with every `{ env: 'NAME' }` in it replaced by that variable. What holds none is returned as it is, not copied. */
export function fillIn(value: unknown, place: string, env: Environment, problems: Problems): unknown {
  if (Array.isArray(value)) {
    const filled = value.map((each, index) => fillIn(each, `${place}[${index}]`, env, problems));
    return filled.some((each, index) => each !== value[index]) ? filled : value;
  }
  if (!isPlainObject(value)) return value;
  if (isReference(value)) return readVariable(value.env, place, env, problems);
  const filled = Object.entries(value).map(([name, each]): [string, unknown] => [
    name,
    fillIn(each, `${place}.${name}`, env, problems),
  ]);
  return filled.some(([name, each]) => each !== value[name]) ? Object.fromEntries(filled) : value;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not `=== Object.prototype`: a config file may have been evaluated in another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isReference(value: Record<string, unknown>): value is { env: unknown } {
  return Object.keys(value).length === 1 && Object.hasOwn(value, 'env');
}

function readVariable(name: unknown, place: string, env: Environment, problems: Problems): string {
  if (typeof name !== 'string' || name === '') {
    problems.add(`${place}.env`, 'expected the name of an environment variable');
    return '';
  }
  const value = env[name];
  if (value === undefined) problems.add(place, `the environment variable ${name} is not set`);
  else if (value === '') problems.add(place, `the environment variable ${name} is empty`);
  return value ?? '';
}
