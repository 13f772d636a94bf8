import { describe, expect, test } from '@jest/globals';
import { startChatInc } from '@parley/emulators';
import { refusal, useChatInc } from './chatinc-world.js';

const START = Date.UTC(2025, 5, 1, 12);
const HOUR_MS = 3_600_000;
const world = useChatInc({ startAt: START });
const [AMARA, PIET, THIRD] = ['447700900101', '447700900102', '447700900103'];

const totals = async () => {
  const { totalSent, totalDelivered, totalRead } = await world.listed();
  return [totalSent, totalDelivered, totalRead];
};
const statuses = (campaignId: string) =>
  world.emulator
    .campaign(campaignId)
    ?.runs.flatMap(({ recipients }) => recipients.map(({ status }) => status));
const manyNumbers = (count: number) =>
  Array.from({ length: count }, (_item, index) => String(447_700_000_000 + index));

describe('a run', () => {
  test('goes to every number once, whatever audiences it is in, and costs for each', async () => {
    await world.audience('a', AMARA, PIET);
    await world.audience('b', PIET, THIRD);
    const id = await world.campaign();
    await world.run(id, 'a', 'b');
    expect(world.emulator.campaign(id)?.runs).toMatchObject([
      {
        audiences: ['a', 'b'],
        state: 'started',
        cost: 3,
        recipients: [AMARA, PIET, THIRD].map((number) => ({ number })),
      },
    ]);
    expect(world.emulator.balance()).toBe(1_000_000 - 3);
    await world.run(id, 'all');
    expect(world.emulator.campaign(id)?.runs[1]?.recipients).toHaveLength(3);
  });

  test('that happens twice costs twice, and reaches people twice', async () => {
    await world.audience('a', AMARA, PIET);
    const id = await world.campaign();
    await world.run(id, 'a');
    await world.run(id, 'a');
    world.settle();
    expect(world.emulator.balance()).toBe(1_000_000 - 4);
    expect(world.emulator.received(AMARA)).toHaveLength(2);
    expect((await totals())[0]).toBe(4);
    // Details have a row for each number, not for each message.
    expect((await world.post('/retrieve/campaign', { campaignId: id })).json).toHaveLength(2);
  });

  test('is refused without effect', async () => {
    await world.audience('a', AMARA);
    await world.post('/create/audience', { id: 'empty', name: 'empty' });
    const id = await world.campaign();
    const refused = async (body: object) => refusal(await world.post('/run/campaign', body));
    expect(await refused({ campaignId: 'c_nothing', audiences: ['a'] })).toEqual([404, 'campaign not found']);
    expect(await refused({ campaignId: id })).toEqual([400, 'audiences is required']);
    expect(await refused({ campaignId: id, audiences: [] })).toEqual([400, 'audiences is required']);
    expect(await refused({ campaignId: id, audiences: 'a' })).toEqual([
      400,
      'audiences must be an array of strings',
    ]);
    expect(await refused({ campaignId: id, audiences: ['a', 'b'] })).toEqual([400, 'unknown audience "b"']);
    expect(await refused({ campaignId: id, audiences: ['empty'] })).toEqual([
      400,
      'audience "empty" is empty',
    ]);
    expect(await refused({ campaignId: id, audiences: ['a'], timeToRun: 'soon' })).toEqual([
      400,
      'timeToRun must be a Unix timestamp',
    ]);
    world.emulator.setTemplateStatus(id, 'PAUSED');
    expect(await refused({ campaignId: id, audiences: ['a'] })).toEqual([400, 'the template is PAUSED']);
    expect([world.emulator.balance(), world.emulator.campaign(id)?.runs]).toEqual([1_000_000, []]);
  });

  test('is sent, delivered and read as time passes, and never goes back', async () => {
    await world.audience('a', ...manyNumbers(200));
    Object.assign(world.emulator.switches, { deliveredRate: 0.9, readRate: 0.5 });
    await world.run(await world.campaign(), 'a');
    const seen = [await totals()];
    for (let step = 0; step < 12; step += 1) {
      world.emulator.clock.advance(step < 6 ? 1000 : 12_000);
      seen.push(await totals());
    }
    const rising = (column: number) => seen.map((row) => row[column]);
    for (const column of [0, 1, 2]) {
      expect(rising(column)).toEqual([...rising(column)].sort((one, other) => one - other));
    }
    for (const [sent, delivered, read] of seen) expect(sent >= delivered && delivered >= read).toBe(true);
    // Some of each on the way, and probabilities at the end.
    expect(seen.some(([, delivered]) => delivered > 0 && delivered < 150)).toBe(true);
    const [sent, delivered, read] = seen.at(-1) ?? [];
    expect(sent).toBe(200);
    expect(delivered).toBeGreaterThan(160);
    expect(delivered).toBeLessThan(200);
    expect(read).toBeGreaterThan(60);
    expect(read).toBeLessThan(120);
  });

  test('has the same outcome for the same seed, and another for another', async () => {
    const outcome = async (seed: number) => {
      const emulator = await startChatInc({ seed, apiKey: 'k', readRate: 0.5 });
      world.later(() => emulator.close());
      const post = (path: string, body: object) =>
        fetch(`${emulator.origin}/v1${path}`, {
          method: 'POST',
          headers: { authorization: 'k', 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      await post('/create/audience', { id: 'a', contacts: manyNumbers(50).map((number) => ({ number })) });
      await post('/create/campaign', { title: 'x', message: 'y' });
      await post('/run/campaign', { campaignId: emulator.campaigns()[0]?.campaignId, audiences: ['a'] });
      emulator.clock.advance(200_000);
      return emulator.campaigns()[0]?.runs[0]?.recipients;
    };
    const first = await outcome(7);
    expect(await outcome(7)).toEqual(first);
    expect(await outcome(8)).not.toEqual(first);
  });

  test('counts numbers without WhatsApp and without values apart from what was sent', async () => {
    world.emulator.switches.errorCounters = 'total';
    world.emulator.notOnWhatsApp = ['+44 7700 900102'];
    await world.audience('a', AMARA, PIET, THIRD);
    const values = [AMARA, PIET].map((number) => ({ number, name: 'x' }));
    await world.post('/create/variable/group', { id: 'u', fields: ['name'], values });
    await world.run(await world.campaign({ message: 'Hi {u.name}' }), 'a');
    world.settle();
    expect(await world.listed()).toMatchObject({
      totalSent: 1,
      totalDelivered: 1,
      totalSendErrors: 1,
      totalNumbersNotOnWhatsApp: 1,
    });
    expect(world.emulator.received(PIET)).toEqual([]);
    expect(world.emulator.messages(PIET)).toMatchObject([{ status: 'notOnWhatsApp' }]);
  });

  test('says what it said when it began, whatever is posted later', async () => {
    await world.audience('a', AMARA);
    const post = (name: string) =>
      world.post('/create/variable/group', { id: 'u', fields: ['name'], values: [{ number: AMARA, name }] });
    await post('Amara');
    const id = await world.campaign({ message: 'Hi {u.name}' });
    await world.run(id, 'a');
    await post('Mrs Okafor');
    await world.run(id, 'a');
    world.settle();
    expect(world.emulator.received(AMARA).map(({ text }) => text)).toEqual(['Hi Amara', 'Hi Mrs Okafor']);
  });
});

describe('a scheduled run', () => {
  test.each([
    ['seconds', (at: number) => at / 1000],
    ['milliseconds', (at: number) => at],
    ['seconds as text', (at: number) => String(at / 1000)],
  ])('begins at its time, in %s, with the contacts of that moment', async (_unit, written) => {
    await world.audience('a', AMARA);
    const campaignId = await world.campaign();
    const timeToRun = written(START + HOUR_MS);
    await world.post('/run/campaign', { campaignId, audiences: ['a'], timeToRun });
    expect(world.emulator.campaign(campaignId)?.runs).toMatchObject([
      { state: 'scheduled', cost: 0, recipients: [] },
    ]);
    expect((await world.listed()).runs).toMatchObject([
      { timeToRun: (START + HOUR_MS) / 1000, totalSent: 0 },
    ]);
    await world.audience('a', PIET);
    world.emulator.clock.set(START + HOUR_MS - 5000);
    expect(world.emulator.balance()).toBe(1_000_000);
    world.emulator.clock.set(START + HOUR_MS);
    expect(world.emulator.balance()).toBe(1_000_000 - 2);
    world.settle();
    expect(world.emulator.received(PIET)).toHaveLength(1);
  });

  test('of the past begins now', async () => {
    await world.audience('a', AMARA);
    const campaignId = await world.campaign();
    await world.post('/run/campaign', { campaignId, audiences: ['a'], timeToRun: 1 });
    expect(world.emulator.campaign(campaignId)?.runs[0]?.state).toBe('started');
  });

  test('is dropped when its template is not approved any more, and refused when the money is gone', async () => {
    await world.audience('a', AMARA);
    const [paused, poor] = [await world.campaign(), await world.campaign({ title: 'Poor' })];
    for (const campaignId of [paused, poor]) {
      await world.post('/run/campaign', {
        campaignId,
        audiences: ['a'],
        timeToRun: (START + HOUR_MS) / 1000,
      });
    }
    world.emulator.setTemplateStatus(paused, 'PAUSED');
    world.emulator.topUp(-1_000_000);
    world.emulator.clock.advance(2 * HOUR_MS);
    expect([paused, poor].map((id) => world.emulator.campaign(id)?.runs[0]?.state)).toEqual([
      'dropped',
      'refused',
    ]);
    expect([world.emulator.balance(), statuses(poor)]).toEqual([0, []]);
  });
});

describe('a run that is asked for with the campaign', () => {
  const create = (fields: object) => world.post('/create/campaign', { title: 'x', message: 'y', ...fields });
  const only = () => world.emulator.campaigns()[0]?.runs[0];

  test.each([
    ['nested', { options: { runImmediately: true, audiences: ['a'] } }],
    ['flat', { runImmediately: true, audiences: ['a'] }],
    ['misspelt', { sendImmediatley: true, audiences: ['a'] }],
  ])('%s: begins when the template is approved', async (_name, fields) => {
    world.emulator.switches.approvalDelayMs = HOUR_MS;
    await world.audience('a', AMARA);
    await create(fields);
    expect(only()?.state).toBe('held');
    world.emulator.clock.advance(HOUR_MS);
    expect(only()?.state).toBe('started');
    world.settle();
    expect(world.emulator.received(AMARA)).toHaveLength(1);
  });

  test('waits for its time after the approval', async () => {
    await world.audience('a', AMARA);
    await create({
      options: { runImmediately: true, audiences: ['a'], timeToRun: (START + HOUR_MS) / 1000 },
    });
    expect(only()?.state).toBe('scheduled');
    world.emulator.clock.advance(HOUR_MS);
    expect(only()?.state).toBe('started');
  });

  test('never begins when the template is rejected', async () => {
    await world.audience('a', AMARA);
    await create({ title: '[reject]', runImmediately: true, audiences: ['a'] });
    world.emulator.approve(world.emulator.campaigns()[0]?.campaignId ?? '');
    expect([only()?.state, world.emulator.balance()]).toEqual(['dropped', 1_000_000]);
  });

  test('is not there without "runImmediately", whatever "timeToRun" says', async () => {
    await world.audience('a', AMARA);
    await create({ options: { audiences: ['a'], timeToRun: 1 } });
    expect(only()).toBeUndefined();
  });
});

describe('a template', () => {
  test.each(['PAUSED', 'DISABLED', 'IN_APPEAL', 'PENDING_DELETION', 'SOMETHING_NEW'])(
    'may become %s',
    async (status) => {
      const id = await world.campaign();
      world.emulator.setTemplateStatus(id, status);
      expect((await world.listed()).whatsAppTemplatesStatus).toBe(status);
    },
  );

  test('that was decided by hand stays so', async () => {
    world.emulator.switches.approvalDelayMs = HOUR_MS;
    const id = await world.campaign();
    world.emulator.reject(id);
    world.emulator.clock.advance(2 * HOUR_MS);
    expect(world.emulator.campaign(id)?.status).toBe('REJECTED');
  });

  test('is active while it may be run and its runs are recent', async () => {
    await world.audience('a', AMARA);
    const [old, fresh, rejected, disabled] = [
      await world.campaign({ title: 'old' }),
      await world.campaign({ title: 'fresh' }),
      await world.campaign({ title: '[reject]' }),
      await world.campaign({ title: 'disabled' }),
    ];
    world.emulator.setTemplateStatus(disabled, 'DISABLED');
    await world.run(old, 'a');
    const active = async () => {
      const { json } = await world.get('/retrieve/campaigns?active=true');
      return json.map(({ campaigns }: { campaigns: { campaignId: string } }) => campaigns.campaignId);
    };
    expect(await active()).toEqual([old, fresh]);
    world.emulator.clock.advance(72 * HOUR_MS);
    expect(await active()).toEqual([fresh]);
    expect((await world.get('/retrieve/campaigns')).json).toHaveLength(4);
    expect(world.emulator.campaign(rejected)?.status).toBe('REJECTED');
  });
});

describe('a press', () => {
  const buttons = [
    { text: 'Yes please', type: 'input', input: 'deliver' },
    { text: 'Menu', type: 'journey', journeyId: 'j' },
  ];

  test('reads the message, and the last one counts', async () => {
    Object.assign(world.emulator.switches, { readRate: 0, deliveredRate: 0 });
    await world.audience('a', AMARA, PIET);
    const id = await world.campaign({ buttons });
    await world.run(id, 'a');
    world.settle();
    expect(statuses(id)).toEqual(['sent', 'sent']);
    world.emulator.press(AMARA, { button: 'Yes please' });
    world.emulator.press(AMARA, { button: 'Menu', campaignId: id });
    expect((await world.post('/retrieve/campaign', { campaignId: id })).json).toEqual([
      { number: AMARA, action: 'Menu', status: 'read' },
      { number: PIET, action: '', status: 'sent' },
    ]);
    expect(await totals()).toEqual([2, 1, 1]);
  });

  test('is of the latest message with such a button, unless a campaign is named', async () => {
    await world.audience('a', AMARA);
    const [first, second] = [
      await world.campaign({ buttons }),
      await world.campaign({ title: 'Second', buttons }),
    ];
    for (const id of [first, second]) {
      await world.run(id, 'a');
      world.settle();
    }
    const actions = () =>
      Promise.all(
        [first, second].map(
          async (campaignId) => (await world.post('/retrieve/campaign', { campaignId })).json[0].action,
        ),
      );
    world.emulator.press(AMARA, { button: 'Menu' });
    expect(await actions()).toEqual(['', 'Menu']);
    world.emulator.press(AMARA, { button: 'Yes please', campaignId: first });
    expect(await actions()).toEqual(['Yes please', 'Menu']);
  });

  test('at once is a press of a message that has arrived', async () => {
    await world.audience('a', AMARA);
    const id = await world.campaign({ buttons });
    await world.run(id, 'a');
    world.emulator.press(AMARA, { button: 'deliver' });
    expect([await totals(), statuses(id)]).toEqual([[1, 1, 1], ['read']]);
  });

  test('needs a message that reached the number, with that button', async () => {
    world.emulator.notOnWhatsApp = [PIET];
    await world.audience('a', AMARA, PIET);
    const id = await world.campaign({ buttons });
    const press = (number: string, button: string, campaignId?: string) => () =>
      world.emulator.press(number, { button, campaignId });
    expect(press(AMARA, 'Yes please')).toThrow('no message with a button "Yes please" reached this number');
    await world.run(id, 'a');
    world.settle();
    for (const wrong of [
      press(PIET, 'Menu'),
      press(AMARA, 'No'),
      press(THIRD, 'Menu'),
      press(AMARA, 'Menu', 'c_x'),
    ])
      expect(wrong).toThrow(TypeError);
    expect(press('nobody', 'Menu')).toThrow('expected a phone number of 7 to 15 digits');
  });
});

describe('a fault', () => {
  const RUN = 'POST /v1/run/campaign';

  test.each([
    ['status', { status: 429 }, 429, 0],
    ['status', { status: 500 }, 500, 0],
    ['status-after', { status: 503 }, 503, 1],
    ['error-in-ok', {}, 200, 0],
    ['malformed', {}, 200, 1],
    ['error-page', {}, 502, 0],
  ] as const)('%s %j answers %d, and costs %d', async (kind, fault, status, cost) => {
    await world.audience('a', AMARA);
    const campaignId = await world.campaign();
    world.emulator.faults.next({ kind, route: RUN, ...fault });
    const answer = await fetch(`${world.emulator.origin}/v1/run/campaign`, {
      method: 'POST',
      headers: { authorization: world.emulator.credentials.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ campaignId, audiences: ['a'] }),
    });
    const text = await answer.text();
    expect([answer.status, 1_000_000 - world.emulator.balance()]).toEqual([status, cost]);
    if (kind === 'malformed') expect(() => JSON.parse(text)).toThrow();
    else if (kind === 'error-page')
      expect([answer.headers.get('content-type'), text]).toEqual([
        'text/html',
        expect.stringContaining('<html>'),
      ]);
    else expect(JSON.parse(text).status).toBe('error');
    expect((await world.run(campaignId, 'a')).status).toBe(200);
  });

  test.each([
    ['drop-before', 0],
    ['drop-after', 1],
  ] as const)('%s breaks the connection, and costs %d', async (kind, cost) => {
    await world.audience('a', AMARA);
    const id = await world.campaign();
    world.emulator.faults.next({ kind, route: RUN });
    await expect(world.run(id, 'a')).rejects.toThrow('fetch failed');
    expect(1_000_000 - world.emulator.balance()).toBe(cost);
    expect((await world.listed()).runs).toHaveLength(cost);
    expect(world.emulator.journal.requests({ path: '/v1/run/campaign' })).toMatchObject([
      { status: 0, fault: kind },
    ]);
  });

  test('slow waits on the clock', async () => {
    world.emulator.faults.next({ kind: 'slow-after', delayMs: HOUR_MS, route: RUN });
    await world.audience('a', AMARA);
    const answer = world.run(await world.campaign(), 'a');
    while (world.emulator.balance() === 1_000_000) await new Promise(setImmediate);
    world.emulator.clock.advance(HOUR_MS);
    expect((await answer).status).toBe(200);
  });

  test('may hit a file that is on its way', async () => {
    const path = '/create/audience/from/file';
    world.emulator.faults.next({ kind: 'drop-after', route: `POST /v1${path}` });
    await expect(world.upload(path, { id: 'a', name: 'a' }, `number\n${AMARA}\n`)).rejects.toThrow(
      'fetch failed',
    );
    expect(world.emulator.audience('a')).toEqual([AMARA]);
  });

  test('too many requests are answered 429 without a body', async () => {
    world.emulator.rateLimit = { enabled: true, perSecond: 1 };
    await world.get('/retrieve/audiences');
    const { status, text } = await world.get('/retrieve/audiences');
    expect([status, text]).toEqual([429, '']);
  });
});
