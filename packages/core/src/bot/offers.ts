import type { Engine, StateEntry, StateWrite } from '../engine.js';
import { textOf } from '../model/content.js';
import type { Message } from '../model/message.js';
import type { Offered } from '../offered.js';

/** Milliseconds for which a number is taken as an answer to a list: a campaign is answered days later. */
const ANSWERABLE_MS = 7 * 24 * 3_600_000;

const NONE: Offered = { offers: [], numbered: false };

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

/** The last list a person saw is the one a number answers; a turn that writes at the same time may win. */
export async function rememberOffered(
  engine: Engine,
  conversationId: string,
  offered: Offered,
): Promise<void> {
  const stored = await engine.readState(conversationId, OFFERS);
  await engine.writeState(offersWrite(conversationId, offered, stored, engine.clock.now()));
}
