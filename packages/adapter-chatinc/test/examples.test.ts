import { afterEach, describe, expect, test } from '@jest/globals';
import type { ChatIncEmulatorOptions } from '@parley/emulators';
import { type Stage, startStage } from './account.js';

// The documented examples, through the client: what leaves, and what is made of the answers.

let stage: Stage;
afterEach(() => stage.close());

const start = async (options?: ChatIncEmulatorOptions) => {
  stage = await startStage({ approvalDelayMs: 0, ...options });
  return stage.open({ uniqueTitles: false }).api;
};

const loyal = {
  id: 'loyal_2024',
  name: 'Loyal customers 2024',
  description: 'three orders or more',
  contacts: [{ number: '447700900101' }, { number: '447700900102' }],
};

const order = {
  name: 'order',
  description: 'open orders in May',
  fields: ['first_name', 'order_no', 'pay_link'],
  values: [
    { number: '447700900101', first_name: 'Amara', order_no: 'B-2207', pay_link: 'q8T2' },
    { number: '447700900102', first_name: 'Piet', order_no: 'B-2219', pay_link: 'r1Z9' },
  ],
};

const reminder = {
  title: 'May reminder',
  message: 'Hello {order.first_name}, your order {order.order_no} is ready. Shall we deliver it this week?',
  messageExample: 'Hello Amara, your order B-2207 is ready. Shall we deliver it this week?',
  imgUrl: 'https://img.example.net/may.png',
  buttons: [
    { text: 'Yes please', type: 'input', input: 'deliver' },
    { text: 'Not yet', type: 'input', input: 'wait' },
  ],
} as const;

describe('the documented requests', () => {
  test('create an audience, and add a contact to it', async () => {
    const api = await start();
    await api.createAudience(loyal);
    await api.addContactsToAudience({ id: 'loyal_2024', contacts: [{ number: '+44 7700 900103' }] });
    const [created, added] = stage.asked('/v1/create/audience');
    expect(created).toEqual(loyal);
    expect(added).toMatchObject({
      id: 'loyal_2024',
      contacts: [{ number: '447700900101' }, { number: '447700900102' }, { number: '447700900103' }],
    });
    expect(stage.emulator.audience('loyal_2024')).toHaveLength(3);
    expect(await api.retrieveAudienceCotacts({ id: 'loyal_2024' })).toEqual([
      { number: '447700900101' },
      { number: '447700900102' },
      { number: '447700900103' },
    ]);
    expect(await api.retrieveAudiences()).toEqual([expect.objectContaining({ id: 'loyal_2024' })]);
  });

  test('create an audience from a file', async () => {
    const api = await start();
    const rows = ['447700900101', { number: '+447700900104' }];
    await api.createAudienceFromFile({ id: 'spring_list', name: 'Spring list', rows });
    expect(stage.emulator.audience('spring_list')).toEqual(['447700900101', '447700900104']);
    await api.createAudienceFromFile({ id: 'autumn_list', csv: 'number\n447700900105\n' });
    expect(stage.emulator.audience('autumn_list')).toEqual(['447700900105']);
  });

  test('create a variable group, and read that it is there', async () => {
    const api = await start();
    await api.createVariableGroup(order);
    expect(stage.asked('/v1/create/variable/group')).toEqual([{ ...order, id: 'order' }]);
    expect(await api.retrieveVariableGroups()).toEqual([{ name: 'order', fields: order.fields }]);
    expect(stage.asked('/v1/retrieve/variable/groups')).toEqual([{}]);
  });

  test('create a variable group from a file, with an audience of everybody in it', async () => {
    const api = await start();
    const rows = [order.values[0], { ...order.values[1], first_name: 'Piet, jr.' }] as typeof order.values;
    await api.createVariableGroupFromFile({
      name: 'order',
      fields: order.fields,
      audienceId: 'open_orders',
      rows,
    });
    expect(stage.emulator.audience('open_orders')).toEqual(['447700900101', '447700900102']);
    expect(stage.emulator.variableGroup('order')).toMatchObject({
      '447700900102': { first_name: 'Piet, jr.', order_no: 'B-2219' },
    });
  });

  test('create a campaign, find it in the list, run it now and later', async () => {
    const api = await start();
    await api.createAudience(loyal);
    await api.createVariableGroup(order);
    const options = {
      whatsAppTemplateType: 'MARKETING',
      languageCode: 'en-US',
      runImmediately: false,
    } as const;
    const { campaignId, title, warnings } = await api.createCampaign(reminder, options);
    expect({ title, warnings }).toEqual({ title: 'May reminder', warnings: [] });
    expect(stage.asked('/v1/create/campaign')).toEqual([
      {
        ...reminder,
        options: { whatsAppTemplateType: 'MARKETING', languageCode: 'enUS', runImmediately: false },
      },
    ]);
    expect(await api.retrieveCampaigns({ active: true })).toEqual([
      expect.objectContaining({
        campaignId,
        title: 'May reminder',
        locale: 'en_US',
        whatsAppTemplatesStatus: 'APPROVED',
        totalSent: 0,
      }),
    ]);
    await api.runCampaign({ campaignId, audiences: ['loyal_2024'] });
    stage.emulator.clock.advance(3_600_000 * 12);
    const later = new Date('2026-06-02T12:00:00.400Z');
    await api.runCampaign({ campaignId, audiences: ['loyal_2024'], timeToRun: later });
    expect(stage.asked('/v1/run/campaign')).toEqual([
      { campaignId, audiences: ['loyal_2024'] },
      { campaignId, audiences: ['loyal_2024'], timeToRun: 1780401600 },
    ]);
  });

  test('create a campaign that calls and opens pages', async () => {
    const api = await start();
    const buttons = [
      { text: 'Pay now', type: 'url', url: 'https://pay.example.net/o/{order.pay_link}' },
      { text: 'Call us', type: 'phone', phoneNumber: '+442079460018' },
    ] as const;
    const message = 'Hello {order.first_name}, you can pay order {order.order_no} here.';
    const exampleValues = { 'order.first_name': 'Amara', 'order.order_no': 'B-2207' };
    await api.createCampaign({ title: 'Pay online', message, buttons, exampleValues });
    expect(stage.asked('/v1/create/campaign')).toEqual([
      {
        title: 'Pay online',
        message,
        buttons,
        messageExample: 'Hello Amara, you can pay order B-2207 here.',
      },
    ]);
  });

  test('carry the raw key, and nothing else', async () => {
    const api = await start({ apiKey: 'ck_test_51f0' });
    expect(await api.retrieveAudiences()).toEqual([]);
    await expect(stage.open({ apiKey: 'Bearer ck_test_51f0' }).api.retrieveAudiences()).rejects.toMatchObject(
      {
        code: 'ERR_AUTHENTICATION',
      },
    );
    expect(stage.notices).toEqual([{ name: 'account.refused', reason: expect.any(String) }]);
  });
});

describe('the details of a campaign', () => {
  const run = async (options: ChatIncEmulatorOptions) => {
    const api = await start({ deliveredRate: 1, readRate: 1, ...options });
    await api.createAudience(loyal);
    const { campaignId } = await api.createCampaign({
      title: 'Hi',
      message: 'Hello.',
      buttons: reminder.buttons,
    });
    await api.runCampaign({ campaignId, audiences: ['loyal_2024'] });
    stage.emulator.clock.advance(3_600_000 * 12);
    stage.emulator.press('447700900101', { button: 'Yes please' });
    return { api, campaignId };
  };

  test('come as JSON', async () => {
    const { api, campaignId } = await run({});
    expect(await api.retrieveCampaignDetails({ campaignId })).toEqual([
      expect.objectContaining({ number: '447700900101', action: 'Yes please', status: 'read' }),
      expect.objectContaining({ number: '447700900102', action: '', status: 'read' }),
    ]);
    expect(stage.asked('/v1/retrieve/campaign')).toEqual([{ campaignId, format: 'json' }]);
  });

  test.each(['plain', 'bomCrlf', 'semicolon', 'textPlain', 'json'] as const)(
    'come as CSV, the emulator sending it %s',
    async (detailsCsv) => {
      const { api, campaignId } = await run({ detailsCsv });
      expect(await api.retrieveCampaignDetails({ campaignId, format: 'csv' })).toEqual([
        expect.objectContaining({ number: '447700900101', action: 'Yes please' }),
        expect.objectContaining({ number: '447700900102', action: '' }),
      ]);
    },
  );

  test('that are a link are named and not followed', async () => {
    const { api, campaignId } = await run({ detailsCsv: 'link' });
    await expect(api.retrieveCampaignDetails({ campaignId, format: 'csv' })).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_PAYLOAD',
      message: expect.stringMatching(/link that is not followed: https?:\/\//),
    });
  });
});
