import { ParleyError } from '../errors.js';
import type { EventName } from '../model/event.js';

/** A record, so that the compiler asks for every name. */
const NAMES: Record<EventName, true> = {
  'message.received': true,
  'message.sent': true,
  'message.delivered': true,
  'message.read': true,
  'message.failed': true,
  'message.updated': true,
  'message.deleted': true,
  'note.created': true,
  'command.received': true,
  'mention.received': true,
  'typing.started': true,
  'typing.stopped': true,
  'conversation.created': true,
  'conversation.updated': true,
  'conversation.assigned': true,
  'conversation.deleted': true,
  'contact.created': true,
  'contact.updated': true,
  'contact.deleted': true,
  'timer.fired': true,
  'template.updated': true,
  'campaign.created': true,
  'campaign.started': true,
  'campaign.paused': true,
  'campaign.progress': true,
  'campaign.completed': true,
  'campaign.failed': true,
  'provider.event': true,
};

/** Throws `ERR_CONFIG` for a name that no event has: a handler under it would never run. */
export function assertEventName(name: string): void {
  if (name === '*' || Object.hasOwn(NAMES, name)) return;
  const known = Object.keys(NAMES).join(', ');
  throw new ParleyError(
    'ERR_CONFIG',
    `on("${name.slice(0, 60)}"): no event has this name; expected * or one of ${known}`,
  );
}
