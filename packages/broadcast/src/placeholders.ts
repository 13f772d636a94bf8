/** What a placeholder means: `{order.first_name}` is the field `first_name` of the group `order`. */
export interface Placeholder {
  group: string;
  field: string;
  /** `order.first_name`: what a recipient's `values` are kept by. */
  key: string;
}

const PLACEHOLDER = /\{([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\}/g;
/** The same without its braces. */
const KEY = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** The placeholders of a text, each once, in their order. */
export function placeholdersOf(text: string): Placeholder[] {
  const found = [...text.matchAll(PLACEHOLDER)].map(([, group = '', field = '']) =>
    placeholder(group, field),
  );
  return [...new Map(found.map((each) => [each.key, each])).values()];
}

/** What `order.first_name` names, as it stands in `approved.variables`. Undefined if it is not of that form. */
export function placeholderOf(key: string): Placeholder | undefined {
  const [, group, field] = KEY.exec(key) ?? [];
  return group === undefined || field === undefined ? undefined : placeholder(group, field);
}

function placeholder(group: string, field: string): Placeholder {
  return { group, field, key: `${group}.${field}` };
}

/** The text with its placeholders replaced, once: braces in a value stay as they are. One without a value stays too. */
export function render(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACEHOLDER, (whole, group: string, field: string) => {
    const key = `${group}.${field}`;
    return Object.hasOwn(values, key) ? (values[key] ?? whole) : whole;
  });
}

/** What is wrong and what looks wrong about the placeholders of a text. */
export function checkPlaceholders(text: string): { problems: string[]; warnings: string[] } {
  const rest = text.replace(PLACEHOLDER, 'x');
  const problems = /\{\s*\}/.test(rest) ? ['{} names no field: a placeholder is {group.field}'] : [];
  const others = rest.replace(/\{\s*\}/g, '');
  const warnings = /[{}]/.test(others)
    ? ['holds braces that are no placeholder, and are sent as they are: a placeholder is {group.field}']
    : [];
  return { problems, warnings };
}
