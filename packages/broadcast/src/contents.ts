import type {
  Addressee,
  Choice,
  Content,
  ContentLimits,
  MediaContent,
  Offered,
  TemplateButton,
} from '@parley/core';
import { offeredIn, plan } from '@parley/core';
import { type Placeholder, placeholderOf, placeholdersOf, render } from './placeholders.js';
import type { ApprovedTemplate, CampaignTemplate, Via } from './spec.js';

/** The template that was approved at this provider beforehand, if there is one. */
export function approvedFor(template: CampaignTemplate, provider: string): ApprovedTemplate | undefined {
  const { approved = {} } = template;
  return Object.hasOwn(approved, provider) ? approved[provider] : undefined;
}

/** The contents of one `open`, in order, and the buttons that an answer may press. */
export interface Shown {
  contents: Content[];
  offered: Offered | undefined;
}

/**
 * What a person gets from an account of `provider` that sends person by person, as the channel can show it. Nothing if it can
 * show none of it.
 */
export function contentsFor(
  template: CampaignTemplate,
  provider: string,
  limits: ContentLimits,
  addressee: Pick<Addressee, 'values'>,
): Shown {
  const plans = wishedContents(template, provider, addressee).map((content) => plan(content, limits));
  const offered = approvedFor(template, provider) === undefined ? offeredIn(plans) : repliesOf(template);
  return { contents: plans.flatMap(({ parts }) => parts), offered };
}

/** The buttons of an approved template are kept at the provider; pressed, most come back as their label. */
function repliesOf({ buttons = [] }: CampaignTemplate): Offered | undefined {
  const offers = buttons.flatMap((button) =>
    button.type === 'reply' ? [{ label: button.label, value: button.value }] : [],
  );
  return offers.length === 0 ? undefined : { offers, numbered: false };
}

/** What would be sent if every channel could show everything. */
export function wishedContents(
  template: CampaignTemplate,
  provider: string,
  { values }: Pick<Addressee, 'values'>,
): Content[] {
  const approved = approvedFor(template, provider);
  if (approved !== undefined) {
    const variables = Object.entries(variablesOf(template, approved));
    return [
      {
        kind: 'template',
        template: approved.id,
        ...(approved.name !== undefined && { name: approved.name }),
        language: template.language,
        variables: Object.fromEntries(variables.map(([name, key]) => [name, values[key] ?? ''])),
      },
    ];
  }
  const { imageUrl, buttons = [] } = template;
  const text = render(template.body, values);
  const choices = buttons.map((button) => toChoice(button, values));
  const said: Content = choices.length > 0 ? { kind: 'choices', text, choices } : { kind: 'text', text };
  return imageUrl === undefined ? [said] : [toMedia(imageUrl), said];
}

/** What fills each variable of an approved template: the keys of placeholders. */
export function variablesOf(
  template: CampaignTemplate,
  approved: ApprovedTemplate,
): Readonly<Record<string, string>> {
  if (approved.variables !== undefined) return approved.variables;
  return Object.fromEntries(placeholdersOf(template.body).map(({ field, key }) => [field, key]));
}

/** The placeholders that need a value for every person. */
export function placeholdersNeeded(template: CampaignTemplate, provider: string, via: Via): Placeholder[] {
  const approved = via === 'person' ? approvedFor(template, provider) : undefined;
  const found =
    approved === undefined
      ? placeholdersOf([template.body, ...linksOf(template)].join('\n'))
      : Object.values(variablesOf(template, approved)).map(placeholderOf);
  const named = found.filter((each) => each !== undefined);
  return [...new Map(named.map((each) => [each.key, each])).values()];
}

/** Where the link buttons lead, with their placeholders. */
export function linksOf({ buttons = [] }: CampaignTemplate): string[] {
  return buttons.flatMap((button) => (button.type === 'link' ? [button.url] : []));
}

/** A `flow` is kept at a provider that runs campaigns itself: elsewhere `validate` has refused it. */
function toChoice(button: TemplateButton, values: Readonly<Record<string, string>>): Choice {
  const { label } = button;
  switch (button.type) {
    case 'reply':
      return { type: 'reply', label, value: button.value };
    case 'link':
      return { type: 'link', label, url: render(button.url, values) };
    case 'phone':
      return { type: 'link', label, url: `tel:${button.phone}` };
    case 'flow':
      return { type: 'postback', label, value: button.flow };
  }
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
};

function toMedia(url: string): MediaContent {
  const ending = /\.(\w+)$/.exec(URL.parse(url)?.pathname ?? '')?.[1]?.toLowerCase() ?? '';
  return { kind: 'media', url, mimeType: MIME_TYPES[ending] ?? 'image/jpeg' };
}
