import type { Engine } from '@parley/core';
import { memoryEngine, ParleyError } from '@parley/core';
import { type Environment, fillIn, isPlainObject } from './environment.js';
import type { Problems } from './problems.js';
import { factoryOf } from './used-package.js';

/** Which engine, before it is opened. */
export type EngineChoice =
  | { kind: 'memory' }
  /** One that the config file made. */
  | { kind: 'engine'; engine: Engine }
  | { kind: 'package'; use: string; options: Record<string, unknown>; directory: string };

const EXPECTED =
  'expected memory, sqlite:<file>, postgres://<user>@<host>/<database>, { use: <package>, ... } or an engine';

/**
 * What `sqlite:bot.db` and its like stand for. File names are relative to `directory`.
 *
 * @throws ERR_CONFIG for any other text, without repeating it: it may hold a password
 */
export function engineChoiceOf(text: string, directory: string): EngineChoice {
  if (text === 'memory') return { kind: 'memory' };
  if (/^postgres(ql)?:\/\/./.test(text))
    return {
      kind: 'package',
      use: '@parley/engine-postgres',
      options: { connectionString: text },
      directory,
    };
  const file = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (file !== undefined)
    return { kind: 'package', use: '@parley/engine-sqlite', options: { file }, directory };
  throw new ParleyError('ERR_CONFIG', EXPECTED);
}

/** The choice that a config file made under `engine`. */
export function readEngine(
  config: unknown,
  directory: string,
  env: Environment,
  problems: Problems,
): EngineChoice {
  if (isEngine(config)) return { kind: 'engine', engine: config };
  const value = fillIn(config ?? 'memory', 'engine', env, problems);
  try {
    if (typeof value === 'string' && value !== '') return engineChoiceOf(value, directory);
    if (isPlainObject(value) && typeof value.use === 'string' && value.use !== '') {
      const { use, ...options } = value;
      return { kind: 'package', use, options, directory };
    }
    if (value !== '') problems.add('engine', EXPECTED);
  } catch (error) {
    problems.addError('engine', error);
  }
  return { kind: 'memory' };
}

/**
 * Makes the engine. Its package is looked for in the project of the config file, then from the folders in `alsoFrom`.
 *
 * @throws ERR_CONFIG if the package is not installed, or refuses an option
 */
export async function openEngine(
  choice: EngineChoice,
  options: { alsoFrom?: readonly string[] } = {},
): Promise<Engine> {
  if (choice.kind === 'memory') return memoryEngine();
  if (choice.kind === 'engine') return choice.engine;
  const { directory } = choice;
  const make = await factoryOf('engine', choice.use, [directory, ...(options.alsoFrom ?? [])]);
  return make(choice.options as never, { directory });
}

function isEngine(value: unknown): value is Engine {
  const methods = ['start', 'accept', 'drain', 'close'];
  return (
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
