import { ParleyError } from '../errors.js';

/**
 * An id of a conversation, message, contact or event: `account:externalId`.
 *
 * The account is the name the user chose in the configuration (letters, digits, `-`, `_`), the external id is the
 * provider's own and may itself contain colons.
 */
export type Id = string;

/** What an account may be called: it is the first half of every id, and a path segment of its webhook. */
export const ACCOUNT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** Joins an account's name and a provider's id. */
export function toId(account: string, externalId: string): Id {
  // Flat, since ids are kept as keys: a template would keep its pieces alive.
  return [account, externalId].join(':');
}

/** The account's name in an id. Throws `ERR_CONFIG` for a string that has no account. */
export function accountOf(id: Id): string {
  const colon = id.indexOf(':');
  if (colon <= 0) throw notAnId(id);
  return id.slice(0, colon);
}

/** The provider's own id in an id. Throws `ERR_CONFIG` for a string that has no account. */
export function externalIdOf(id: Id): string {
  const colon = id.indexOf(':');
  if (colon <= 0 || colon === id.length - 1) throw notAnId(id);
  return id.slice(colon + 1);
}

function notAnId(id: string): ParleyError {
  return new ParleyError('ERR_CONFIG', `"${id.slice(0, 40)}" is not an id: expected "account:externalId"`);
}
