import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chatinc } from '@parley/adapter-chatinc';
import { type Accounts, type Bot, createBot, memoryEngine, silentLog } from '@parley/core';
import { type ChatIncEmulator, startChatInc } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type Broadcast, type CampaignSpec, createBroadcast } from '../src/index.js';
import { all } from './scene.js';

// The neutral API against the emulated Chat Inc: what it asks for, in which order, and what it never asks for.

const SOON = { approvalDelayMs: 0, sentWithinMs: 0, deliveredWithinMs: 0, readWithinMs: 0 };
const NO_LUCK_NEEDED = { sendErrorRate: 0, deliveryErrorRate: 0, deliveredRate: 1, readRate: 1 };

let emulator: ChatIncEmulator;
let bot: Bot<Accounts>;
let broadcast: Broadcast;

beforeEach(async () => {
  emulator = await startChatInc({ ...SOON, ...NO_LUCK_NEEDED, balance: 100 });
  const { origin, apiKey } = emulator.credentials;
  const promo = chatinc({ apiKey, baseUrl: `${origin}/v1`, botBaseUrl: origin });
  bot = createBot({
    accounts: { promo },
    engine: memoryEngine(),
    log: silentLog,
  });
  broadcast = createBroadcast(bot, { log: silentLog });
  await bot.start({ turns: false });
  await broadcast.start();
});
afterEach(async () => {
  await broadcast.stop();
  await bot.close();
  await emulator.close();
});

const reminder: CampaignSpec = {
  name: 'may-reminder',
  account: 'promo',
  template: {
    language: 'en-US',
    body: 'Hello {order.first_name}, your order {order.order_no} is ready. Shall we deliver it this week?',
    imageUrl: 'https://img.example.net/may.png',
    buttons: [
      { type: 'reply', label: 'Yes please', value: 'deliver' },
      { type: 'reply', label: 'Not yet', value: 'wait' },
    ],
  },
  audience: [{ contacts: [{ phone: '+447700900101' }, { phone: '+447700900102' }] }],
  variables: {
    order: {
      rows: [
        { phone: '+447700900101', first_name: 'Amara', order_no: 'B-2207' },
        { phone: '+447700900102', first_name: 'Piet', order_no: 'B-2219' },
      ],
    },
  },
};

/** Without the reads, which come as often as it takes. */
const written = (): string[] =>
  emulator.journal
    .requests({ method: 'POST' })
    .flatMap(({ path }) => (path.includes('/retrieve/') ? [] : path));

describe('the documented sequence: audience, variable group, campaign, run, results', () => {
  test('a run makes each of them once, in this order, and knows what became of everybody', async () => {
    const { id } = await broadcast.run(reminder);
    const ended = await broadcast.finished(id);

    const [first, second, ...rest] = written();
    expect(new Set([first, second])).toEqual(
      new Set(['/v1/create/audience/from/file', '/v1/create/variable/group/from/file']),
    );
    expect(rest).toEqual(['/v1/create/campaign', '/v1/run/campaign']);
    const [campaign] = emulator.campaigns();
    const [run] = campaign?.runs ?? [];
    expect(emulator.audience(run?.audiences[0] ?? '')).toEqual(['447700900101', '447700900102']);
    expect(campaign?.messageExample).toBe(
      'Hello Alex, your order 12345 is ready. Shall we deliver it this week?',
    );
    expect(emulator.balance()).toBe(98);
    expect(emulator.received('447700900102')).toMatchObject([
      {
        text: 'Hello Piet, your order B-2219 is ready. Shall we deliver it this week?',
        imgUrl: 'https://img.example.net/may.png',
        buttons: [{ text: 'Yes please' }, { text: 'Not yet' }],
      },
    ]);

    expect(ended).toMatchObject({ state: 'completed', recipients: 2, waiting: 0, unknown: 0 });
    expect(ended.counts).toMatchObject({ sent: 2, delivered: 2, read: 2 });
    expect(await all(broadcast.recipients(id))).toEqual([
      { to: { channel: 'whatsapp', value: '+447700900101' }, status: 'read' },
      { to: { channel: 'whatsapp', value: '+447700900102' }, status: 'read' },
    ]);
  });
});

test('who opts out while an upload that has taken effect is repeated gets nothing, and the others get it', async () => {
  emulator.faults.next({
    kind: 'status-after',
    status: 503,
    route: 'POST /v1/create/audience/from/file',
    times: 3,
  });
  const { id } = await broadcast.run(reminder);
  await eventually(
    () => emulator.journal.requests({ path: '/v1/create/audience/from/file' }).length > 0,
    () => 'nothing was uploaded',
  );
  await broadcast.suppressions.add('+447700900101');
  expect(await broadcast.finished(id)).toMatchObject({
    state: 'completed',
    recipients: 1,
    counts: { sent: 1 },
  });
  expect(emulator.received('447700900101')).toEqual([]);
  expect(emulator.balance()).toBe(99);
});

test('a run ends when everybody is known to be sent to or out of reach, also where no total tells', async () => {
  emulator.switches.sentWithinMs = 3_600_000;
  emulator.notOnWhatsApp = ['447700900101', '447700900102'];
  const { id } = await broadcast.run(reminder);
  await eventually(
    () => emulator.journal.requests({ path: '/v1/retrieve/campaign' }).length > 0,
    () => 'nobody has asked what became of it',
    10_000,
  );
  expect(await broadcast.status(id)).toMatchObject({ state: 'running', waiting: 2 });
  emulator.clock.advance(3_600_000);
  expect(await broadcast.finished(id)).toMatchObject({ state: 'completed', counts: { sent: 0, failed: 2 } });
  expect(await all(broadcast.recipients(id))).toMatchObject([
    { status: 'failed', reason: 'not_on_channel' },
    { status: 'failed', reason: 'not_on_channel' },
  ]);
});

describe('refused', () => {
  const { template, audience, variables } = reminder;
  const { buttons = [] } = template;
  const phone = { type: 'phone', label: 'Call us', phone: '+31201234567' } as const;
  const order = variables?.order as { rows: readonly Record<string, string>[] };

  test.each<[what: string, changes: Partial<CampaignSpec>, problem: RegExp]>([
    [
      'a placeholder that no group has',
      { template: { ...template, body: `${template.body} {order.van}` } },
      /^variables\.order\.rows: there is no column for \{order\.van\}: there are phone, first_name, order_no$/,
    ],
    [
      'a missing variable of one person',
      { variables: { order: { rows: [order.rows[0] ?? {}] } } },
      /^audience\[0\]\.contacts\[1\].*: has no value for \{order\.first_name\}, \{order\.order_no\}: fill it in, or leave the person out$/,
    ],
    [
      'a phone and an input button together',
      { template: { ...template, buttons: [...buttons.slice(1), phone] } },
      /^template\.buttons: reply and phone buttons do not go together: reply with flow, or link with phone$/,
    ],
    [
      'a template that was approved elsewhere',
      { template: { ...template, approved: { chatinc: { id: 'wa_1' } } } },
      /^template\.approved\.chatinc: a campaign of the provider has a template of its own: leave it out, or write via: person$/,
    ],
    ['an empty audience', { audience: [{ contacts: [] }] }, /^audience: there is nobody in it$/],
    [
      'a wrong number',
      { audience: [...audience, { contacts: [{ phone: '+3161' }] }] },
      /^audience\[1\]\.contacts\[0\].*: there can be no such phone number/,
    ],
  ])('%s: before any request, with the place and what to do', async (_what, changes, problem) => {
    const refused = broadcast.run({ ...reminder, ...changes });
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      problems: expect.arrayContaining([expect.stringMatching(problem)]),
    });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/\+3161|7700900102/) });
    expect(emulator.journal.entries).toEqual([]);
    expect(await broadcast.runs()).toEqual([]);
  });

  test('a template that is not approved is never run, and nothing is paid', async () => {
    emulator.switches.approval = 'manual';
    const { id } = await broadcast.run(reminder);
    for await (const { state } of broadcast.watch(id)) if (state === 'awaiting_approval') break;
    emulator.reject(emulator.campaigns()[0]?.campaignId ?? '');
    expect(await broadcast.finished(id)).toMatchObject({
      state: 'rejected',
      reason: 'The template is rejected: nothing was sent or paid',
      counts: { sent: 0 },
    });
    expect(written()).not.toContain('/v1/run/campaign');
    expect(emulator.balance()).toBe(100);
  });
});
