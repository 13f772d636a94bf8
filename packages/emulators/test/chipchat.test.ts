import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import ChipChat, { type Context, type Row } from 'chipchat';
import { freePort, until } from './receiver.js';

const DAY_MS = 24 * 3_600_000;

let emulator: Web1on1Emulator;
let closing: (() => unknown)[];

beforeEach(async () => {
  emulator = await startWeb1on1({ rateLimit: false });
  closing = [];
});

afterEach(async () => {
  for (const close of closing) await close();
  await emulator.close();
});

function adminBot(options: object = {}) {
  const { origin, adminToken, adminRefreshToken, adminEmail } = emulator.credentials;
  return new ChipChat({
    host: origin,
    token: adminToken,
    refreshToken: adminRefreshToken,
    email: adminEmail,
    ...options,
  });
}

function plainBot(options: object = {}) {
  const { origin, token, refreshToken, botEmail, secret } = emulator.credentials;
  return new ChipChat({ host: origin, token, refreshToken, email: botEmail, secret, ...options });
}

/** The bot behind its own server, subscribed as the console would do it. */
async function listeningBot(options: object = {}, subscription: object = {}) {
  const bot = plainBot(options);
  const port = await freePort();
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const ready = new Promise<void>((resolve) => bot.on('ready', () => resolve()));
  bot.start(port);
  await ready;
  log.mockRestore();
  closing.push(() => bot.close());
  await emulator.subscribe({ url: `http://127.0.0.1:${port}/`, ...subscription });
  return bot;
}

function nextEvent(bot: ChipChat, event: string): Promise<[Row, Context]> {
  return new Promise((resolve) => bot.on(event, (message, context) => resolve([message, context])));
}

describe('resources', () => {
  test.each([
    ['organizations', { name: 'Garage', meta: { a: 1 } }],
    ['users', { email: 'ann@example.com', name: 'Ann', meta: { a: 1 } }],
    ['contacts', { profile: { telephone: '+31600000001' }, meta: { a: 1 } }],
    ['forms', { name: 'Test drive', meta: { a: 1 } }],
    ['kbitems', { title: 'Opening hours', meta: { a: 1 } }],
    ['articles', { title: 'Tyres', meta: { a: 1 } }],
    ['botinstances', { bot: '64aa11bb22cc33dd44ee55ff', meta: { a: 1 } }],
    ['watemplates', { name: 'reminder', meta: { a: 1 } }],
  ])('creates, reads, updates and deletes %s', async (resource, body) => {
    const api = adminBot()[resource];
    const created = await api.create(body);
    expect(created).toMatchObject(body);
    expect(created.id).toMatch(/^[0-9a-f]{24}$/);
    expect(await api.get(created.id)).toEqual(created);
    expect(await api.list({ id: created.id })).toEqual(expect.arrayContaining([created]));

    const updated = await api.update(created.id, { meta: { b: 2 } });
    expect(updated.meta).toEqual({ b: 2 });
    expect(updated).toMatchObject({ ...body, meta: { b: 2 } });

    await api.delete(created.id);
    await expect(api.get(created.id)).rejects.toThrow('not found');
    expect(await api.list({ id: created.id })).toHaveLength(0);
  });

  test('refuses what the token may not do', async () => {
    await expect(plainBot().organizations.create({ name: 'x' })).rejects.toThrow('Permission Denied');
  });

  test('filters, sorts, selects and populates', async () => {
    const bot = adminBot();
    const { organization } = emulator.credentials;
    for (const [name, size] of [
      ['Amber car', 3],
      ['Blue car', 20],
      ['Blue van', 100],
    ] as const) {
      await bot.forms.create({ name, meta: { size } });
    }
    const namesOf = async (query: object) => (await bot.forms.list(query)).map(({ name }: Row) => name);
    expect(await namesOf({ name: '~car' })).toEqual(['Amber car', 'Blue car']);
    expect(await namesOf({ name: '^Blue' })).toEqual(['Blue car', 'Blue van']);
    expect(await namesOf({ meta: { size: '>3' } })).toEqual(['Blue car', 'Blue van']);
    expect(await namesOf({ meta: { size: '>=3' }, name: ['Amber car', 'Blue van'] })).toEqual([
      'Amber car',
      'Blue van',
    ]);
    expect(await namesOf({ createdAt: '>2099-01-01' })).toEqual([]);
    expect(await namesOf({ organization, sort: '-name' })).toEqual(['Blue van', 'Blue car', 'Amber car']);
    const [first] = await bot.forms.list({ select: 'id, name', limit: 1 });
    expect(Object.keys(first).sort()).toEqual(['id', 'name']);
    const populated = await bot.forms.get(first.id, { populate: 'organization' });
    expect(populated.organization).toMatchObject({ id: organization, level: 2 });
  });

  test('finds a phone number, whose plus must be encoded', async () => {
    const bot = adminBot();
    const contact = await bot.contacts.create({ profile: { telephone: '+31600000002' } });
    const found = await bot.contacts.list({ 'profile.telephone': '+31600000002' });
    expect(found.map(({ id }: Row) => id)).toEqual([contact.id]);
    expect(found[0].conversation).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe('paging', () => {
  beforeEach(async () => {
    const bot = adminBot();
    for (let index = 0; index < 30; index += 1) await bot.kbitems.create({ title: `Item ${index}` });
    emulator.journal.clear();
  });

  const pages = () =>
    emulator.journal.requests({ method: 'GET', path: '/v2/kbitems' }).map(({ query }) => query.offset);

  test('takes exactly 3 requests for 30 rows with limit 10', async () => {
    const rows = await adminBot().kbitems.list({ select: 'id,title', pagination: { limit: 10, backoff: 1 } });
    expect(rows.map(({ title }: Row) => title)).toEqual(
      Array.from({ length: 30 }, (_, index) => `Item ${index}`),
    );
    expect(pages()).toEqual(['0', '10', '20']);
  });

  test('iterates', async () => {
    const titles: string[] = [];
    const rows = adminBot().kbitems.list({ pagination: { limit: 15, backoff: 1, iterate: true } });
    for await (const row of rows) titles.push(row.title);
    expect(new Set(titles).size).toBe(30);
    expect(pages()).toEqual(['0', '15']);
  });

  test('loses pages when commas in the link are not encoded, as its parser splits on them', async () => {
    emulator.switches.rawLinkCommas = true;
    const rows = await adminBot().kbitems.list({ select: 'id,title', pagination: { limit: 10, backoff: 1 } });
    expect(rows).toHaveLength(10);
    expect(pages()).toEqual(['0']);
  });

  test('reads the custom headers of a list', async () => {
    const rows = await adminBot().kbitems.list({ limit: 5 });
    expect(rows).toHaveLength(5);
    expect(rows.headers).toMatchObject({ totalCount: '30' });
  });
});

describe('tokens', () => {
  const calls = () =>
    emulator.journal.entries.map(({ method, path, status }) => `${method} ${path} ${status}`);

  test('renews an expired token and sends the request again, body and all', async () => {
    const bot = adminBot();
    const reported: unknown[] = [];
    bot.on('token', (token) => reported.push(token));
    emulator.clock.advance(2 * DAY_MS);
    const { token: oldToken, refreshToken: oldRefreshToken } = { ...bot.auth };
    const form = await bot.forms.create({ name: 'After the renewal' });
    expect(form.name).toBe('After the renewal');
    expect(calls()).toEqual(['POST /v2/forms 401', 'POST /v2/auth/token 201', 'POST /v2/forms 201']);
    expect(reported).toEqual([bot.auth.token]);
    expect(bot.auth.token).not.toBe(oldToken);
    expect(bot.auth.refreshToken).not.toBe(oldRefreshToken);
  });

  test('renews once for a token whose signature is no longer valid, and goes on with the new one', async () => {
    const bot = plainBot();
    emulator.rotateSigningKey();
    await bot.users.list();
    await bot.users.list();
    expect(calls()).toEqual([
      'GET /v2/users 401',
      'POST /v2/auth/token 201',
      'GET /v2/users 200',
      'GET /v2/users 200',
    ]);
  });

  test('lives with strict rotation, renewal after renewal', async () => {
    emulator.switches.strictRotation = true;
    const bot = plainBot();
    for (const _ of [1, 2, 3]) {
      emulator.clock.advance(2 * DAY_MS);
      await bot.users.list();
    }
    expect(calls().filter((call) => call === 'POST /v2/auth/token 201')).toHaveLength(3);
  });

  test('gives up when the refresh token has expired as well', async () => {
    const bot = plainBot();
    emulator.clock.advance(100 * DAY_MS);
    await expect(bot.users.list()).rejects.toThrow();
    expect(calls()).toEqual(['GET /v2/users 401', 'POST /v2/auth/token 401']);
  });

  test('never renews on 403, the older documented answer', async () => {
    emulator.switches.expiredToken = 403;
    const bot = plainBot();
    emulator.clock.advance(2 * DAY_MS);
    await expect(bot.users.list()).rejects.toThrow('Permission Denied');
    expect(calls()).toEqual(['GET /v2/users 403']);
  });

  test('waits out a 429 on a read', async () => {
    emulator.faults.next({ kind: 'status', status: 429 });
    expect((await plainBot().users.list()).length).toBeGreaterThan(0);
    expect(calls()).toEqual(['GET /v2/users 429', 'GET /v2/users 200']);
  });
});

describe('conversations', () => {
  const phone = '+31600000003';
  const upsert = (text: string) =>
    plainBot().conversations.create({
      organization: emulator.credentials.organization,
      type: 'contact',
      contact: { profile: { name: 'Noor', telephone: phone } },
      messages: [
        { type: 'field', text: '.licenseplate GT-482-K' },
        { role: 'agent', touchpoint: 'whatsapp', text },
        { type: 'command', text: '/leave', delay: 3000 },
      ],
    });

  test('opens the conversation of a contact, then appends to it', async () => {
    const first = await upsert('one');
    const second = await upsert('two');
    expect(second.id).toBe(first.id);
    expect(first).toMatchObject({ type: 'contact', status: 'active', touchpoint: 'whatsapp' });
    expect(emulator.journal.requests({ path: '/v2/conversations' }).map(({ status }) => status)).toEqual([
      201, 200,
    ]);
    const consumer = await emulator.contact({ telephone: phone, channel: 'whatsapp' });
    expect(consumer.received.map(({ text }) => text)).toEqual(['one', 'two']);
    emulator.clock.advance(3000);
    expect(emulator.conversations.get(first.id)?.status).toBe('closed');
  });

  test('says one message, with extras, and several', async () => {
    const bot = plainBot();
    const consumer = await emulator.contact({ telephone: phone, channel: 'whatsapp' });
    const conversation = await bot.conversation(consumer.conversationId);
    expect((await conversation.say('for colleagues')).role).toBe('bot');
    await conversation.say({ text: 'a' }, { role: 'agent' });
    const several = await conversation.say([{ text: 'b' }, { text: 'c' }], { role: 'agent' });
    expect(several.map(({ text }: Row) => text)).toEqual(['b', 'c']);
    await bot.send(consumer.conversationId, 'd', { role: 'agent', isBackchannel: true });
    expect(consumer.received.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    await expect(conversation.say(['x', 'y'])).rejects.toMatchObject({ message: 'text is required' });
    await expect(bot.send('64d2c3b4a5968700143f1c10', 'hi')).rejects.toMatchObject({
      message: 'Conversation not found',
    });
  });

  test('accepts, joins, leaves, assigns and notifies', async () => {
    const bot = plainBot();
    const { botUser } = emulator.credentials;
    const agent = await emulator.agent({ name: 'Ann' });
    const { conversationId } = await emulator.contact({ telephone: phone, channel: 'whatsapp' });
    const conversation = await bot.conversation(conversationId);
    const now = () => emulator.conversations.get(conversationId);
    const flags = (user: string) => now()?.participants.find((participant) => participant.user === user);

    expect(now()?.status).toBe('closed');
    await conversation.notify();
    expect(now()?.status).toBe('queued');
    await conversation.join();
    expect(flags(botUser)).toMatchObject({ active: true, accepted: false });
    await conversation.accept();
    expect(flags(botUser)).toMatchObject({ active: true, accepted: true });
    expect(now()?.status).toBe('active');
    await conversation.assign(agent.userId);
    expect(flags(agent.userId)).toMatchObject({ inbox: true, accepted: false });
    await conversation.assign();
    agent.accept(conversationId);
    expect(flags(agent.userId)).toMatchObject({ inbox: false, accepted: true });
    await conversation.leave();
    expect(flags(botUser)).toMatchObject({ active: false, accepted: false });
    expect(now()?.status).toBe('active');
    agent.leave(conversationId);
    expect(now()?.status).toBe('closed');
    await conversation.notify(String(emulator.resource('channels').list()[0]?.id));
    expect(now()?.status).toBe('queued');
  });

  test('sets values, as strings, and clears them', async () => {
    const { conversationId } = await emulator.contact({ telephone: phone, channel: 'whatsapp' });
    const conversation = await plainBot().conversation(conversationId);
    await conversation.set('step', 2);
    await conversation.set('colour', 'dark blue');
    await conversation.set('@category', 'Sales');
    expect(emulator.conversations.get(conversationId)).toMatchObject({
      meta: { step: '2', colour: 'dark blue' },
      category: 'Sales',
    });
    await conversation.set('step');
    await conversation.set('@status', 'closed-by-hand');
    expect(emulator.conversations.get(conversationId)).toMatchObject({
      meta: { colour: 'dark blue' },
      status: 'closed',
    });
    expect(emulator.conversations.get(conversationId)?.meta).not.toHaveProperty('step');
  });
});

describe('webhooks', () => {
  const whatsapp = { telephone: '+31600000004', name: 'Noor', channel: 'whatsapp' };

  test('arrive through its own server, with every name the SDK gives them', async () => {
    const bot = await listeningBot();
    const seen: string[] = [];
    for (const event of [
      'message',
      'message.create.contact.*',
      'message.create.contact.chat.contact',
      'conversation.update',
    ]) {
      bot.on(event, () => seen.push(event));
    }
    const consumer = await emulator.contact(whatsapp);
    consumer.say('Hello');
    await emulator.webhooks.settled();
    expect(seen.toSorted()).toEqual([
      'conversation.update',
      'message',
      'message.create.contact.*',
      'message.create.contact.chat.contact',
    ]);
    expect(emulator.webhooks.deliveries.every(({ status }) => status === 200)).toBe(true);
  });

  test('lead to answers that reach the consumer, and the bot does not hear itself', async () => {
    const bot = await listeningBot();
    const heard: string[] = [];
    bot.on('message', (message) => heard.push(message.text));
    bot.onText(/^hel/i, (_message, context) => context.say('Hi there', { role: 'agent' }));
    const consumer = await emulator.contact(whatsapp);
    consumer.say('hello');
    expect((await consumer.next()).text).toBe('Hi there');
    consumer.press('CALL_YES');
    consumer.sendMedia('https://example.com/a.png', 'image/png');
    await emulator.webhooks.settled();
    expect(heard.toSorted()).toEqual(['CALL_YES', 'hello', 'https://example.com/a.png']);
    const echoes = emulator.webhooks.deliveries.filter(
      ({ event }) => event === 'message.create.contact.chat',
    );
    expect(echoes).toHaveLength(3);
  });

  test('bring the assignment, a bot command and a mention', async () => {
    const bot = await listeningBot({ ignoreUnjoined: true });
    const agent = await emulator.agent({ name: 'Ann' });
    const { conversationId } = await emulator.contact(whatsapp);
    const assigned = nextEvent(bot, 'assign');
    const commanded = nextEvent(bot, 'command');
    const mentioned = nextEvent(bot, 'mention');
    agent.command(conversationId, '/assign', { users: [emulator.credentials.botUser] });
    agent.command(conversationId, '>remind tomorrow');
    agent.mention(conversationId, emulator.credentials.botUser, 'your turn');
    expect((await assigned)[0].text).toBe('/assign');
    expect((await commanded)[0].text).toBe('>remind tomorrow');
    expect((await mentioned)[0].text).toBe('your turn');
    const [, context] = await assigned;
    expect(context.participants.find(({ user }: Row) => user === emulator.credentials.botUser)).toMatchObject(
      { inbox: true },
    );
  });

  test.each(['function', 'name', 'promise'])(
    'carry the answer to a question asked with a %s',
    async (form) => {
      const bot = await listeningBot();
      const answers: string[] = [];
      const answered = (message: Row) => answers.push(message.text);
      bot.registerCallback('colour', answered);
      bot.onText('start', async (_message, context) => {
        const question = { text: 'Your favourite colour?', role: 'agent' };
        if (form === 'promise') void context.ask(question).then(answered);
        else context.ask(question, form === 'name' ? 'colour' : answered);
      });
      const consumer = await emulator.contact(whatsapp);
      consumer.say('start');
      expect((await consumer.next()).text).toBe('Your favourite colour?');
      const marker = `_asked${emulator.credentials.botUser}`;
      await until(() => emulator.conversations.get(consumer.conversationId)?.meta[marker] !== undefined);
      consumer.say('Green');
      await until(() => answers.length > 0);
      expect(answers).toEqual(['Green']);
      // Of the three forms, only the named one takes its marker back.
      const marked = () => emulator.conversations.get(consumer.conversationId)?.meta[marker] !== undefined;
      if (form === 'name') await until(() => !marked());
      else expect(marked()).toBe(true);
      await emulator.webhooks.settled();
    },
  );

  test('with a signature the SDK finds wrong are reported as errors', async () => {
    const bot = await listeningBot();
    const errors: string[] = [];
    bot.on('error', (error) => errors.push(error.message));
    const consumer = await emulator.contact(whatsapp);
    await emulator.webhooks.settled();
    expect(errors).toEqual([]);
    emulator.webhooks.chaos = { badSignature: 1 };
    consumer.say('hello');
    await emulator.webhooks.settled();
    expect(errors).toContain('Invalid signature on incoming request');
  });

  test('pretty-printed and with multi-byte text still verify', async () => {
    emulator.switches.prettyWebhooks = true;
    const bot = await listeningBot();
    const errors: string[] = [];
    bot.on('error', (error) => errors.push(error.message));
    const message = nextEvent(bot, 'message.create.contact.chat');
    (await emulator.contact(whatsapp)).say('Crème brûlée 🍮');
    expect((await message)[0].text).toBe('Crème brûlée 🍮');
    expect(errors).toEqual([]);
  });

  test('reach the plain http middleware as well', async () => {
    const bot = plainBot();
    const message = nextEvent(bot, 'message');
    const server = http.createServer(bot.httpMiddleware());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    await emulator.subscribe({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
    (await emulator.contact(whatsapp)).say('plain');
    expect((await message)[0].text).toBe('plain');
    await emulator.webhooks.settled();
  });

  test('only come for the events subscribed to', async () => {
    const bot = await listeningBot({}, { events: ['message.create.*.postback'] });
    const events: string[] = [];
    bot.on('message', (message) => events.push(message.type));
    const consumer = await emulator.contact(whatsapp);
    consumer.say('not this');
    consumer.press('THIS');
    await emulator.webhooks.settled();
    expect(events).toEqual(['postback']);
    expect(emulator.webhooks.deliveries).toHaveLength(1);
  });
});
