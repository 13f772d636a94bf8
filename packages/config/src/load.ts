import { basename, dirname, resolve } from 'node:path';
import type { AdapterDefinition, Engine } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import { allTalking, readAccounts, type TalkingAccounts } from './accounts.js';
import { type EngineChoice, openEngine, readEngine } from './engine.js';
import { type Environment, isPlainObject } from './environment.js';
import { findFile } from './find-file.js';
import { collectProblems, type Problems } from './problems.js';
import { readConfigFile } from './read-file.js';

export type { TalkingAccounts } from './accounts.js';

export interface LoadOptions {
  /** The folder to look in. Default: the working directory. */
  cwd?: string;
  /** The file to read, relative to `cwd`. Default: the only `parley.config.{ts,mts,js,mjs,json,yaml,yml}` there. */
  file?: string;
  /** What `{ env: 'NAME' }` is looked up in. Default `process.env`; it is never changed, and no `.env` is read. */
  env?: Environment;
}

/** What `createBot` takes. */
export interface LoadedConfig<Accounts = TalkingAccounts> {
  accounts: Accounts;
  engine: Engine;
}

/**
 * Reads the config file of a bot: `createBot({ ...(await loadConfig()), session })`.
 *
 * Packages named by `use` are imported from the file's own project. Relative file names are relative to the config file. The
 * engine is not started.
 *
 * @throws ERR_CONFIG with everything that is wrong, each with its place in the file; values are never shown
 * @param options.withoutMessages true: there may be accounts that cannot send messages, such as those of Chat Inc, which only has
 * campaigns. Handlers then ask `turn.can('say')` before `turn.say`
 * @throws what the engine's factory throws: ERR_CONFLICT if another process has its file open
 */
export async function loadConfig(options?: LoadOptions & { withoutMessages?: false }): Promise<LoadedConfig>;
export async function loadConfig(
  options: LoadOptions & { withoutMessages: boolean },
): Promise<LoadedConfig<Record<string, AdapterDefinition>>>;
export async function loadConfig({
  withoutMessages = false,
  ...options
}: LoadOptions & { withoutMessages?: boolean } = {}): Promise<
  LoadedConfig<Record<string, AdapterDefinition>>
> {
  const { config, directory, env, problems } = await read(options);
  const all = await readAccounts(config.accounts, directory, env, problems);
  const accounts = withoutMessages ? all : allTalking(all);
  const choice = readEngine(config.engine, directory, env, problems);
  // Last, so that nothing is open when something is wrong.
  problems.throwIfAny();
  try {
    return { accounts, engine: await openEngine(choice) };
  } catch (error) {
    // A file that another process has open, a disk that refuses: not what is written here is wrong.
    if (isParleyError(error) && error.code !== 'ERR_CONFIG') throw error;
    problems.addError('engine', error);
    problems.throwIfAny();
    throw error;
  }
}

/**
 * Reads only the accounts, also those that cannot send messages, for a command whose engine is chosen elsewhere.
 *
 * @param options.only the account that the command is about: if there is one of this name, the others are not looked at, their packages
 * not loaded, and their secrets need not be there
 * @throws ERR_CONFIG as `loadConfig`
 */
export async function loadAccounts({
  only = '',
  ...options
}: LoadOptions & { only?: string } = {}): Promise<Record<string, AdapterDefinition>> {
  const { config, directory, env, problems } = await read(options);
  const all = config.accounts;
  const wanted = isPlainObject(all) && Object.hasOwn(all, only) ? { [only]: all[only] } : all;
  const accounts = await readAccounts(wanted, directory, env, problems);
  problems.throwIfAny();
  return accounts;
}

/**
 * Reads only which engine the config file chose, for a command that needs nothing else: accounts are not looked at, and
 * their secrets need not be there.
 *
 * @throws ERR_CONFIG as `loadConfig`
 */
export async function loadEngineChoice(options: LoadOptions = {}): Promise<EngineChoice> {
  const { config, directory, env, problems } = await read(options);
  const choice = readEngine(config.engine, directory, env, problems);
  problems.throwIfAny();
  return choice;
}

const PARTS: readonly string[] = ['accounts', 'engine'];

interface Read {
  config: Record<string, unknown>;
  directory: string;
  env: Environment;
  problems: Problems;
}

async function read({ cwd = '.', file, env = process.env }: LoadOptions): Promise<Read> {
  const path = findFile(resolve(cwd), file);
  const config = await readConfigFile(path);
  if (!isPlainObject(config))
    throw new ParleyError('ERR_CONFIG', `${basename(path)}: expected an object with accounts and engine`);
  const problems = collectProblems(basename(path));
  for (const name of Object.keys(config)) {
    if (!PARTS.includes(name)) problems.add(name.slice(0, 80), `expected one of ${PARTS.join(', ')}`);
  }
  return { config, directory: dirname(path), env, problems };
}
