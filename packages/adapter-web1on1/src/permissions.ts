import { ParleyError } from '@parley/core';

// The permission table of developers.web1on1.chat/apireference/authentication, as data: the lowest scope that may do it.
// What the table does not mention (bots, channels, workflows, ...) is left to the server.

export type Operation = 'list' | 'get' | 'create' | 'update' | 'delete';

type Scope = 'guest' | 'agent' | 'bot' | 'admin';

/** Every scope includes the ones before it. `viewer`, `anonymous` and `supervisor` occur in tokens, not in the table. */
const CASCADE: readonly string[] = ['viewer', 'anonymous', 'guest', 'agent', 'bot', 'supervisor', 'admin'];

export const LOWEST_SCOPE: Readonly<Record<string, Partial<Record<Operation, Scope>>>> = {
  organizations: { list: 'bot', get: 'bot', create: 'admin', update: 'admin', delete: 'admin' },
  orggroups: { list: 'bot', get: 'bot', create: 'admin', update: 'admin', delete: 'admin' },
  users: { list: 'bot', get: 'bot', create: 'admin', update: 'admin', delete: 'admin' },
  conversations: { list: 'agent', get: 'guest', create: 'agent', update: 'admin', delete: 'admin' },
  messages: { list: 'bot', get: 'bot', create: 'guest', update: 'bot', delete: 'admin' },
  contacts: { list: 'agent', get: 'bot', create: 'bot', update: 'bot', delete: 'admin' },
  kbitems: { list: 'agent', get: 'agent', create: 'agent', update: 'agent', delete: 'bot' },
  forms: { list: 'bot', get: 'admin', create: 'bot', update: 'bot', delete: 'admin' },
  services: { list: 'admin', get: 'admin', create: 'admin', update: 'admin', delete: 'admin' },
};

/** One's own user is always readable and changeable. */
const LOWEST_SCOPE_FOR_SELF: Partial<Record<Operation, Scope>> = { get: 'guest', update: 'guest' };

export interface Permit {
  /** The `scope` claim of the token, where it is a JWT that has one. */
  scope?: string;
  /** The user whose token it is, where known. */
  selfId?: string;
}

/**
 * Rejects what this token may not do, before anything is sent. Says nothing where the scope is unknown.
 *
 * @throws ERR_FORBIDDEN with the scope that is needed
 */
export function checkPermission(permit: Permit, resource: string, operation: Operation, id?: string): void {
  const needed = lowestScope(permit, resource, operation, id);
  if (needed === undefined || permit.scope === undefined) return;
  const held = highest(permit.scope);
  if (held === undefined || CASCADE.indexOf(held) >= CASCADE.indexOf(needed)) return;
  throw new ParleyError(
    'ERR_FORBIDDEN',
    `Web1on1: ${operation} ${resource} needs a token with scope "${needed}"; this one has "${held}"`,
  );
}

function lowestScope(
  permit: Permit,
  resource: string,
  operation: Operation,
  id: string | undefined,
): Scope | undefined {
  const isSelf = resource === 'users' && id !== undefined && id === permit.selfId;
  return (isSelf ? LOWEST_SCOPE_FOR_SELF[operation] : undefined) ?? LOWEST_SCOPE[resource]?.[operation];
}

/** The highest scope that a space-delimited claim names; undefined if it names none that we know. */
function highest(claim: string): string | undefined {
  let best = -1;
  for (const name of claim.split(' ')) best = Math.max(best, CASCADE.indexOf(name));
  return CASCADE[best];
}
