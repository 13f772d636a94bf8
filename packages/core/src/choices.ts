import type { Choice, ChoicesContent } from './model/content.js';

/**
 * Text with reply buttons: `choices('Food?', ['Pizza', 'Salad'])`, or with values of their own:
 * `choices('Food?', { FOOD_PIZZA: 'Pizza', FOOD_SALAD: 'Salad' })`. For other kinds of buttons write the content itself.
 */
export function choices(
  text: string,
  options: readonly string[] | Readonly<Record<string, string>>,
): ChoicesContent {
  const pairs = isList(options) ? options.map((label) => [label, label] as const) : Object.entries(options);
  return {
    kind: 'choices',
    text,
    choices: pairs.map(([value, label]): Choice => ({ type: 'reply', label, value })),
  };
}

function isList(options: readonly string[] | Readonly<Record<string, string>>): options is readonly string[] {
  return Array.isArray(options);
}
