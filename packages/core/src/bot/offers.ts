import type { StateEntry, StateWrite } from '../engine.js';
import type { CarouselContent, Choice, Content } from '../model/content.js';
import { textOf } from '../model/content.js';
import type { Message } from '../model/message.js';
import type { Offer } from '../plan.js';

/** Milliseconds for which a number is taken as an answer to a list. */
const ANSWERABLE_MS = 24 * 3_600_000;

/** The buttons a person saw last. `numbered`: as a numbered list, so that a number is an answer. */
export interface Offered {
  offers: readonly Offer[];
  numbered: boolean;
}

const NONE: Offered = { offers: [], numbered: false };

/** The buttons in what leaves, whether the channel shows them as such or not. */
export function offeredIn(parts: readonly Content[], numbered: readonly Offer[]): Offered | undefined {
  if (numbered.length > 0) return { offers: numbered, numbered: true };
  const offers: Offer[] = [];
  for (const part of parts) {
    const choices =
      part.kind === 'choices' ? part.choices : part.kind === 'carousel' ? cardChoices(part) : [];
    for (const choice of choices) {
      if (choice.type !== 'link') offers.push({ label: choice.label, value: choice.value });
    }
  }
  return offers.length === 0 ? undefined : { offers, numbered: false };
}

function cardChoices({ cards }: CarouselContent): Choice[] {
  return cards.flatMap((card) => card.choices ?? []);
}

/** The kind of state of a conversation that this is. */
export const OFFERS = 'offers';

/**
 * The button that a message presses: a real press, the label of a button as text (some channels send presses like that),
 * or its number if the buttons went out as a numbered list.
 */
export function choiceOf(
  message: Message | undefined,
  stored: StateEntry | undefined,
): { value: string; label?: string } | undefined {
  if (message === undefined) return undefined;
  const { content } = message;
  if (content.kind === 'choice') {
    const { value } = content;
    // Some providers tell the value only.
    const label = content.label ?? offersIn(stored).offers.find((offer) => offer.value === value)?.label;
    return label === undefined ? { value } : { value, label };
  }
  if (content.kind !== 'text') return undefined;
  const answer = (textOf(content) ?? '').trim().replace(/\.$/, '').toLowerCase();
  const { offers, numbered } = offersIn(stored);
  return offers.find(
    (offer, index) =>
      (numbered && answer === String(index + 1)) || answer === offer.label.trim().toLowerCase(),
  );
}

function offersIn(stored: StateEntry | undefined): Offered {
  return stored === undefined ? NONE : (JSON.parse(stored.value) as Offered);
}

export function offersWrite(
  conversationId: string,
  offered: Offered,
  stored: StateEntry | undefined,
  now: number,
): StateWrite {
  return {
    scope: conversationId,
    kind: OFFERS,
    value: JSON.stringify(offered),
    version: stored?.version ?? 0,
    expiresAt: now + ANSWERABLE_MS,
  };
}
