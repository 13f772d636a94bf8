import type { Engine } from '@parley/core';
import { isParleyError, ParleyError } from '@parley/core';
import type { PostgresOptions } from './options.js';
import { postgres } from './postgres-engine.js';

const NAMES: readonly string[] = Object.keys({
  connectionString: true,
  schema: true,
  poolSize: true,
  maxAttempts: true,
  maxDeliveryAttempts: true,
  backoffMs: true,
  maxBackoffMs: true,
  turnTimeoutMs: true,
  concurrency: true,
  deliveryConcurrency: true,
  lookUpAfterMs: true,
  dedupeTtlMs: true,
  takeOverAfterMs: true,
  clock: true,
  random: true,
} satisfies Record<keyof PostgresOptions, true>);

/**
 * The engine of a config file: `engine: { use: '@parley/engine-postgres', connectionString: { env: 'DATABASE_URL' }, ... }`.
 *
 * @throws ERR_CONFIG for an option that is wrong or unknown, with what was expected and without its value
 */
export function fromConfig(given: Readonly<Record<string, unknown>>): Engine {
  const unknown = Object.keys(given).filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw wrong(unknown.map((name) => `${name}: expected one of ${NAMES.join(', ')}`));
  try {
    return postgres(given as unknown as PostgresOptions);
  } catch (error) {
    // It says `name: expected ...`.
    throw isParleyError(error, 'ERR_CONFIG') ? wrong([error.message]) : error;
  }
}

function wrong(problems: readonly string[]): ParleyError {
  return new ParleyError('ERR_CONFIG', `postgres: ${problems.join('; ')}`, { problems });
}
