import { fromConfig } from './config.js';

export type { PostgresOptions } from './options.js';
export { postgres } from './postgres-engine.js';

/** What a config file finds: `engine: { use: '@parley/engine-postgres', connectionString: ... }`. */
export const parley = { engine: fromConfig };
