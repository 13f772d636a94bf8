import { fromConfig } from './config.js';

export type { SqliteOptions } from './options.js';
export type { SqliteEngine } from './sqlite.js';
export { sqlite } from './sqlite.js';

/** What a config file finds: `engine: { use: '@parley/engine-sqlite', file: 'bot.db' }`. */
export const parley = { engine: fromConfig };
