import type { Account, Button } from './records.js';

/** `{group.variable}`. Names of groups may hold blanks: the documentation's do. */
const PLACEHOLDER = /\{([^{}.]+)\.([^{}.]+)\}/g;

export interface Placeholder {
  group: string;
  field: string;
}

interface Templated {
  message: string;
  buttons: readonly Button[];
}

/** Of the message first, then of the buttons' addresses. */
export function placeholdersOf({ message, buttons }: Templated): Placeholder[] {
  const texts = [message, ...buttons.map(({ url }) => url ?? '')];
  return texts.flatMap((text) =>
    [...text.matchAll(PLACEHOLDER)].map(([, group = '', field = '']) => ({ group, field })),
  );
}

/** Message and buttons with their values, which are in the order of `placeholdersOf`. */
export function fillIn({ message, buttons }: Templated, values: readonly string[]): Templated {
  let next = 0;
  const filled = (text: string) => text.replace(PLACEHOLDER, () => values[next++] ?? '');
  return {
    message: filled(message),
    buttons: buttons.map((button) =>
      button.url === undefined ? { ...button } : { ...button, url: filled(button.url) },
    ),
  };
}

/** Where a placeholder finds its value: in a variable group of that name, or in the answers of an input group. */
export function valueSource(
  { variableGroups, inputGroups }: Account,
  { group, field }: Placeholder,
): (number: string) => string | undefined {
  const rows = [...variableGroups.values()].filter(({ name }) => name === group).map(({ rows }) => rows);
  const answers = new Map(inputGroups.get(group)?.inputs.map(({ number, input }) => [number, input]));
  return (number) => {
    for (const row of rows) {
      const value = row.get(number)?.[field];
      if (value !== undefined) return value;
    }
    return field === INPUT_FIELD ? answers.get(number) : undefined;
  };
}

/** The one field of the group that arises from a campaign's buttons. */
export const INPUT_FIELD = 'answer';
