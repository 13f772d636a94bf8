import { decode } from '@parley/adapter-kit';
import type {
  Addressee,
  CallOptions,
  Campaign,
  CampaignDraft,
  CampaignLimits,
  CampaignPort,
  Id,
  ListOptions,
  RecipientResult,
} from '@parley/core';
import { externalIdOf, ParleyError, toId } from '@parley/core';
import type { CrispApi } from './client/api.js';
import { orNothing } from './look-up.js';
import type { CrispCampaign, CrispCampaignItem } from './wire/campaign.js';
import { ProfileCodec } from './wire/codecs.js';

/** Mails that everybody gets alike: the syntax of the platform's own placeholders is not documented. Nobody reviews them. */
export const CAMPAIGN_LIMITS: CampaignLimits = {
  addresses: ['email'],
  placeholders: false,
  approval: false,
  image: false,
};

export interface CampaignSetup {
  account: string;
  api: CrispApi;
  website: string;
  /** `recipients.type` of a campaign that goes to segments. */
  recipientsType: string;
  permit(what: string, options: CallOptions | undefined): void;
}

/**
 * The platform's campaigns, which an operator's keypair may use (tier `user`). People are put into a segment of the campaign's
 * own, and the campaign goes to that segment.
 *
 * @see crisp-api lib/resources/WebsiteCampaign.ts
 */
export function createCampaigns(setup: CampaignSetup): Required<CampaignPort> {
  const { api, website, permit } = setup;
  const one = (id: Id) => ({ website, campaign: externalIdOf(id) });

  return {
    accepts: CAMPAIGN_LIMITS,
    async address(draft, addressees, options) {
      permit('campaigns.address', options);
      for await (const addressee of addressees) await addToSegment(setup, draft.key, addressee, options);
    },
    async create(draft, options) {
      permit('campaigns.create', options);
      const name = nameOf(draft);
      const known = await findByName(setup, name, options);
      const campaign =
        known?.campaign_id ??
        (await api.campaigns.create({ website, body: { type: 'one-shot', name } }, options)).campaign_id;
      if (campaign === undefined) throw withoutId();
      await api.campaigns.save({ website, campaign, body: toCrispCampaign(setup, draft) }, options);
      return read(setup, campaign, options);
    },
    async find(draft, options) {
      permit('campaigns.find', options);
      const found = await findByName(setup, nameOf(draft), options);
      // One that was made and not written yet would go to everybody.
      if (found?.campaign_id === undefined || found.tag !== draft.key) return undefined;
      return read(setup, found.campaign_id, options);
    },
    async *list(options?: ListOptions) {
      permit('campaigns.list', options);
      for await (const source of api.each('campaigns.list', { website }, options)) {
        if (source.campaign_id !== undefined)
          yield fromCrispCampaign(setup.account, source.campaign_id, source);
      }
    },
    async run({ campaignId, recipients }, options) {
      permit('campaigns.run', options);
      await refuseMoreThan(setup, one(campaignId), recipients, options);
      await api.campaigns.dispatch(one(campaignId), options);
    },
    async findRun({ campaignId }, _since, options) {
      permit('campaigns.findRun', options);
      return (await api.campaigns.get(one(campaignId), options)).dispatched === true;
    },
    async pause(id, options) {
      permit('campaigns.pause', options);
      await api.campaigns.pause(one(id), options);
    },
    async resume(id, options) {
      permit('campaigns.resume', options);
      await api.campaigns.resume(one(id), options);
    },
    async *results(_draft, id, options) {
      permit('campaigns.results', options);
      yield* results(setup, one(id), options);
    },
  };
}

interface Place {
  website: string;
  campaign: string;
}

/** Unique, and the same for the same intent. */
function nameOf({ title, key }: CampaignDraft): string {
  return `${title} (${key})`;
}

async function findByName(
  { api, website }: CampaignSetup,
  name: string,
  options: CallOptions | undefined,
): Promise<CrispCampaign | undefined> {
  for await (const source of api.each('campaigns.list', { website }, options)) {
    if (source.name === name) return source;
  }
  return undefined;
}

async function read(setup: CampaignSetup, campaign: string, options?: CallOptions): Promise<Campaign> {
  const source = await setup.api.campaigns.get({ website: setup.website, campaign }, options);
  return fromCrispCampaign(setup.account, campaign, source);
}

function toCrispCampaign({ recipientsType }: CampaignSetup, draft: CampaignDraft) {
  return {
    name: nameOf(draft),
    subject: draft.title,
    tag: draft.key,
    ready: true,
    format: 'markdown',
    recipients: { type: recipientsType, segments: [draft.key] },
    message: draft.template.body,
    options: { deliver_to_email: true, deliver_to_chatbox: false, tracking: true },
  };
}

function fromCrispCampaign(account: string, id: string, source: CrispCampaign | CrispCampaignItem): Campaign {
  const { name = '', dispatched, running, progress = 0, reached } = source;
  const opened = 'statistics' in source ? source.statistics?.opened : undefined;
  return {
    id: toId(account, id),
    account,
    provider: 'crisp',
    title: name,
    templateStatus: 'approved',
    runs: dispatched === true ? 1 : 0,
    state: dispatched !== true ? 'idle' : progress >= 100 ? 'done' : running === false ? 'paused' : 'running',
    counts: {
      ...(reached !== undefined && { sent: reached }),
      ...(opened !== undefined && { read: opened }),
    },
  };
}

/** By e-mail address; who is there already keeps the other segments. */
async function addToSegment(
  { api, website }: CampaignSetup,
  segment: string,
  { to, name }: Addressee,
  options: CallOptions | undefined,
): Promise<void> {
  const email = to.value;
  const found = await orNothing(api.people.get({ website, person: email }, options));
  if (found === undefined) {
    const person = name === undefined ? {} : { person: { nickname: name } };
    await api.people.create({ website, body: { email, ...person, segments: [segment] } }, options);
    return;
  }
  const { people_id: person } = decode(ProfileCodec, found, 'Crisp profile');
  const known = found.segments ?? [];
  if (known.includes(segment)) return;
  await api.people.update({ website, person, body: { segments: [...known, segment] } }, options);
}

/** What `recipients` may hold is not documented: should the platform read it otherwise, too many people would get a mail. */
async function refuseMoreThan(
  { api, account }: CampaignSetup,
  place: Place,
  recipients: number,
  options: CallOptions | undefined,
): Promise<void> {
  let found = 0;
  for await (const _ of api.each('campaigns.listRecipients', place, { ...options, limit: recipients + 1 })) {
    found += 1;
  }
  if (found <= recipients) return;
  throw new ParleyError(
    'ERR_REJECTED',
    `Crisp: the campaign would go to more than the ${recipients} people that it is for: see the option campaignRecipients`,
    { account },
  );
}

async function* results(
  { api }: CampaignSetup,
  place: Place,
  options: CallOptions | undefined,
): AsyncGenerator<RecipientResult, void, undefined> {
  const { dispatched, progress = 0 } = await api.campaigns.get(place, options);
  if (dispatched !== true) return;
  const opened = new Set<string>();
  const statistics = api.each('campaigns.listStatistics', { ...place, action: 'opened' }, options);
  for await (const { profile } of statistics) if (profile?.email) opened.add(profile.email);
  for await (const { email } of api.each('campaigns.listRecipients', place, options)) {
    if (!email) continue;
    const to = { channel: 'email', value: email };
    if (opened.has(email)) yield { to, status: 'read' };
    else yield progress >= 100 ? { to, status: 'sent' } : { to };
  }
}

function withoutId(): ParleyError {
  return new ParleyError(
    'ERR_OUTCOME_UNKNOWN',
    'Crisp: a campaign was made, and the answer does not name it: look before repeating',
  );
}
