import type { Addressee, CallOptions, Campaign, CampaignLimits, CampaignPort, Id } from '@parley/core';
import { accountOf, externalIdOf, isParleyError, ParleyError, toId } from '@parley/core';
import { LIMITS } from './check-campaign.js';
import type { ChatIncApi } from './client/api.js';
import type { Campaigns } from './client/campaigns.js';
import type { ChatIncConfig } from './config.js';
import { fromChatIncCampaign, toResult, type Viewpoint } from './from-chatinc.js';
import { inStep, isStopped } from './in-step.js';
import { bodyLengthOf, type DraftNames, namesOf } from './names.js';
import type { Readings } from './readings.js';
import { toCampaignInput, toCampaignOptions } from './to-chatinc.js';
import type { ChatIncVariableRow } from './wire/audience.js';

export interface PortSetup {
  api: ChatIncApi;
  campaigns: Campaigns;
  readings: Readings;
  config: ChatIncConfig;
  view: Viewpoint;
}

export function createCampaignPort({
  api,
  campaigns,
  readings,
  config,
  view,
}: PortSetup): Required<Omit<CampaignPort, 'pause' | 'resume'>> {
  const names = (draft: Parameters<typeof namesOf>[0]): DraftNames => namesOf(draft, config.uniqueTitles);
  const toCampaign = (source: Parameters<typeof fromChatIncCampaign>[0]): Campaign =>
    fromChatIncCampaign(source, view);
  const toExternalId = (id: Id): string => {
    if (accountOf(id) === view.account) return externalIdOf(id);
    throw new ParleyError('ERR_CONFIG', `Chat Inc: the campaign is not of the account ${view.account}`);
  };

  const find: CampaignPort['find'] = async (draft, options) => {
    const { title } = names(draft);
    const [found, ...others] = (await api.retrieveCampaigns({}, options)).filter(
      (one) => one.title?.trim() === title.trim(),
    );
    if (others.length > 0)
      throw rejected('there are two campaigns with its title; nobody can tell which is meant');
    return found && toCampaign(found);
  };

  return {
    accepts: limitsOf(config.buttonRules),
    address: (draft, addressees, options) => sendAddressees(api, names(draft), addressees, options),
    find,
    create: async (draft, options) => {
      const there = await find(draft, options);
      if (there !== undefined) return there;
      const input = toCampaignInput(draft, names(draft));
      const { campaignId, title } = await campaigns.createTitled(input, toCampaignOptions(draft), options);
      const id = toId(view.account, campaignId);
      const { account } = view;
      return {
        id,
        account,
        provider: 'chatinc',
        title,
        templateStatus: 'pending',
        state: 'idle',
        counts: {},
      };
    },
    list: (options) => each(api, toCampaign, options),
    run: async ({ draft, campaignId: id, recipients }, options) => {
      const campaignId = toExternalId(id);
      const { audience } = names(draft);
      const before = await campaigns.find(campaignId, options);
      await refuseMore(api, audience, recipients, options);
      await campaigns.send({ campaignId, audiences: [audience] }, before, options);
    },
    findRun: ({ campaignId, before }, _since, options) =>
      campaigns.sawRun(
        toExternalId(campaignId),
        { runs: before.runs ?? 0, sent: before.counts.sent ?? 0 },
        options,
      ),
    results: async function* ({ template }, id, options) {
      const campaign = await campaigns.find(toExternalId(id), options);
      for await (const { recipient } of readings.read(campaign, options)) {
        yield toResult(recipient, template.buttons ?? []);
      }
    },
  };
}

async function* each(
  api: ChatIncApi,
  toCampaign: (source: Awaited<ReturnType<ChatIncApi['retrieveCampaigns']>>[number]) => Campaign,
  options: (CallOptions & { limit?: number }) | undefined,
): AsyncGenerator<Campaign, void, undefined> {
  const found = await api.retrieveCampaigns({}, options);
  yield* found.slice(0, options?.limit).map(toCampaign);
}

/**
 * The audience and, if the template has placeholders, their values: two files, made at the same time of one pass over the people.
 *
 * The provider adds to what it has, so that doing it again is harmless: a lost answer is no more than an attempt that failed.
 */
async function sendAddressees(
  api: ChatIncApi,
  { title, audience, group, fields }: DraftNames,
  addressees: AsyncIterable<Addressee>,
  options: CallOptions | undefined,
): Promise<void> {
  const uploadNumbers = (people: AsyncIterable<Addressee>): Promise<unknown> =>
    api.createAudienceFromFile(
      { id: audience, name: title, distinct: true, rows: numbersOf(people) },
      options,
    );
  const uploadValues = (people: AsyncIterable<Addressee>): Promise<unknown> =>
    api.createVariableGroupFromFile(
      { name: group, fields: [...fields.values()], distinct: true, rows: rowsOf(people, fields) },
      options,
    );
  if (fields.size === 0) {
    await uploadNumbers(addressees).catch(mayBeRepeated);
    return;
  }
  const {
    readers: [first, second],
    stop,
  } = inStep(addressees);
  const uploads = [uploadNumbers(first), uploadValues(second)];
  const outcomes = await Promise.allSettled(uploads.map((one) => one.finally(stop)));
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const failure = failures.find((one) => !isStopped(one)) ?? failures[0];
  if (failures.length > 0) mayBeRepeated(failure);
}

function mayBeRepeated(failure: unknown): never {
  if (!isParleyError(failure, 'ERR_OUTCOME_UNKNOWN')) throw failure;
  const text = `${failure.message}; it may be done again`;
  throw new ParleyError('ERR_UNAVAILABLE', text, { account: failure.account, cause: failure });
}

/** Each one more is paid. An audience that cannot be read proves nothing. */
async function refuseMore(
  api: ChatIncApi,
  id: string,
  most: number,
  options: CallOptions | undefined,
): Promise<void> {
  const contacts = await api.retrieveAudienceContacts({ id }, options).catch((error: unknown) => {
    if (isParleyError(error, 'ERR_UNEXPECTED_PAYLOAD') || isParleyError(error, 'ERR_NOT_FOUND')) return [];
    throw error;
  });
  if (contacts.length <= most) return;
  throw rejected(
    `the audience has ${contacts.length} contacts, and the campaign is for ${most}: it is not run`,
  );
}

/** It is so until somebody does something about it at the provider. */
function rejected(why: string): ParleyError {
  return new ParleyError('ERR_REJECTED', `Chat Inc: ${why}`);
}

async function* numbersOf(people: AsyncIterable<Addressee>): AsyncGenerator<string, void, undefined> {
  for await (const { to } of people) yield to.value;
}

async function* rowsOf(
  people: AsyncIterable<Addressee>,
  fields: DraftNames['fields'],
): AsyncGenerator<ChatIncVariableRow, void, undefined> {
  for await (const { to, values } of people) {
    const row: Record<string, string | undefined> = { number: to.value };
    for (const [name, field] of fields) row[field] = values[name];
    yield row as ChatIncVariableRow;
  }
}

function limitsOf(rules: ChatIncConfig['buttonRules']): CampaignLimits {
  const checked = rules !== 'off';
  return {
    addresses: ['phone'],
    placeholders: true,
    approval: true,
    audienceAtRun: true,
    bodyMaxLength: LIMITS.body,
    bodyLengthOf,
    image: true,
    buttons: {
      max: checked ? LIMITS.buttons : Number.MAX_SAFE_INTEGER,
      labelMaxLength: checked ? LIMITS.label : Number.MAX_SAFE_INTEGER,
      types: ['reply', 'link', 'phone', 'flow'],
      ...(checked && { maxOfType: { phone: LIMITS.phone, link: LIMITS.url } }),
      ...(rules === 'chatinc' && {
        together: [
          ['reply', 'flow'],
          ['link', 'phone'],
        ],
      }),
    },
  };
}
