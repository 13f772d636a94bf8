import { ParleyError } from '@parley/core';
import type { Parameters } from './query.js';

// Lists that the platform refuses without one of these filters: developers.web1on1.chat/apireference/fetchingresources

const MESSAGES = ['id', 'organization', 'conversation', 'type', 'role', 'createdAt'];

const CONVERSATIONS_BY_META = [
  'id',
  'type',
  'participants.user',
  'status',
  'createdAt',
  'categoryIndex',
  'category',
  'organization',
  'updatedAt',
];

/**
 * Says what is missing before the platform refuses it.
 *
 * @throws ERR_CONFIG naming the filters of which one is needed
 */
export function checkMandatoryFilters(resource: string, parameters: Parameters): void {
  const names = parameters.map(([name]) => name);
  if (resource === 'messages') need(names, MESSAGES, 'Listing messages');
  if (resource === 'conversations' && names.some((name) => name.startsWith('meta.'))) {
    need(names, CONVERSATIONS_BY_META, 'Listing conversations by meta');
  }
}

function need(names: readonly string[], oneOf: readonly string[], what: string): void {
  if (names.some((name) => oneOf.includes(name))) return;
  throw new ParleyError('ERR_CONFIG', `Web1on1 query: ${what} needs a filter on one of ${oneOf.join(', ')}`);
}
