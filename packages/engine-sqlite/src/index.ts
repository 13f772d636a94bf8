export type { SqliteOptions } from './options.js';
export type { SqliteEngine } from './sqlite.js';
export { sqlite } from './sqlite.js';
