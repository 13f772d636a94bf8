import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Chaos } from '@parley/emulators';
import type { Received } from './receiver.js';
import { HOUR_MS, noor, useWeb1on1 } from './world.js';

const world = useWeb1on1();

describe('webhook subscriptions', () => {
  const create = (params: object, more: object = {}) =>
    world.call('POST', '/v2/services', { type: 'webhook', name: 'Hook', params, ...more });

  test('become active when the challenge comes back exactly, and not otherwise', async () => {
    const good = await world.receiver();
    const chatty = await world.receiver(undefined, (challenge) => `${challenge}\n`);
    const created = await create({ url: good.url });
    expect(created.json).toMatchObject({
      status: 'active',
      type: 'webhook',
      params: { secret: expect.stringMatching(/.{20,}/) },
    });
    const unverified = await create({ url: chatty.url });
    expect([unverified.status, unverified.json.status]).toEqual([201, 'unverified']);
    const patch = (params: object) => world.call('PATCH', `/v2/services/${unverified.json.id}`, params);
    expect((await patch({ status: 'active' })).status).toBe(403);
    expect((await world.call('GET', `/v2/services/${unverified.json.id}`)).json.status).toBe('unverified');
    const moved = await patch({ params: { url: good.url } });
    expect([moved.status, moved.json.status]).toEqual([200, 'active']);
    expect((await create({ url: 'ftp://example.com' })).status).toBe(400);
    await expect(world.emulator.subscribe({ url: chatty.url })).rejects.toThrow('could not be verified');
    const silent = await create({ url: chatty.url });
    expect(silent.json.status).toBe('unverified');
    (await world.emulator.contact(noor)).say('x');
    await world.emulator.webhooks.settled();
    expect(good.received.length).toBeGreaterThan(0);
    expect(chatty.received).toEqual([]);
  });

  test('hear what they asked for, in or below their organization', async () => {
    const all = await world.subscribed();
    const some = await world.subscribed(undefined, [
      'message.create.*.postback',
      'conversation.create',
      'form.*',
    ]);
    const elsewhere = await world.receiver();
    const other = await world.call('POST', '/v2/organizations', { name: 'Elsewhere' });
    await world.emulator.subscribe({ url: elsewhere.url, organization: other.json.id });
    const consumer = await world.emulator.contact(noor);
    consumer.say('x');
    consumer.press('P');
    await world.call('POST', '/v2/forms', { name: 'f' });
    await world.emulator.webhooks.settled();
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
    const hook = await world.subscribed();
    const consumer = await world.emulator.contact(noor);
    const { id } = consumer.say('x');
    await world.call('PATCH', `/v2/messages/${id}`, { text: 'y' });
    await world.call('DELETE', `/v2/messages/${id}`);
    await world.call('PATCH', `/v2/contacts/${consumer.contactId}`, { meta: { vip: 'yes' } });
    await world.call('PATCH', `/v2/conversations/${consumer.conversationId}`, { name: 'N' });
    const { adminEmail: email, adminPassword: password } = world.emulator.credentials;
    await world.call('POST', '/v2/auth/token', { email, password });
    const instance = world.emulator.resource('botinstances').list()[0];
    await world.call('PATCH', `/v2/botinstances/${instance?.id}`, { enabled: false });
    await world.emulator.webhooks.settled();
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
    const hook = await world.receiver();
    await world.emulator.subscribe({ url: hook.url.replace('//', '//ann:p%40ss@'), secret: 'c2VjcmV0' });
    world.emulator.switches.prettyWebhooks = true;
    (await world.emulator.contact(noor)).say('Crème 🍮');
    await world.emulator.webhooks.settled();
    for (const { headers, body } of hook.received) {
      expect(headers['x-hub-signature']).toBe(
        `sha1=${createHmac('sha1', 'c2VjcmV0').update(body).digest('hex')}`,
      );
      expect(headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
      expect(body).toContain('\n  "event"');
    }
    expect(JSON.stringify(world.emulator.webhooks.deliveries)).not.toContain('p%40ss');
  });

  test('leave out what bots say when self echo is off', async () => {
    const hook = await world.subscribed(undefined, ['message.*']);
    const consumer = await world.emulator.contact(noor);
    await world.post(consumer.conversationId, { text: 'echo', role: 'agent' });
    world.emulator.switches.selfEcho = false;
    await world.post(consumer.conversationId, { text: 'silent', role: 'agent' });
    consumer.say('heard');
    await world.emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(['echo', 'heard']);
  });
});

describe('webhook delivery', () => {
  const chat = ['message.create.contact.chat'];

  test('is repeated with growing pauses on the clock until it is taken', async () => {
    const hook = await world.subscribed((_received, count) => (count < 4 ? 500 : 204), chat);
    pauseForHours();
    (await world.emulator.contact(noor)).say('x');
    for (const pause of [1, 2, 4]) {
      await world.emulator.webhooks.idle();
      const before = hook.received.length;
      world.emulator.clock.advance(pause * HOUR_MS - 1000);
      await world.emulator.webhooks.idle();
      expect(hook.received).toHaveLength(before);
      world.emulator.clock.advance(1000);
    }
    await world.emulator.webhooks.settled();
    expect(world.emulator.webhooks.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
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
    Object.assign(world.emulator.switches, { webhookRetryFirstMs: HOUR_MS, webhookRetryMaxMs: 8 * HOUR_MS });
  }

  test('ends after 24 hours, and the others are told', async () => {
    pauseForHours();
    const hook = await world.subscribed(() => 500, chat);
    const watcher = await world.subscribed(undefined, ['service.error']);
    (await world.emulator.contact(noor)).say('x');
    for (let hour = 0; hour < 30; hour += 1) {
      await world.emulator.webhooks.idle();
      world.emulator.clock.advance(HOUR_MS);
    }
    await world.emulator.webhooks.settled();
    expect(hook.received).toHaveLength(6);
    expect(watcher.received).toHaveLength(1);
  });

  test('ends at once after an answer that is final', async () => {
    world.emulator.switches.webhookFinalStatuses = [410];
    const hook = await world.subscribed(() => 410, chat);
    (await world.emulator.contact(noor)).say('x');
    await world.emulator.webhooks.settled();
    expect(hook.received).toHaveLength(1);
  });

  test('does not tell two failing receivers of each other for ever', async () => {
    world.emulator.switches.webhookFinalStatuses = [410];
    await world.subscribed(() => 410, ['message.*', 'service.*']);
    await world.subscribed(() => 410, ['service.*']);
    (await world.emulator.contact(noor)).say('x');
    await world.emulator.webhooks.settled();
    const events = world.emulator.webhooks.deliveries.map(({ event }) => event);
    expect(events).toEqual([
      'service.create',
      'message.create.contact.chat',
      'service.error',
      'service.error',
    ]);
  });

  test('gives the receiver 20 seconds', async () => {
    pauseForHours();
    const hook = await world.subscribed((_received, count) => (count === 1 ? 'hang' : 200), chat);
    (await world.emulator.contact(noor)).say('x');
    await hook.count(1);
    world.emulator.clock.advance(19_000);
    expect(world.emulator.webhooks.deliveries).toEqual([]);
    world.emulator.clock.advance(1000);
    await world.emulator.webhooks.idle();
    expect(world.emulator.webhooks.deliveries).toMatchObject([
      { attempt: 1, status: 0, note: 'no answer in time' },
    ]);
    world.emulator.clock.advance(HOUR_MS);
    await world.emulator.webhooks.settled();
    expect(hook.received).toHaveLength(2);
  });

  test('waits for the answer to the one before, within a conversation only', async () => {
    world.emulator.switches.webhookOrderMs = 60_000;
    const hook = await world.subscribed((_received, count) => (count === 1 ? 'hang' : 200), chat);
    const waiting = await world.emulator.contact(noor);
    const other = await world.emulator.contact({ ...noor, telephone: '+31600000009' });
    for (const text of ['one', 'two']) waiting.say(text);
    await hook.count(1);
    for (const text of ['three', 'four']) other.say(text);
    await hook.count(3);
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(['one', 'three', 'four']);
  });

  test('keeps the order of a conversation when the receiver is quick', async () => {
    const hook = await world.subscribed(undefined, chat);
    const consumer = await world.emulator.contact(noor);
    const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    for (const text of texts) consumer.say(text);
    await world.emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.message.text)).toEqual(texts);
  });
});

describe('chaos', () => {
  const said = async (count: number, chaos: Chaos) => {
    const hook = await world.subscribed(undefined, ['message.create.contact.chat']);
    world.emulator.webhooks.chaos = chaos;
    const consumer = await world.emulator.contact({
      ...noor,
      telephone: `+316${Math.random().toString().slice(2, 10)}`,
    });
    for (let index = 0; index < count; index += 1) consumer.say(String(index));
    for (let round = 0; round < 5; round += 1) {
      await world.emulator.webhooks.idle();
      world.emulator.clock.advance(HOUR_MS);
    }
    await world.emulator.webhooks.settled();
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
    await world.restart({});
    expect(await doubled(3)).toEqual(first);
    await world.restart({});
    expect(await doubled(4)).not.toEqual(first);
  });

  test('signs the first attempt wrongly, loses attempts and loses answers, and repeats each', async () => {
    const { secret } = world.emulator.credentials;
    const right = ({ headers, body }: Received) =>
      headers['x-hub-signature'] === `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
    const forged = await said(3, { badSignature: 1, dropAnswer: 1 });
    expect(forged.filter(right)).toHaveLength(3);
    expect(forged).toHaveLength(6);
    await world.restart({});
    expect(await said(3, { drop: 1 })).toHaveLength(3);
    expect(world.emulator.webhooks.deliveries).toHaveLength(6);
  });

  test('sends a conversation as it was before', async () => {
    const hook = await world.subscribed(undefined, ['message.create.contact.*']);
    const consumer = await world.emulator.contact(noor);
    const agent = await world.emulator.agent({ name: 'Ann' });
    agent.command(consumer.conversationId, '/set step 1');
    world.emulator.webhooks.chaos = { stale: 1 };
    agent.command(consumer.conversationId, '/set step 2');
    await world.emulator.webhooks.settled();
    expect(hook.received.map(({ json }) => json.data.conversation.meta.step)).toEqual(['1', '1']);
    expect(world.conversation(consumer.conversationId)?.meta.step).toBe('2');
  });
});
