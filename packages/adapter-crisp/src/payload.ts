import type { Event } from '@parley/core';
import type { CrispEventName, CrispEventPayload } from './wire/events.js';

/**
 * The payload of a `provider.event` with its type, undefined if it is not this event of Crisp's. Not checked field by field: it is
 * what the provider documents, and came from the provider.
 *
 * ```ts
 * bot.on('provider.event', (turn) => {
 *   const rating = crispPayload(turn.event, 'session:sync:rating')?.rating;
 * });
 * ```
 */
export function crispPayload<Name extends CrispEventName>(
  event: Event,
  name: Name,
): CrispEventPayload<Name> | undefined {
  const isIt = event.name === 'provider.event' && event.provider === 'crisp' && event.native === name;
  return isIt ? (event.payload as CrispEventPayload<Name>) : undefined;
}
