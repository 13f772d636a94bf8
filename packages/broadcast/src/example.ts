import { placeholdersNeeded } from './contents.js';
import type { CampaignTemplate } from './spec.js';

/** Made up, by what the name of a field tells of it. */
const MADE_UP: readonly (readonly [RegExp, string])[] = [
  [/name/, 'Alex'],
  [/mail/, 'alex@example.com'],
  [/url|link/, 'https://example.com'],
  [/date|day/, '1 May'],
  [/time|hour/, '10:00'],
  [/price|amount|total|cost/, '25.00'],
  [/(^|[_-])(no|nr|number|id|code|ref)($|[_-])/, '12345'],
];

/** Values for whoever reviews the template: nobody's own, since they stay where the template is. */
export function exampleOf(template: CampaignTemplate, provider: string): Record<string, string> {
  const placeholders = placeholdersNeeded(template, provider, 'native');
  return Object.fromEntries(placeholders.map(({ key, field }) => [key, madeUp(field)]));
}

function madeUp(field: string): string {
  const [, value] = MADE_UP.find(([kind]) => kind.test(field.toLowerCase())) ?? [];
  return value ?? field.replaceAll(/[_-]+/g, ' ').trim();
}
