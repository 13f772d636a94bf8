/** The scopes of the permission table, ascending: each may do what the one before may. */
export const SCOPES = ['guest', 'agent', 'bot', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
export type Operation = 'list' | 'fetch' | 'create' | 'update' | 'delete';

type Row = Readonly<Record<Operation, Scope>>;

const OF_ADMINS: Row = { list: 'bot', fetch: 'bot', create: 'admin', update: 'admin', delete: 'admin' };

/** The lowest scope for each operation (developers.web1on1.chat, authentication: permissions). */
const PERMISSIONS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['organizations', OF_ADMINS],
  ['orggroups', OF_ADMINS],
  ['users', OF_ADMINS],
  ['conversations', { list: 'agent', fetch: 'guest', create: 'agent', update: 'admin', delete: 'admin' }],
  ['messages', { list: 'bot', fetch: 'bot', create: 'guest', update: 'bot', delete: 'admin' }],
  ['contacts', { list: 'agent', fetch: 'bot', create: 'bot', update: 'bot', delete: 'admin' }],
  ['kbitems', { list: 'agent', fetch: 'agent', create: 'agent', update: 'agent', delete: 'bot' }],
  ['forms', { list: 'bot', fetch: 'admin', create: 'bot', update: 'bot', delete: 'admin' }],
  ['services', { list: 'admin', fetch: 'admin', create: 'admin', update: 'admin', delete: 'admin' }],
]);

/** What one user may always do to the own record. */
const OWN_USER: ReadonlySet<Operation> = new Set<Operation>(['fetch', 'update']);

/** Resources missing from the table are read by bots and changed by administrators: a guess. */
export function isAllowed(scope: Scope, operation: Operation, resource: string, ofSelf = false): boolean {
  if (resource === 'users' && ofSelf && OWN_USER.has(operation)) return true;
  const lowest = (PERMISSIONS.get(resource) ?? OF_ADMINS)[operation];
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(lowest);
}

/** A role in an organization, as the scope it gives. Names outside the table get the nearest lower column. */
const SCOPE_OF_ROLE: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ['guest', 'guest'],
  ['agent', 'agent'],
  ['bot', 'bot'],
  ['supervisor', 'bot'],
  ['admin', 'admin'],
  ['owner', 'admin'],
]);

export function scopeOfRole(role: string): Scope {
  return SCOPE_OF_ROLE.get(role) ?? 'guest';
}

/** The `scope` claim: cascaded, space-delimited, as in tokens seen in the wild. */
export function scopeClaim(scope: Scope): string {
  return ['viewer', ...SCOPES.slice(0, SCOPES.indexOf(scope) + 1)].join(' ');
}
