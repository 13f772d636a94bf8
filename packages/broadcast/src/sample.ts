import type { Addressee, ContentLimits } from '@parley/core';
import { approvedFor, contentsFor, variablesOf } from './contents.js';
import { render } from './placeholders.js';
import type { CampaignTemplate, Via } from './spec.js';
import type { Sample } from './tally.js';

/**
 * What a person gets: the body and, below it, the buttons; of a template that was approved beforehand, whose words only the provider has,
 * what fills it.
 *
 * @param limits of an account that sends person by person
 */
export function sampleOf(
  template: CampaignTemplate,
  provider: string,
  via: Via,
  limits: ContentLimits | undefined,
  addressee: Pick<Addressee, 'values'>,
): Sample {
  if (via === 'native' || limits === undefined) return { text: wordsOf(template, addressee), messages: 1 };
  const { contents } = contentsFor(template, provider, limits, addressee);
  const approved = approvedFor(template, provider);
  if (approved === undefined) return { text: wordsOf(template, addressee), messages: contents.length };
  const filled = Object.entries(variablesOf(template, approved)).map(
    ([name, key]) => `${name}: ${addressee.values[key] ?? ''}`,
  );
  return { text: [`[template ${approved.id}]`, ...filled].join('\n'), messages: contents.length };
}

function wordsOf({ body, buttons = [] }: CampaignTemplate, { values }: Pick<Addressee, 'values'>): string {
  const lines = buttons.map((button) =>
    button.type === 'link' ? `[${button.label}: ${render(button.url, values)}]` : `[${button.label}]`,
  );
  return [render(body, values), ...lines].join('\n');
}
