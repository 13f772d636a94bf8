import { afterEach, describe, expect, test } from '@jest/globals';
import { chatinc } from '@parley/adapter-chatinc';
import { crisp } from '@parley/adapter-crisp';
import { type Accounts, createBot, type Log, memoryEngine, silentLog } from '@parley/core';
import { startChatInc, startCrisp } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type BroadcastOptions, createBroadcast } from '../src/index.js';
import { all } from './scene.js';

// Opting out where people do: at the emulated providers.

const GONE = 'You will get no more offers.';
const AT_ONCE = { approvalDelayMs: 0, sentWithinMs: 0, deliveredWithinMs: 0, readWithinMs: 0 };
const NO_LUCK_NEEDED = { sendErrorRate: 0, deliveryErrorRate: 0, deliveredRate: 1, readRate: 1 };
const NOOR = '+31612340001';
const PIET = '+31612340002';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A bot that answers opt-outs, and what its handlers hear of. */
async function aBot(accounts: Accounts, optOut: BroadcastOptions['optOut'] = { answer: GONE }) {
  const engine = memoryEngine({ backoffMs: 100 });
  const bot = createBot({ accounts, engine, log: silentLog });
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_details, message) => warnings.push(message) };
  const broadcast = createBroadcast(bot, { log, optOut });
  const heard: { text: string; run: string | undefined }[] = [];
  bot.on('message.received', ({ text, message }) => {
    heard.push({ text, run: message.attribution?.run });
  });
  await bot.start();
  await broadcast.start();
  open.push(bot, { close: () => broadcast.stop() });
  const listed = async () =>
    (await all(broadcast.suppressions.list())).map(({ address }) => address).toSorted();
  return { bot, broadcast, heard, warnings, listed };
}

async function aCrisp(tier: 'plugin' | 'user' = 'plugin') {
  const emulator = await startCrisp({ tier });
  open.push(emulator);
  const { identifier, key, websiteId: website } = emulator.credentials;
  return { emulator, account: crisp({ tier, identifier, key, website, origin: emulator.origin }) };
}

async function aChatInc() {
  const emulator = await startChatInc({ ...AT_ONCE, ...NO_LUCK_NEEDED });
  open.push(emulator);
  const { origin, apiKey } = emulator.credentials;
  const poll = { listMs: 100, approvalMs: 100, detailsMinMs: 100 };
  return { emulator, account: chatinc({ apiKey, baseUrl: `${origin}/v1`, botBaseUrl: origin, poll }) };
}

describe('opting out at Chat Inc', () => {
  test('by a button that is pressed keeps every later campaign away; a press names its campaign', async () => {
    const { emulator, account } = await aChatInc();
    const { broadcast, heard, listed } = await aBot({ promo: account });
    const buttons = [
      { type: 'reply', label: 'More', value: 'more' },
      { type: 'reply', label: 'Stop', value: 'no-offers' },
    ] as const;
    const { id } = await broadcast.run({
      name: 'may',
      account: 'promo',
      template: { language: 'en', body: 'Tyres are cheaper.', buttons },
      audience: [{ contacts: [{ phone: NOOR }, { phone: PIET }] }],
    });
    await broadcast.finished(id);
    emulator.press(NOOR.slice(1), { button: 'Stop' });
    emulator.press(PIET.slice(1), { button: 'More' });
    await eventually(
      () => heard.length === 2,
      () => `heard: ${JSON.stringify(heard)}`,
      10_000,
    );
    expect(heard.toSorted((one, other) => one.text.localeCompare(other.text))).toEqual([
      { text: 'More', run: id },
      { text: 'Stop', run: id },
    ]);
    expect(await listed()).toEqual([NOOR]);
  });
});

test('an answer at Crisp, from whatever address the campaign was sent to, names the campaign', async () => {
  const { emulator, account } = await aCrisp('user');
  const { broadcast, heard } = await aBot({ mail: account });
  const { id } = await broadcast.run({
    name: 'may',
    account: 'mail',
    template: { language: 'en', body: 'Tyres are cheaper.' },
    audience: [{ contacts: [{ email: 'Ada@x.example' }] }],
  });
  await broadcast.finished(id);
  const visitor = emulator.visitor({ nickname: 'Ada', email: 'ada@x.example' });
  visitor.say('How much are they?');
  await eventually(
    () => heard.length === 1,
    () => 'not heard',
  );
  expect(heard).toEqual([{ text: 'How much are they?', run: id }]);
});

describe('opting out at Crisp', () => {
  test('lists the addresses of whoever writes, also in the first message, and is answered', async () => {
    const { emulator, account } = await aCrisp();
    const { listed } = await aBot({ chat: account });
    const visitor = emulator.visitor({ nickname: 'Ada', email: 'ada@x.example', phone: NOOR });
    visitor.say('STOP!');
    expect(await visitor.next()).toMatchObject({ content: GONE });
    expect(await listed()).toEqual([NOOR, 'ada@x.example']);
  });

  test('lists a phone number that only the conversation tells', async () => {
    const { emulator, account } = await aCrisp();
    const { listed } = await aBot({ chat: account });
    const visitor = emulator.visitor({ nickname: 'Ada', phone: NOOR });
    visitor.say('stop');
    expect(await visitor.next()).toMatchObject({ content: GONE });
    expect(await listed()).toEqual([NOOR]);
  });

  test('lists what a contact has said of themselves since they were asked for last', async () => {
    const { emulator, account } = await aCrisp();
    const { broadcast, heard, listed } = await aBot({ chat: account });
    await broadcast.run({
      name: 'later',
      account: 'chat',
      template: { language: 'en', body: 'Tyres are cheaper.' },
      audience: [{ contacts: [{ email: 'piet@x.example' }] }],
      at: '2999-01-01T00:00:00Z',
    });
    const visitor = emulator.visitor({ nickname: 'Bea', email: 'bea@x.example' });
    visitor.say('hi');
    await eventually(
      () => heard.length === 1,
      () => 'not heard',
    );
    visitor.tell({ phone: NOOR });
    visitor.say('stop');
    expect(await visitor.next()).toMatchObject({ content: GONE });
    expect(await listed()).toEqual([NOOR, 'bea@x.example']);
  });

  test('is tried again while the contact cannot be asked for, and answered only then', async () => {
    const { emulator, account } = await aCrisp();
    const { listed } = await aBot({ chat: account });
    const visitor = emulator.visitor({ nickname: 'Ada', email: 'ada@x.example' });
    const route = 'GET /v1/website/:website/people/profile/:person';
    emulator.faults.next({ kind: 'status', status: 403, route, times: 2 });
    visitor.say('stop');
    expect(await visitor.next(20_000)).toMatchObject({ content: GONE });
    expect(emulator.faults.pending).toEqual([]);
    expect(await listed()).toEqual(['ada@x.example']);
  });

  test('of somebody without any address is not answered: handlers get it, and a warning tells', async () => {
    const { emulator, account } = await aCrisp();
    const { heard, warnings, listed } = await aBot({ chat: account });
    const visitor = emulator.visitor({ nickname: 'Ada', phone: '06 12340008' });
    visitor.say('stop');
    await eventually(
      () => heard.length === 1,
      () => 'not heard',
    );
    expect(visitor.received).toEqual([]);
    expect(await listed()).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('no address')]);
  });
});
