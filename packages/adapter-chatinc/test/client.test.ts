import { afterEach, describe, expect, test } from '@jest/globals';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import type { ChatIncEmulatorOptions } from '@parley/emulators';
import { emulatorClock, virtualClock } from '@parley/testing';
import { type ChatIncOptions, chatinc } from '../src/index.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;
afterEach(() => stage.close());

async function start(emulator: ChatIncEmulatorOptions = {}, options: Partial<ChatIncOptions> = {}) {
  stage = await startStage({ approvalDelayMs: 0, ...emulator });
  return stage.open(options).api;
}

const loyal = {
  id: 'loyal',
  name: 'Loyal',
  contacts: [{ number: '447700900101' }, { number: '447700900102' }],
};
const hello = { title: 'Hello', message: 'Hello there.' };
const requests = (path: string) => stage.emulator.journal.requests({ path }).length;

describe('a read', () => {
  test.each([
    ['campaignsMethod', 'retrieveCampaigns', 'POST'],
    ['audiencesMethod', 'retrieveAudiences', 'POST'],
    ['variableGroupsMethod', 'retrieveVariableGroups', 'GET'],
  ] as const)('is asked the other way where %s wants it, from then on', async (which, read, method) => {
    for (const wrongMethodStatus of [404, 405] as const) {
      const api = await start({ [which]: method, wrongMethodStatus });
      expect(await api[read]()).toEqual([]);
      expect(await api[read]()).toEqual([]);
      const asked = stage.emulator.journal.requests().map((one) => one.method);
      expect(asked).toEqual([method === 'GET' ? 'POST' : 'GET', method, method]);
      await stage.close();
    }
  });

  test('with parameters takes them along', async () => {
    const api = await start({ campaignMethod: 'GET', audienceContactsMethod: 'GET' });
    await api.createAudience(loyal);
    expect(await api.retrieveAudienceContacts({ id: 'loyal' })).toHaveLength(2);
    const { campaignId } = await api.createCampaign(hello);
    expect(await api.retrieveCampaignDetails({ campaignId })).toEqual([]);
    const [entry] = stage.emulator.journal.requests({ method: 'GET', path: '/v1/retrieve/campaign' });
    expect(entry?.query).toEqual({ campaignId, format: 'json' });
  });

  test('may be asked as configured, and no other way', async () => {
    const api = await start(
      { audiencesMethod: 'GET' },
      { methods: { retrieveAudiences: 'POST' }, methodFallback: false },
    );
    await expect(api.retrieveAudiences()).rejects.toMatchObject({ code: 'ERR_REJECTED', status: 405 });
    expect(requests('/v1/retrieve/audiences')).toBe(1);
  });

  test('that finds nothing is not asked the other way once a way works, and tells the first refusal', async () => {
    const api = await start();
    await expect(api.retrieveAudienceContacts({ id: 'nobody' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect(requests('/v1/retrieve/audience/contacts')).toBe(2);
    await api.createAudience(loyal);
    await api.retrieveAudienceContacts({ id: 'loyal' });
    await expect(api.retrieveAudienceContacts({ id: 'nobody' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect(requests('/v1/retrieve/audience/contacts')).toBe(4);
  });

  test.each([429, 500, 502, 503])('is repeated after %s', async (status) => {
    const api = await start();
    stage.emulator.faults.next({ kind: 'status', status, headers: { 'retry-after': '7' } });
    const before = stage.emulator.clock.now();
    expect(await api.retrieveAudiences()).toEqual([]);
    if (status === 429) expect(stage.emulator.clock.now() - before).toBeGreaterThanOrEqual(7_000);
    stage.emulator.faults.next({ kind: 'error-page' });
    expect(await api.retrieveAudiences()).toEqual([]);
  });

  test.each(['seed', 'object', 'bare'] as const)('of campaigns takes the list %s', async (listEnvelope) => {
    const api = await start({ listEnvelope });
    await api.createCampaign(hello);
    await api.createCampaign(hello);
    expect((await api.retrieveCampaigns()).map(({ message }) => message)).toEqual([
      'Hello there.',
      'Hello there.',
    ]);
  });

  test.each(['plain', 'count', 'contacts'] as const)(
    'of audiences takes the list %s',
    async (audienceList) => {
      const api = await start({ audienceList });
      await api.createAudience(loyal);
      expect(await api.retrieveAudiences()).toEqual([
        expect.objectContaining({ id: 'loyal', name: 'Loyal' }),
      ]);
    },
  );
});

describe('a failure', () => {
  test.each(['message', 'error', 'nested', 'reason', 'errors', 'text'] as const)(
    'tells the reason, wherever it stands: %s',
    async (errorForm) => {
      const api = await start({ errorForm });
      await expect(
        api.request('runCampaign', { campaignId: 'c_nothing', audiences: ['x'] }),
      ).rejects.toMatchObject({
        code: 'ERR_NOT_FOUND',
        message: expect.stringMatching(/answered 404: .*[a-z]/i),
      });
    },
  );

  test('may hide in a 200', async () => {
    const api = await start();
    const answer = { kind: 'status', status: 200 } as const;
    stage.emulator.faults.next({ ...answer, body: { status: 'ERROR', message: 'No such thing' } });
    await expect(api.retrieveAudiences()).rejects.toMatchObject({
      code: 'ERR_REJECTED',
      message: expect.stringContaining('No such thing'),
    });
    stage.emulator.faults.next({ ...answer, body: { Status: 'x', status: 'Success', audiences: [] } });
    expect(await api.retrieveAudiences()).toEqual([]);
  });

  test('with a word that is no failure is looked into where it costs money', async () => {
    const api = await start();
    await api.createAudience(loyal);
    const { campaignId } = await api.createCampaign(hello);
    const body = { status: 'queued' };
    stage.emulator.faults.next({ kind: 'status-after', status: 200, body, route: 'POST /v1/run/campaign' });
    await api.runCampaign({ campaignId, audiences: ['loyal'] });
    expect(requests('/v1/run/campaign')).toBe(1);
  });

  test('of a catalog that is not there is told as what it is', async () => {
    const api = await start({ catalog: false });
    await expect(api.retrieveStoreProducts()).rejects.toMatchObject({ code: 'ERR_REJECTED', status: 406 });
  });
});

describe('a new campaign', () => {
  test.each(['envelope', 'campaign', 'array', 'empty'] as const)(
    'is found, whatever is answered: %s',
    async (createResponse) => {
      const api = await start({ createResponse });
      await api.createCampaign(hello);
      const { campaignId, title } = await api.createCampaign(hello);
      expect(stage.emulator.campaign(campaignId)?.title).toBe(title);
      expect(new Set(stage.emulator.campaigns().map((one) => one.title)).size).toBe(2);
    },
  );

  test('whose answer is lost is looked for, and never made twice', async () => {
    const api = await start();
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/create/campaign' });
    const { campaignId } = await api.createCampaign(hello);
    expect(stage.emulator.campaigns().map((one) => one.campaignId)).toEqual([campaignId]);
    expect(requests('/v1/create/campaign')).toBe(1);
  });

  test('is told from an older one of its title', async () => {
    const api = await start({ createResponse: 'empty' }, { uniqueTitles: false });
    const first = await api.createCampaign(hello);
    const second = await api.createCampaign(hello);
    expect(second.campaignId).not.toBe(first.campaignId);
    expect(stage.emulator.campaigns()).toHaveLength(2);
  });

  test('that was lost on the way is of unknown outcome in the end, and not made', async () => {
    const api = await start({}, { runProbeMs: 10_000 });
    stage.emulator.faults.next({ kind: 'drop-before', route: 'POST /v1/create/campaign' });
    await expect(api.createCampaign(hello)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(requests('/v1/create/campaign')).toBe(1);
    expect(stage.emulator.campaigns()).toEqual([]);
  });

  test('is never guessed between two of one title', async () => {
    const api = await start({}, { uniqueTitles: false });
    const other = stage.open({ uniqueTitles: false }).api;
    stage.emulator.faults.next({
      kind: 'status-after',
      status: 500,
      route: 'POST /v1/create/campaign',
      times: 2,
    });
    const both = await Promise.allSettled([api.createCampaign(hello), other.createCampaign(hello)]);
    const unknown = {
      status: 'rejected',
      reason: expect.objectContaining({ message: expect.stringContaining('two') }),
    };
    expect(both).toContainEqual(unknown);
  });

  test.each([
    ['503', { kind: 'status', status: 503 }],
    ['429', { kind: 'status', status: 429 }],
  ] as const)('is not made again after %s', async (_what, fault) => {
    const api = await start({}, { runProbeMs: 0 });
    stage.emulator.faults.next({ ...fault, route: 'POST /v1/create/campaign' });
    await expect(api.createCampaign(hello)).rejects.toThrow();
    expect(requests('/v1/create/campaign')).toBe(1);
  });

  test('is refused before any request if it cannot be', async () => {
    const api = await start();
    const buttons = [
      { text: 'Yes', type: 'input' },
      { text: 'Call', type: 'phone', phoneNumber: '+442079460018' },
    ] as const;
    await expect(api.createCampaign({ ...hello, buttons })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
    });
    const atOnce = { runImmediately: true } as unknown as { runImmediately: false };
    await expect(api.createCampaign(hello, atOnce)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    expect(stage.emulator.journal.entries).toEqual([]);
  });

  test.each([
    ['nested', 'compact'],
    ['flat', 'compact'],
    ['both', 'underscore'],
  ] as const)(
    'is understood with its options %s, and its language %s',
    async (optionsStyle, languageCodeStyle) => {
      const api = await start({}, { optionsStyle, languageCodeStyle });
      await api.createCampaign(hello, { whatsAppTemplateType: 'UTILITY', languageCode: 'nl-NL' });
      expect(stage.emulator.campaigns()).toEqual([
        expect.objectContaining({ locale: 'nl_NL', templateType: 'UTILITY' }),
      ]);
    },
  );

  test('goes out by laxer rules to a server that has them', async () => {
    const api = await start({ strictButtons: false }, { buttonRules: 'whatsapp' });
    const buttons = [
      { text: 'Yes', type: 'input' },
      { text: 'Call', type: 'phone', phoneNumber: '+442079460018' },
    ] as const;
    await api.createCampaign({ ...hello, buttons });
    expect(stage.emulator.campaigns()[0]?.buttons).toHaveLength(2);
  });
});

describe('a run', () => {
  const ready = async (emulator: ChatIncEmulatorOptions = {}, options: Partial<ChatIncOptions> = {}) => {
    const api = await start(emulator, options);
    await api.createAudience(loyal);
    const { campaignId } = await api.createCampaign(hello);
    const balance = stage.emulator.balance();
    return { api, campaignId, paid: () => balance - stage.emulator.balance() };
  };

  test.each([
    ['with runs in the list', {}],
    ['with counters only', { listRuns: false, statsLagMs: 2_000 }],
    ['with counters that are text', { listRuns: false, counters: 'text' }],
  ] as const)('whose answer is lost is looked for, and paid once: %s', async (_how, emulator) => {
    const { api, campaignId, paid } = await ready({ pricePerMessage: 3, ...emulator });
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/run/campaign' });
    await api.runCampaign({ campaignId, audiences: ['loyal'] });
    expect(requests('/v1/run/campaign')).toBe(1);
    expect(paid()).toBe(6);
  });

  test('that was lost on the way is of unknown outcome in the end, and not paid', async () => {
    const { api, campaignId, paid } = await ready();
    stage.emulator.faults.next({ kind: 'drop-before', route: 'POST /v1/run/campaign' });
    const before = stage.emulator.clock.now();
    await expect(api.runCampaign({ campaignId, audiences: ['loyal'] })).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
      message: expect.stringContaining('look at the list'),
    });
    expect(stage.emulator.clock.now() - before).toBeGreaterThanOrEqual(120_000);
    expect([requests('/v1/run/campaign'), paid()]).toEqual([1, 0]);
  });

  test('is refused without a request: nobody, everybody, not approved, not there, twice', async () => {
    const { api, campaignId, paid } = await ready({ approval: 'manual' });
    const run = (more: object = {}) => api.runCampaign({ campaignId, audiences: ['loyal'], ...more });
    await expect(run({ audiences: [] })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    await expect(run({ audiences: ['all'] })).rejects.toThrow(/every contact of the account/);
    await expect(run()).rejects.toThrow(/it is pending; wait until it is approved/);
    await expect(run({ campaignId: 'c_none' })).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    expect(requests('/v1/run/campaign')).toBe(0);
    stage.emulator.approve(campaignId);
    await run({ audiences: ['all'], allowAll: true });
    expect(paid()).toBeGreaterThan(0);
    await expect(run()).rejects.toThrow(/a run of this campaign is under way/);
    expect(requests('/v1/run/campaign')).toBe(1);
  });

  test('is refused while one is under way, also to whoever shares the engine, until enough time has passed', async () => {
    const { campaignId } = await ready();
    const { origin, apiKey } = stage.emulator.credentials;
    const clock = virtualClock(new Date(stage.emulator.clock.now()).toISOString());
    const engine = memoryEngine({ clock });
    const open = () =>
      createBot({
        accounts: { promo: chatinc({ apiKey, baseUrl: `${origin}/v1` }) },
        engine,
        log: silentLog,
      });
    const [one, other] = [open(), open()];
    const run = ({ accounts }: typeof one) =>
      accounts.promo.api.runCampaign({ campaignId, audiences: ['loyal'] });
    // What certainly did not happen keeps nobody away.
    stage.emulator.faults.next({ kind: 'status', status: 400, route: 'POST /v1/run/campaign' });
    await expect(run(one)).rejects.toMatchObject({ code: 'ERR_REJECTED' });
    const outcomes = await Promise.allSettled([run(one), run(other)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(run(one)).rejects.toThrow(/a run of this campaign is under way/);
    await expect(run(other)).rejects.toThrow(/a run of this campaign is under way/);
    expect(stage.emulator.campaign(campaignId)?.runs).toHaveLength(1);
    await clock.advance(6 * 3_600_000 + 1);
    await run(other);
    expect(stage.emulator.campaign(campaignId)?.runs).toHaveLength(2);
    await one.close();
    await other.close();
  });

  test('may overlap another one, and may go to a template of an odd status, where that is asked for', async () => {
    const options = { allowOverlappingRuns: true, runUnknownTemplates: true, allowAll: true };
    const { api, campaignId } = await ready({}, options);
    const odd = [{ campaignId, whatsAppTemplatesStatus: 'LIMIT_EXCEEDED' }];
    for (const audiences of [['loyal'], ['all']]) {
      stage.emulator.faults.next({
        kind: 'status',
        status: 200,
        body: odd,
        route: 'GET /v1/retrieve/campaigns',
      });
      await api.runCampaign({ campaignId, audiences });
    }
    expect(stage.emulator.campaign(campaignId)?.runs).toHaveLength(2);
    stage.emulator.faults.next({
      kind: 'status',
      status: 200,
      body: odd,
      route: 'GET /v1/retrieve/campaigns',
    });
    const other = stage.open().api.runCampaign({ campaignId, audiences: ['loyal'] });
    await expect(other).rejects.toThrow(/a word that is not known here/);
  });

  test('waits here for its time where it should be possible to call it back', async () => {
    const { campaignId } = await ready();
    const { api } = stage.open({ scheduling: 'local' }, { clock: emulatorClock(stage.emulator) });
    const timeToRun = new Date(stage.emulator.clock.now() + 3_600_000);
    const stop = new AbortController();
    const called = api.runCampaign({ campaignId, audiences: ['loyal'], timeToRun }, { signal: stop.signal });
    const wanted = api.runCampaign({ campaignId, audiences: ['loyal'], timeToRun });
    stop.abort();
    await expect(called).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    stage.emulator.clock.advance(3_600_000);
    await wanted;
    expect(stage.asked('/v1/run/campaign')).toEqual([{ campaignId, audiences: ['loyal'] }]);
  });

  test.each(['s', 'ms'] as const)('waits at the provider for its time, told in %s', async (timestampUnit) => {
    const { api, campaignId, paid } = await ready({}, { timestampUnit });
    const timeToRun = new Date(stage.emulator.clock.now() + 3_600_000);
    await api.runCampaign({ campaignId, audiences: ['loyal'], timeToRun });
    stage.emulator.clock.advance(3_500_000);
    expect(stage.emulator.received('447700900101')).toEqual([]);
    stage.emulator.clock.advance(86_400_000);
    expect(stage.emulator.received('447700900101')).toHaveLength(1);
    expect(paid()).toBeGreaterThan(0);
  });

  test('to one person is allowed where it is asked for', async () => {
    const { api, campaignId, paid } = await ready({ pricePerMessage: 1 });
    const request = { campaignId, number: '+44 7700 900109' };
    await expect(api.sendToOne(request)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    await stage.open({ singleSend: 'emulate' }).api.sendToOne(request);
    expect(paid()).toBe(1);
  });
});

describe('an audience', () => {
  test.each(['merge', 'replace'] as const)('grows, should the provider %s', async (addContacts) => {
    const api = await start({ addContacts });
    await api.createAudience(loyal);
    const { warnings } = await api.addContactsToAudience({
      id: 'loyal',
      contacts: [{ number: '447700900103' }, { number: '+447700900103' }],
    });
    expect(stage.emulator.audience('loyal')).toHaveLength(3);
    expect(warnings).toEqual([expect.stringContaining('1 contacts repeat a number')]);
    expect(stage.asked('/v1/create/audience')[1]).toMatchObject({ name: 'Loyal' });
  });

  test('is left alone if it cannot be read', async () => {
    const api = await start();
    await api.createAudience(loyal);
    const contacts = [{ number: '447700900103' }];
    const route = 'POST /v1/retrieve/audience/contacts';
    for (const body of [{ status: 'success' }, [{ number: '447700900101' }, { name: 'no number' }]]) {
      stage.emulator.faults.next({ kind: 'status', status: 200, body, route });
      await expect(api.addContactsToAudience({ id: 'loyal', contacts })).rejects.toMatchObject({
        code: 'ERR_UNEXPECTED_PAYLOAD',
      });
    }
    await expect(api.addContactsToAudience({ id: 'nobody', contacts })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect(requests('/v1/create/audience')).toBe(1);
  });

  test('may be added to without a look', async () => {
    const api = await start({}, { addContactsMode: 'post-only' });
    await api.createAudience(loyal);
    await api.addContactsToAudience({ id: 'loyal', contacts: [{ number: '447700900103' }] });
    expect(stage.asked('/v1/create/audience')[1]).toEqual({
      id: 'loyal',
      contacts: [{ number: '447700900103' }],
    });
  });

  test('called all is nobody’s to make, and numbers are checked before anything is sent', async () => {
    const api = await start();
    await expect(api.createAudience({ ...loyal, id: 'all' })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(api.createAudienceFromFile({ id: 'all', rows: [] })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
    await expect(api.createAudience({ ...loyal, contacts: [{ number: '082 1' }] })).rejects.toThrow(
      /contacts\[0\]\.number/,
    );
    expect(stage.emulator.journal.entries).toEqual([]);
  });
});

describe('a variable group', () => {
  const order = { name: 'order', fields: ['a'], values: [{ number: '447700900101', a: 'x' }] };

  test.each<[string, object, RegExp]>([
    ['a name with blanks', { name: 'My Group' }, /name: expected|name of the variable group/],
    ['an id of its own', { id: 'another' }, /an id, if any, that is the same/],
    ['a field called number', { fields: ['number'] }, /fields\[0\]: expected/],
    ['a missing value', { fields: ['a', 'b'] }, /values\[0\]\.b: expected a value/],
    ['a value of no field', { fields: [] }, /values\[0\]: expected no other names/],
  ])('is refused for %s', async (_what, fields, words) => {
    const api = await start();
    await expect(api.createVariableGroup({ ...order, ...fields })).rejects.toThrow(words);
    expect(stage.emulator.journal.entries).toEqual([]);
  });

  test('may be sent again, unless that is forbidden', async () => {
    const api = await start({}, { variableGroupUpdate: 'forbid' });
    await api.createVariableGroup(order);
    await expect(api.createVariableGroup(order)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    await stage.open().api.createVariableGroup({ ...order, values: [{ number: '447700900101', a: 'y' }] });
    expect(stage.emulator.variableGroup('order')).toEqual({ '447700900101': { a: 'y' } });
  });

  test('as a file names an audience where the provider insists on one', async () => {
    const api = await start({ requireAudienceId: true }, { alwaysSendAudienceId: true });
    await api.createVariableGroupFromFile({ name: 'order', fields: ['a'], rows: order.values });
    expect(stage.emulator.audience('order')).toEqual(['447700900101']);
  });

  test('as a file in the form that is configured is read by a tolerant provider', async () => {
    const csv = { numberHeader: 'msisdn', delimiter: ';', lineEnding: '\r\n' } as const;
    const api = await start({ strictCsv: false }, { csv });
    await api.createVariableGroupFromFile({ name: 'order', fields: ['a'], rows: order.values });
    expect(stage.emulator.variableGroup('order')).toEqual({ '447700900101': { a: 'x' } });
  });
});

describe('an upload', () => {
  test('is begun again where it certainly did not happen, and rows can be read again', async () => {
    const api = await start();
    stage.emulator.faults.next({ kind: 'status', status: 503 });
    await api.createAudienceFromFile({ id: 'loyal', rows: ['447700900101'] });
    expect(stage.emulator.audience('loyal')).toEqual(['447700900101']);
    const once = (async function* () {
      yield '447700900102';
    })();
    stage.emulator.faults.next({ kind: 'status', status: 503 });
    await expect(api.createAudienceFromFile({ id: 'loyal', rows: once })).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
    });
    expect(requests('/v1/create/audience/from/file')).toBe(3);
  });

  test('names the row that is wrong, and leaves nothing behind', async () => {
    const api = await start();
    const rows = async function* () {
      for (let each = 0; each < 5_000; each += 1) yield String(447700000000 + each);
      yield '2.78E+10';
    };
    const wrong = expect.objectContaining({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/row 5001, number: expected/),
    });
    await expect(api.createAudienceFromFile({ id: 'big', rows })).rejects.toEqual(wrong);
    expect(stage.emulator.journal.entries).toEqual([]);
    await expect(api.createAudienceFromFile({ id: 'big', rows: rows() })).rejects.toEqual(wrong);
    expect(stage.emulator.audience('big')).toBeUndefined();
  });
});

describe('what is not documented', () => {
  const image = { filename: 'may.png', type: 'image/png', bytes: Buffer.from([1, 2, 3]) };

  test('is off', async () => {
    const api = await start();
    const off = { code: 'ERR_UNSUPPORTED' };
    await expect(api.uploadImage(image)).rejects.toMatchObject(off);
    await expect(api.viewOffPlatformTemplates()).rejects.toMatchObject(off);
    await expect(api.createCampaignFromOffPlatformTemplate({})).rejects.toMatchObject(off);
    expect(stage.emulator.journal.entries).toEqual([]);
  });

  test('can be switched on: an image gets an address, templates from elsewhere are there', async () => {
    const api = await start({}, { uploadImages: true, experimental: { offPlatformTemplates: true } });
    expect(await api.uploadImage(image)).toEqual({ url: expect.stringMatching(/^http/) });
    stage.emulator.addOffPlatformTemplate({ name: 'elsewhere', message: 'Hello.' });
    expect(await api.viewOffPlatformTemplates()).toHaveLength(1);
    stage.emulator.faults.next({ kind: 'status-after', status: 503 });
    const body = { whatever: ['it', 'wants'] };
    await expect(api.createCampaignFromOffPlatformTemplate(body)).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
    });
    expect(stage.asked('/v1/create/campaign/from-offplatform-template')).toEqual([body]);
  });
});

describe('the bot and catalog product', () => {
  test.each(['', '/v1'])('is asked on its own base, "%s" at its end', async (version) => {
    stage = await startStage({ catalog: true });
    const { api } = stage.open({ botBaseUrl: `${stage.emulator.origin}${version}` });
    const journey = {
      journeyId: 'order',
      entry: 'start',
      steps: [{ type: 'text', id: 'a', entry: 'start', exit: '' }],
    };
    await api.createJourney(journey);
    await api.editJourney({ journeyId: 'order', steps: [{ type: 'text', id: 'b', entry: 'b', exit: '' }] });
    expect((await api.retrieveJourneys()).map(({ journeyId }) => journeyId)).toContain('order');
    await api.createInputGroup({ id: 'survey', name: 'survey' });
    expect(await api.retrieveInputGroup({ id: 'survey' })).toEqual([]);
  });

  test('takes products as forms, and its own spellings', async () => {
    const api = await start({ catalog: true });
    const picture = { filename: 'bike.png', type: 'image/png', bytes: Buffer.from([1, 2, 3]) };
    await api.addStoreProduct({ name: 'Bike "Nr. 1"', price: '10', image: picture }).catch(() => {});
    const [added] = stage.emulator.journal.requests({ path: '/add/store/product' });
    expect(added?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=parley-/);
    await api.retrieveChats({ abandonedCarts: true }).catch(() => {});
    const [asked] = stage.emulator.journal.requests({ path: '/retrieve/chats' });
    expect(asked?.query).toEqual({ abondonedCarts: 'true' });
    const group = {
      taskGroupId: 'reminders',
      group: [{ type: 'template', typeId: 'c_1', runAfter: '60' }],
    } as const;
    await api.createTaskGroup(group).catch(() => {});
    expect(stage.asked('/create/task/group')).toEqual([group]);
  });

  test('has older names for journeys', async () => {
    const api = await start();
    await api.createFlow({ flowId: 'old' }).catch(() => {});
    await api.editFlow({ flowId: 'old' }).catch(() => {});
    await api.retrieveFlows().catch(() => {});
    expect(stage.emulator.journal.entries.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /create/flow',
      'POST /edit/flow',
      'GET /v1/retrieve/flows',
    ]);
  });

  test('gives the answers to a campaign, under its title', async () => {
    const api = await start({ deliveredRate: 1, readRate: 1 }, { uniqueTitles: false });
    await api.createAudience(loyal);
    const buttons = [{ text: 'Yes', type: 'input', input: 'deliver' }] as const;
    const { campaignId } = await api.createCampaign({ ...hello, buttons });
    await api.runCampaign({ campaignId, audiences: ['loyal'] });
    stage.emulator.clock.advance(86_400_000);
    stage.emulator.press('447700900101', { button: 'Yes' });
    expect(await api.retrieveInputGroup({ id: 'Hello' })).toEqual([
      expect.objectContaining({ number: '447700900101', input: expect.anything() }),
    ]);
  });
});

test('an answer that does not come, or is too large, is given up', async () => {
  await start();
  const { api } = stage.open({ requestTimeoutMs: 50 });
  stage.emulator.faults.next({ kind: 'slow', delayMs: 3_600_000 });
  await expect(api.retrieveAudiences({ retry: false })).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
  const small = stage.open({ maxAnswerBytes: 1 }).api;
  await expect(small.retrieveAudiences()).rejects.toMatchObject({ code: 'ERR_UNEXPECTED_PAYLOAD' });
});

test('one route may be elsewhere', async () => {
  await start();
  const { origin } = stage.emulator;
  const { api } = stage.open({
    baseUrl: 'http://127.0.0.1:9/v1',
    routeBaseUrls: { retrieveAudiences: `${origin}/v1/` },
    addContactsPath: '/create/audience',
  });
  expect(await api.retrieveAudiences()).toEqual([]);
  await expect(api.retrieveCampaigns({}, { retry: false })).rejects.toMatchObject({
    code: 'ERR_UNAVAILABLE',
  });
});

test('numbers may go out with their plus', async () => {
  const api = await start({}, { numberFormat: 'e164' });
  await api.createAudience(loyal);
  expect(stage.asked('/v1/create/audience')).toEqual([
    { ...loyal, contacts: [{ number: '+447700900101' }, { number: '+447700900102' }] },
  ]);
});

test('details come one by one as well', async () => {
  const api = await start();
  await api.createAudience(loyal);
  const { campaignId } = await api.createCampaign(hello);
  await api.runCampaign({ campaignId, audiences: ['loyal'] });
  stage.emulator.clock.advance(86_400_000);
  expect(await Array.fromAsync(api.eachCampaignDetail({ campaignId, format: 'csv' }))).toHaveLength(2);
});
