import type { CampaignDraft, TemplateButton } from '@parley/core';
import { fillIn, placeholdersOf, typeOf } from './check-campaign.js';
import type { ChatIncConfig } from './config.js';
import { toChatIncLanguage } from './language.js';
import type { DraftNames } from './names.js';
import type { ChatIncButton, ChatIncCampaignInput, ChatIncCampaignOptions } from './wire/campaign.js';

type Style = Pick<
  ChatIncConfig,
  'optionsStyle' | 'languageCodeStyle' | 'timestampUnit' | 'sendMessageExample'
>;

/** The body of `create/campaign`. */
export function toChatIncCampaign(
  campaign: ChatIncCampaignInput,
  options: ChatIncCampaignOptions,
  style: Style,
): Record<string, unknown> {
  const { title, message, imgUrl, buttons } = campaign;
  const example = style.sendMessageExample ? exampleOf(campaign) : undefined;
  const type = options.whatsAppTemplateType;
  const wire = toWireOptions(options, style);
  return {
    title,
    message,
    ...(example !== undefined && { messageExample: example }),
    ...(imgUrl !== undefined && { imgUrl }),
    ...(buttons !== undefined && { buttons: buttons.map(toWireButton) }),
    ...(style.optionsStyle !== 'nested' && wire),
    // Every documented example has it beside the title, where it is not what it would be anyway.
    ...(type !== undefined && type !== 'MARKETING' && { templateType: type }),
    ...(style.optionsStyle !== 'flat' && Object.keys(wire).length > 0 && { options: wire }),
  };
}

function toWireOptions(options: ChatIncCampaignOptions, style: Style): Record<string, unknown> {
  const { whatsAppTemplateType, languageCode, runImmediately, audiences, timeToRun } = options;
  return {
    ...(whatsAppTemplateType !== undefined && { whatsAppTemplateType }),
    ...(languageCode !== undefined && {
      languageCode: toChatIncLanguage(languageCode, style.languageCodeStyle),
    }),
    ...(runImmediately !== undefined && { runImmediately }),
    ...(audiences !== undefined && { audiences }),
    ...(timeToRun !== undefined && { timeToRun: toWireTime(timeToRun, style.timestampUnit) }),
  };
}

/** A date, or seconds since 1970, in the provider's unit. */
export function toWireTime(time: Date | number, unit: 's' | 'ms'): number {
  const seconds = typeof time === 'number' ? time : time.getTime() / 1_000;
  return Math.round(unit === 'ms' ? seconds * 1_000 : seconds);
}

/** WhatsApp's reviewers see this. Only of use where there is something to fill in. */
function exampleOf({ message, messageExample, exampleValues }: ChatIncCampaignInput): string | undefined {
  if (messageExample !== undefined) return messageExample;
  const known = placeholdersOf(message).every((name) => exampleValues?.[name] !== undefined);
  return exampleValues !== undefined && known && placeholdersOf(message).length > 0
    ? fillIn(message, exampleValues)
    : undefined;
}

function toWireButton(button: ChatIncButton): ChatIncButton {
  const type = typeOf(button);
  if (type !== 'input') return type === undefined ? button : { ...button, type };
  return { ...button, type, input: button.input ?? button.text };
}

/** What a neutral campaign is called and made of here. */
export function toCampaignInput(draft: CampaignDraft, names: DraftNames): ChatIncCampaignInput {
  const { template, example } = draft;
  const { imageUrl, buttons } = template;
  const renamed = (text: string): string =>
    fillIn(
      text,
      Object.fromEntries([...names.fields].map(([name, field]) => [name, `{${names.group}.${field}}`])),
    );
  const exampleValues = [...names.fields].map(
    ([name, field]) => [`${names.group}.${field}`, example[name] ?? ''] as const,
  );
  return {
    title: names.title,
    message: renamed(template.body),
    ...(imageUrl !== undefined && { imgUrl: imageUrl }),
    ...(buttons !== undefined && { buttons: buttons.map((button) => toButton(button, renamed)) }),
    exampleValues: Object.fromEntries(exampleValues),
  };
}

export function toCampaignOptions({ template }: CampaignDraft): ChatIncCampaignOptions {
  const types = { marketing: 'MARKETING', utility: 'UTILITY', authentication: 'AUTHENTICATION' } as const;
  return {
    whatsAppTemplateType: types[template.category ?? 'marketing'],
    languageCode: template.language,
    runImmediately: false,
  };
}

function toButton(button: TemplateButton, renamed: (text: string) => string): ChatIncButton {
  const text = button.label;
  switch (button.type) {
    case 'reply':
      return { text, type: 'input', input: button.value };
    case 'link':
      return { text, type: 'url', url: renamed(button.url) };
    case 'phone':
      return { text, type: 'phone', phoneNumber: button.phone };
    case 'flow':
      return { text, type: 'journey', journeyId: button.flow };
  }
}
