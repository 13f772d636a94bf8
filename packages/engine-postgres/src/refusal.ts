import { isParleyError, ParleyError } from '@parley/core';

/**
 * SQLSTATE classes after which the same statement may succeed later: connection (08), transaction rolled back for
 * another one's sake (40), resources such as a full disk (53), operator and time limits (57), I/O (58); a lock that was not to
 * be had (55P03) and a server that is read-only for the moment (25006).
 */
const PASSING = /^(08|40|53|57|58)|^(55P03|25006)$/;
/** A wrong password, role, database or right: nothing that waiting mends. */
const CONFIGURATION = /^(28|3D)|^(42501|3F000)$/;

const REMEDIES: Record<string, string> = {
  '28P01': 'the password is wrong',
  '28000': 'this role may not log in',
  '3D000': 'the database does not exist: create it first',
  '42501': 'the role lacks a right: it must own, or be allowed to create, the schemas of the engine',
  '53100': 'the disk of the database is full',
  '53300': 'too many connections: raise max_connections or lower poolSize',
  '25006': 'the database is read-only: connect to the primary',
};

/**
 * What a failed statement means to the caller. The server's own words stay inside: they may repeat what was stored.
 *
 * ERR_UNAVAILABLE can be tried again, ERR_CONFIG cannot.
 */
export function refusalOf(error: unknown): ParleyError {
  if (isParleyError(error)) return error;
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  if (name === 'TypeError' || name === 'RangeError') throw error;
  const state = typeof code === 'string' ? code : '';
  // Whatever is not a SQLSTATE never reached the server, or its answer never reached us.
  if (!/^[0-9A-Z]{5}$/.test(state)) {
    const why = state === '' ? String(message).slice(0, 80) : state;
    return new ParleyError('ERR_UNAVAILABLE', `The database cannot be reached (${why}): is it running?`);
  }
  const remedy = REMEDIES[state] ?? `SQLSTATE ${state}`;
  if (PASSING.test(state)) {
    return new ParleyError('ERR_UNAVAILABLE', `The database cannot do this now: ${remedy}`);
  }
  if (CONFIGURATION.test(state)) {
    return new ParleyError('ERR_CONFIG', `connectionString: the database refuses: ${remedy}`);
  }
  return new ParleyError('ERR_CONFIG', `The database refused a statement of the engine (${remedy})`);
}

/** The server took everything back for another transaction's sake: a deadlock. The same succeeds at once. */
export function isLostRace(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('40');
}

/** Raised on purpose by our own statements to take everything back: a division by zero. */
export function isTakenBack(error: unknown): boolean {
  return (error as { code?: unknown }).code === '22012';
}
