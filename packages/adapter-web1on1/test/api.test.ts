import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import type { Log, Rate } from '@parley/core';
import { type Web1on1Api, web1on1 } from '../src/index.js';
import { LOWEST_SCOPE } from '../src/permissions.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;
let bot: Web1on1Api;
let admin: Web1on1Api;

beforeAll(async () => {
  stage = await startStage();
  const { adminToken, adminEmail, adminRefreshToken } = stage.emulator.credentials;
  bot = stage.open().api;
  admin = stage.open({ token: adminToken, email: adminEmail, refreshToken: adminRefreshToken }).api;
});
afterAll(() => stage.close());
afterEach(() => {
  stage.emulator.faults.clear();
  stage.emulator.switches.rawLinkCommas = false;
  stage.emulator.switches.defaultLimit = 100;
});

describe('every resource', () => {
  const generic = [
    'articles',
    'botinstances',
    'bots',
    'channels',
    'contacts',
    'files',
    'forms',
    'kbases',
    'kbitems',
    'links',
    'locations',
    'metrics',
    'orggroups',
    'organizations',
    'partners',
    'points',
    'testresults',
    'tests',
    'users',
    'watemplates',
    'workflows',
  ] as const;

  test.each(generic)('%s can be created, read, listed, changed and deleted', async (name) => {
    const resource = admin[name];
    const profile = { telephone: '+31655500001' };
    const input = name === 'contacts' ? { profile } : { name: 'One', email: 'one@example.com' };
    const created = await resource.create(input);
    expect(created.id).toMatch(/^[0-9a-f]{24}$/);
    expect(await resource.get(created.id)).toMatchObject({ id: created.id });
    expect(await resource.list({ where: { id: created.id } })).toMatchObject([{ id: created.id }]);
    expect(await resource.update(created.id, { meta: { step: '2' } })).toMatchObject({ meta: { step: '2' } });
    await resource.delete(created.id);
    await expect(resource.get(created.id)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', status: 404 });
  });

  test('services are webhooks, too, and are verified by a challenge', async () => {
    const params = { url: `${stage.emulator.origin}/nowhere`, events: ['message.create.contact.*'] };
    const service = await admin.services.create({ name: 'Hook', type: 'webhook', params });
    expect(service).toMatchObject({ type: 'webhook', status: 'unverified' });
    expect(await admin.services.list()).toHaveLength(1);
    await admin.services.update(service.id, { name: 'Hook 2' });
    expect((await admin.services.get(service.id)).name).toBe('Hook 2');
    await admin.services.delete(service.id);
  });

  test('messages can be posted alone, in a row, read, changed and deleted', async () => {
    const { conversationId } = await stage.emulator.contact({
      telephone: '+31655500002',
      channel: 'whatsapp',
    });
    const one = await bot.conversations.post(conversationId, { text: 'One' });
    const more = await bot.conversations.postAll(conversationId, [{ text: 'Two' }, { text: 'Three' }]);
    expect(more.map(({ text }) => text)).toEqual(['Two', 'Three']);
    const listed = await Array.fromAsync(bot.conversations.messages(conversationId, { sort: ['createdAt'] }));
    expect(listed.map(({ text }) => text)).toEqual(['One', 'Two', 'Three']);
    expect((await bot.messages.update(one.id, { text: 'Uno' })).text).toBe('Uno');
    expect((await bot.messages.get(one.id)).text).toBe('Uno');
    await admin.messages.delete(one.id);
    expect(await bot.messages.list({ where: { conversation: conversationId } })).toHaveLength(2);
  });

  test('conversations among colleagues are created and deleted', async () => {
    const team = await bot.conversations.create({ name: 'Stock', messages: [{ text: 'Two left' }] });
    expect(team).toMatchObject({ name: 'Stock', organization: stage.emulator.credentials.organization });
    expect((await admin.conversations.update(team.id, { name: 'Stock today' })).name).toBe('Stock today');
    await admin.conversations.delete(team.id);
    await expect(bot.conversations.get(team.id)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });
});

describe('a conversation', () => {
  test('is changed by every verb', async () => {
    const { conversationId: id } = await stage.emulator.contact({
      telephone: '+31655500003',
      channel: 'sms',
    });
    const sam = await stage.emulator.agent({ name: 'Sam' });
    const state = () => stage.emulator.conversations.get(id);
    const self = () => state()?.participants.find(({ user }) => user === stage.emulator.credentials.botUser);
    await bot.conversations.join(id);
    expect(self()).toMatchObject({ active: true, accepted: false });
    await bot.conversations.accept(id);
    expect(state()?.status).toBe('active');
    await bot.conversations.set(id, 'step', 3);
    await bot.conversations.set(id, '@category', 'Sales');
    expect(state()).toMatchObject({ meta: { step: '3' }, category: 'Sales' });
    await bot.conversations.leave(id);
    expect(state()?.status).toBe('closed');
    const [channel] = await bot.channels.list();
    await bot.conversations.notify(id, { channels: [channel?.id ?? ''] });
    expect(state()?.status).toBe('queued');
    await bot.conversations.assign(id, [sam.userId]);
    expect(state()?.participants).toContainEqual(expect.objectContaining({ user: sam.userId, inbox: true }));
  });

  test('of a person is found or created in one call, with what to say', async () => {
    const upsert = () =>
      bot.conversations.upsert({
        organization: stage.emulator.credentials.organization,
        type: 'contact',
        contact: { profile: { name: 'Noor Visser', telephone: '+31655500004' } },
        messages: [
          { type: 'chat', role: 'agent', touchpoint: 'whatsapp', text: 'Hi' },
          { type: 'command', text: '/leave', delay: 3000 },
        ],
      });
    const first = await upsert();
    const second = await upsert();
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.conversation.id).toBe(first.conversation.id);
  });
});

describe('a list', () => {
  let conversationId: string;
  beforeAll(async () => {
    ({ conversationId } = await stage.emulator.contact({ telephone: '+31655500005', channel: 'whatsapp' }));
    const rows = Array.from({ length: 30 }, (_, index) => ({
      text: `row ${String(index).padStart(2, '0')}`,
    }));
    await bot.conversations.postAll(conversationId, rows);
  });
  const pages = () => stage.emulator.journal.requests({ method: 'GET', path: '/v2/messages' });
  const where = () => ({ conversation: conversationId });

  test.each([false, true])(
    'is followed over all pages, also where the Link header holds commas (%s)',
    async (rawLinkCommas) => {
      stage.emulator.switches.rawLinkCommas = rawLinkCommas;
      stage.emulator.switches.maxLimit = 10;
      stage.emulator.journal.clear();
      const query = { where: where(), select: ['id', 'text'], sort: ['text'] };
      const rows = await Array.fromAsync(bot.messages.iterate(query));
      stage.emulator.switches.maxLimit = 1000;
      expect(rows.map(({ text }) => text)).toEqual(
        Array.from({ length: 30 }, (_, index) => `row ${String(index).padStart(2, '0')}`),
      );
      expect(pages().map(({ query: { offset } }) => offset)).toEqual(['0', '10', '20']);
    },
  );

  test('fetches no page that nobody asks for', async () => {
    stage.emulator.journal.clear();
    const iteration = bot.messages.iterate({ where: where() }, { limit: 7 });
    expect(pages()).toHaveLength(0);
    expect(await Array.fromAsync(iteration)).toHaveLength(7);
    expect(pages()).toHaveLength(1);
  });

  test('is one page, where one is asked for', async () => {
    const rows = await bot.messages.list({ where: where(), sort: ['-text'], limit: 2, offset: 1 });
    expect(rows.map(({ text }) => text)).toEqual(['row 28', 'row 27']);
  });

  test('is filtered by every operator', async () => {
    const texts = async (text: NonNullable<Parameters<typeof bot.messages.list>[0]>['where']) =>
      (await bot.messages.list({ where: { ...where(), ...text }, sort: ['text'] })).map((row) => row.text);
    expect(await texts({ text: 'row 07' })).toEqual(['row 07']);
    expect(await texts({ text: { contains: 'w 07' } })).toEqual(['row 07']);
    expect(await texts({ text: { startsWith: 'row 2' } })).toHaveLength(10);
    expect(await texts({ text: { anyOf: ['row 01', 'row 03'] } })).toEqual(['row 01', 'row 03']);
    expect(await texts({ text: { gt: 'row 27' } })).toEqual(['row 28', 'row 29']);
    expect(await texts({ text: { gte: 'row 28' } })).toEqual(['row 28', 'row 29']);
    expect(await texts({ text: { lt: 'row 02' } })).toEqual(['row 00', 'row 01']);
    expect(await texts({ text: { lte: 'row 01' } })).toEqual(['row 00', 'row 01']);
  });

  test('is filtered by nested fields, and expands references', async () => {
    const [contact] = await bot.contacts.list({ where: { 'profile.telephone': '+31655500005' } });
    const [conversation] = await bot.conversations.list({
      where: { contact: contact?.id ?? '' },
      populate: ['contact'],
    });
    expect(conversation?.contact).toMatchObject({ id: contact?.id });
  });

  test('without a filter that the platform insists on is refused before it is sent', async () => {
    stage.emulator.journal.clear();
    await expect(bot.messages.list()).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(
      Array.fromAsync(bot.conversations.iterate({ where: { 'meta.intent': 'buy' } })),
    ).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
    expect(stage.emulator.journal.entries).toHaveLength(0);
  });

  test('loses no good record to a bad one, and says so', async () => {
    const warnings: string[] = [];
    const log: Log = {
      debug() {},
      info() {},
      error() {},
      warn: (_fields, message) => warnings.push(message),
    };
    const { api } = stage.open({}, { log });
    const body = [
      { id: 'm1', text: 'Good' },
      { id: 'm2', text: 42 },
      { id: 'm3', text: 'Good too' },
    ];
    stage.emulator.faults.next({ kind: 'status', status: 200, body });
    const rows = await api.messages.list({ where: where() });
    expect(rows.map(({ id }) => id)).toEqual(['m1', 'm3']);
    expect(warnings).toEqual([expect.stringContaining('text')]);
  });

  test.each([
    [
      'at another origin: its query counts, its host does not',
      'https://evil.example/v2/messages?conversation=x',
      [],
    ],
    ['of something else', '/v2/organizations?limit=1', 'ERR_UNEXPECTED_PAYLOAD'],
  ])('whose next page is %s', async (_what, link, expected) => {
    const { adminToken } = stage.emulator.credentials;
    stage.emulator.journal.clear();
    stage.emulator.faults.next({
      kind: 'status',
      status: 200,
      headers: { link: `<${link}>; rel="next"` },
      body: [],
    });
    const rows = Array.fromAsync(stage.open({ token: adminToken }).api.messages.iterate({ where: where() }));
    if (typeof expected === 'string') await expect(rows).rejects.toMatchObject({ code: expected });
    else expect(await rows).toEqual(expected);
    for (const { path } of stage.emulator.journal.entries) expect(path).toBe('/v2/messages');
  });
});

describe('the permission table', () => {
  test('is kept: what the scope does not allow is refused before it is sent, with the scope that would', async () => {
    const sam = await stage.emulator.agent({ name: 'Sam' });
    const agent = stage.open({ token: sam.token, refreshToken: undefined, email: undefined }).api;
    stage.emulator.journal.clear();
    await expect(bot.conversations.update('c1', {})).rejects.toMatchObject({
      code: 'ERR_FORBIDDEN',
      message: 'Web1on1: update conversations needs a token with scope "admin"; this one has "bot"',
    });
    await expect(bot.services.list()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    await expect(agent.contacts.get('c1')).rejects.toMatchObject({
      message: expect.stringContaining('scope "bot"; this one has "agent"'),
    });
    await expect(Array.fromAsync(agent.messages.iterate({ where: { type: 'chat' } }))).rejects.toMatchObject({
      code: 'ERR_FORBIDDEN',
    });
    expect(stage.emulator.journal.entries).toHaveLength(0);
    expect((await agent.users.get(sam.userId)).id).toBe(sam.userId);
  });

  test('says nothing about a token that does not tell its scope', async () => {
    const opaque = stage.open({ token: 'b'.repeat(32), refreshToken: undefined, email: undefined }).api;
    await expect(opaque.services.list()).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
  });

  test('has a lowest scope for each of the nine resources it names', () => {
    for (const [name, row] of Object.entries(LOWEST_SCOPE)) {
      expect(Object.keys(row).toSorted()).toEqual(['create', 'delete', 'get', 'list', 'update']);
      expect(Object.keys(admin)).toContain(name);
    }
    expect(Object.keys(LOWEST_SCOPE)).toHaveLength(9);
  });
});

describe('beyond records', () => {
  test("a bot's settings are put together from its levels", async () => {
    const { organization, botUser } = stage.emulator.credentials;
    const path = String((await admin.organizations.get(organization)).path);
    await admin.bots.update(botUser, { meta: { greeting: ' Hello\uFFFC ', tone: 'formal' } });
    const [instance] = await admin.botinstances.list({ where: { bot: botUser } });
    await admin.botinstances.update(instance?.id ?? '', { meta: { tone: 'friendly', greeting: '' } });
    expect(await bot.bots.settings(path)).toEqual({
      enabled: true,
      meta: { greeting: 'Hello', tone: 'friendly' },
    });
    const shop = `${path}#${'a'.repeat(24)}`;
    expect(await bot.bots.settings(shop)).toMatchObject({ enabled: false });
    expect(await bot.bots.settings(shop, { inherit: true })).toMatchObject({ enabled: true });
    await expect(bot.bots.settings('')).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  test('event types are created, and their expression replaced as plain text', async () => {
    const created = await admin.eventtypes.create({ name: 'lead', jsonata: '{ "id": id }' });
    await admin.eventtypes.setJsonata(created.id, '{ "conversation": id }');
    const [request] = stage.emulator.journal.requests({ method: 'PUT' });
    expect(request?.headers['content-type']).toBe('text/plain');
    expect(request?.status).toBeLessThan(300);
  });

  test('any other route of the platform can be called, and no other host', async () => {
    const answer = await bot.request({ method: 'GET', path: '/v2/users', query: [['limit', '1']] });
    expect(answer).toMatchObject({ status: 200, body: [expect.anything()] });
    for (const path of ['https://evil.example/v2/users', '//evil.example/v2/', '/v1/users']) {
      await expect(bot.request({ method: 'GET', path })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    }
  });

  test.each(['', '.', '..'])('an id of %j is refused: it would name another resource', async (id) => {
    await expect(bot.users.get(id)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  test('an id is one segment of a path, whatever is in it', async () => {
    stage.emulator.journal.clear();
    await expect(bot.conversations.get('../organizations/x')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect(stage.emulator.journal.entries.map(({ path }) => path)).toEqual([
      '/v2/conversations/..%2Forganizations%2Fx',
    ]);
  });

  test('no more leaves than the platform allows: twenty requests a second', async () => {
    const account = standaloneAccount('leads');
    const rates: Rate[] = [];
    const limiter = (rate: Rate) => {
      rates.push(rate);
      return account.limiter(rate);
    };
    const adapter = web1on1({ origin: stage.emulator.origin }).open({ ...account, limiter });
    await adapter.close();
    expect(rates).toEqual([{ requests: 20, perMs: 1000 }]);
  });
});
