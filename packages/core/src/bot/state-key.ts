import type { Id } from '../model/id.js';

/** The key of a kind of state of a conversation. Joined, not a template: a flat string is half the memory of a rope. */
export function stateKey(kind: 'session' | 'snapshot' | 'offers' | 'control', conversationId: Id): string {
  return [kind, conversationId].join(':');
}
