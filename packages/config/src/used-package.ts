import { pathToFileURL } from 'node:url';
import type { Adapter, AdapterDefinition, Engine } from '@parley/core';
import { ParleyError } from '@parley/core';
import { resolveModulePath } from 'exsolve';

/** What a package exports under the name `parley`, so that a config file can use it. */
export interface ParleyPackage {
  adapter?: AdapterFactory;
  engine?: EngineFactory;
}

export type AdapterFactory = (options: never) => AdapterDefinition<Adapter>;

export type EngineFactory = (options: never, place: ProjectPlace) => Engine;

export interface ProjectPlace {
  /** The folder of the config file: what relative file names in its options are relative to. */
  directory: string;
}

type Role = keyof ParleyPackage;

/**
 * Imports a package as a module in `directory` would import it, and returns its factory.
 *
 * @throws ERR_CONFIG if it is not installed there, cannot be loaded, or is no adapter (engine) of Parley
 */
export async function factoryOf<R extends Role>(
  role: R,
  use: string,
  directories: readonly string[],
): Promise<NonNullable<ParleyPackage[R]>> {
  const path = pathOf(use, directories);
  const module = await importModule(use, path);
  const factory: unknown = (module.parley as ParleyPackage | undefined)?.[role];
  if (typeof factory === 'function') return factory as NonNullable<ParleyPackage[R]>;
  throw wrong(
    use,
    `expected an export named parley with "${role}" in it: this package is no ${role} of Parley`,
  );
}

/** Found from the first of the folders that has it. */
function pathOf(use: string, directories: readonly string[]): string {
  for (const directory of directories) {
    const from = pathToFileURL(`${directory}/parley.config.js`);
    const path = resolveModulePath(use, { from, try: true, cache: false });
    if (path !== undefined) return path;
  }
  const isFile = /^\.{0,2}\//.test(use);
  const remedy = isFile ? 'there is no such file' : `it is not installed (npm install ${use})`;
  throw wrong(use, `${remedy}; looked from ${directories[0]}`);
}

async function importModule(use: string, path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    throw wrong(use, `it is installed and cannot be loaded: ${String(cause)}`);
  }
}

function wrong(use: string, problem: string): ParleyError {
  return new ParleyError('ERR_CONFIG', `${use}: ${problem}`);
}
