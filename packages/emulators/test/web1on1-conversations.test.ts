import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator, type Web1on1EmulatorOptions } from '@parley/emulators';
import { type Received, startReceiver, until } from './receiver.js';

const HOUR_MS = 3_600_000;
const noor = { telephone: '+31600000000', name: 'Noor', channel: 'whatsapp' };

let emulator: Web1on1Emulator;
let receivers: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  emulator = await startWeb1on1({ rateLimit: false });
});

afterEach(async () => {
  await emulator.close();
  for (const receiver of receivers) await receiver.close();
  receivers = [];
});

async function restart(options: Web1on1EmulatorOptions) {
  await emulator.close();
  emulator = await startWeb1on1({ rateLimit: false, ...options });
}

async function call(method: string, path: string, body?: unknown, token = emulator.credentials.token) {
  const response = await fetch(new URL(path, emulator.origin), {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

const asAdmin = (method: string, path: string, body?: unknown) =>
  call(method, path, body, emulator.credentials.adminToken);
const post = (conversationId: string, body: unknown, token?: string) =>
  call('POST', `/v2/conversations/${conversationId}/messages`, body, token);
const conversation = (id: string) => emulator.conversations.get(id);

async function receiver(...settings: Parameters<typeof startReceiver>) {
  const started = await startReceiver(...settings);
  receivers.push(started);
  return started;
}

async function subscribed(
  answer?: (received: Received, count: number) => number | 'hang',
  events?: string[],
) {
  const started = await receiver(answer);
  await emulator.subscribe({ url: started.url, events });
  return started;
}

describe('the upsert of a contact', () => {
  const upsert = (over: object = {}, profile: object = { telephone: noor.telephone }) =>
    call('POST', '/v2/conversations', {
      organization: emulator.credentials.organization,
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
      { user: emulator.credentials.botUser, accepted: true, active: true },
    ]);
    const byPhone = await upsert({}, { telephone: noor.telephone, name: 'Noor' });
    const byMail = await upsert({}, { email: 'noor@example.com', locale: 'nl' });
    expect([byPhone.status, byMail.status]).toEqual([200, 200]);
    expect([byPhone.json.id, byMail.json.id]).toEqual([created.json.id, created.json.id]);
    expect(emulator.contacts.list().map(({ profile }) => profile)).toEqual([
      { telephone: noor.telephone, email: 'noor@example.com', name: 'Noor', locale: 'nl' },
    ]);
  });

  test('keeps contacts of two organizations apart', async () => {
    const other = await asAdmin('POST', '/v2/organizations', { name: 'Elsewhere' });
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
    expect([emulator.contacts.list(), emulator.conversations.list(), emulator.messages.list()]).toEqual([
      [],
      [],
      [],
    ]);
  });

  test('processes messages in order, each after its delay', async () => {
    const texts = () => emulator.messages.list().map(({ text }) => text);
    const { json } = await upsert({
      messages: [
        { text: 'first', role: 'agent', touchpoint: 'sms' },
        { text: 'second', role: 'agent', delay: 5000 },
        { text: 'third', role: 'agent', delay: 1000 },
        { text: '/leave', type: 'command', delay: 6000 },
      ],
    });
    expect(texts()).toEqual(['first']);
    emulator.clock.advance(4000);
    expect(texts()).toEqual(['first']);
    emulator.clock.advance(1000);
    expect(texts()).toEqual(['first', 'second', 'third']);
    expect(conversation(json.id)?.status).toBe('active');
    emulator.clock.advance(1000);
    expect(conversation(json.id)?.status).toBe('closed');
  });

  test('takes a known conversation by its id as well', async () => {
    const { conversationId } = await emulator.contact(noor);
    const answer = await call('POST', '/v2/conversations', {
      conversation: conversationId,
      messages: [{ text: 'hi' }],
    });
    expect([answer.status, answer.json.messages.length]).toEqual([200, 1]);
    expect(
      (await call('POST', '/v2/conversations', { conversation: '64d2c3b4a5968700143f1c10', messages: [] }))
        .status,
    ).toBe(404);
  });
});

describe('a team conversation', () => {
  test('starts with its creator and puts each message into the inbox of the others', async () => {
    const { json } = await call('POST', '/v2/conversations', {
      name: 'Review',
      messages: [{ text: 'start' }],
    });
    expect(json).toMatchObject({
      name: 'Review',
      type: 'bot',
      organization: emulator.credentials.organization,
    });
    expect(json.participants[0].user).toBe(emulator.credentials.botUser);
    const agent = await emulator.agent({ name: 'Ann' });
    await post(json.id, { type: 'command', text: '/assign', meta: { users: [agent.userId] } });
    agent.accept(json.id);
    agent.leave(json.id);
    const inbox = () => conversation(json.id)?.participants.find(({ user }) => user === agent.userId)?.inbox;
    expect(inbox()).toBe(false);
    await post(json.id, { text: 'again' });
    expect(inbox()).toBe(true);
  });
});

describe('messages', () => {
  test('reach the consumer by role, type and back channel', async () => {
    const consumer = await emulator.contact(noor);
    const sent = [
      { text: 'bot by default' },
      { text: 'seen', role: 'agent' },
      { text: 'back', role: 'agent', isBackchannel: true },
      { text: 'card', type: 'card', role: 'agent', contentType: 'text/html' },
      { text: 'colleague', type: 'mention', role: 'agent' },
      { role: 'agent', actions: [{ type: 'reply', text: 'Yes', payload: 'Y' }] },
    ];
    const { status, json } = await post(consumer.conversationId, sent);
    expect(status).toBe(201);
    expect(json.map(({ id }: { id: string }) => emulator.messages.get(id))).toEqual(json);
    expect(json[0]).toMatchObject({
      type: 'chat',
      role: 'bot',
      contentType: 'text/plain',
      user: emulator.credentials.botUser,
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
    const { conversationId } = await emulator.contact(noor);
    const { status, json } = await post(conversationId, [{ text: 'good' }, body]);
    expect([status, json.error.message]).toEqual([400, expect.stringContaining(field)]);
    expect(emulator.messages.list()).toEqual([]);
  });

  test('may be posted on behalf of an agent, who then has accepted', async () => {
    const agent = await emulator.agent({ name: 'Ann' });
    const { conversationId } = await emulator.contact(noor);
    await post(conversationId, { text: 'hi', role: 'agent', user: agent.userId });
    expect(conversation(conversationId)?.participants).toMatchObject([
      { user: agent.userId, accepted: true, role: 'agent' },
    ]);
  });

  test('in free form fail on WhatsApp a day after the consumer last wrote, when that rule is on', async () => {
    emulator.switches.whatsappWindow = true;
    const hook = await subscribed();
    const consumer = await emulator.contact(noor);
    consumer.say('hello');
    await post(consumer.conversationId, { text: 'in time', role: 'agent' });
    emulator.clock.advance(25 * HOUR_MS);
    const { token } = emulator.issueTokens(emulator.credentials.botUser);
    await post(consumer.conversationId, { text: 'too late', role: 'agent' }, token);
    await post(
      consumer.conversationId,
      { text: 'reminder', role: 'agent', meta: { template: 'abc' } },
      token,
    );
    expect(consumer.received.map(({ text }) => text)).toEqual(['in time', 'reminder']);
    await emulator.webhooks.settled();
    const failed = hook.received.filter(({ json }) => json.event === 'message.error');
    expect(failed.map(({ json }) => json.data.message.text)).toEqual(['too late']);
  });

  test('are deleted with their conversation, and that with its contact', async () => {
    const consumer = await emulator.contact(noor);
    const { id } = consumer.say('hello');
    expect((await asAdmin('DELETE', `/v2/contacts/${consumer.contactId}`)).status).toBe(204);
    expect([emulator.messages.get(id), conversation(consumer.conversationId)]).toEqual([
      undefined,
      undefined,
    ]);
    emulator.switches.deleteStatus = 200;
    const item = await asAdmin('POST', '/v2/kbitems', { title: 'x' });
    expect(await asAdmin('DELETE', `/v2/kbitems/${item.json.id}`)).toEqual({ status: 200, json: {} });
  });
});

describe('the life of a contact conversation', () => {
  test('is queued when the consumer writes, active when accepted, closed when the last one leaves', async () => {
    const consumer = await emulator.contact(noor);
    const [ann, bob] = [await emulator.agent({ name: 'Ann' }), await emulator.agent({ name: 'Bob' })];
    const id = consumer.conversationId;
    const statuses = [conversation(id)?.status];
    const steps = [
      () => consumer.say('hello'),
      () => ann.accept(id),
      () => bob.say(id, 'me too'),
      () => ann.leave(id),
      () => ann.command(id, '/join'),
      () => ann.leave(id),
      () => bob.leave(id),
      () => consumer.say('still there?'),
    ];
    for (const step of steps) {
      step();
      statuses.push(conversation(id)?.status);
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
    ]);
  });

  test('tells the channels while nobody has accepted, and no longer after that', async () => {
    const hook = await subscribed(undefined, ['channel.*']);
    const consumer = await emulator.contact(noor);
    const agent = await emulator.agent({ name: 'Ann' });
    consumer.say('one');
    agent.accept(consumer.conversationId);
    consumer.say('two');
    await emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(['one']);
    expect(hook.received[0]?.json.data.channel.name).toBe('Front desk');
  });

  test('takes notes, mentions and assignments of unknown users without harm', async () => {
    const agent = await emulator.agent({ name: 'Ann' });
    const consumer = await emulator.contact(noor);
    agent.note(consumer.conversationId, 'careful');
    agent.mention(consumer.conversationId, emulator.credentials.botUser, 'look');
    agent.command(consumer.conversationId, '/assign', { users: ['64d2c3b4a5968700143f1c10'] });
    agent.command(consumer.conversationId, '/notify', { channels: ['nope'], organizations: null });
    agent.command(consumer.conversationId, '/set __proto__ x');
    agent.command(consumer.conversationId, '/nonsense');
    expect(consumer.received).toEqual([]);
    expect(conversation(consumer.conversationId)?.participants.map(({ user }) => user)).toEqual([
      agent.userId,
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('activates forms and keeps results', async () => {
    const { conversationId: id } = await emulator.contact(noor);
    const form = (await call('POST', '/v2/forms', { name: 'Drive' })).json.id;
    await post(id, { type: 'form', text: '+Drive', meta: { form, categoryIndex: 2 } });
    expect(conversation(id)).toMatchObject({ forms: [form], categoryIndex: 2 });
    await post(id, { type: 'report', text: 'Done', results: [{ name: 'Drive', values: { model: 'X' } }] });
    await post(id, { type: 'form', text: '-Drive', meta: { form } });
    expect(conversation(id)).toMatchObject({
      forms: [],
      results: [{ name: 'Drive', values: { model: 'X' } }],
    });
  });
});

describe('webhook subscriptions', () => {
  const create = (params: object, more: object = {}) =>
    asAdmin('POST', '/v2/services', { type: 'webhook', name: 'Hook', params, ...more });

  test('become active when the challenge comes back exactly, and not otherwise', async () => {
    const good = await receiver();
    const chatty = await receiver(undefined, (challenge) => `${challenge}\n`);
    const created = await create({ url: good.url });
    expect(created.json).toMatchObject({
      status: 'active',
      type: 'webhook',
      params: { secret: expect.stringMatching(/.{20,}/) },
    });
    const unverified = await create({ url: chatty.url });
    expect([unverified.status, unverified.json.status]).toEqual([201, 'unverified']);
    const patch = (params: object) => asAdmin('PATCH', `/v2/services/${unverified.json.id}`, params);
    expect((await patch({ status: 'active' })).status).toBe(403);
    expect((await asAdmin('GET', `/v2/services/${unverified.json.id}`)).json.status).toBe('unverified');
    const moved = await patch({ params: { url: good.url } });
    expect([moved.status, moved.json.status]).toEqual([200, 'active']);
    expect((await create({ url: 'ftp://example.com' })).status).toBe(400);
    await expect(emulator.subscribe({ url: chatty.url })).rejects.toThrow('could not be verified');
    (await emulator.contact(noor)).say('x');
    await emulator.webhooks.settled();
    expect(chatty.received).toEqual([]);
  });

  test('hear what they asked for, in or below their organization', async () => {
    const all = await subscribed();
    const some = await subscribed(undefined, ['message.create.*.postback', 'conversation.create', 'form.*']);
    const elsewhere = await receiver();
    const other = await asAdmin('POST', '/v2/organizations', { name: 'Elsewhere' });
    await emulator.subscribe({ url: elsewhere.url, organization: other.json.id });
    const consumer = await emulator.contact(noor);
    consumer.say('x');
    consumer.press('P');
    await asAdmin('POST', '/v2/forms', { name: 'f' });
    await emulator.webhooks.settled();
    expect(some.events().toSorted()).toEqual([
      'conversation.create',
      'form.create',
      'message.create.contact.postback',
    ]);
    expect(all.events()).toEqual(
      expect.arrayContaining(['contact.create', 'message.create.contact.chat', 'channel.notify']),
    );
    expect(elsewhere.events()).toEqual([]);
  });

  test('hear of every kind of change', async () => {
    const hook = await subscribed();
    const consumer = await emulator.contact(noor);
    const { id } = consumer.say('x');
    await asAdmin('PATCH', `/v2/messages/${id}`, { text: 'y' });
    await asAdmin('DELETE', `/v2/messages/${id}`);
    await asAdmin('PATCH', `/v2/contacts/${consumer.contactId}`, { meta: { vip: 'yes' } });
    await asAdmin('PATCH', `/v2/conversations/${consumer.conversationId}`, { name: 'N' });
    const { adminEmail: email, adminPassword: password } = emulator.credentials;
    await asAdmin('POST', '/v2/auth/token', { email, password });
    const instance = emulator.resource('botinstances').list()[0];
    await asAdmin('PATCH', `/v2/botinstances/${instance?.id}`, { enabled: false });
    await emulator.webhooks.settled();
    expect(hook.events()).toEqual(
      expect.arrayContaining([
        'message.update',
        'message.delete',
        'contact.update',
        'conversation.update',
        'user.login',
        'botinstance.update',
      ]),
    );
    for (const { json } of hook.received) {
      expect(json).toMatchObject({
        id: expect.any(String),
        organization: expect.any(String),
        activity: { actor: { type: 'Person' } },
      });
      if (json.event.startsWith('message')) expect(json.data.conversation.id).toBe(consumer.conversationId);
    }
  });

  test('are signed over the bytes sent, with the secret as text, and carry Basic credentials', async () => {
    const hook = await receiver();
    await emulator.subscribe({ url: hook.url.replace('//', '//ann:p%40ss@'), secret: 'c2VjcmV0' });
    emulator.switches.prettyWebhooks = true;
    (await emulator.contact(noor)).say('Crème 🍮');
    await emulator.webhooks.settled();
    for (const { headers, body } of hook.received) {
      expect(headers['x-hub-signature']).toBe(
        `sha1=${createHmac('sha1', 'c2VjcmV0').update(body).digest('hex')}`,
      );
      expect(headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
      expect(body).toContain('\n  "event"');
    }
    expect(JSON.stringify(emulator.webhooks.deliveries)).not.toContain('p%40ss');
  });

  test('leave out what bots say when self echo is off', async () => {
    const hook = await subscribed(undefined, ['message.*']);
    const consumer = await emulator.contact(noor);
    await post(consumer.conversationId, { text: 'echo', role: 'agent' });
    emulator.switches.selfEcho = false;
    await post(consumer.conversationId, { text: 'silent', role: 'agent' });
    consumer.say('heard');
    await emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(['echo', 'heard']);
  });
});

describe('webhook delivery', () => {
  const chat = ['message.create.contact.chat'];

  test('is repeated with growing pauses on the clock until it is taken', async () => {
    const hook = await subscribed((_received, count) => (count < 4 ? 500 : 204), chat);
    pauseForHours();
    (await emulator.contact(noor)).say('x');
    for (const pause of [1, 2, 4]) {
      await emulator.webhooks.idle();
      const before = hook.received.length;
      emulator.clock.advance(pause * HOUR_MS - 1000);
      await emulator.webhooks.idle();
      expect(hook.received).toHaveLength(before);
      emulator.clock.advance(1000);
    }
    await emulator.webhooks.settled();
    expect(emulator.webhooks.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 500],
      [3, 500],
      [4, 204],
    ]);
    expect(new Set(hook.received.map(({ json }) => json.data.message.id)).size).toBe(1);
    expect(new Set(hook.received.map(({ json }) => json.id)).size).toBe(4);
  });

  /** Pauses of hours, so that real time does not matter. */
  function pauseForHours() {
    Object.assign(emulator.switches, { webhookRetryFirstMs: HOUR_MS, webhookRetryMaxMs: 8 * HOUR_MS });
  }

  test('ends after 24 hours, and the others are told', async () => {
    pauseForHours();
    const hook = await subscribed(() => 500, chat);
    const watcher = await subscribed(undefined, ['service.error']);
    (await emulator.contact(noor)).say('x');
    for (let hour = 0; hour < 30; hour += 1) {
      await emulator.webhooks.idle();
      emulator.clock.advance(HOUR_MS);
    }
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(6);
    expect(watcher.received).toHaveLength(1);
  });

  test('ends at once after an answer that is final', async () => {
    emulator.switches.webhookFinalStatuses = [410];
    const hook = await subscribed(() => 410, chat);
    (await emulator.contact(noor)).say('x');
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(1);
  });

  test('gives the receiver 20 seconds', async () => {
    pauseForHours();
    const hook = await subscribed((_received, count) => (count === 1 ? 'hang' : 200), chat);
    (await emulator.contact(noor)).say('x');
    await hook.count(1);
    emulator.clock.advance(19_000);
    expect(emulator.webhooks.deliveries).toEqual([]);
    emulator.clock.advance(1000);
    await emulator.webhooks.idle();
    expect(emulator.webhooks.deliveries).toMatchObject([
      { attempt: 1, status: 0, note: 'no answer in time' },
    ]);
    emulator.clock.advance(HOUR_MS);
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(2);
  });

  test('keeps the order of a conversation when the receiver is quick', async () => {
    const hook = await subscribed(undefined, chat);
    const consumer = await emulator.contact(noor);
    const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    for (const text of texts) consumer.say(text);
    await emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(texts);
  });
});

describe('chaos', () => {
  const said = async (count: number, chaos: Web1on1Emulator['webhooks']['chaos']) => {
    const hook = await subscribed(undefined, ['message.create.contact.chat']);
    emulator.webhooks.chaos = chaos;
    const consumer = await emulator.contact({
      ...noor,
      telephone: `+316${Math.random().toString().slice(2, 10)}`,
    });
    for (let index = 0; index < count; index += 1) consumer.say(String(index));
    for (let round = 0; round < 5; round += 1) {
      await emulator.webhooks.idle();
      emulator.clock.advance(HOUR_MS);
    }
    await emulator.webhooks.settled();
    return hook.received.map((received) => ({ ...received, text: String(received.json.data.message.text) }));
  };
  const inOrder = Array.from({ length: 20 }, (_, index) => String(index));

  test('delivers twice', async () => {
    const twice = await said(20, { duplicate: 1 });
    for (const text of inOrder) expect(twice.filter((item) => item.text === text)).toHaveLength(2);
  });

  test('reorders within a window, and loses nothing', async () => {
    const texts = (await said(20, { reorder: 20, seed: 7 })).map(({ text }) => text);
    expect(texts).not.toEqual(inOrder);
    expect(texts.toSorted()).toEqual(inOrder.toSorted());
  });

  test('makes the same decisions for the same seed', async () => {
    const doubled = async (seed: number) => {
      const texts = (await said(20, { duplicate: 0.5, seed })).map(({ text }) => text);
      return inOrder.filter((text) => texts.filter((other) => other === text).length === 2);
    };
    const first = await doubled(3);
    await restart({});
    expect(await doubled(3)).toEqual(first);
    await restart({});
    expect(await doubled(4)).not.toEqual(first);
  });

  test('signs the first attempt wrongly, loses attempts and loses answers, and repeats each', async () => {
    const { secret } = emulator.credentials;
    const right = ({ headers, body }: Received) =>
      headers['x-hub-signature'] === `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
    const forged = await said(3, { badSignature: 1, dropAnswer: 1 });
    expect(forged.map(right).toSorted()).toEqual([false, false, false, true, true, true]);
    await restart({});
    expect(await said(3, { drop: 1 })).toHaveLength(3);
    expect(emulator.webhooks.deliveries).toHaveLength(6);
  });

  test('sends a conversation as it was before', async () => {
    const hook = await subscribed(undefined, ['message.create.contact.*']);
    const consumer = await emulator.contact(noor);
    const agent = await emulator.agent({ name: 'Ann' });
    agent.command(consumer.conversationId, '/set step 1');
    emulator.webhooks.chaos = { stale: 1 };
    agent.command(consumer.conversationId, '/set step 2');
    await emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.conversation.meta.step)).toEqual(['1', '1']);
    expect(conversation(consumer.conversationId)?.meta.step).toBe('2');
  });
});

describe('the control routes', () => {
  const control = (method: string, path: string, body?: unknown) => call(method, `/_emulator${path}`, body);

  test('play a consumer and an agent from another process', async () => {
    const hook = await receiver();
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
    await post(contact.conversationId, { text: 'hi', role: 'agent' }, agent.token);
    expect((await control('GET', `/contacts/${contact.contactId}/next`)).json.text).toBe('hi');
    expect((await control('GET', `/contacts/${contact.contactId}/received?offset=0`)).json).toHaveLength(1);
  });

  test('drive clock, faults, journal, switches, limits and chaos', async () => {
    const before = (await control('GET', '/clock')).json.now;
    expect((await control('POST', '/clock', { advanceMs: HOUR_MS })).json.now).toBeGreaterThanOrEqual(
      before + HOUR_MS,
    );
    await control('POST', '/faults', { kind: 'status', status: 500, route: 'GET /v2/users' });
    expect((await call('GET', '/v2/users')).status).toBe(500);
    expect((await control('GET', '/journal?path=/v2/users')).json).toMatchObject([
      { status: 500, fault: 'status' },
    ]);
    expect((await control('DELETE', '/journal')).status).toBe(204);
    expect(emulator.journal.entries).toEqual([]);
    expect((await control('PATCH', '/switches', { deleteStatus: 200 })).json.deleteStatus).toBe(200);
    expect((await control('PUT', '/rate-limit', { enabled: true, perSecond: 5 })).json.perSecond).toBe(5);
    expect((await control('PUT', '/chaos', { duplicate: 0.5 })).json).toEqual({ duplicate: 0.5 });
    expect((await control('GET', '/')).json).toEqual(emulator.credentials);
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
  const consumer = await emulator.contact(noor);
  await expect(consumer.next(1)).rejects.toThrow('no message reached the consumer within 1 ms');
  await until(() => consumer.received.length === 0);
});
