import type {
  CampaignLimits,
  CampaignPort,
  ContentLimits,
  ConversationPort,
  MessagePort,
  TemplateButton,
} from '@parley/core';
import { plan } from '@parley/core';
import { checkTemplate } from './check-template.js';
import { approvedFor, linksOf, variablesOf, wishedContents } from './contents.js';
import { placeholderOf, placeholdersOf } from './placeholders.js';
import { collectProblems, type Problems } from './problems.js';
import type { CampaignSpec, CampaignTemplate, Via } from './spec.js';
import type { Table } from './table.js';

/** What planning reads of an adapter; nothing of it is called. */
export interface PlannedAdapter {
  provider: string;
  conversations?: Pick<ConversationPort, 'open'>;
  messages?: Pick<MessagePort, 'accepts'>;
  campaigns?: Pick<CampaignPort, 'accepts'>;
}

/** How it will be sent, and what people are addressed by, the first that a row has. */
export interface Way {
  via: Via;
  addresses: readonly ('phone' | 'email')[];
}

/**
 * Checks the campaign against what the account can send. `tables`: its audience, as far as it can be read.
 *
 * Returns the way it goes: `native` where the account can do that with this campaign, else person by person.
 */
export function validate(
  spec: CampaignSpec,
  adapter: PlannedAdapter | undefined,
  tables: readonly Table[],
  problems: Problems,
  warnings: string[],
): Way {
  checkTemplate(spec.template, problems, warnings);
  if (spec.audience.every((source) => 'contacts' in source && source.contacts.length === 0))
    problems.add('audience', 'there is nobody in it');
  if (adapter === undefined) {
    problems.add('account', `the bot has no account "${spec.account}"`);
    return { via: 'native', addresses: [] };
  }
  const ways = { native: checkNative(spec, adapter, tables), person: checkPerson(spec, adapter, tables) };
  const via = spec.via ?? (fits(ways.native) || !fits(ways.person) ? 'native' : 'person');
  // Nobody has asked for a way that this provider does not have at all.
  const chosen = spec.via === undefined && adapter.campaigns === undefined ? 'person' : via;
  const way = ways[chosen];
  for (const problem of way.problems.found) problems.add('', problem);
  warnings.push(...way.warnings);
  if (spec.via === undefined && chosen === 'person' && adapter.campaigns !== undefined)
    warnings.push(
      `goes person by person, not as a campaign of ${adapter.provider}: ${ways.native.problems.found.join('; ')}`,
    );
  return { via: chosen, addresses: way.addresses };
}

interface Finding {
  problems: Problems;
  warnings: string[];
  addresses: Way['addresses'];
}

function fits({ problems }: Finding): boolean {
  return problems.found.length === 0;
}

function checkNative(spec: CampaignSpec, adapter: PlannedAdapter, tables: readonly Table[]): Finding {
  const { template } = spec;
  const problems = collectProblems('');
  const warnings: string[] = [];
  if (adapter.campaigns === undefined) {
    problems.add(
      'via',
      `${adapter.provider} has no campaigns of its own: leave via out, or write via: person`,
    );
    return { problems, warnings, addresses: [] };
  }
  const { accepts } = adapter.campaigns;
  const addresses = accepts.addresses.filter((each) => byChannel(spec.channel).includes(each));
  if (addresses.length === 0)
    problems.add(
      'channel',
      `campaigns of ${adapter.provider} reach people by ${accepts.addresses.join(' or ')}`,
    );
  else checkAddresses(tables, addresses, problems);
  if (approvedFor(template, adapter.provider) !== undefined)
    problems.add(
      `template.approved.${adapter.provider}`,
      'a campaign of the provider has a template of its own: leave it out, or write via: person',
    );
  const placeholders = placeholdersOf([template.body, ...linksOf(template)].join('\n'));
  if (!accepts.placeholders && placeholders.length > 0)
    problems.add(
      'template.body',
      `campaigns of ${adapter.provider} say the same to everybody: leave out the placeholders`,
    );
  const length = accepts.bodyLengthOf?.(template) ?? template.body.length;
  if (length > (accepts.bodyMaxLength ?? Number.POSITIVE_INFINITY)) {
    const there = length === template.body.length ? '' : ` as ${adapter.provider} gets it`;
    problems.add('template.body', `is ${length} characters long${there}: at most ${accepts.bodyMaxLength}`);
  }
  if (!accepts.image && template.imageUrl !== undefined)
    problems.add('template.imageUrl', `campaigns of ${adapter.provider} have no image: leave it out`);
  checkButtons(template.buttons ?? [], accepts.buttons, adapter.provider, problems);
  if (accepts.approval) warnings.push(...doubtsOfReviewers(template));
  return { problems, warnings, addresses };
}

function byChannel(channel: string | undefined): Way['addresses'] {
  if (channel === undefined) return ['phone', 'email'];
  return channel === 'email' ? ['email'] : ['phone'];
}

const CALLED = { phone: 'phone numbers (phone)', email: 'e-mail addresses (email)' };

function checkAddresses(tables: readonly Table[], addresses: Way['addresses'], problems: Problems): void {
  for (const { source, columns } of tables) {
    if (columns.names.length === 0 || addresses.some((each) => columns[each] !== undefined)) continue;
    const wanted = addresses.map((each) => CALLED[each]).join(' or ');
    problems.add(source, `there is no column of ${wanted}: name the one that has them`);
  }
}

type Buttons = readonly TemplateButton[];

function checkButtons(
  buttons: Buttons,
  limits: CampaignLimits['buttons'],
  provider: string,
  problems: Problems,
): void {
  const place = 'template.buttons';
  if (buttons.length === 0) return;
  if (limits === undefined) {
    problems.add(place, `campaigns of ${provider} have no buttons: leave them out`);
    return;
  }
  if (buttons.length > limits.max) problems.add(place, `there are ${buttons.length}: at most ${limits.max}`);
  for (const [index, { type, label }] of buttons.entries()) {
    const at = `${place}[${index}]`;
    if (!limits.types.includes(type))
      problems.add(`${at}.type`, `${provider} has no ${type} buttons: it has ${limits.types.join(', ')}`);
    if (label.length > limits.labelMaxLength)
      problems.add(`${at}.label`, `is ${label.length} characters long: at most ${limits.labelMaxLength}`);
  }
  const types = [...new Set(buttons.map(({ type }) => type))];
  for (const type of types) {
    const most = limits.maxOfType?.[type] ?? Number.POSITIVE_INFINITY;
    const count = buttons.filter((button) => button.type === type).length;
    if (count > most) problems.add(place, `there are ${count} ${type} buttons: at most ${most}`);
  }
  const { together } = limits;
  const known = types.filter((type) => limits.types.includes(type));
  if (together !== undefined && !together.some((set) => known.every((type) => set.includes(type)))) {
    const sets = together.map((set) => set.join(' with ')).join(', or ');
    problems.add(place, `${known.join(' and ')} buttons do not go together: ${sets}`);
  }
}

/** WhatsApp's reviewers refuse such bodies (developers.facebook.com: message template guidelines), which others may take. */
function doubtsOfReviewers({ body, buttons = [] }: CampaignTemplate): string[] {
  const doubts: string[] = doubtsOfButtons(buttons);
  const words = body.trim();
  if (/^\{[\w-]+\.[\w-]+\}/.test(words) || /\{[\w-]+\.[\w-]+\}$/.test(words))
    doubts.push(
      'template.body: begins or ends with a placeholder, for which reviewers refuse it: put words around it',
    );
  if (/\{[\w-]+\.[\w-]+\}\s*\{[\w-]+\.[\w-]+\}/.test(words))
    doubts.push(
      'template.body: two placeholders follow each other, for which reviewers refuse it: put words between',
    );
  return doubts;
}

/** What WhatsApp's older rules for templates allow: beyond them it depends on the account. */
const CAUTIOUS = { replies: 3, links: 1, label: 20 };

function doubtsOfButtons(buttons: Buttons): string[] {
  const doubts = buttons.flatMap(({ label }, index) =>
    label.length > CAUTIOUS.label
      ? [
          `template.buttons[${index}].label: more than ${CAUTIOUS.label} characters may be refused: shorten it`,
        ]
      : [],
  );
  const count = (...types: TemplateButton['type'][]): number =>
    buttons.filter(({ type }) => types.includes(type)).length;
  if (count('reply', 'flow') > CAUTIOUS.replies)
    doubts.push(`template.buttons: more than ${CAUTIOUS.replies} that answer may be refused: leave some out`);
  if (count('link') > CAUTIOUS.links)
    doubts.push(`template.buttons: more than ${CAUTIOUS.links} link may be refused: leave one out`);
  return doubts;
}

function checkPerson(spec: CampaignSpec, adapter: PlannedAdapter, tables: readonly Table[]): Finding {
  const { template } = spec;
  const { provider } = adapter;
  const problems = collectProblems('');
  const warnings: string[] = [];
  const addresses = byChannel(spec.channel);
  checkAddresses(tables, addresses, problems);
  const limits = adapter.messages?.accepts;
  if (adapter.conversations?.open === undefined || limits === undefined)
    problems.add('account', `${provider} cannot write to a person first, so it cannot send person by person`);
  else if (approvedFor(template, provider) !== undefined) checkApproved(template, provider, limits, problems);
  else {
    const flow = template.buttons?.findIndex(({ type }) => type === 'flow') ?? -1;
    if (flow !== -1)
      problems.add(
        `template.buttons[${flow}].type`,
        `${provider} has no flow buttons: use reply, link or phone`,
      );
    if (limits.template !== undefined && (spec.channel ?? 'whatsapp') === 'whatsapp')
      warnings.push(
        `template.approved.${provider}: names no template, so the body goes as an ordinary message, which WhatsApp takes only within 24 hours after a person wrote: name the one that was approved`,
      );
    for (const content of wishedContents(template, provider, { values: {} }))
      warnings.push(...plan(content, limits).losses.map(({ reason }) => `template: ${reason}`));
  }
  return { problems, warnings, addresses };
}

function checkApproved(
  template: CampaignTemplate,
  provider: string,
  limits: ContentLimits,
  problems: Problems,
): void {
  const place = `template.approved.${provider}`;
  const approved = approvedFor(template, provider);
  if (approved === undefined) return;
  if (limits.template === undefined)
    problems.add(place, `${provider} has no approved templates: leave it out, the body is sent then`);
  if (approved.variables === undefined) {
    const placeholders = placeholdersOf(template.body);
    if (new Set(placeholders.map(({ field }) => field)).size < placeholders.length)
      problems.add(
        `${place}.variables`,
        'two placeholders of the body have the same field: say which variable is which',
      );
  }
  for (const [name, key] of Object.entries(variablesOf(template, approved))) {
    if (placeholderOf(key) === undefined)
      problems.add(`${place}.variables.${name}`, 'expected group.field, for example order.first_name');
  }
}
