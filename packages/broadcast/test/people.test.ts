import { afterEach, describe, expect, test } from '@jest/globals';
import type { Attribution } from '@parley/core';
import { anEvent, eventually, fakeAdapter } from '@parley/testing';
import { eraseFromRuns } from '../src/index.js';
import { aCampaign, all, closeScenes, ended, outcomesOf, phone, setScene } from './scene.js';

afterEach(closeScenes);

const DAY = 24 * 3_600_000;

/** Whom the shop has written to: a campaign to three people has ended. */
async function aFinishedRun(options: Parameters<typeof setScene>[0] = {}) {
  const scene = await setScene(options);
  const { bot, broadcast, clock, shop } = scene;
  const heard: { text: string; account: string; attribution: Attribution | undefined }[] = [];
  bot.on('message.received', (turn) => {
    const { account } = turn.event;
    heard.push({ text: turn.text, account, attribution: turn.message.attribution });
  });
  const { id } = await broadcast.run(aCampaign(3));
  await ended(scene, id);
  const tell = async (
    name: 'message.delivered' | 'message.read' | 'message.failed',
    index: number,
    changes: { messageId?: string; reason?: string } = {},
  ): Promise<void> => {
    const conversationId = shop.conversationWith({ from: phone(index) });
    const sent = shop.sent.find(({ conversation }) => `shop:${conversation}` === conversationId);
    const messageId = `shop:${sent?.id}`;
    const event = anEvent(name, { account: 'shop', conversationId, messageId, ...changes });
    await bot.engine.accept([event]);
    await clock.settle();
    await clock.advance(10);
  };
  return { ...scene, id, heard, tell };
}

describe('receipts', () => {
  test('move a recipient only up, in whatever order they come', async () => {
    const { broadcast, id, tell } = await aFinishedRun();
    await tell('message.read', 0);
    await tell('message.delivered', 0);
    await tell('message.delivered', 1);
    await tell('message.delivered', 1);
    await tell('message.failed', 1, { reason: 'too late to be true' });
    await tell('message.failed', 2, { reason: 'not on WhatsApp' });
    expect(await outcomesOf(broadcast, id)).toEqual(['read', 'delivered', 'failed']);
    expect(await broadcast.status(id)).toMatchObject({
      counts: { sent: 2, delivered: 2, read: 1, failed: 1 },
      deliveryRate: 1,
      readRate: 0.5,
    });
    const [, , failed] = await all(broadcast.recipients(id));
    expect(failed).toMatchObject({ reason: 'not on WhatsApp' });
    await tell('message.delivered', 2);
    expect(await outcomesOf(broadcast, id)).toEqual(['read', 'delivered', 'delivered']);
  });

  test('of other messages in the same conversation change nothing', async () => {
    const { broadcast, id, tell } = await aFinishedRun();
    await tell('message.read', 0, { messageId: 'shop:another' });
    expect(await outcomesOf(broadcast, id)).toEqual(['sent', 'sent', 'sent']);
  });

  test('that come before anybody knows whose they are count, too', async () => {
    const scene = await setScene();
    const { bot, broadcast, clock, shop } = scene;
    // The provider tells of the delivery before it has answered.
    const world = shop.world;
    const { post } = world;
    world.post = (message) => {
      const posted = post(message);
      const conversationId = `shop:${posted.conversation}`;
      const messageId = `shop:${posted.id}`;
      void bot.engine.accept([anEvent('message.delivered', { account: 'shop', conversationId, messageId })]);
      return posted;
    };
    const { id } = await broadcast.run(aCampaign(2));
    await ended(scene, id);
    await clock.advance(1000);
    expect(await outcomesOf(broadcast, id)).toEqual(['delivered', 'delivered']);
  });

  test('where the provider names no message belong to the first one that is heard of', async () => {
    const scene = await setScene();
    const { bot, broadcast, clock, shop } = scene;
    const { open } = bot.accounts.shop.conversations;
    bot.accounts.shop.conversations.open = async (request, options) => {
      const { messageId: _, ...opened } = await open(request, options);
      return opened;
    };
    const { id } = await broadcast.run(aCampaign(1));
    await ended(scene, id);
    const conversationId = shop.conversationWith({ from: phone(0) });
    const at = new Date(clock.now()).toISOString();
    for (const [name, messageId] of [
      ['message.delivered', 'shop:one'],
      ['message.read', 'shop:two'],
    ] as const) {
      await bot.engine.accept([anEvent(name, { account: 'shop', conversationId, messageId, at })]);
      await clock.advance(10);
    }
    expect(await outcomesOf(broadcast, id)).toEqual(['delivered']);
    await bot.engine.accept([
      anEvent('message.read', { account: 'shop', conversationId, messageId: 'shop:one', at }),
    ]);
    await clock.advance(10);
    expect(await outcomesOf(broadcast, id)).toEqual(['read']);
  });
});

describe('an answer', () => {
  test.each([
    ['a numbered list', { text: {} }, undefined, '2'],
    [
      'an approved template, by its label',
      { text: {}, template: {} },
      { fake: { id: 'may-2' } },
      'no, thanks',
    ],
  ] as const)('presses the button of %s', async (_, accepts, approved, words) => {
    const shop = fakeAdapter({ accepts });
    const scene = await setScene({}, {}, undefined, shop);
    const { bot, broadcast, clock } = scene;
    const pressed: unknown[] = [];
    bot.on('message.received', (turn) => pressed.push([turn.choice?.value, turn.message.attribution?.run]));
    const buttons = [
      { type: 'reply', label: 'Yes, please', value: 'TEST_DRIVE' },
      { type: 'reply', label: 'No, thanks', value: 'NO_DRIVE' },
    ] as const;
    const template = { body: 'A test drive?', language: 'en', buttons, ...(approved && { approved }) };
    const { id } = await broadcast.run(aCampaign(2, { template }));
    await ended(scene, id);
    await shop.says(words, { from: phone(1) });
    await clock.advance(10);
    expect(pressed).toEqual([['NO_DRIVE', id]]);
  });

  test('names the campaign, also on another account, by the phone number', async () => {
    const { help, shop, heard, id, clock, bot } = await aFinishedRun();
    await shop.says('yes please', { from: phone(1) });
    await clock.advance(10);
    for (const words of ['about your offer', 'again']) {
      await help.says(words, { from: phone(2) });
      await clock.advance(10);
    }
    await help.says('who are you', { from: '+31699999999' });
    await clock.advance(10);
    const attribution = { campaign: 'may', run: id, account: 'shop', at: expect.any(String) };
    expect(heard).toEqual([
      { text: 'yes please', account: 'shop', attribution },
      { text: 'about your offer', account: 'help', attribution },
      { text: 'again', account: 'help', attribution },
      { text: 'who are you', account: 'help', attribution: undefined },
    ]);
    // A contact is asked for once.
    expect(help.attempts.filter(({ method }) => method === 'contacts.get')).toHaveLength(2);
    expect(bot.state).toBe('running');
  });

  test('after two weeks is no answer to it any more', async () => {
    const { help, shop, heard, clock } = await aFinishedRun({ attributionDays: 2 });
    await clock.advance(2 * DAY + 1000);
    for (const account of [help, shop]) {
      await account.says('about your offer', { from: phone(2) });
      await clock.advance(10);
    }
    expect(heard).toEqual([
      { text: 'about your offer', account: 'help', attribution: undefined },
      { text: 'about your offer', account: 'shop', attribution: undefined },
    ]);
  });

  test('by a button is kept with the recipient', async () => {
    const { shop, broadcast, id, clock } = await aFinishedRun();
    await shop.says({ kind: 'choice', value: 'yes', label: 'Yes please' }, { from: phone(1) });
    await clock.advance(10);
    const people = await all(broadcast.recipients(id));
    expect(people.map(({ answer }) => answer)).toEqual([undefined, 'Yes please', undefined]);
  });

  test('costs nothing while there are no runs', async () => {
    const { help, clock } = await setScene();
    await help.says('hello', { from: phone(2) });
    await clock.advance(10);
    expect(help.attempts).toEqual([]);
  });
});

describe('opting out', () => {
  test.each([
    [
      'STOP',
      ' stop! ',
      'ＳＴＯＰ 🛑',
      'St\u200bop\u200f',
      'STOPALL',
      'Stop please.',
      'please, stop',
      'Unsubscribe me!',
    ],
    ['Désabonner', 'AFMELDEN.', '«Стоп»', 'İPTAL', 'Hou op asseblief', 'staak'],
    [
      'إيقاف',
      'ايقاف',
      'تَوَقَّف',
      'إلغاء الاشتراك.',
      'הסר',
      'הָסֵר',
      'הסר בבקשה',
      '退订',
      '请停止',
      '停止。',
      'बंद करें',
      'कृपया रोकें',
      'स्टॉप',
    ],
  ])('is any of %s, %s, %s and their like', async (...words) => {
    const { help, broadcast, clock } = await setScene();
    for (const [index, said] of words.entries()) await help.says(said, { from: phone(index) });
    await clock.advance(10);
    const listed = (await all(broadcast.suppressions.list())).map(({ address }) => address);
    expect(words.filter((_, index) => !listed.includes(phone(index)))).toEqual([]);
  });

  test.each([
    [
      'please',
      'stop by tomorrow?',
      'do not stop',
      'non-stop',
      'bus stop',
      'stopped',
      'full stop please, then',
      'cancel',
      'quit',
    ],
    ['رك', 'रक', 'बद कर', '停', '停止营业时间?', 'ok', '', '🛑', 'end.'],
  ])('is none of %s, %s, %s and their like', async (...words) => {
    const { help, broadcast, clock } = await setScene();
    for (const [index, said] of words.entries()) await help.says(said, { from: phone(index) });
    await clock.advance(10);
    expect(await all(broadcast.suppressions.list())).toEqual([]);
  });

  test('by a word that ends other things, too, is heard of whoever types it as an answer to a campaign', async () => {
    const { help, broadcast, clock } = await aFinishedRun();
    await help.says('Cancel', { from: phone(0) });
    await help.says('QUIT', { from: '+31699999999' });
    // The bot has asked something.
    await help.says({ kind: 'choice', value: 'no', label: 'Cancel' }, { from: phone(1) });
    await clock.advance(10);
    const listed = (await all(broadcast.suppressions.list())).map(({ address }) => address);
    expect(listed).toEqual([phone(0)]);
  });

  test.each(['STOP', 'AFMELDEN.'])(
    'by "%s" on another account keeps every later campaign away',
    async (words) => {
      const scene = await setScene();
      const { help, broadcast, clock } = scene;
      await help.says(words, { from: phone(1) });
      await clock.advance(10);
      expect(await broadcast.suppressions.has(phone(1))).toBe(true);
      const { id } = await broadcast.run(aCampaign(3));
      expect(await ended(scene, id)).toMatchObject({ recipients: 2, excluded: { opted_out: 1 } });
      expect(scene.shop.texts.toSorted()).toEqual(['Hello Person 0', 'Hello Person 2']);
    },
  );

  test('is heard while a run is under way', async () => {
    const scene = await setScene({ window: 1 });
    const { help, shop, broadcast, clock } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(150));
    await clock.advance(10);
    await help.says('stop', { from: phone(140) });
    await clock.advance(10);
    release();
    expect(await ended(scene, id)).toMatchObject({
      recipients: 149,
      excluded: { opted_out: 1 },
      counts: { sent: 149 },
    });
    expect(shop.texts).not.toContain('Hello Person 140');
  });

  test('with an answer is answered once, and no handler gets it; another sentence with the word is none', async () => {
    const scene = await setScene({ optOut: { answer: 'You will hear no more.', words: ['no more'] } });
    const { bot, help, clock, broadcast } = scene;
    const heard: string[] = [];
    bot.on('message.received', (turn) => {
      heard.push(turn.text);
    });
    await help.says('No more', { from: phone(1) });
    await help.redelivers();
    await help.says('please, no more mails but do call', { from: phone(2) });
    await help.says('stop', { from: phone(2) });
    await clock.advance(10);
    expect(help.texts).toEqual(['You will hear no more.']);
    expect(heard).toEqual(['please, no more mails but do call', 'stop']);
    const listed = await all(broadcast.suppressions.list());
    expect(listed).toEqual([{ address: phone(1), at: expect.any(String), why: 'opted_out' }]);
    expect(await broadcast.suppressions.remove(phone(1))).toBe(true);
    expect(await broadcast.suppressions.remove(phone(1))).toBe(false);
    expect(await broadcast.suppressions.has(phone(1))).toBe(false);
  });
});

describe('erasing a person', () => {
  test('takes them out of the runs that are kept; a later answer is nobody’s', async () => {
    const { broadcast, bot, id, clock, shop, heard, engine } = await aFinishedRun();
    const conversationId = shop.conversationWith({ from: phone(1) });
    await broadcast.erase(phone(1));
    const people = await all(broadcast.recipients(id));
    expect(people.map(({ to }) => to.value)).toEqual([phone(0), '', phone(2)]);
    expect(people[1]).toEqual({ to: { channel: 'whatsapp', value: '' }, status: 'sent' });
    expect(await broadcast.status(id)).toMatchObject({ counts: { sent: 3 } });
    expect(await engine.readState(conversationId, 'campaigns')).toBeUndefined();
    await shop.says('hello again', { from: phone(1) });
    await clock.advance(10);
    expect(heard.at(-1)).toMatchObject({ text: 'hello again', attribution: undefined });
    expect(bot.state).toBe('running');
  });

  test('who is next in a run that is under way gets nothing, and nothing is remembered of whom it has just reached', async () => {
    const scene = await setScene({ window: 5 });
    const { broadcast, clock, shop, engine } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(20));
    await clock.advance(10);
    await broadcast.erase(phone(2));
    await broadcast.erase(phone(10));
    release();
    await ended(scene, id);
    expect(shop.texts).not.toContain('Hello Person 10');
    for (const index of [2, 10])
      expect(await engine.readState(`reached/${phone(index)}`, 'campaigns')).toBeUndefined();
    const people = await all(broadcast.recipients(id));
    expect(people.filter(({ to }) => to.value === '')).toHaveLength(2);
    expect(people[10]).toMatchObject({ status: 'excluded', reason: 'erased' });
  });

  test('waits until whoever sends knows, also in another process, and remembers nobody', async () => {
    const scene = await setScene({ window: 5 });
    const { broadcast, other, clock, shop, engine } = scene;
    const release = shop.hold();
    const { id } = await broadcast.run(aCampaign(20));
    await clock.advance(10);
    let isErased = false;
    const erasing = other.erase(' +31 6 1234 0002').then(() => {
      isErased = true;
    });
    await eventually(
      async () => (await all(broadcast.recipients(id)))[2]?.to.value === '',
      () => 'still in the run',
    );
    release();
    await clock.settle();
    // The sender has not looked yet.
    expect(await engine.readState(`reached/${phone(2)}`, 'campaigns')).toBeDefined();
    expect(isErased).toBe(false);
    await clock.advance(3000);
    await erasing;
    await ended(scene, id);
    expect(await engine.readState(`reached/${phone(2)}`, 'campaigns')).toBeUndefined();
  });

  test('names where something may wait for them, at the accounts of all runs; what is no address is refused', async () => {
    const scene = await setScene();
    const { broadcast, engine, clock } = scene;
    const email = { contacts: [{ email: 'Noor@X.nl', name: 'Noor' }] };
    await broadcast.run(aCampaign(0, { audience: [email], at: new Date(clock.now() + DAY).toISOString() }));
    await broadcast.run(aCampaign(2, { name: 'june', account: 'help' }));
    await clock.advance(5000);
    const { runs, scopes } = await eraseFromRuns(engine, 'noor@x.nl');
    expect(runs).toBe(1);
    const forms = ['noor@x.nl', 'Noor@x.nl'];
    expect(scopes.toSorted()).toEqual(
      ['help', 'shop'].flatMap((account) => forms.map((form) => `${account}:${form}`)).toSorted(),
    );
    expect(await eraseFromRuns(engine, 'noor@x.nl')).toMatchObject({ runs: 0 });
    for (const erased of [broadcast.erase('__proto__'), eraseFromRuns(engine, '0612345678')])
      await expect(erased).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  test('who waits in a run gets nothing', async () => {
    const scene = await setScene();
    const { broadcast, clock, shop } = scene;
    const { id } = await broadcast.run(aCampaign(3, { at: new Date(clock.now() + DAY).toISOString() }));
    await broadcast.erase(phone(1));
    expect(await broadcast.status(id)).toMatchObject({ recipients: 3, waiting: 3 });
    await clock.advance(DAY + 1000);
    expect(await ended(scene, id)).toMatchObject({ recipients: 2, counts: { sent: 2 } });
    expect(shop.texts.toSorted()).toEqual(['Hello Person 0', 'Hello Person 2']);
  });
});
