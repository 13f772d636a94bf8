import type { CarouselContent, Choice } from './model/content.js';
import type { Offer, Plan } from './plan.js';

/** The buttons a person saw last. `numbered`: as a numbered list, so that a number is an answer. */
export interface Offered {
  offers: readonly Offer[];
  numbered: boolean;
}

/** The buttons of the last of these that has any, whether the channel shows them as such or not. */
export function offeredIn(plans: readonly Plan[]): Offered | undefined {
  return plans.map(offeredBy).findLast((offered) => offered !== undefined);
}

function offeredBy({ parts, offers: numbered }: Plan): Offered | undefined {
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
