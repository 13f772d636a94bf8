import type { AdapterDefinition, Engine } from '@parley/core';

/** What `parley.config.{ts,js,json,yaml}` holds. Every value of a package's options may be a `FromEnvironment`. */
export interface ParleyConfig {
  /** The accounts of the bot, under names of your choice: the first half of every id. */
  accounts: Record<string, AccountConfig>;
  /** Default `memory`, which forgets everything when the process ends. */
  engine?: EngineConfig;
}

/** A package with its options, or, in TypeScript and JavaScript, what its factory returns. */
export type AccountConfig = UsedPackage | AdapterDefinition;

/**
 * `memory`, `sqlite:bot.db`, `postgres://user@host/database`, a package with its options, or, in TypeScript and JavaScript, an
 * engine.
 */
export type EngineConfig = string | UsedPackage | FromEnvironment | Engine;

/** A package, and beside its name the options for it. */
export interface UsedPackage {
  /** The name of an installed package (`@parley/adapter-web1on1`), or a file beside the config file (`./pigeon.js`). */
  use: string;
  [option: string]: unknown;
}

/** A value that an environment variable holds: `token: { env: 'WEB1ON1_TOKEN' }`. It must be set, and not empty. */
export interface FromEnvironment {
  env: string;
}

/** Returns its argument: lets an editor know what belongs into `parley.config.ts`. */
export function defineConfig<const C extends ParleyConfig>(config: C): C {
  return config;
}
