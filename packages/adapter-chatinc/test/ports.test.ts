import { afterEach, describe, expect, test } from '@jest/globals';
import type { Addressee, CampaignDraft, RunRequest } from '@parley/core';
import type { ChatIncEmulatorOptions } from '@parley/emulators';
import type { ChatIncOptions } from '../src/index.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;
afterEach(() => stage.close());

async function start(emulator: ChatIncEmulatorOptions = {}, options: Partial<ChatIncOptions> = {}) {
  stage = await startStage({
    approvalDelayMs: 60_000,
    deliveredRate: 1,
    readRate: 1,
    pricePerMessage: 2,
    ...emulator,
  });
  return stage.open(options).campaigns;
}

const draft: CampaignDraft = {
  key: 'may-2024_1',
  title: 'May reminder',
  template: {
    body: 'Hello {order.first_name}, your order {order.order_no} is ready, {user.first_name}.',
    language: 'en-US',
    category: 'utility',
    imageUrl: 'https://img.example.net/may.png',
    buttons: [
      { type: 'reply', label: 'Yes please', value: 'deliver' },
      { type: 'flow', label: 'Tell me more', flow: 'j_1' },
    ],
  },
  example: { 'order.first_name': 'Amara', 'order.order_no': 'B-2207', 'user.first_name': 'A.' },
};

const plain: CampaignDraft = {
  ...draft,
  key: 'plain',
  template: { body: 'Hello.', language: 'en' },
  example: {},
};

const people: Addressee[] = [1, 2, 3].map((each) => ({
  to: { channel: 'whatsapp', value: `+44770090010${each}` },
  values: {
    'order.first_name': `Amara ${each}`,
    'order.order_no': `B-${each}`,
    'user.first_name': `A${each}`,
  },
}));

async function* once<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

const uploads = () => stage.emulator.journal.requests({ path: /from\/file$/ }).length;

describe('a campaign, from its people to its results', () => {
  test('goes out to everybody it is addressed to, with their values', async () => {
    const campaigns = await start();
    await campaigns.address(draft, once(people));
    expect(stage.emulator.balance()).toBe(1_000_000);
    expect(await campaigns.find(draft)).toBeUndefined();
    const made = await campaigns.create(draft);
    expect(made).toEqual({
      id: expect.stringMatching(/^promo:c/),
      account: 'promo',
      provider: 'chatinc',
      title: expect.stringMatching(/^May reminder \(\w{8}\)$/),
      templateStatus: 'pending',
      state: 'idle',
      counts: {},
    });
    expect(stage.asked('/v1/create/campaign')).toEqual([
      {
        title: made.title,
        message: expect.stringMatching(
          /^Hello \{p_\w{8}\.first_name\}, your order \{p_\w{8}\.order_no\} is ready, \{p_\w{8}\.user_first_name\}\.$/,
        ),
        messageExample: 'Hello Amara, your order B-2207 is ready, A..',
        imgUrl: 'https://img.example.net/may.png',
        buttons: [
          { text: 'Yes please', type: 'input', input: 'deliver' },
          { text: 'Tell me more', type: 'journey', journeyId: 'j_1' },
        ],
        templateType: 'UTILITY',
        options: { whatsAppTemplateType: 'UTILITY', languageCode: 'enUS', runImmediately: false },
      },
    ]);
    expect(await campaigns.find(draft)).toMatchObject({
      id: made.id,
      templateStatus: 'pending',
      state: 'idle',
    });

    stage.emulator.clock.advance(60_000);
    const before = await campaigns.find(draft);
    expect(before).toMatchObject({ templateStatus: 'approved', counts: { sent: 0 } });
    await campaigns.run({ draft, campaignId: made.id, recipients: 3, before: before ?? { counts: {} } });
    stage.emulator.clock.advance(86_400_000);
    expect(stage.emulator.received('447700900102').map(({ text }) => text)).toEqual([
      'Hello Amara 2, your order B-2 is ready, A2.',
    ]);
    expect(1_000_000 - stage.emulator.balance()).toBe(6);

    stage.emulator.press('447700900101', { button: 'Yes please' });
    const after = await campaigns.find(draft);
    expect(after).toMatchObject({ counts: { sent: 3, delivered: 3, read: 3 } });
    const results = await Array.fromAsync(campaigns.results(draft, made.id));
    expect(results).toEqual([
      { to: people[0]?.to, status: 'read', answer: { label: 'Yes please', value: 'deliver' } },
      { to: people[1]?.to, status: 'read' },
      { to: people[2]?.to, status: 'read' },
    ]);
    expect(await Array.fromAsync(campaigns.list())).toEqual([after]);
    expect(await Array.fromAsync(campaigns.list({ limit: 0 }))).toEqual([]);
  });

  test('says why somebody did not get it', async () => {
    const campaigns = await start({ notOnWhatsApp: ['447700900101'], approvalDelayMs: 0 });
    await campaigns.address(plain, once(people));
    const { id } = await campaigns.create(plain);
    await campaigns.run({ draft: plain, campaignId: id, recipients: 3, before: { counts: {} } });
    stage.emulator.clock.advance(86_400_000);
    expect((await Array.fromAsync(campaigns.results(plain, id)))[0]).toEqual({
      to: people[0]?.to,
      status: 'failed',
      reason: 'not_on_channel',
    });
  });

  test.each([
    ['absent', undefined],
    ['total', 3],
    ['results', 3],
  ] as const)('counts failures where they are told: %s', async (errorCounters, failed) => {
    const campaigns = await start({ errorCounters, deliveryErrorRate: 1, approvalDelayMs: 0 });
    await campaigns.address(plain, once(people));
    const { id } = await campaigns.create(plain);
    await campaigns.run({ draft: plain, campaignId: id, recipients: 3, before: { counts: {} } });
    stage.emulator.clock.advance(86_400_000);
    expect((await campaigns.find(plain))?.counts.failed).toBe(failed);
  });
});

describe('its people', () => {
  test('are told in one pass, and told again leave what they left once', async () => {
    const campaigns = await start();
    await campaigns.address(draft, once(people));
    const [group] = await stage.open().api.retrieveVariableGroups();
    const rows = stage.emulator.variableGroup(group?.name ?? '');
    await campaigns.address(draft, once(people));
    expect(stage.emulator.variableGroup(group?.name ?? '')).toEqual(rows);
    expect(Object.keys(rows ?? {})).toHaveLength(3);
    expect(await stage.open().api.retrieveVariableGroups()).toHaveLength(1);
    expect(await stage.open().api.retrieveAudiences()).toHaveLength(1);
  });

  test('without values are an audience and nothing else', async () => {
    const campaigns = await start();
    await campaigns.address(plain, once(people));
    expect(uploads()).toBe(1);
  });

  test('of a lost answer may be told again: nothing was paid', async () => {
    const campaigns = await start();
    for (const route of ['POST /v1/create/audience/from/file', 'POST /v1/create/variable/group/from/file']) {
      stage.emulator.faults.next({ kind: 'drop-after', route });
      await expect(campaigns.address(draft, once(people))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    }
    stage.emulator.faults.next({
      kind: 'status',
      status: 403,
      route: 'POST /v1/create/variable/group/from/file',
    });
    await expect(campaigns.address(draft, once(people))).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    await campaigns.address(draft, once(people));
  });

  test('of whom one lacks a value are refused, naming which', async () => {
    const campaigns = await start();
    const { 'order.order_no': _, ...values } = people[1]?.values ?? {};
    const lacking = [people[0], { ...people[1], values }] as Addressee[];
    await expect(campaigns.address(draft, once(lacking))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/row 2, order_no: expected a value/),
    });
  });

  test('that cannot be read to their end are told as that', async () => {
    const campaigns = await start();
    const broken = async function* () {
      yield* people;
      throw new RangeError('the file ends here');
    };
    await expect(campaigns.address(draft, broken())).rejects.toThrow('the file ends here');
    expect(await stage.open().api.retrieveAudiences()).toEqual([]);
  });
});

describe('the same intent', () => {
  test('makes one campaign, however often it is tried', async () => {
    const campaigns = await start();
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/create/campaign' });
    const first = await campaigns.create(draft);
    const again = await stage.open({}, { account: 'promo' }).campaigns.create(draft);
    expect(again).toMatchObject({ id: first.id });
    expect((await campaigns.create({ ...draft, key: 'another' })).id).not.toBe(first.id);
    expect(stage.emulator.campaigns()).toHaveLength(2);
  });

  test('that two have made at once is not guessed about', async () => {
    const campaigns = await start();
    const { title } = await campaigns.create(draft);
    const { api } = stage.open({ uniqueTitles: false });
    await api.createCampaign({ title, message: 'Hello.' });
    await expect(campaigns.find(draft)).rejects.toMatchObject({ code: 'ERR_REJECTED' });
  });
});

describe('a run', () => {
  const ready = async (emulator: ChatIncEmulatorOptions = {}, options: Partial<ChatIncOptions> = {}) => {
    const campaigns = await start({ approvalDelayMs: 0, ...emulator }, options);
    await campaigns.address(plain, once(people));
    const { id: campaignId } = await campaigns.create(plain);
    const before = await campaigns.find(plain);
    const request: RunRequest = { draft: plain, campaignId, recipients: 3, before: before ?? { counts: {} } };
    return { campaigns, request };
  };
  const since = '2024-05-01T00:00:00.000Z';

  test.each([
    ['runs are listed', {}],
    ['only counters tell', { listRuns: false, sentWithinMs: 30_000 }],
  ])('whose answer is lost is found where %s', async (_how, emulator) => {
    const { campaigns, request } = await ready(emulator);
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/run/campaign' });
    await expect(campaigns.run(request)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(await campaigns.findRun(request, since)).toBe(true);
    expect(1_000_000 - stage.emulator.balance()).toBe(6);
  });

  test('that cannot be found is nothing anybody knows', async () => {
    const { campaigns, request } = await ready();
    stage.emulator.faults.next({ kind: 'drop-before', route: 'POST /v1/run/campaign' });
    await expect(campaigns.run(request)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(await campaigns.findRun(request, since)).toBeUndefined();
    expect(stage.emulator.balance()).toBe(1_000_000);
  });

  test.each([
    ['429', 429, 'ERR_RATE_LIMITED'],
    ['a refusal', 400, 'ERR_REJECTED'],
    ['503, which a gateway says of a run it has lost, too', 503, 'ERR_OUTCOME_UNKNOWN'],
  ])('is sent once after %s', async (_what, status, code) => {
    const { campaigns, request } = await ready();
    stage.emulator.faults.next({ kind: 'status', status, route: 'POST /v1/run/campaign' });
    await expect(campaigns.run(request)).rejects.toMatchObject({ code });
    expect(stage.asked('/v1/run/campaign')).toHaveLength(1);
  });

  test('to more people than it was planned for is refused, and one that cannot be counted is not', async () => {
    const { campaigns, request } = await ready();
    await expect(campaigns.run({ ...request, recipients: 2 })).rejects.toMatchObject({
      code: 'ERR_REJECTED',
    });
    expect(stage.asked('/v1/run/campaign')).toEqual([]);
    const route = 'POST /v1/retrieve/audience/contacts';
    stage.emulator.faults.next({ kind: 'status', status: 200, body: { status: 'success' }, route });
    await campaigns.run(request);
    expect(1_000_000 - stage.emulator.balance()).toBe(6);
  });

  test('of a campaign of another account, or of one that is not there, is refused', async () => {
    const { campaigns, request } = await ready();
    await expect(campaigns.run({ ...request, campaignId: 'leads:c_1' })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
    await expect(campaigns.run({ ...request, campaignId: 'promo:c_1' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect(stage.asked('/v1/run/campaign')).toEqual([]);
  });

  test('of a template whose status is a new word may be allowed', async () => {
    const { campaigns, request } = await ready({}, { runUnknownTemplates: true });
    const campaignId = request.campaignId.replace('promo:', '');
    const { title } = stage.emulator.campaign(campaignId) ?? {};
    const body = [{ campaignId, title, whatsAppTemplatesStatus: 'LIMIT_EXCEEDED' }];
    stage.emulator.faults.next({ kind: 'status', status: 200, body });
    expect(await campaigns.find(plain)).toMatchObject({ templateStatus: 'approved' });
    stage.emulator.faults.next({ kind: 'status', status: 200, body });
    expect(await stage.open().campaigns.find(plain)).toMatchObject({ templateStatus: 'unknown' });
  });
});

describe('results', () => {
  const ran = async (emulator: ChatIncEmulatorOptions) => {
    const campaigns = await start({ approvalDelayMs: 0, ...emulator });
    await campaigns.address(plain, once(people));
    const { id } = await campaigns.create(plain);
    await campaigns.run({ draft: plain, campaignId: id, recipients: 3, before: { counts: {} } });
    stage.emulator.clock.advance(86_400_000);
    return { campaigns, id };
  };

  test('are asked for as CSV where JSON has fewer rows than were sent', async () => {
    const { campaigns, id } = await ran({ detailsJsonRows: 2 });
    expect(await Array.fromAsync(campaigns.results(plain, id))).toHaveLength(3);
    expect(stage.asked('/v1/retrieve/campaign').map((body) => (body as { format: string }).format)).toEqual([
      'json',
      'csv',
    ]);
  });

  test('are asked for once where JSON has all of them', async () => {
    const { campaigns, id } = await ran({});
    expect(await Array.fromAsync(campaigns.results(plain, id))).toHaveLength(3);
    expect(stage.asked('/v1/retrieve/campaign')).toEqual([expect.objectContaining({ format: 'json' })]);
  });

  test('are taken as JSON where the CSV has no more of them', async () => {
    const { campaigns, id } = await ran({ detailsJsonRows: 2, detailsStatus: 'absent' });
    const row = { number: '447700900101', status: 'read' };
    const route = 'POST /v1/retrieve/campaign';
    stage.emulator.faults.next({ kind: 'status', status: 200, body: [row, row], route });
    const fewer = 'number,status\n447700900101,sent\n447700900102,sent\n';
    stage.emulator.faults.next({ kind: 'status', status: 200, body: fewer, route });
    const results = await Array.fromAsync(campaigns.results(plain, id));
    expect(results.map(({ status }) => status)).toEqual(['read', 'read']);
  });

  test('are taken as JSON where the CSV is of no use', async () => {
    const { campaigns, id } = await ran({ detailsJsonRows: 2, detailsCsv: 'link' });
    expect(await Array.fromAsync(campaigns.results(plain, id))).toHaveLength(2);
  });

  test.each([
    ['column', 'read', true],
    ['action', 'read', true],
    ['absent', undefined, false],
  ] as const)('have a status only where rows have one: %s', async (detailsStatus, status, known) => {
    const { id } = await ran({ detailsStatus });
    const adapter = stage.open();
    expect(adapter.perRecipientStatus()).toBeUndefined();
    const results = await Array.fromAsync(adapter.campaigns.results(plain, id));
    expect(results.map((one) => one.status)).toEqual([status, status, status]);
    expect(adapter.perRecipientStatus()).toBe(known);
  });
});

test('what a campaign may be made of follows the rules that are configured', async () => {
  const campaigns = await start();
  expect(campaigns.accepts).toMatchObject({
    addresses: ['phone'],
    placeholders: true,
    approval: true,
    buttons: {
      max: 10,
      maxOfType: { phone: 1, link: 2 },
      together: [
        ['reply', 'flow'],
        ['link', 'phone'],
      ],
    },
  });
  expect(stage.open({ buttonRules: 'whatsapp' }).campaigns.accepts.buttons).not.toHaveProperty('together');
  expect(stage.open({ buttonRules: 'off' }).campaigns.accepts.buttons).not.toHaveProperty('maxOfType');
});
