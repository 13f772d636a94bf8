import { describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { KEY, refusal, useChatInc } from './chatinc-world.js';

const world = useChatInc();
const [AMARA, PIET, THIRD] = ['447700900101', '447700900102', '447700900103'];

const ORDER = {
  id: 'order',
  name: 'order',
  description: 'open orders in May',
  fields: ['first_name', 'order_no', 'pay_link'],
  values: [
    { number: AMARA, first_name: 'Amara', order_no: 'B-2207', pay_link: 'q8T2' },
    { number: PIET, first_name: 'Piet', order_no: 'B-2219', pay_link: 'r1Z9' },
  ],
};
const MAY = {
  title: 'May reminder',
  message: 'Hello {order.first_name}, your order {order.order_no} is ready. Shall we deliver it this week?',
  messageExample: 'Hello Amara, your order B-2207 is ready. Shall we deliver it this week?',
  imgUrl: 'https://img.example.net/may.png',
  buttons: [
    { text: 'Yes please', type: 'input', input: 'deliver' },
    { text: 'Not yet', type: 'input', input: 'wait' },
  ],
  options: { whatsAppTemplateType: 'MARKETING', languageCode: 'enUS', runImmediately: false },
};

describe('audiences', () => {
  test('are created, added to under the same address, and read', async () => {
    const created = await world.post('/create/audience', {
      id: 'loyal_2024',
      name: 'Loyal customers 2024',
      description: 'three orders or more',
      contacts: [{ number: AMARA }, { number: PIET }],
    });
    expect([created.status, created.json]).toEqual([
      200,
      { status: 'success', audience: { id: 'loyal_2024', name: 'Loyal customers 2024' } },
    ]);
    const added = await world.post('/create/audience', { id: 'loyal_2024', contacts: [{ number: THIRD }] });
    expect(added.json).toEqual(created.json);
    expect((await world.post('/retrieve/audience/contacts', { id: 'loyal_2024' })).json).toEqual([
      { number: AMARA },
      { number: PIET },
      { number: THIRD },
    ]);
    expect((await world.get('/retrieve/audiences')).json).toEqual([
      { id: 'loyal_2024', name: 'Loyal customers 2024', description: 'three orders or more' },
    ]);
  });

  test('take a name only where one is given', async () => {
    await world.post('/create/audience', { id: 'new', contacts: [{ number: AMARA }] });
    await world.post('/create/audience', { id: 'new', name: 'Renamed' });
    expect((await world.get('/retrieve/audiences')).json).toEqual([{ id: 'new', name: 'Renamed' }]);
    expect(world.emulator.audience('new')).toEqual([AMARA]);
  });

  test('hold a number once, however it is written', async () => {
    const written = [AMARA, `+${AMARA}`, '+44 7700 900-101', ' (44) 7700.900101 '];
    await world.audience('a', ...written);
    expect(world.emulator.audience('a')).toEqual([AMARA]);
  });

  test.each(['2.78E+10', '12345', '1234567890123456', 'Amara', '', null, undefined, {}])(
    'refuse %j as a number, and all that comes with it',
    async (number) => {
      const answer = await world.post('/create/audience', {
        id: 'a',
        contacts: [{ number: AMARA }, { number }],
      });
      expect(refusal(answer)).toEqual([400, 'contacts[1].number: not a phone number']);
      expect(world.emulator.audience('a')).toBeUndefined();
    },
  );

  test('"all" is everybody, and created by nobody', async () => {
    await world.audience('a', AMARA, PIET);
    await world.audience('b', PIET, THIRD);
    expect((await world.post('/retrieve/audience/contacts', { id: 'all' })).json).toEqual(
      [AMARA, PIET, THIRD].map((number) => ({ number })),
    );
    expect(refusal(await world.audience('all', AMARA))).toEqual([400, 'the id "all" is reserved']);
  });

  test.each([
    ['/create/audience', {}, [400, 'id is required']],
    ['/create/audience', { id: 7 }, [400, 'id must be a string']],
    ['/create/audience', { id: 'a', contacts: AMARA }, [400, 'contacts must be an array']],
    ['/create/audience', [], [400, 'the body must be a JSON object']],
    ['/retrieve/audience/contacts', { id: 'nobody' }, [404, 'audience not found']],
    ['/retrieve/audience/contacts', {}, [400, 'id is required']],
  ])('%s refuses %j', async (path, body, expected) => {
    expect(refusal(await world.post(path, body))).toEqual(expected);
  });
});

describe('variable groups', () => {
  test('are created, and read without their values', async () => {
    const created = await world.post('/create/variable/group', ORDER);
    expect([created.status, created.json.status]).toEqual([200, 'success']);
    await world.campaign(MAY);
    const read = await world.post('/retrieve/variable/groups', {});
    // The second was created by nobody: it stems from the buttons of a campaign.
    expect(read.json).toEqual([
      { name: 'order', fields: ['first_name', 'order_no', 'pay_link'] },
      { name: 'May reminder', fields: ['answer'] },
    ]);
    for (const nothing of [undefined, ''])
      expect((await world.post('/retrieve/variable/groups', nothing)).json).toEqual(read.json);
    expect(world.emulator.variableGroup('order')?.[PIET]).toEqual({
      first_name: 'Piet',
      order_no: 'B-2219',
      pay_link: 'r1Z9',
    });
  });

  test.each([
    [{ ...ORDER, id: undefined, name: undefined }, [400, 'id is required']],
    [{ ...ORDER, fields: 'first_name' }, [400, 'fields must be an array of strings']],
    [{ ...ORDER, values: {} }, [400, 'values must be an array']],
    [{ ...ORDER, values: ['x'] }, [400, 'values[0] must be an object']],
    [{ ...ORDER, values: [{ number: 'x' }] }, [400, 'values[0].number: not a phone number']],
  ])('refuse %j', async (body, expected) => {
    expect(refusal(await world.post('/create/variable/group', body))).toEqual(expected);
    expect(world.emulator.variableGroup('order')).toBeUndefined();
  });
});

describe('campaigns', () => {
  test('are created as a template, listed, and run', async () => {
    await world.audience('open_orders', AMARA, PIET, '447700900199');
    await world.post('/create/variable/group', ORDER);
    await world.post('/create/variable/group', {
      id: 'order',
      fields: ORDER.fields,
      values: [{ number: '447700900199', first_name: 'Zoe', order_no: 'B-2220' }],
    });
    world.emulator.notOnWhatsApp = ['+447700900199'];
    Object.assign(world.emulator.switches, { readRate: 0 });

    const created = await world.post('/create/campaign', MAY);
    const campaignId = expect.stringMatching(/^c_[A-Za-z0-9]{15}$/);
    expect([created.status, created.json]).toEqual([200, { status: 'success', campaignId }]);
    const id: string = created.json.campaignId;
    expect((await world.get('/retrieve/campaigns?active=true')).json).toEqual([
      {
        status: 'success',
        campaigns: {
          campaignId: id,
          templateId: id,
          title: MAY.title,
          message: MAY.message,
          locale: 'en_US',
          imgUrl: MAY.imgUrl,
          variables: [],
          buttons: [
            { text: 'Yes please', type: 'input' },
            { text: 'Not yet', type: 'input' },
          ],
          runs: [],
          totalSent: 0,
          totalDelivered: 0,
          totalRead: 0,
          whatsAppTemplatesStatus: 'APPROVED',
        },
      },
    ]);

    const run = await world.run(id, 'open_orders');
    expect([run.status, run.json.status]).toEqual([200, 'success']);
    world.settle();
    world.emulator.press(AMARA, { button: 'Yes please' });
    const details = await world.post('/retrieve/campaign', { campaignId: id, format: 'json' });
    expect(details.json).toEqual([
      { number: AMARA, action: 'Yes please', status: 'read' },
      { number: PIET, action: '', status: 'delivered' },
      { number: '447700900199', action: '', status: 'notOnWhatsApp' },
    ]);
    const csv = await world.post('/retrieve/campaign', { campaignId: id, format: 'csv' });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text).toBe(
      `number,action,status\n${AMARA},Yes please,read\n${PIET},,delivered\n447700900199,,notOnWhatsApp\n`,
    );
    expect(world.emulator.received(AMARA)).toEqual([
      {
        campaignId: id,
        runId: run.json.runId,
        number: AMARA,
        text: 'Hello Amara, your order B-2207 is ready. Shall we deliver it this week?',
        imgUrl: MAY.imgUrl,
        buttons: MAY.buttons,
        status: 'read',
        at: expect.any(String),
      },
    ]);
  });

  test('may lead to a page or a call, with values in the address', async () => {
    await world.audience('a', AMARA);
    await world.post('/create/variable/group', ORDER);
    const id = await world.campaign({
      title: 'Pay online',
      message: 'Hello {order.first_name}, you can pay order {order.order_no} here.',
      buttons: [
        { text: 'Pay now', type: 'url', url: 'https://pay.example.net/o/{order.pay_link}' },
        { text: 'Call us', type: 'phone', phoneNumber: '+442079460018' },
      ],
    });
    await world.run(id, 'a');
    world.settle();
    expect(world.emulator.received(AMARA)[0]).toMatchObject({
      text: 'Hello Amara, you can pay order B-2207 here.',
      buttons: [{ url: 'https://pay.example.net/o/q8T2' }, { phoneNumber: '+442079460018' }],
    });
    expect(() => world.emulator.press(AMARA, { button: 'Pay now' })).toThrow('tells nobody');
  });

  test.each([
    ['nested', { options: { languageCode: 'nlNL', whatsAppTemplateType: 'UTILITY' } }],
    ['flat', { languageCode: 'nlNL', whatsAppTemplateType: 'UTILITY' }],
    ['under the misspelt names', { langauageCode: 'nlNL', templateType: 'UTILITY' }],
    [
      'both ways, and nested wins',
      {
        languageCode: 'enUS',
        templateType: 'MARKETING',
        options: { languageCode: 'nlNL', whatsAppTemplateType: 'UTILITY' },
      },
    ],
  ])('take options %s', async (_name, fields) => {
    const id = await world.campaign(fields);
    expect(world.emulator.campaign(id)).toMatchObject({ locale: 'nl_NL', templateType: 'UTILITY' });
  });

  test.each([
    ['enUS', 'en_US'],
    ['en_US', 'en_US'],
    ['en-US', 'en_US'],
    ['en', 'en'],
    [undefined, 'en_US'],
  ])('turn the language %j into %j', async (languageCode, locale) => {
    await world.campaign({ options: { languageCode } });
    expect(await world.listed()).toMatchObject({ locale });
  });

  test.each([
    [{ title: undefined }, 'title is required'],
    [{ message: ' ' }, 'message is required'],
    [{ options: [] }, 'options must be an object'],
    [{ options: { languageCode: 'English' } }, 'languageCode must be a code such as enUS'],
    [{ templateType: 'SPAM' }, 'whatsAppTemplateType must be one of MARKETING, UTILITY, AUTHENTICATION'],
    [{ buttons: {} }, 'buttons must be an array'],
    [{ buttons: [{ text: 'x' }] }, 'buttons[0].type must be one of input, journey, phone, url'],
    [
      { buttons: [{ text: 'x', type: 'shout' }] },
      'buttons[0].type must be one of input, journey, phone, url',
    ],
    [{ buttons: [{ text: 'x', type: 'url' }] }, 'url is required'],
    [{ buttons: [{ type: 'input', input: 'x' }] }, 'text is required'],
    [{ runImmediately: true }, 'audiences is required'],
  ])('refuse %j', async (fields, message) => {
    const answer = await world.post('/create/campaign', { title: 'x', message: 'y', ...fields });
    expect(refusal(answer)).toEqual([400, message]);
    expect(world.emulator.campaigns()).toEqual([]);
  });

  test('may have buttons without a type: what they carry tells it', async () => {
    const id = await world.campaign({
      buttons: [
        { text: 'Menu', flowId: 'f1' },
        { text: 'Ask', journeyId: 'j1' },
        { text: 'Yes', input: 'yes' },
      ],
    });
    expect(world.emulator.campaign(id)?.buttons).toEqual([
      { text: 'Menu', type: 'journey', journeyId: 'f1' },
      { text: 'Ask', type: 'journey', journeyId: 'j1' },
      { text: 'Yes', type: 'input', input: 'yes' },
    ]);
  });

  test('keep message and image address as they are', async () => {
    const raw = { message: 'Ünïcode 🎉 {} {odd', imgUrl: 'https://storage.example.net/may sale 1.png' };
    await world.audience('a', AMARA);
    await world.run(await world.campaign(raw), 'a');
    world.settle();
    expect(await world.listed()).toMatchObject(raw);
    expect(world.emulator.received(AMARA)[0]).toMatchObject({ text: raw.message, imgUrl: raw.imgUrl });
  });

  test('fill placeholders by the name of a group, not by its id', async () => {
    await world.audience('a', AMARA);
    const values = [{ number: AMARA, city: 'Cape Town' }];
    await world.post('/create/variable/group', {
      id: 'g1',
      name: 'My Variable Group',
      fields: ['city'],
      values,
    });
    await world.run(await world.campaign({ message: '{My Variable Group.city}' }), 'a');
    await world.run(await world.campaign({ title: 'other', message: '{g1.city}' }), 'a');
    expect(world.emulator.messages(AMARA).map(({ text }) => text)).toEqual(['Cape Town', '']);
  });

  test('personalise with what somebody answered to another', async () => {
    await world.audience('a', AMARA);
    await world.run(await world.campaign(MAY_WITHOUT_VALUES), 'a');
    world.settle();
    world.emulator.press(AMARA, { button: 'deliver' });
    await world.run(await world.campaign({ title: 'Next', message: 'You said {May reminder.answer}' }), 'a');
    world.settle();
    expect(world.emulator.received(AMARA)[1]?.text).toBe('You said deliver');
  });

  test('of templates that were made elsewhere', async () => {
    const templateId = world.emulator.addOffPlatformTemplate({
      name: 'welcome_back',
      message: 'Welcome back',
    });
    const listed = await world.get('/view/off-platform-templates');
    expect(listed.json).toMatchObject([{ templateId, name: 'welcome_back', message: 'Welcome back' }]);
    const path = '/create/campaign/from-offplatform-template';
    const created = await world.post(path, { templateId, title: 'Back again' });
    expect(world.emulator.campaign(created.json.campaignId)).toMatchObject({
      title: 'Back again',
      message: 'Welcome back',
      status: 'APPROVED',
    });
    expect(refusal(await world.post(path, { name: 'nothing' }))).toEqual([404, 'template not found']);
  });

  test('are not run by the printed example, which posts to create', async () => {
    const campaignId = await world.campaign();
    const answer = await world.post('/create/campaign', { campaignId });
    expect(refusal(answer)).toEqual([400, 'title is required']);
    expect(world.emulator.campaign(campaignId)?.runs).toEqual([]);
  });
});

const MAY_WITHOUT_VALUES = { ...MAY, message: 'Shall we deliver it this week?' };

describe('the key', () => {
  test.each([[null], ['nobody'], [`Bearer ${KEY}`], [`Basic ${KEY}`], [KEY.toUpperCase()]])(
    'is the whole header: %j is refused',
    async (key) => {
      for (const path of ['/v1/retrieve/campaigns', '/v1/create/audience/from/file', '/retrieve/journeys']) {
        const method = path.startsWith('/v1/create') ? 'POST' : 'GET';
        const answer = await world.call(method, path, undefined, key);
        expect([answer.status, answer.json]).toEqual([401, { status: 'error', message: 'Unauthorized' }]);
      }
    },
  );

  test('opens one account, which sees nothing of another', async () => {
    const other = world.emulator.addAccount({ apiKey: 'ck_other', balance: 5 });
    await world.audience('a', AMARA);
    const campaignId = await world.campaign();
    expect((await world.get('/retrieve/campaigns', other)).json).toEqual([]);
    expect((await world.get('/retrieve/audiences', other)).json).toEqual([]);
    expect(refusal(await world.post('/run/campaign', { campaignId, audiences: ['a'] }, other))).toEqual([
      404,
      'campaign not found',
    ]);
    await world.run(campaignId, 'a');
    expect([world.emulator.balance(), world.emulator.balance(other)]).toEqual([999_999, 5]);
    world.settle();
    expect(world.emulator.received(AMARA, { apiKey: other })).toEqual([]);
    expect(() => world.emulator.addAccount({ apiKey: 'ck_other' })).toThrow(TypeError);
    expect(() => world.emulator.balance('nobody')).toThrow(TypeError);
  });

  test('is not in the journal', async () => {
    await world.get('/retrieve/campaigns');
    await world.get('/retrieve/campaigns', `Bearer ${KEY}`);
    expect(JSON.stringify(world.emulator.journal.entries)).not.toContain(KEY);
    expect(world.emulator.journal.entries.map(({ headers }) => headers.authorization)).toEqual([
      '[redacted]',
      'Bearer [redacted]',
    ]);
  });
});

describe('routes', () => {
  test('of the bot are there with and without /v1, others with it only', async () => {
    const paths = ['/retrieve/journeys', '/retrieve/flows', '/retrieve/chats'];
    for (const path of paths) {
      const [bare, versioned] = [await world.call('GET', path), await world.get(path)];
      expect([bare.status, bare.json]).toEqual([200, versioned.json]);
    }
    const other = await world.call('GET', '/retrieve/campaigns');
    expect(refusal(other)).toEqual([404, 'route not found']);
  });

  test('are the same under any host name', async () => {
    for (const host of ['api.broadcast.chatinc.com', 'api.chatinc.com', 'api.chatsooner.com']) {
      const { statusCode, body } = await request(`${world.emulator.origin}/v1/retrieve/campaigns`, {
        headers: { host, authorization: KEY },
      });
      expect([statusCode, await body.json()]).toEqual([200, []]);
    }
  });

  test('take parameters from the query and from the body, and the query wins', async () => {
    await world.audience('a', AMARA);
    const [one, other] = [await world.campaign(), await world.campaign({ title: 'Other' })];
    await world.run(one, 'a');
    const query = await world.get(`/retrieve/campaign?campaignId=${one}&format=json`);
    expect(query.json).toHaveLength(1);
    expect((await world.get(`/retrieve/campaign/?campaignId=${one}`)).json).toEqual(query.json);
    const both = await world.post(`/retrieve/campaign?campaignId=${one}`, {
      campaignId: other,
      format: 'csv',
    });
    expect(both.text.split('\n')).toHaveLength(3);
    expect((await world.post('/retrieve/campaigns', { active: true })).json).toHaveLength(2);
    expect(refusal(await world.post('/retrieve/campaign', { campaignId: one, format: 'xml' }))).toEqual([
      400,
      'format must be csv or json',
    ]);
    expect(refusal(await world.get('/retrieve/campaign?campaignId=c_nothing'))).toEqual([
      404,
      'campaign not found',
    ]);
  });

  test.each([
    ['POST', '/v1/delete/campaign'],
    ['POST', '/v1/pause/campaign'],
    ['POST', '/v1/delete/audience'],
    ['POST', '/v1/send/message'],
    ['GET', '/v1/webhooks'],
  ])('that nobody has seen are not there: %s %s', async (method, path) => {
    expect((await world.call(method, path)).status).toBe(404);
  });

  test('refuse what is not JSON', async () => {
    expect((await world.post('/create/audience', '{"id": "a",}')).status).toBe(400);
    const form = new URLSearchParams({ id: 'a' });
    const headers = { authorization: KEY };
    const url = `${world.emulator.origin}/v1/create/audience`;
    expect((await fetch(url, { method: 'POST', body: form, headers })).status).toBe(415);
  });
});

describe('the bot product', () => {
  test('has journeys, of which Welcome is always there', async () => {
    const steps = [
      { type: 'text', id: 's1', entry: 'start', message: 'Hi', exit: 'end' },
      { type: 'text', id: 's2', entry: 'end', message: 'Bye', exit: '' },
    ];
    await world.post('/create/journey', { journeyId: 'j1', entry: 'start', steps });
    const edited = { ...steps[1], message: 'See you' };
    await world.call('POST', '/edit/journey', {
      journeyId: 'j1',
      entry: 'hello',
      steps: [edited, { id: 's3', entry: 'more' }],
    });
    const welcome = { journeyId: 'Welcome', entry: 'welcome', steps: [] };
    const journey = {
      journeyId: 'j1',
      entry: 'hello',
      steps: [steps[0], edited, { id: 's3', entry: 'more' }],
    };
    expect((await world.get('/retrieve/journeys')).json).toEqual([welcome, journey]);
    expect((await world.call('GET', '/retrieve/flows')).json[1]).toEqual({
      flowId: 'j1',
      entry: 'hello',
      forms: journey.steps,
    });
    expect((await world.post('/create/journey', { journeyId: 'j2', entry: 'x' })).status).toBe(400);
    expect((await world.post('/edit/journey', { journeyId: 'nothing' })).status).toBe(404);
  });

  test('keeps the answers to a campaign in the input group with its title', async () => {
    await world.audience('a', AMARA, PIET);
    await world.run(await world.campaign(MAY_WITHOUT_VALUES), 'a');
    world.settle();
    world.emulator.press(AMARA, { button: 'Yes please' });
    world.emulator.press(PIET, { button: 'Not yet' });
    expect((await world.post('/retrieve/input/group', { id: 'May reminder' })).json).toEqual([
      { number: AMARA, input: 'deliver', at: expect.any(String) },
      { number: PIET, input: 'wait', at: expect.any(String) },
    ]);
    await world.post('/create/input/group', { id: 'own', name: 'Own', description: 'mine' });
    expect((await world.post('/retrieve/input/group', { id: 'own' })).json).toEqual([]);
    expect((await world.post('/retrieve/input/group', { id: 'nothing' })).status).toBe(404);
    expect((await world.call('GET', '/retrieve/chats')).json).toEqual([{ id: AMARA }, { id: PIET }]);
    expect((await world.call('GET', '/retrieve/chats?abondonedCarts=true')).json).toEqual([]);
  });

  test.each(['taskGroupId', 'taskId'])('takes task groups by %s', async (name) => {
    const answer = await world.call('POST', '/create/task/group', {
      [name]: 't1',
      group: [{ type: 'template' }],
    });
    expect(answer.json).toEqual({ status: 'success', taskGroupId: 't1' });
    expect((await world.post('/create/task/group', { [name]: 't1' })).status).toBe(400);
  });
});
