import type { TemplateButton } from '@parley/core';
import { readPhone } from './address.js';
import { checkPlaceholders, placeholdersOf, render } from './placeholders.js';
import type { Problems } from './problems.js';
import type { CampaignTemplate } from './spec.js';

/** What is wrong with a template whatever the account. `warnings`: what is allowed, and probably not meant. */
export function checkTemplate(template: CampaignTemplate, problems: Problems, warnings: string[]): void {
  const { body, imageUrl, buttons = [] } = template;
  if (body.trim() === '') problems.add('template.body', 'is empty: write what people shall read');
  checkWords('template.body', body, problems, warnings);
  if (imageUrl !== undefined && (URL.parse(imageUrl)?.protocol !== 'https:' || /[{}]/.test(imageUrl)))
    problems.add('template.imageUrl', 'expected a public https address, without placeholders');
  const labels = new Set<string>();
  for (const [index, button] of buttons.entries()) {
    const place = `template.buttons[${index}]`;
    const label = button.label.trim().toLowerCase();
    if (labels.has(label))
      problems.add(`${place}.label`, 'another button has it too: an answer could not be told from the other');
    labels.add(label);
    if (/[{}]/.test(button.label))
      problems.add(`${place}.label`, 'placeholders are not replaced in labels: leave out the braces');
    checkButton(button, place, problems, warnings);
  }
}

function checkWords(place: string, text: string, problems: Problems, warnings: string[]): void {
  const found = checkPlaceholders(text);
  for (const problem of found.problems) problems.add(place, problem);
  for (const warning of found.warnings) warnings.push(`${place}: ${warning}`);
}

function checkButton(button: TemplateButton, place: string, problems: Problems, warnings: string[]): void {
  if (button.type === 'link') {
    checkWords(`${place}.url`, button.url, problems, warnings);
    checkLink(button.url, `${place}.url`, problems, warnings);
  }
  if (button.type === 'phone') {
    const reading = readPhone(button.phone);
    if (!('value' in reading) || reading.value !== button.phone)
      problems.add(`${place}.phone`, 'expected a phone number such as +31201234567');
  }
}

/** A value may be any part of a link but where it leads to: nobody's data sends people to another site. */
function checkLink(url: string, place: string, problems: Problems, warnings: string[]): void {
  const keys = placeholdersOf(url).map(({ key }) => key);
  // The whole of it: then each row is looked at.
  if (keys.length === 1 && url === `{${keys[0]}}`) return;
  const [one, other] = ['a', 'b'].map((value) =>
    URL.parse(render(url, Object.fromEntries(keys.map((key) => [key, value])))),
  );
  if (!one || !other || !/^https?:$/.test(one.protocol))
    problems.add(place, 'expected a link such as https://example.com/offer');
  else if (one.origin !== other.origin || one.username !== '' || one.password !== '')
    problems.add(place, 'a placeholder may stand behind the first / only, not in the name of the site');
  else if (one.protocol === 'http:') warnings.push(`${place}: http is refused by some channels: use https`);
}

/** Whether a link with its values filled in is one. */
export function isLink(url: string): boolean {
  return /^https?:\/\/\S+$/i.test(url) && URL.canParse(url);
}
