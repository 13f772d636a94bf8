import { ParleyError } from '@parley/core';
import type { ChatIncConfig } from './config.js';
import type { ChatIncButton, ChatIncButtonType, ChatIncCampaignInput } from './wire/campaign.js';

/** `{group.variable}` */
const PLACEHOLDER = /\{([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\}/g;

/** Stands for a placeholder: Unicode's own sign for something that is no text. */
const HOLE = '\uFFFC';

/** WhatsApp's. */
export const LIMITS = { body: 1024, buttons: 10, phone: 1, url: 2, label: 25 };
/** What it allowed before, and may still count by. */
const CAUTIOUS = { replies: 3, url: 1, label: 20 };

/** What the placeholders of a text are called, each once: `order.first_name`. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, group, field]) => `${group}.${field}`))];
}

/** Puts values in the places of placeholders; one without a value stays. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(PLACEHOLDER, (whole, group, field) => values[`${group}.${field}`] ?? whole);
}

/** The type of a button; an older one has none, and is known by its fields. */
export function typeOf(button: ChatIncButton): ChatIncButtonType | undefined {
  if (button.type !== undefined) return button.type;
  if (button.flowId !== undefined || button.journeyId !== undefined) return 'journey';
  if (button.url !== undefined) return 'url';
  if (button.phoneNumber !== undefined) return 'phone';
  return button.input === undefined ? undefined : 'input';
}

/**
 * Checks a campaign before anything is sent.
 *
 * @returns what WhatsApp may object to
 * @throws ERR_UNSUPPORTED with everything that is wrong
 */
export function checkCampaign(
  { title, message, buttons = [] }: ChatIncCampaignInput,
  rules: ChatIncConfig['buttonRules'],
): string[] {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (title.trim() === '') problems.push('title: expected a text that is not empty');
  checkMessage(message, problems, warnings);
  if (rules !== 'off') checkButtons(buttons, rules, problems, warnings);
  if (problems.length === 0) return warnings;
  throw new ParleyError('ERR_UNSUPPORTED', `Chat Inc: ${problems.join('; ')}`, { problems });
}

function checkMessage(message: string, problems: string[], warnings: string[]): void {
  const text = message.trim();
  if (text === '') problems.push('message: expected a text that is not empty');
  if (message.length > LIMITS.body) {
    problems.push(`message: expected at most ${LIMITS.body} characters, not ${message.length}`);
  }
  const rest = text.replaceAll(PLACEHOLDER, HOLE);
  if (rest.includes('{}')) {
    problems.push('message: expected {group.variable}; an empty {} has no values to be filled with');
  }
  if (rest.replaceAll('{}', '').match(/[{}]/) !== null) {
    warnings.push('message: a brace that belongs to no placeholder is sent as it is');
  }
  if (rest.startsWith(HOLE) || rest.endsWith(HOLE)) {
    warnings.push('message: WhatsApp refuses a placeholder at the begin or end');
  }
  if (/\uFFFC\s*\uFFFC/.test(rest)) warnings.push('message: WhatsApp refuses two placeholders side by side');
}

function checkButtons(
  buttons: readonly ChatIncButton[],
  rules: 'chatinc' | 'whatsapp',
  problems: string[],
  warnings: string[],
): void {
  const types = buttons.map(typeOf);
  const count = (...wanted: ChatIncButtonType[]): number =>
    types.filter((type) => type !== undefined && wanted.includes(type)).length;
  const atMost = (most: number, found: number, what: string): void => {
    if (found > most) problems.push(`buttons: expected at most ${most} ${what}, not ${found}`);
  };
  atMost(LIMITS.buttons, buttons.length, 'buttons');
  atMost(LIMITS.phone, count('phone'), 'of type phone');
  atMost(LIMITS.url, count('url'), 'of type url');
  buttons.forEach((button, index) => {
    problems.push(...problemsOf(button, types[index]).map((problem) => `buttons[${index}].${problem}`));
    if (button.text.length > CAUTIOUS.label && button.text.length <= LIMITS.label) {
      warnings.push(`buttons[${index}].text: more than ${CAUTIOUS.label} characters may be refused`);
    }
  });
  const labels = buttons.map(({ text }) => text.trim().toLowerCase());
  if (new Set(labels).size < labels.length) {
    problems.push('buttons: expected different labels: an answer is known by its label');
  }
  checkMix(types, rules, problems);
  if (count('input', 'journey') > CAUTIOUS.replies) {
    warnings.push(`buttons: more than ${CAUTIOUS.replies} that answer may be refused`);
  }
  if (count('url') > CAUTIOUS.url)
    warnings.push(`buttons: more than ${CAUTIOUS.url} of type url may be refused`);
}

function checkMix(
  types: readonly (ChatIncButtonType | undefined)[],
  rules: 'chatinc' | 'whatsapp',
  problems: string[],
): void {
  const calls = types.map((type) => type === 'phone' || type === 'url');
  const changes = calls.filter((one, index) => index > 0 && one !== calls[index - 1]).length;
  if (changes === 0) return;
  if (rules === 'chatinc') {
    problems.push('buttons: phone and url go only with each other, not with input or journey');
  } else if (changes > 1) {
    problems.push('buttons: expected those that answer in one block, phone and url in another');
  }
}

function problemsOf(button: ChatIncButton, type: ChatIncButtonType | undefined): string[] {
  const { text, journeyId, flowId, phoneNumber = '', url = '' } = button;
  const problems: string[] = [];
  if (text.trim() === '' || text.length > LIMITS.label) {
    problems.push(`text: expected 1 to ${LIMITS.label} characters`);
  }
  if (type === undefined) problems.push('type: expected "input", "journey", "phone" or "url"');
  if (type === 'journey' && journeyId === undefined && flowId === undefined) {
    problems.push('journeyId: expected the id of a journey');
  }
  if (type === 'phone' && !/^\+[1-9]\d{6,14}$/.test(phoneNumber)) {
    problems.push('phoneNumber: expected E.164, for example +442079460018');
  }
  if (type === 'url' && !/^https?:\/\/\S+$/.test(url))
    problems.push('url: expected a whole address with https://');
  return problems;
}
