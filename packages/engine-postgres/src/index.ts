export type { PostgresOptions } from './options.js';
export { postgres } from './postgres-engine.js';
