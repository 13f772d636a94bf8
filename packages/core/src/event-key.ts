import type { Event } from './model/event.js';

/** What makes two deliveries the same event, at every provider and for every kind of event. */
export function dedupeKey(event: Event): string {
  // `join` makes one flat string. A template makes a rope that keeps its pieces alive: 350 bytes a mark instead of 130.
  return [event.provider, conversationOf(event) ?? event.account, event.id].join('|');
}

/** What is handled in order: a conversation, else a contact, else whatever else an account tells. */
export function laneOf(event: Event): string {
  return conversationOf(event) ?? ('contactId' in event ? event.contactId : event.account);
}

/** The conversation an event belongs to, if any. */
export function conversationOf(event: Event): string | undefined {
  return 'conversationId' in event ? event.conversationId : undefined;
}

/** The contact an event is about, if it tells. */
export function contactOf(event: Event): string | undefined {
  if ('contactId' in event) return event.contactId;
  if (
    'message' in event &&
    event.message.author.role === 'contact' &&
    event.message.author.id !== undefined
  ) {
    return event.message.author.id;
  }
  if ('conversation' in event && event.conversation?.contactId !== undefined)
    return event.conversation.contactId;
  return 'changes' in event ? event.changes?.contactId : undefined;
}
