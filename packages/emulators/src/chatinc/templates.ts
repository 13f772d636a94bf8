import { isObject, type JsonObject } from '../json.js';
import { flag, optionalObject, optionalText, text } from './body.js';
import { readButtons } from './buttons.js';
import { invalid, notFound } from './errors.js';
import { placeholdersOf } from './placeholders.js';
import { inputGroupNamed, newCampaignId, type Platform } from './platform.js';
import type { Account, Campaign, TemplateStatus } from './records.js';
import { askForRun, proceed, readRunRequest } from './runs.js';

/** A campaign and its template: the template is decided later, unless the delay is 0. */
export function createCampaign(platform: Platform, account: Account, body: JsonObject): Campaign {
  const { switches } = platform;
  const given = withOptions(body);
  const template = {
    title: text(given, 'title'),
    message: text(given, 'message'),
    buttons: readButtons(switches, given.buttons),
    locale: localeOf(optionalText(given, 'languageCode') ?? 'enUS'),
    templateType: templateTypeOf(platform, given),
    ...optional('imgUrl', optionalText(given, 'imgUrl')),
    ...optional('messageExample', optionalText(given, 'messageExample')),
  };
  if (switches.requireMessageExample && placeholdersOf(template).length > 0) text(given, 'messageExample');
  const request = flag(given.runImmediately) ? readRunRequest(account, given) : undefined;
  const campaign = store(platform, account, { ...template, status: 'PENDING' });
  if (switches.approval === 'automatic') {
    campaign.decidedAt = campaign.createdAt + switches.approvalDelayMs;
    awaitDecision(platform, account, campaign);
  }
  if (request !== undefined) askForRun(platform, account, campaign, request);
  return campaign;
}

/** Wraps a template of the WhatsApp account as a campaign. The body is a guess: `templateId` or `name`, and `title`. */
export function createFromOffPlatform(platform: Platform, account: Account, body: JsonObject): Campaign {
  const wanted = optionalText(body, 'templateId') ?? text(body, 'name');
  const template = [...account.offPlatformTemplates.values()].find(
    ({ templateId, name }) => templateId === wanted || name === wanted,
  );
  if (template === undefined) throw notFound('template');
  const { templateId: _id, name, ...content } = structuredClone(template);
  const title = optionalText(body, 'title') ?? name;
  return store(platform, account, { ...content, title, status: 'APPROVED' });
}

function store(
  platform: Platform,
  account: Account,
  content: Omit<Campaign, 'campaignId' | 'createdAt' | 'runs' | 'presses'>,
): Campaign {
  const campaign: Campaign = {
    campaignId: newCampaignId(platform),
    ...content,
    createdAt: platform.clock.now(),
    runs: [],
    presses: new Map(),
  };
  account.campaigns.set(campaign.campaignId, campaign);
  if (campaign.buttons.some(({ type }) => type === 'input')) inputGroupNamed(account, campaign.title);
  return campaign;
}

/** Options are printed nested, flat, and under misspelt names; nested wins. */
function withOptions(body: JsonObject): JsonObject {
  const nested = optionalObject(body, 'options');
  const flat: JsonObject = {
    ...body,
    languageCode: body.languageCode ?? body.langauageCode,
    runImmediately: body.runImmediately ?? body.sendImmediatley,
    whatsAppTemplateType: body.whatsAppTemplateType ?? body.templateType,
  };
  return isObject(body.options) ? { ...flat, ...nested } : flat;
}

const TEMPLATE_TYPES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'];

function templateTypeOf({ switches }: Platform, given: JsonObject): string {
  const type = optionalText(given, 'whatsAppTemplateType') ?? 'MARKETING';
  const known = switches.templateTypes === 'all' ? TEMPLATE_TYPES : ['MARKETING'];
  if (!known.includes(type)) throw invalid(`whatsAppTemplateType must be one of ${known.join(', ')}`);
  return type;
}

/** `enUS` comes in, `en_US` goes out. */
function localeOf(languageCode: string): string {
  const [, language, region] = /^([a-z]{2,3})(?:[-_]?([A-Z]{2}))?$/.exec(languageCode) ?? [];
  if (language === undefined) throw invalid('languageCode must be a code such as enUS');
  return region === undefined ? language : `${language}_${region}`;
}

/** Arms the decision that a pending template waits for. */
export function awaitDecision(platform: Platform, account: Account, campaign: Campaign): void {
  if (campaign.decidedAt === undefined || campaign.status !== 'PENDING') return;
  const { rejectMarker } = platform.switches;
  const decide = () => {
    if (campaign.status !== 'PENDING') return;
    const isRejected = rejectMarker !== '' && campaign.title.includes(rejectMarker);
    setTemplateStatus(platform, account, campaign, isRejected ? 'REJECTED' : 'APPROVED');
  };
  const waitMs = campaign.decidedAt - platform.clock.now();
  if (waitMs <= 0) decide();
  else platform.clock.after(waitMs, decide);
}

/** Runs that waited for an approval begin with it, and are given up with a refusal. */
export function setTemplateStatus(
  platform: Platform,
  account: Account,
  campaign: Campaign,
  status: TemplateStatus,
): void {
  campaign.status = status;
  for (const run of campaign.runs) {
    if (run.state === 'held') proceed(platform, account, campaign, run);
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
