import { describe, expect, test } from '@jest/globals';
import { until } from './receiver.js';
import { HOUR_MS, noor, useWeb1on1 } from './world.js';

const world = useWeb1on1();

describe('the upsert of a contact', () => {
  const upsert = (over: object = {}, profile: object = { telephone: noor.telephone }) =>
    world.asBot('POST', '/v2/conversations', {
      organization: world.emulator.credentials.organization,
      type: 'contact',
      contact: { profile },
      messages: [{ text: 'hello', role: 'agent', touchpoint: 'whatsapp' }],
      ...over,
    });

  test('creates once, then matches by phone or by e-mail and updates the profile', async () => {
    const created = await upsert({}, { telephone: noor.telephone, email: 'noor@example.com' });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      type: 'contact',
      status: 'active',
      name: noor.telephone,
      touchpoint: 'whatsapp',
    });
    expect(created.json.participants).toMatchObject([
      { user: world.emulator.credentials.botUser, accepted: true, active: true },
    ]);
    const byPhone = await upsert({}, { telephone: noor.telephone, name: 'Noor' });
    const byMail = await upsert({}, { email: 'noor@example.com', locale: 'nl' });
    expect([byPhone.status, byMail.status]).toEqual([200, 200]);
    expect([byPhone.json.id, byMail.json.id]).toEqual([created.json.id, created.json.id]);
    expect(world.emulator.contacts.list().map(({ profile }) => profile)).toEqual([
      { telephone: noor.telephone, email: 'noor@example.com', name: 'Noor', locale: 'nl' },
    ]);
  });

  test('keeps contacts of two organizations apart', async () => {
    const other = await world.call('POST', '/v2/organizations', { name: 'Elsewhere' });
    const [here, there] = [await upsert(), await upsert({ organization: other.json.id })];
    expect([here.status, there.status]).toEqual([201, 201]);
    expect(there.json.id).not.toBe(here.json.id);
  });

  test('refuses what is incomplete, and leaves nothing behind', async () => {
    expect((await upsert({ organization: undefined })).status).toBe(400);
    expect((await upsert({ organization: '64d2c3b4a5968700143f1c10' })).status).toBe(400);
    expect((await upsert({ messages: [] })).status).toBe(400);
    expect((await upsert({}, { name: 'Noor' })).status).toBe(400);
    expect((await upsert({ messages: [{ text: 'hi', role: 'agent' }] })).json.error.message).toContain(
      'touchpoint',
    );
    expect(
      (await upsert({ messages: [{ text: 'fine' }, { text: 'hi', role: 'boss' }] })).json.error.message,
    ).toContain('role');
    expect([
      world.emulator.contacts.list(),
      world.emulator.conversations.list(),
      world.emulator.messages.list(),
    ]).toEqual([[], [], []]);
  });

  test('processes messages in order, each after its delay', async () => {
    const texts = () => world.emulator.messages.list().map(({ text }) => text);
    const { json } = await upsert({
      messages: [
        { text: 'first', role: 'agent', touchpoint: 'sms' },
        { text: 'second', role: 'agent', delay: 5000 },
        { text: 'third', role: 'agent', delay: 1000 },
        { text: '/leave', type: 'command', delay: 6000 },
      ],
    });
    expect(texts()).toEqual(['first']);
    world.emulator.clock.advance(4000);
    expect(texts()).toEqual(['first']);
    world.emulator.clock.advance(1000);
    expect(texts()).toEqual(['first', 'second', 'third']);
    expect(world.conversation(json.id)?.status).toBe('active');
    world.emulator.clock.advance(1000);
    expect(world.conversation(json.id)?.status).toBe('closed');
  });

  test('dates each delayed message by its own moment, however far the clock jumps', async () => {
    await upsert({ messages: [1000, 61_000].map((delay) => ({ text: `after ${delay}`, delay })) });
    world.emulator.clock.advance(HOUR_MS);
    const [first = 0, second = 0] = world.emulator.messages
      .list()
      .map(({ createdAt }) => Date.parse(createdAt));
    expect(Math.round((second - first) / 1000)).toBe(60);
  });

  test('takes a known conversation by its id as well', async () => {
    const { conversationId } = await world.emulator.contact(noor);
    const answer = await world.asBot('POST', '/v2/conversations', {
      conversation: conversationId,
      messages: [{ text: 'hi' }],
    });
    expect([answer.status, answer.json.messages.length]).toEqual([200, 1]);
    expect(
      (
        await world.asBot('POST', '/v2/conversations', {
          conversation: '64d2c3b4a5968700143f1c10',
          messages: [],
        })
      ).status,
    ).toBe(404);
  });
});

describe('a team conversation', () => {
  test('starts with its creator and puts each message into the inbox of the others', async () => {
    const { json } = await world.asBot('POST', '/v2/conversations', {
      name: 'Review',
      messages: [{ text: 'start' }],
    });
    expect(json).toMatchObject({
      name: 'Review',
      type: 'bot',
      organization: world.emulator.credentials.organization,
    });
    expect(json.participants[0].user).toBe(world.emulator.credentials.botUser);
    const agent = await world.emulator.agent({ name: 'Ann' });
    await world.post(json.id, { type: 'command', text: '/assign', meta: { users: [agent.userId] } });
    agent.accept(json.id);
    agent.leave(json.id);
    const inbox = () =>
      world.conversation(json.id)?.participants.find(({ user }) => user === agent.userId)?.inbox;
    expect(inbox()).toBe(false);
    await world.post(json.id, { text: 'again' });
    expect(inbox()).toBe(true);
  });
});

describe('messages', () => {
  test('reach the consumer by role, type and back channel', async () => {
    const consumer = await world.emulator.contact(noor);
    const sent = [
      { text: 'bot by default' },
      { text: 'seen', role: 'agent' },
      { text: 'back', role: 'agent', isBackchannel: true },
      { text: 'card', type: 'card', role: 'agent', contentType: 'text/html' },
      { text: 'colleague', type: 'mention', role: 'agent' },
      { role: 'agent', actions: [{ type: 'reply', text: 'Yes', payload: 'Y' }] },
    ];
    const { status, json } = await world.post(consumer.conversationId, sent);
    expect(status).toBe(201);
    expect(json.map(({ id }: { id: string }) => world.emulator.messages.get(id))).toEqual(json);
    expect(json[0]).toMatchObject({
      type: 'chat',
      role: 'bot',
      contentType: 'text/plain',
      user: world.emulator.credentials.botUser,
    });
    expect(consumer.received.map(({ text, type }) => text ?? type)).toEqual(['seen', 'card', 'chat']);
    expect((await consumer.next()).text).toBe('seen');
    expect((await consumer.next()).text).toBe('card');
  });

  test.each([
    [{ type: 'shout', text: 'x' }, 'type'],
    [{ text: 5 }, 'text'],
    [{ text: 'x', delay: -1 }, 'delay'],
    [{ text: 'x', delay: 1.5 }, 'delay'],
    [{ text: 'x', meta: [] }, 'meta'],
    [{ text: 'x', actions: 'x' }, 'actions'],
    [{ '0': 'a' }, 'text is required'],
    ['x', 'object'],
  ])('that are wrong are refused by name: %j', async (body, field) => {
    const { conversationId } = await world.emulator.contact(noor);
    const { status, json } = await world.post(conversationId, [{ text: 'good' }, body]);
    expect([status, json.error.message]).toEqual([400, expect.stringContaining(field)]);
    expect(world.emulator.messages.list()).toEqual([]);
  });

  test('may be posted on behalf of an agent, who then has accepted', async () => {
    const agent = await world.emulator.agent({ name: 'Ann' });
    const { conversationId } = await world.emulator.contact(noor);
    await world.post(conversationId, { text: 'hi', role: 'agent', user: agent.userId });
    expect(world.conversation(conversationId)?.participants).toMatchObject([
      { user: agent.userId, accepted: true, role: 'agent' },
    ]);
  });

  test('in free form fail on WhatsApp a day after the consumer last wrote, when that rule is on', async () => {
    world.emulator.switches.whatsappWindow = true;
    const hook = await world.subscribed();
    const consumer = await world.emulator.contact(noor);
    consumer.say('hello');
    await world.post(consumer.conversationId, { text: 'in time', role: 'agent' });
    world.emulator.clock.advance(25 * HOUR_MS);
    const { token } = world.emulator.issueTokens(world.emulator.credentials.botUser);
    await world.post(consumer.conversationId, { text: 'too late', role: 'agent' }, token);
    await world.post(
      consumer.conversationId,
      { text: 'reminder', role: 'agent', meta: { template: 'abc' } },
      token,
    );
    expect(consumer.received.map(({ text }) => text)).toEqual(['in time', 'reminder']);
    await world.emulator.webhooks.settled();
    const failed = hook.received.filter(({ json }) => json.event === 'message.error');
    expect(failed.map(({ json }) => json.data.message.text)).toEqual(['too late']);
  });

  test('are deleted with their conversation, and that with its contact', async () => {
    const consumer = await world.emulator.contact(noor);
    const { id } = consumer.say('hello');
    expect((await world.call('DELETE', `/v2/contacts/${consumer.contactId}`)).status).toBe(204);
    expect([world.emulator.messages.get(id), world.conversation(consumer.conversationId)]).toEqual([
      undefined,
      undefined,
    ]);
    world.emulator.switches.deleteStatus = 200;
    const item = await world.call('POST', '/v2/kbitems', { title: 'x' });
    expect(await world.call('DELETE', `/v2/kbitems/${item.json.id}`)).toMatchObject({
      status: 200,
      json: {},
    });
  });
});

describe('the life of a contact conversation', () => {
  test('is queued when the consumer writes, active when accepted, closed when the last one leaves', async () => {
    const consumer = await world.emulator.contact(noor);
    const [ann, bob] = [
      await world.emulator.agent({ name: 'Ann' }),
      await world.emulator.agent({ name: 'Bob' }),
    ];
    const id = consumer.conversationId;
    const statuses = [world.conversation(id)?.status];
    const steps = [
      () => consumer.say('hello'),
      () => ann.accept(id),
      () => bob.say(id, 'me too'),
      () => ann.leave(id),
      () => ann.command(id, '/join'),
      () => ann.leave(id),
      () => bob.leave(id),
      () => consumer.say('still there?'),
      () => ann.command(id, '/join'),
      () => ann.leave(id),
    ];
    for (const step of steps) {
      step();
      statuses.push(world.conversation(id)?.status);
    }
    expect(statuses).toEqual([
      'closed',
      'queued',
      'active',
      'active',
      'active',
      'active',
      'active',
      'closed',
      'queued',
      'queued',
      'queued',
    ]);
  });

  test('tells the channels while nobody has accepted, and no longer after that', async () => {
    const hook = await world.subscribed(undefined, ['channel.*']);
    const consumer = await world.emulator.contact(noor);
    const agent = await world.emulator.agent({ name: 'Ann' });
    consumer.say('one');
    agent.accept(consumer.conversationId);
    consumer.say('two');
    await world.emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(['one']);
    expect(hook.received[0]?.json.data.channel.name).toBe('Front desk');
  });

  test('takes notes, mentions and assignments of unknown users without harm', async () => {
    const agent = await world.emulator.agent({ name: 'Ann' });
    const consumer = await world.emulator.contact(noor);
    agent.note(consumer.conversationId, 'careful');
    agent.mention(consumer.conversationId, world.emulator.credentials.botUser, 'look');
    agent.command(consumer.conversationId, '/assign', { users: ['64d2c3b4a5968700143f1c10'] });
    agent.command(consumer.conversationId, '/notify', { channels: ['nope'], organizations: null });
    agent.command(consumer.conversationId, '/set __proto__ x');
    agent.command(consumer.conversationId, '/nonsense');
    expect(consumer.received).toEqual([]);
    expect(world.conversation(consumer.conversationId)?.participants.map(({ user }) => user)).toEqual([
      agent.userId,
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('activates forms and keeps results', async () => {
    const { conversationId: id } = await world.emulator.contact(noor);
    const form = (await world.asBot('POST', '/v2/forms', { name: 'Drive' })).json.id;
    await world.post(id, { type: 'form', text: '+Drive', meta: { form, categoryIndex: 2 } });
    expect(world.conversation(id)).toMatchObject({ forms: [form], categoryIndex: 2 });
    await world.post(id, {
      type: 'report',
      text: 'Done',
      results: [{ name: 'Drive', values: { model: 'X' } }],
    });
    await world.post(id, { type: 'form', text: '-Drive', meta: { form } });
    expect(world.conversation(id)).toMatchObject({
      forms: [],
      results: [{ name: 'Drive', values: { model: 'X' } }],
    });
  });
});

describe('the control routes', () => {
  const control = (method: string, path: string, body?: unknown) =>
    world.asBot(method, `/_emulator${path}`, body);

  test('play a consumer and an agent from another process', async () => {
    const hook = await world.receiver();
    expect((await control('POST', '/subscribe', { url: hook.url, events: ['message.*'] })).status).toBe(201);
    const contact = (await control('POST', '/contacts', noor)).json;
    await control('POST', `/contacts/${contact.contactId}/say`, { text: 'hello' });
    await control('POST', `/contacts/${contact.contactId}/press`, { payload: 'YES' });
    await control('POST', `/contacts/${contact.contactId}/media`, {
      url: 'https://example.com/a.png',
      mimeType: 'image/png',
    });
    await control('GET', '/deliveries/settled');
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual([
      'hello',
      'YES',
      'https://example.com/a.png',
    ]);
    const agent = (await control('POST', '/agents', { name: 'Ann' })).json;
    await world.post(contact.conversationId, { text: 'hi', role: 'agent' }, agent.token);
    expect((await control('GET', `/contacts/${contact.contactId}/next`)).json.text).toBe('hi');
    expect((await control('GET', `/contacts/${contact.contactId}/received?offset=0`)).json).toHaveLength(1);
  });

  test('drive clock, faults, journal, switches, limits and chaos', async () => {
    const before = (await control('GET', '/clock')).json.now;
    expect((await control('POST', '/clock', { advanceMs: HOUR_MS })).json.now).toBeGreaterThanOrEqual(
      before + HOUR_MS,
    );
    await control('POST', '/faults', { kind: 'status', status: 500, route: 'GET /v2/users' });
    expect((await world.asBot('GET', '/v2/users')).status).toBe(500);
    expect((await control('GET', '/journal?path=/v2/users')).json).toMatchObject([
      { status: 500, fault: 'status' },
    ]);
    expect((await control('DELETE', '/journal')).status).toBe(204);
    expect(world.emulator.journal.entries).toEqual([]);
    expect((await control('PATCH', '/switches', { deleteStatus: 200 })).json.deleteStatus).toBe(200);
    expect((await control('PUT', '/rate-limit', { enabled: true, perSecond: 5 })).json.perSecond).toBe(5);
    expect((await control('PUT', '/chaos', { duplicate: 0.5 })).json).toEqual({ duplicate: 0.5 });
    expect((await control('GET', '/')).json).toEqual(world.emulator.credentials);
  });

  test('name a mistake', async () => {
    expect((await control('POST', '/faults', { kind: 'meteor' })).json.error.message).toContain(
      'status-after',
    );
    expect((await control('PATCH', '/switches', { deleteStatus: 500 })).json.error.message).toContain(
      'deleteStatus',
    );
    expect((await control('PATCH', '/switches', { constructor: 1 })).status).toBe(400);
    expect((await control('POST', '/clock', { advanceMs: -1 })).status).toBe(400);
    expect((await control('POST', '/contacts/none/say', { text: 'x' })).status).toBe(404);
    expect((await control('POST', '/contacts', {})).status).toBe(400);
  });
});

test('a consumer who gets nothing says so', async () => {
  const consumer = await world.emulator.contact(noor);
  await expect(consumer.next(1)).rejects.toThrow('no message reached the consumer within 1 ms');
  await until(() => consumer.received.length === 0);
});
