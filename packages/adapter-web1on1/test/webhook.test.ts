import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import { type Event, silentLog, type WebhookRequest } from '@parley/core';
import { type Web1on1Adapter, type Web1on1Options, web1on1 } from '../src/index.js';
import { type Stage, startStage } from './account.js';

const SECRET = 'c2VjcmV0LWxvb2tzLWxpa2UtYmFzZTY0';
const BOT = '64aa11bb22cc33dd44ee55ff';

const opened: Web1on1Adapter[] = [];
function open(options: Web1on1Options = {}): Web1on1Adapter {
  const adapter = web1on1({ secret: SECRET, email: `bot+${BOT}@web1on1.chat`, ...options }).open(
    standaloneAccount('leads', { log: silentLog }),
  );
  opened.push(adapter);
  return adapter;
}
afterAll(() => Promise.all(opened.map((adapter) => adapter.close())));

const message = {
  id: '64d2c5080b1e2d0015aa0002',
  conversation: '64d2c3b4a5968700143f1c10',
  type: 'chat',
  role: 'contact',
  touchpoint: 'whatsapp',
  text: 'Tomorrow works for me — ’s morgens',
  createdAt: '2024-03-11T08:21:44.861Z',
};
const conversation = { id: '64d2c3b4a5968700143f1c10', type: 'contact', status: 'active', contact: 'c1' };
const payload = { event: 'message.create.contact.chat', data: { message, conversation } };

function sign(body: string | Uint8Array, secret = SECRET): string {
  return `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`;
}

function post(body: string, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return {
    method: 'POST',
    url: '/webhooks/leads',
    headers: { 'content-type': 'application/json', 'x-hub-signature': sign(body), ...headers },
    body: Buffer.from(body),
  };
}

const get = (url: string): WebhookRequest => ({ method: 'GET', url, headers: {}, body: new Uint8Array() });

/** What the call comes to; a rejection as its error. */
async function receive(request: WebhookRequest, adapter = open()) {
  return adapter.webhook.receive(request);
}

/** A payload signed as the platform does, as the events it makes. */
async function eventsOf(content: unknown, options?: Web1on1Options) {
  const result = await receive(post(JSON.stringify(content)), open(options));
  if (result.kind !== 'events') throw new Error('expected events');
  return result.events;
}

describe('the subscription challenge', () => {
  test('is answered with the challenge as plain text and nothing else', async () => {
    const result = await receive(get('/webhooks/leads?type=subscribe&challenge=a%3Cb%3E'));
    expect(result).toEqual({
      kind: 'answer',
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: 'a<b>',
    });
  });

  test.each([
    '/webhooks/leads',
    '/webhooks/leads?challenge=x',
    '/webhooks/leads?type=subscribe',
    '/webhooks/leads?type=subscribe&challenge=',
    '/webhooks/leads?type=other&challenge=x',
    '/webhooks/leads?hub.mode=subscribe&hub.challenge=x',
  ])('is refused with 403 for %s', async (url) => {
    expect(await receive(get(url))).toEqual({ kind: 'answer', status: 403 });
  });

  test('needs no secret', async () => {
    const adapter = web1on1({}).open(standaloneAccount('leads', { log: silentLog }));
    opened.push(adapter);
    expect(await receive(get('/?type=subscribe&challenge=x'), adapter)).toMatchObject({ body: 'x' });
  });
});

describe('a webhook call', () => {
  test('that is signed with our secret is one event', async () => {
    const result = await receive(post(JSON.stringify(payload)));
    expect(result).toMatchObject({ kind: 'events', events: [{ name: 'message.received' }] });
  });

  test('is read at once, without a promise', () => {
    expect(open().webhook.receive(post(JSON.stringify(payload)))).not.toBeInstanceOf(Promise);
  });

  test('may be indented: the raw bytes are what is signed', async () => {
    const result = await receive(post(JSON.stringify(payload, null, 2)));
    expect(result).toMatchObject({ kind: 'events', events: [{ name: 'message.received' }] });
  });

  test('is accepted with the old and the new secret while it is replaced', async () => {
    const body = JSON.stringify(payload);
    const adapter = open({ secret: ['new-secret', SECRET] });
    for (const secret of [SECRET, 'new-secret']) {
      const result = await receive(post(body, { 'x-hub-signature': sign(body, secret) }), adapter);
      expect(result).toMatchObject({ kind: 'events', events: [{ name: 'message.received' }] });
    }
  });

  test('has the same event id when it is delivered again under another payload id', async () => {
    const [first] = await eventsOf({ ...payload, id: 'one', timestamp: '2024-03-11T08:21:44Z' });
    const [second] = await eventsOf({ ...payload, id: 'two', timestamp: '2024-03-11T09:00:00Z' });
    expect(second?.id).toBe(first?.id);
    expect(first?.id).toBe('leads:message.create:64d2c5080b1e2d0015aa0002');
  });

  test.each<[string, WebhookRequest['headers']]>([
    ['a signature made with another secret', { 'x-hub-signature': sign(JSON.stringify(payload), 'wrong') }],
    ['no signature', { 'x-hub-signature': undefined }],
    ['a bare digest', { 'x-hub-signature': sign(JSON.stringify(payload)).slice(5) }],
    ['a signature by another algorithm', { 'x-hub-signature': `sha256=${'0'.repeat(64)}` }],
    ['a signature cut short', { 'x-hub-signature': sign(JSON.stringify(payload)).slice(0, -1) }],
    ['two signatures', { 'x-hub-signature': ['sha1=a', 'sha1=b'] }],
  ])('with %s is refused', async (_what, headers) => {
    await expect(receive(post(JSON.stringify(payload), headers))).rejects.toMatchObject({
      code: 'ERR_SIGNATURE',
    });
  });

  test('whose body was changed by one byte is refused', async () => {
    const request = post(JSON.stringify(payload));
    const body = Buffer.from(request.body);
    body[body.length - 3] = (body[body.length - 3] ?? 0) ^ 1;
    await expect(receive({ ...request, body })).rejects.toMatchObject({ code: 'ERR_SIGNATURE' });
  });

  test('is refused where no secret is configured, and the error says what to do', async () => {
    const adapter = web1on1({}).open(standaloneAccount('leads', { log: silentLog }));
    opened.push(adapter);
    await expect(receive(post(JSON.stringify(payload)), adapter)).rejects.toMatchObject({
      code: 'ERR_SIGNATURE',
      message: expect.stringContaining('set the option "secret"'),
    });
  });

  test.each([
    ['a url-encoded body', 'event=message.create.contact.chat&data=x'],
    ['half a JSON text', '{"event":'],
    ['an empty body', ''],
    ['JSON that is no object', '[1,2]'],
    ['no event name', JSON.stringify({ data: payload.data })],
    ['a message event without data', JSON.stringify({ event: payload.event })],
    ['a message event without a conversation', JSON.stringify({ event: payload.event, data: { message } })],
    [
      'a number where a text belongs',
      JSON.stringify({ ...payload, data: { conversation, message: { ...message, text: 31655501234 } } }),
    ],
    ['a conversation event without one', JSON.stringify({ event: 'conversation.update', data: {} })],
    ['a contact event without one', JSON.stringify({ event: 'contact.update', data: { contact: 'c1' } })],
  ])('with %s is refused, without a word of it in the error', async (_what, body) => {
    const failure = await receive(post(body)).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code: 'ERR_UNEXPECTED_PAYLOAD' });
    expect(String(failure)).not.toMatch(/31655501234|Tomorrow/);
  });

  test('by another method is answered 405', async () => {
    expect(await receive({ ...post('{}'), method: 'PUT' })).toMatchObject({ kind: 'answer', status: 405 });
  });

  test('about something unknown is a provider event with its payload', async () => {
    const content = { event: 'shop.burn', organization: 'o1', data: { shop: { id: 's1' } } };
    expect(await eventsOf(content)).toMatchObject([
      { name: 'provider.event', native: 'shop.burn', payload: content, account: 'leads' },
    ]);
  });

  test('keeps the payload where that is asked for', async () => {
    const [kept] = await eventsOf(payload, { keepRaw: true });
    const [bare] = await eventsOf(payload);
    expect(kept?.raw).toEqual(payload);
    expect(bare).not.toHaveProperty('raw');
  });
});

describe('the filters', () => {
  /** The names of the events that a message makes under these options. */
  const namesOf = async (changes: object, options?: Web1on1Options, participants: object[] = []) => {
    const content = {
      ...payload,
      data: { message: { ...message, ...changes }, conversation: { ...conversation, participants } },
    };
    return (await eventsOf(content, options)).map(({ name }) => name);
  };
  const own = { role: 'agent', user: BOT };

  test('drop our own echo unless told otherwise', async () => {
    expect(await namesOf(own)).toEqual([]);
    expect(await namesOf(own, { ignore: { self: false } })).toEqual(['message.sent']);
  });

  test('know ourselves by the token as well', async () => {
    const claims = Buffer.from(JSON.stringify({ _id: BOT })).toString('base64url');
    expect(await namesOf(own, { email: undefined, token: `e30.${claims}.x` })).toEqual([]);
  });

  test('cannot know ourselves by a secret alone', async () => {
    expect(await namesOf(own, { email: undefined })).toEqual(['message.sent']);
  });

  test('drop what has role bot unless told otherwise', async () => {
    const other = { role: 'bot', user: '64aa00000000000000000b07' };
    expect(await namesOf(other)).toEqual([]);
    expect(await namesOf(other, { ignore: { bots: false } })).toEqual(['note.created']);
  });

  test('drop conversations that we are not in, when asked to', async () => {
    const ignore = { unjoined: true };
    expect(await namesOf({}, { ignore })).toEqual([]);
    expect(await namesOf({}, { ignore }, [{ user: BOT, active: false, follow: true }])).toHaveLength(1);
    expect(await namesOf({}, { ignore }, [{ user: BOT, active: true }])).toHaveLength(1);
    expect(await namesOf({}, { ignore }, [{ user: BOT, active: false, follow: false }])).toEqual([]);
  });

  test('let pass what is aimed at us, also where we are not', async () => {
    const ignore = { unjoined: true };
    const assignment = { type: 'command', role: 'bot', text: '/assign', meta: { users: [BOT] } };
    expect(await namesOf(assignment, { ignore })).toEqual(['conversation.assigned']);
    expect(await namesOf({ type: 'command', text: '>help' }, { ignore })).toEqual(['command.received']);
    const mention = { type: 'mention', role: 'agent', meta: { targetBot: [BOT] } };
    expect(await namesOf(mention, { ignore })).toEqual(['mention.received']);
  });

  test('drop conversations that somebody else has accepted, when asked to', async () => {
    const ignore = { assignedToOthers: true };
    expect(await namesOf({}, { ignore }, [{ user: 'u1', accepted: true }])).toEqual([]);
    expect(await namesOf({}, { ignore }, [{ user: BOT, accepted: true }])).toHaveLength(1);
    expect(await namesOf({}, { ignore }, [{ user: 'u1', accepted: false }])).toHaveLength(1);
  });

  test('drop what concerns a switched-off bot instance unless told otherwise', async () => {
    expect(await namesOf({ instance: { enabled: false } })).toEqual([]);
    expect(await namesOf({ instance: { enabled: true } })).toHaveLength(1);
    expect(await namesOf({ instance: { enabled: false } }, { ignore: { disabled: false } })).toHaveLength(1);
  });

  test('never drop a failure of our own message', async () => {
    const content = { event: 'message.error', data: { message: { ...message, ...own }, conversation } };
    expect(await eventsOf(content)).toMatchObject([
      { name: 'message.failed', messageId: 'leads:64d2c5080b1e2d0015aa0002' },
    ]);
  });
});

describe('with the emulator', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.close());

  /** Receives for one adapter, as an application without our server would; what it was told is in `events`. */
  async function listen(adapter: Web1on1Adapter) {
    const events: Event[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(await request.toArray());
      const result = await adapter.webhook.receive({ method, url, headers, body });
      if (result.kind === 'answer') response.writeHead(result.status, result.headers).end(result.body);
      else {
        events.push(...result.events);
        response.end();
      }
    };
    const server = createServer((request, response) => {
      answer(request, response).catch((error: { code?: string }) => response.writeHead(400).end(error.code));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await stage.emulator.subscribe({ url: `http://127.0.0.1:${port}/webhooks/leads` });
    return { events, close: () => new Promise((resolve) => server.close(resolve)) };
  }

  test('subscribes by its challenge and hears both sides of a conversation', async () => {
    const adapter = stage.open({ ignore: { self: false, bots: false } });
    const { events, close } = await listen(adapter);
    try {
      const noor = await stage.emulator.contact({ telephone: '+31655501234', channel: 'whatsapp' });
      noor.say('Hello');
      const conversationId = `leads:${noor.conversationId}`;
      const sent = await adapter.messages.send({
        conversationId,
        content: { kind: 'text', text: 'Hi!' },
        key: 'k',
      });
      await stage.emulator.webhooks.idle();
      const messages = events.filter(({ name }) => name === 'message.received' || name === 'message.sent');
      expect(messages).toMatchObject([
        {
          name: 'message.received',
          conversationId,
          message: { content: { text: 'Hello' }, channel: 'whatsapp' },
        },
        { name: 'message.sent', id: sent.eventId, message: { id: sent.id, author: { self: true } } },
      ]);
    } finally {
      await close();
    }
  });

  test('gives a call that comes twice the same event ids', async () => {
    const { events, close } = await listen(stage.open());
    try {
      stage.emulator.webhooks.chaos = { duplicate: 1 };
      const kim = await stage.emulator.contact({ telephone: '+31655507777', channel: 'sms' });
      kim.say('Once');
      await stage.emulator.webhooks.idle();
      const received = events.filter(({ name }) => name === 'message.received');
      expect(received).toHaveLength(2);
      expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    } finally {
      stage.emulator.webhooks.chaos = {};
      await close();
    }
  });

  test('learns who we are by a login before the first event is read', async () => {
    const { adminEmail, adminPassword, adminUser } = stage.emulator.credentials;
    const adapter = stage.open({
      token: undefined,
      refreshToken: undefined,
      email: adminEmail,
      password: adminPassword,
      secret: SECRET,
    });
    const echo = {
      ...payload,
      data: { conversation, message: { ...message, role: 'agent', user: adminUser } },
    };
    const result = await adapter.webhook.receive(post(JSON.stringify(echo)));
    expect(result).toEqual({ kind: 'events', events: [] });
  });
});
