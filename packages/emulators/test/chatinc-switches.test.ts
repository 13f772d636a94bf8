import { describe, expect, test } from '@jest/globals';
import { type ChatIncSwitches, DEFAULT_CHATINC_SWITCHES, startChatInc } from '@parley/emulators';
import { type ChatIncAnswer, refusal, useChatInc } from './chatinc-world.js';

const world = useChatInc({ sentWithinMs: 0, deliveredWithinMs: 0, readWithinMs: 0, readRate: 1 });
const [AMARA, PIET] = ['447700900101', '447700900102'];

const set = (switches: Partial<ChatIncSwitches>) => Object.assign(world.emulator.switches, switches);

/** A campaign that went to Amara and Piet, and whose button Amara pressed. */
async function pressed(): Promise<string> {
  await world.audience('a', AMARA, PIET);
  const id = await world.campaign({ buttons: [{ text: 'Yes please', type: 'input', input: 'deliver' }] });
  await world.run(id, 'a');
  world.emulator.press(AMARA, { button: 'deliver' });
  return id;
}
const details = async (campaignId: string) => (await world.post('/retrieve/campaign', { campaignId })).json;
const detailsCsv = (campaignId: string) => world.post('/retrieve/campaign', { campaignId, format: 'csv' });

/** Which methods a read takes, by status. */
async function methodsOf(path: string, body?: object): Promise<Record<string, number>> {
  const query = new URLSearchParams(body as Record<string, string>).toString();
  const [got, posted] = [await world.get(`${path}?${query}`), await world.post(path, body)];
  return { GET: got.status, POST: posted.status };
}

function methodCase(
  name: 'campaigns' | 'campaign' | 'variableGroups' | 'audiences' | 'audienceContacts',
  path: string,
) {
  return async () => {
    await world.audience('a', AMARA);
    const body = { campaignId: await world.campaign(), id: 'a' };
    set({ [`${name}Method`]: 'GET' });
    expect(await methodsOf(path, body)).toEqual({ GET: 200, POST: 405 });
    set({ [`${name}Method`]: 'POST' });
    expect(await methodsOf(path, body)).toEqual({ GET: 405, POST: 200 });
    set({ [`${name}Method`]: 'both' });
    expect(await methodsOf(path, body)).toEqual({ GET: 200, POST: 200 });
  };
}

/** What each switch changes; the default is what the other tests see. */
const CASES: { [K in keyof ChatIncSwitches]: () => Promise<void> } = {
  campaignsMethod: methodCase('campaigns', '/retrieve/campaigns'),
  campaignMethod: methodCase('campaign', '/retrieve/campaign'),
  variableGroupsMethod: methodCase('variableGroups', '/retrieve/variable/groups'),
  audiencesMethod: methodCase('audiences', '/retrieve/audiences'),
  audienceContactsMethod: methodCase('audienceContacts', '/retrieve/audience/contacts'),
  async wrongMethodStatus() {
    expect((await world.get('/create/campaign')).status).toBe(405);
    set({ wrongMethodStatus: 404 });
    expect((await world.get('/create/campaign')).status).toBe(404);
  },
  async errorForm() {
    const error = async (errorForm: ChatIncSwitches['errorForm']) => {
      set({ errorForm });
      const { json, text } = await world.post('/run/campaign', { campaignId: 'c_nothing' });
      return json ?? text;
    };
    expect(await error('error')).toEqual({ status: 'error', error: 'campaign not found' });
    expect(await error('nested')).toEqual({ status: 'error', error: { message: 'campaign not found' } });
    expect(await error('reason')).toEqual({ status: 'error', reason: 'campaign not found' });
    expect(await error('errors')).toEqual({ status: 'error', errors: [{ message: 'campaign not found' }] });
    expect(await error('text')).toBe('campaign not found');
  },
  async createResponse() {
    const created = async (createResponse: ChatIncSwitches['createResponse']) => {
      set({ createResponse });
      return world.post('/create/campaign', { title: 'x', message: 'y' });
    };
    const campaignId = expect.stringMatching(/^c_/);
    expect((await created('campaign')).json).toMatchObject({
      campaignId,
      templateId: campaignId,
      title: 'x',
    });
    expect((await created('array')).json).toEqual([{ status: 'success', campaignId }]);
    const empty = await created('empty');
    expect([empty.status, empty.text]).toEqual([200, '']);
    expect(world.emulator.campaigns()).toHaveLength(3);
  },
  async writeResponse() {
    set({ writeResponse: 'empty' });
    const [audience, run] = [await world.audience('a', AMARA), await world.run(await world.campaign(), 'a')];
    expect([audience, run].map(({ status, text }) => [status, text])).toEqual([
      [200, ''],
      [200, ''],
    ]);
    expect(world.emulator.balance()).toBe(999_999);
  },
  async listEnvelope() {
    const campaignId = await world.campaign();
    await world.audience('a', AMARA);
    set({ listEnvelope: 'object' });
    expect((await world.get('/retrieve/campaigns')).json).toMatchObject({
      status: 'success',
      campaigns: [{ campaignId }],
    });
    expect((await world.get('/retrieve/audiences')).json).toEqual({
      status: 'success',
      audiences: [{ id: 'a', name: 'a' }],
    });
    expect((await world.post('/retrieve/audience/contacts', { id: 'a' })).json).toEqual({
      status: 'success',
      contacts: [{ number: AMARA }],
    });
    expect((await world.post('/retrieve/variable/groups')).json).toEqual({
      status: 'success',
      variableGroups: [],
    });
    set({ listEnvelope: 'bare' });
    expect((await world.get('/retrieve/campaigns')).json).toMatchObject([{ campaignId }]);
  },
  async campaignIdPrefix() {
    set({ campaignIdPrefix: 'chatstack_' });
    expect(await world.campaign()).toMatch(/^chatstack_[a-z]{8}$/);
  },
  async titleAsId() {
    await world.campaign({ title: 'By name' });
    const byTitle = () => world.get('/retrieve/campaign?campaignId=By%20name');
    expect((await byTitle()).status).toBe(404);
    set({ titleAsId: true });
    expect((await byTitle()).status).toBe(200);
  },
  async listRuns() {
    await pressed();
    expect((await world.listed()).runs).toEqual([
      { runId: expect.any(String), audiences: ['a'], totalSent: 2, totalDelivered: 2, totalRead: 2 },
    ]);
    set({ listRuns: false });
    expect((await world.listed()).runs).toEqual([]);
  },
  async listButtonInput() {
    set({ listButtonInput: true });
    await pressed();
    expect((await world.listed()).buttons).toEqual([{ text: 'Yes please', type: 'input', input: 'deliver' }]);
  },
  async errorCounters() {
    set({ deliveryErrorRate: 1 });
    world.emulator.notOnWhatsApp = [PIET];
    await world.audience('a', AMARA, PIET);
    await world.run(await world.campaign(), 'a');
    expect(Object.keys(await world.listed())).not.toContain('totalSendErrors');
    set({ errorCounters: 'total' });
    expect(await world.listed()).toMatchObject({
      totalSent: 1,
      totalDelivered: 0,
      totalSendErrors: 0,
      totalDeliveryErrors: 1,
      totalNumbersNotOnWhatsApp: 1,
    });
    set({ errorCounters: 'results' });
    expect((await world.listed()).results).toEqual({
      Sent: 1,
      Delivered: 0,
      Read: 0,
      SendErrors: 0,
      DeliveryErrors: 1,
      NumbersNotOnWhatsApp: 1,
      deliveryRate: 0,
      readRate: 0,
    });
  },
  async counters() {
    set({ counters: 'text', errorCounters: 'total' });
    await pressed();
    const campaign = await world.listed();
    expect([campaign.totalSent, campaign.totalRead, campaign.totalSendErrors]).toEqual(['2', '2', '0']);
    expect(campaign.runs[0].totalSent).toBe('2');
  },
  async statsLagMs() {
    set({ statsLagMs: 60_000 });
    const id = await pressed();
    expect([(await world.listed()).totalRead, (await details(id))[0].status]).toEqual([0, 'read']);
    world.emulator.clock.advance(60_000);
    expect((await world.listed()).totalRead).toBe(2);
  },
  async detailsStatus() {
    const id = await pressed();
    set({ detailsStatus: 'action' });
    expect(await details(id)).toEqual([
      { number: AMARA, action: 'Yes please' },
      { number: PIET, action: 'read' },
    ]);
    set({ detailsStatus: 'absent' });
    expect(await details(id)).toEqual([
      { number: AMARA, action: 'Yes please' },
      { number: PIET, action: '' },
    ]);
    expect((await detailsCsv(id)).text).toBe(`number,action\n${AMARA},Yes please\n${PIET},\n`);
  },
  async pressAction() {
    set({ pressAction: 'input' });
    expect((await details(await pressed()))[0].action).toBe('deliver');
  },
  async detailsJsonRows() {
    const id = await pressed();
    set({ detailsJsonRows: 1 });
    expect(await details(id)).toHaveLength(1);
    expect((await detailsCsv(id)).text.trimEnd().split('\n')).toHaveLength(3);
  },
  async detailsCsv() {
    const id = await pressed();
    const form = async (form: ChatIncSwitches['detailsCsv']): Promise<[string, ChatIncAnswer]> => {
      set({ detailsCsv: form });
      const answer = await detailsCsv(id);
      return [String(answer.headers.get('content-type')).split(';')[0] ?? '', answer];
    };
    const plain = `number,action,status\n${AMARA},Yes please,read\n${PIET},,read\n`;
    const [type, { text }] = await form('bomCrlf');
    // `text()` of a response swallows the mark.
    const bytes = await fetchBytes(id);
    expect([type, text, bytes.subarray(0, 3)]).toEqual([
      'text/csv',
      plain.replaceAll('\n', '\r\n'),
      Buffer.from([0xef, 0xbb, 0xbf]),
    ]);
    const [, semicolon] = await form('semicolon');
    expect(semicolon.text).toBe(plain.replaceAll(',', ';'));
    const [plainType, plainText] = await form('textPlain');
    expect([plainType, plainText.text]).toEqual(['text/plain', plain]);
    const [jsonType, quoted] = await form('json');
    expect([jsonType, quoted.json]).toEqual(['application/json', plain]);
    const [, link] = await form('link');
    expect(link.json).toEqual({ url: expect.stringMatching(/^http.*\.csv$/) });
  },
  async approvalDelayMs() {
    set({ approvalDelayMs: 3_600_000 });
    const id = await world.campaign();
    await world.audience('a', AMARA);
    expect((await world.listed()).whatsAppTemplatesStatus).toBe('PENDING');
    expect(refusal(await world.run(id, 'a'))).toEqual([400, 'the template is PENDING']);
    world.emulator.clock.advance(3_600_000);
    expect((await world.listed()).whatsAppTemplatesStatus).toBe('APPROVED');
    expect((await world.run(id, 'a')).status).toBe(200);
  },
  async approval() {
    set({ approval: 'manual' });
    const [one, other] = [await world.campaign(), await world.campaign()];
    world.emulator.clock.advance(1e9);
    expect(world.emulator.campaigns().map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
    world.emulator.approve(one);
    world.emulator.reject(other);
    expect(world.emulator.campaigns().map(({ status }) => status)).toEqual(['APPROVED', 'REJECTED']);
  },
  async rejectMarker() {
    const status = async (title: string) => world.emulator.campaign(await world.campaign({ title }))?.status;
    expect(await status('Sale [reject]')).toBe('REJECTED');
    set({ rejectMarker: 'spam' });
    expect([await status('Sale [reject]'), await status('spam!')]).toEqual(['APPROVED', 'REJECTED']);
    set({ rejectMarker: '' });
    expect(await status('spam!')).toBe('APPROVED');
  },
  async requireMessageExample() {
    set({ requireMessageExample: true });
    const create = (fields: object) => world.post('/create/campaign', { title: 'x', ...fields });
    expect(refusal(await create({ message: 'Hi {a.b}' }))).toEqual([400, 'messageExample is required']);
    expect((await create({ message: 'Hi {a.b}', messageExample: 'Hi you' })).status).toBe(200);
    expect((await create({ message: 'Hi' })).status).toBe(200);
  },
  async templateTypes() {
    const utility = { title: 'x', message: 'y', options: { whatsAppTemplateType: 'UTILITY' } };
    expect((await world.post('/create/campaign', utility)).status).toBe(200);
    set({ templateTypes: 'marketing' });
    expect((await world.post('/create/campaign', utility)).status).toBe(400);
  },
  async strictButtons() {
    const buttons = [
      { text: 'Menu', type: 'journey', journeyId: 'j' },
      { text: 'Page', type: 'url', url: 'https://example.net' },
    ];
    const mixed = () => world.post('/create/campaign', { title: 'x', message: 'y', buttons });
    expect(refusal(await mixed())).toEqual([400, expect.stringContaining('cannot be combined')]);
    set({ strictButtons: false });
    expect((await mixed()).status).toBe(200);
  },
  async acceptRunViaCreate() {
    set({ acceptRunViaCreate: true });
    await world.audience('a', AMARA);
    const campaignId = await world.campaign();
    expect((await world.post('/create/campaign', { campaignId, audiences: ['a'] })).status).toBe(200);
    expect(world.emulator.campaign(campaignId)?.runs).toHaveLength(1);
    expect(refusal(await world.post('/create/campaign', { campaignId }))).toEqual([
      400,
      'audiences is required',
    ]);
  },
  async runUnapproved() {
    set({ approval: 'manual', runUnapproved: 'hold' });
    await world.audience('a', AMARA);
    const id = await world.campaign();
    expect((await world.run(id, 'a')).status).toBe(200);
    expect([world.emulator.campaign(id)?.runs[0]?.state, world.emulator.balance()]).toEqual([
      'held',
      1_000_000,
    ]);
    world.emulator.approve(id);
    expect(world.emulator.received(AMARA)).toHaveLength(1);
  },
  async missingVariable() {
    await world.audience('a', AMARA, PIET);
    const values = [{ number: AMARA, name: 'Amara' }];
    await world.post('/create/variable/group', { id: 'u', fields: ['name'], values });
    const id = await world.campaign({ message: 'Hi {u.name}!' });
    await world.run(id, 'a');
    expect((await details(id))[1]).toEqual({ number: PIET, action: '', status: 'sendError' });
    set({ missingVariable: 'blank' });
    await world.run(id, 'a');
    expect(world.emulator.received(PIET).map(({ text }) => text)).toEqual(['Hi !']);
    expect(world.emulator.received(AMARA).map(({ text }) => text)).toEqual(['Hi Amara!', 'Hi Amara!']);
  },
  async variableGroupRepost() {
    const repost = (number: string, field: string) =>
      world.post('/create/variable/group', { id: 'g', fields: [field], values: [{ number, [field]: 'x' }] });
    await repost(AMARA, 'a');
    await repost(PIET, 'b');
    expect(world.emulator.variableGroup('g')).toEqual({ [AMARA]: { a: 'x' }, [PIET]: { b: 'x' } });
    expect((await world.post('/retrieve/variable/groups')).json).toEqual([{ name: 'g', fields: ['b'] }]);
    set({ variableGroupRepost: 'replace' });
    await repost(PIET, 'c');
    expect(world.emulator.variableGroup('g')).toEqual({ [PIET]: { c: 'x' } });
    set({ variableGroupRepost: 'error' });
    expect(refusal(await repost(AMARA, 'd'))).toEqual([409, 'the variable group "g" exists']);
    expect(world.emulator.variableGroup('g')).toEqual({ [PIET]: { c: 'x' } });
  },
  async addContacts() {
    await world.audience('a', AMARA);
    set({ addContacts: 'replace' });
    await world.audience('a', PIET);
    expect(world.emulator.audience('a')).toEqual([PIET]);
    // A file of variables adds, whatever the switch: that is what its text says.
    await world.upload(
      '/create/variable/group/from/file',
      { id: 'v', name: 'v', audienceId: 'a' },
      `number,x\n${AMARA},1\n`,
    );
    expect(world.emulator.audience('a')).toEqual([PIET, AMARA]);
  },
  async audienceList() {
    await world.audience('a', AMARA, PIET);
    set({ audienceList: 'count' });
    expect((await world.get('/retrieve/audiences')).json).toEqual([{ id: 'a', name: 'a', contacts: 2 }]);
    set({ audienceList: 'contacts' });
    expect((await world.get('/retrieve/audiences')).json[0].contacts).toEqual([
      { number: AMARA },
      { number: PIET },
    ]);
  },
  async strictCsv() {
    const upload = (csv: string) => world.upload('/create/audience/from/file', { id: 'a', name: 'a' }, csv);
    for (const name of ['Number', 'Phone_Number', 'MSISDN', 'mobile', 'recipient']) {
      set({ strictCsv: true });
      expect(refusal(await upload(`x,${name}\n1,${AMARA}\n`))).toEqual([
        400,
        'file: the header has no column "number"',
      ]);
      set({ strictCsv: false });
      expect((await upload(`x,${name}\n1,${AMARA}\n`)).status).toBe(200);
    }
    expect((await upload(`to,number\n1,${PIET}\n`)).status).toBe(200);
    expect(world.emulator.audience('a')).toEqual([AMARA, PIET]);
  },
  async badRows() {
    set({ badRows: 'skip' });
    await world.audience('a', AMARA, '2.78E+10');
    expect(world.emulator.audience('a')).toEqual([AMARA]);
    const csv = `number,x\n2.78E+10,1\n${PIET},2\n${AMARA},3,too,many\n`;
    await world.upload('/create/variable/group/from/file', { id: 'v', name: 'v' }, csv);
    expect(world.emulator.variableGroup('v')).toEqual({ [PIET]: { x: '2' } });
    const withoutHeader = await world.upload(
      '/create/audience/from/file',
      { id: 'b', name: 'b' },
      `${AMARA}\n`,
    );
    expect(refusal(withoutHeader)).toEqual([400, 'file: the header has no column "number"']);
  },
  async requireAudienceId() {
    set({ requireAudienceId: true });
    const upload = (fields: Record<string, string>) =>
      world.upload(
        '/create/variable/group/from/file',
        { id: 'v', name: 'v', ...fields },
        `number,x\n${AMARA},1\n`,
      );
    expect(refusal(await upload({}))).toEqual([400, 'audienceId is required']);
    expect((await upload({ audienceId: 'a' })).status).toBe(200);
  },
  async pricePerMessage() {
    set({ pricePerMessage: 25 });
    await pressed();
    expect(world.emulator.balance()).toBe(1_000_000 - 2 * 25);
  },
  async lowBalance() {
    set({ pricePerMessage: 600_000 });
    await world.audience('a', AMARA, PIET);
    const id = await world.campaign();
    expect(refusal(await world.run(id, 'a'))).toEqual([402, 'insufficient balance']);
    expect([world.emulator.campaign(id)?.runs, world.emulator.balance()]).toEqual([[], 1_000_000]);
    set({ lowBalance: 'allow' });
    expect((await world.run(id, 'a')).status).toBe(200);
    expect(world.emulator.balance()).toBe(-200_000);
  },
  sentWithinMs: () => timeCase('sentWithinMs', 'queued'),
  deliveredWithinMs: () => timeCase('deliveredWithinMs', 'sent'),
  readWithinMs: () => timeCase('readWithinMs', 'delivered'),
  sendErrorRate: () => rateCase({ sendErrorRate: 1 }, 'sendError'),
  deliveryErrorRate: () => rateCase({ deliveryErrorRate: 1 }, 'deliveryError'),
  deliveredRate: () => rateCase({ deliveredRate: 0 }, 'sent'),
  readRate: () => rateCase({ readRate: 0 }, 'delivered'),
  async catalog() {
    const add = () => world.upload('/add/store/product', { name: 'Lamp', price: '10' });
    expect(refusal(await add())).toEqual([406, expect.stringContaining('no Facebook catalog')]);
    expect((await world.get('/retrieve/store/products')).status).toBe(406);
    set({ catalog: true });
    const { id } = (await add()).json;
    expect(id).toMatch(/^p_[A-Za-z0-9]{12}$/);
    await world.upload('/edit/store/product', { id, price: '12' });
    await world.upload('/edit/store/product', { id, variant: 'true', colour: 'red' });
    expect((await world.call('GET', '/retrieve/store/products')).json).toEqual([
      { id, name: 'Lamp', price: '12', variants: [{ colour: 'red' }] },
    ]);
    expect((await world.upload('/edit/store/product', { id: 'p_nothing' })).status).toBe(404);
  },
};

async function fetchBytes(campaignId: string): Promise<Buffer> {
  const { origin, credentials } = world.emulator;
  const url = `${origin}/v1/retrieve/campaign?campaignId=${campaignId}&format=csv`;
  const answer = await fetch(url, { headers: { authorization: credentials.apiKey } });
  return Buffer.from(await answer.arrayBuffer());
}

/** With this time in the future, a message stays where it is. */
async function timeCase(name: keyof ChatIncSwitches, stays: string): Promise<void> {
  set({ [name]: 1e12 });
  await world.audience('a', AMARA);
  const id = await world.campaign();
  await world.run(id, 'a');
  expect((await details(id))[0].status).toBe(stays);
  world.emulator.clock.advance(1e12);
  expect((await details(id))[0].status).toBe('read');
}

async function rateCase(switches: Partial<ChatIncSwitches>, status: string): Promise<void> {
  const id = await pressed();
  expect((await details(id))[1].status).toBe('read');
  set(switches);
  await world.run(id, 'a');
  expect((await details(id))[1].status).toBe(status);
}

describe('the switch', () => {
  test.each(Object.keys(CASES) as (keyof ChatIncSwitches)[])('%s', async (name) => {
    await CASES[name]();
  });
});

describe('switches', () => {
  test('have a case each', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(DEFAULT_CHATINC_SWITCHES).sort());
  });

  test.each([
    [{ listEnvelope: 'x' }, 'switch "listEnvelope": expected seed or object or bare'],
    [{ readRate: 1.5 }, 'switch "readRate": expected number from 0 to 1'],
    [{ approvalDelayMs: -1 }, 'switch "approvalDelayMs": expected number from 0'],
    [{ strictCsv: 'yes' }, 'switch "strictCsv": expected boolean'],
    [{ nonsense: 1 }, 'unknown switch "nonsense"; known: campaignsMethod, '],
  ])('refuse %j', async (options, message) => {
    await expect(startChatInc(options as never)).rejects.toThrow(message);
  });
});
