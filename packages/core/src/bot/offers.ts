import type { StateEntry, StateWrite } from '../engine.js';
import { textOf } from '../model/content.js';
import type { Message } from '../model/message.js';
import type { Offer } from '../plan.js';

/** Milliseconds for which a number is taken as an answer to a list. */
const ANSWERABLE_MS = 24 * 3_600_000;

export function offersKey(conversationId: string): string {
  return `offers:${conversationId}`;
}

/** The button that a message presses: a real press, or the number or label of a line of the last numbered list. */
export function choiceOf(
  message: Message | undefined,
  stored: StateEntry | undefined,
): { value: string; label?: string } | undefined {
  if (message === undefined) return undefined;
  const { content } = message;
  if (content.kind === 'choice') {
    return content.label === undefined
      ? { value: content.value }
      : { value: content.value, label: content.label };
  }
  if (stored === undefined || content.kind !== 'text') return undefined;
  const answer = (textOf(content) ?? '').trim().replace(/\.$/, '').toLowerCase();
  const offers = JSON.parse(stored.value) as Offer[];
  return offers.find(
    (offer, index) => answer === String(index + 1) || answer === offer.label.trim().toLowerCase(),
  );
}

export function offersWrite(
  conversationId: string,
  offers: readonly Offer[],
  stored: StateEntry | undefined,
  now: number,
): StateWrite {
  return {
    key: offersKey(conversationId),
    value: JSON.stringify(offers),
    version: stored?.version ?? 0,
    expiresAt: now + ANSWERABLE_MS,
  };
}
