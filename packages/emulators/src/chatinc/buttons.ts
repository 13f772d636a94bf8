import { isObject, type Json, type JsonObject } from '../json.js';
import { text } from './body.js';
import { invalid } from './errors.js';
import type { Button } from './records.js';
import type { ChatIncSwitches } from './switches.js';

const FIELD_OF = { input: 'input', journey: 'journeyId', phone: 'phoneNumber', url: 'url' } as const;
const TYPES = Object.keys(FIELD_OF) as (keyof typeof FIELD_OF)[];
/** They lead away from the conversation. */
const CALLS_TO_ACTION: readonly string[] = ['phone', 'url'];

export function readButtons({ strictButtons }: ChatIncSwitches, given: Json | undefined): Button[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw invalid('buttons must be an array');
  const buttons = given.map((button, index) => readButton(button, `buttons[${index}]`));
  const away = buttons.filter(({ type }) => CALLS_TO_ACTION.includes(type)).length;
  if (strictButtons && away > 0 && away < buttons.length)
    throw invalid('phone and url buttons cannot be combined with input or journey buttons');
  return buttons;
}

function readButton(given: Json, place: string): Button {
  if (!isObject(given)) throw invalid(`${place} must be an object`);
  // Journeys were called flows once.
  const button: JsonObject = { ...given, journeyId: given.journeyId ?? given.flowId };
  const type = button.type ?? TYPES.find((one) => button[FIELD_OF[one]] !== undefined);
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw invalid(`${place}.type must be one of ${TYPES.join(', ')}`);
  return { text: text(button, 'text'), type: known, [FIELD_OF[known]]: text(button, FIELD_OF[known]) };
}
