import {
  type Adapter,
  type AdapterDefinition,
  type Addressee,
  type Campaign,
  type CampaignDraft,
  type CampaignLimits,
  type CampaignPort,
  type Id,
  ParleyError,
  type RecipientResult,
  type RunRequest,
} from '@parley/core';
import type { FakeAccount, FakeAdapter } from '@parley/testing';

/** A made-up provider's campaigns, in memory, as a test moves them. Its methods may be taken off it, as an adapter's may. */
export class FakeCampaigns implements CampaignPort {
  accepts: CampaignLimits = {
    addresses: ['phone'],
    placeholders: true,
    approval: true,
    audienceAtRun: true,
    image: true,
  };
  readonly addressed: Addressee[] = [];
  readonly drafts: CampaignDraft[] = [];
  /** How often it was paid. */
  paid: RunRequest[] = [];
  campaign: Campaign | undefined;
  /** What the next calls of a method throw; `carried out`: after having done it. */
  readonly failures: {
    method: 'address' | 'create' | 'run' | 'find';
    error: ParleyError;
    carriedOut?: true;
  }[] = [];
  /** What is found of a run without an answer. */
  found: boolean | undefined = true;
  people: RecipientResult[] = [];
  readonly steered: string[] = [];
  pause?: (id: Id) => Promise<void>;
  resume?: (id: Id) => Promise<void>;

  /** It can be paused after it has begun. */
  beSteerable(): void {
    this.pause = async (id) => void this.steered.push(`pause ${id}`);
    this.resume = async (id) => void this.steered.push(`resume ${id}`);
  }

  decide(templateStatus: Campaign['templateStatus']): void {
    if (this.campaign !== undefined) this.campaign = { ...this.campaign, templateStatus };
  }

  progress(counts: Campaign['counts'], state?: Campaign['state']): void {
    if (this.campaign === undefined) return;
    this.campaign = { ...this.campaign, counts, ...(state !== undefined && { state }) };
  }

  address = async (_draft: CampaignDraft, addressees: AsyncIterable<Addressee>): Promise<void> => {
    const people: Addressee[] = [];
    for await (const one of addressees) people.push(one);
    this.#fail('address');
    this.addressed.splice(0, this.addressed.length, ...people);
  };

  create = async (draft: CampaignDraft): Promise<Campaign> => {
    this.#failBefore('create');
    this.drafts.push(draft);
    const { title } = draft;
    const head = { id: 'shop:c1', account: 'shop', provider: 'fake', title };
    this.campaign = { ...head, templateStatus: 'pending', runs: 0, counts: {} };
    this.#fail('create');
    return this.campaign;
  };

  find = async (): Promise<Campaign | undefined> => {
    this.#fail('find');
    return this.campaign;
  };

  async *list(): AsyncGenerator<Campaign, void, undefined> {
    if (this.campaign !== undefined) yield this.campaign;
  }

  run = async (request: RunRequest): Promise<void> => {
    this.#failBefore('run');
    this.paid.push(request);
    this.#fail('run');
  };

  findRun = async (): Promise<boolean | undefined> => {
    return this.found;
  };

  async *results(): AsyncGenerator<RecipientResult, void, undefined> {
    yield* this.people;
  }

  #failBefore(method: string): void {
    if (this.failures[0]?.method === method && this.failures[0].carriedOut !== true) this.#fail(method);
  }

  #fail(method: string): void {
    const [failure] = this.failures;
    if (failure?.method !== method) return;
    this.failures.shift();
    throw failure.error;
  }
}

/** The account with campaigns of its own. */
export function withCampaigns(
  fake: FakeAdapter,
  campaigns: CampaignPort,
): AdapterDefinition<FakeAccount & Pick<Adapter, 'campaigns'>> {
  return { provider: fake.provider, open: (context) => ({ ...fake.open(context), campaigns }) };
}

export const lostAnswer = (): ParleyError =>
  new ParleyError('ERR_OUTCOME_UNKNOWN', 'The provider never answered');
export const refusal = (): ParleyError => new ParleyError('ERR_REJECTED', 'The balance is too low');
export const outage = (): ParleyError => new ParleyError('ERR_UNAVAILABLE', 'The provider is out of order');
