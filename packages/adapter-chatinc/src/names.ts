import { createHash } from 'node:crypto';
import type { CampaignDraft, Template } from '@parley/core';
import { fillIn, placeholdersOf } from './check-campaign.js';

/** What belongs to one draft at the provider. The same on every attempt and in every process. */
export interface DraftNames {
  title: string;
  audience: string;
  /**
   * All values of a draft stand in one group of its own: another campaign's values for the same people would overwrite a shared one before
   * it goes out.
   */
  group: string;
  /** What each placeholder's field is called there: `order.first_name` is `first_name`, unless another group has one, too. */
  fields: ReadonlyMap<string, string>;
}

export function namesOf(draft: CampaignDraft, uniqueTitles: boolean): DraftNames {
  const tag = shortHash(draft.key);
  return {
    title: uniqueTitles ? withTag(draft.title, tag) : draft.title,
    audience: `parley_${shortHash(draft.audience ?? draft.key)}`,
    group: groupOf(tag),
    fields: fieldsOf(draft.template),
  };
}

/** Short, for it stands in the message, whose length is limited. */
function groupOf(tag: string): string {
  return `p_${tag}`;
}

/** How long the body is there: its placeholders carry the names of `namesOf`, whose tags are all as long as each other. */
export function bodyLengthOf(template: Template): number {
  const group = groupOf(shortHash(''));
  const names = [...fieldsOf(template)].map(([name, field]) => [name, `{${group}.${field}}`] as const);
  return fillIn(template.body, Object.fromEntries(names)).length;
}

/** Ends a title with a few letters. */
export function withTag(title: string, tag: string): string {
  return `${title} (${tag})`;
}

/** Eight letters and digits, for what has to be told from a few thousand others. */
export function shortHash(text: string): string {
  const number = createHash('sha256').update(text).digest().readBigUInt64BE();
  return number.toString(36).padStart(13, '0').slice(-8);
}

/** Every placeholder of the body and of the buttons' links, in their order. */
function fieldsOf({ body, buttons = [] }: Template): Map<string, string> {
  const links = buttons.flatMap((button) => (button.type === 'link' ? [button.url] : []));
  const fields = new Map<string, string>();
  // A row is an object: what it keeps under `__proto__` is lost.
  const taken = new Set(['number', '__proto__']);
  for (const placeholder of new Set([body, ...links].flatMap(placeholdersOf))) {
    const [group = '', name = ''] = placeholder.split('.').map(toFieldName);
    const names = [name, `${group}_${name}`, `${group}_${name}_${taken.size}`];
    const field = names.find((one) => !taken.has(one)) ?? name;
    taken.add(field);
    fields.set(placeholder, field);
  }
  return fields;
}

/** A column of a file: no dash, no digit first. */
function toFieldName(name: string): string {
  return name.replaceAll('-', '_').replace(/^(?=\d)/, '_');
}
