import { describe, expect, test } from '@jest/globals';
import {
  type Adapter,
  type Message,
  type MessagePort,
  ParleyError,
  type SendRequest,
  type WebhookPort,
  type WebhookResult,
} from '@parley/core';
import {
  type AdapterHarness,
  adapterConformance,
  captureWebhooks,
  fakeHarness,
  firstsAndDuplicates,
} from '../src/index.js';

const withWebhook = await adapterConformance({
  name: 'fake',
  test,
  describe,
  setup: async () => fakeHarness(),
});
const withFeed = await adapterConformance({
  name: 'fake with a feed',
  test,
  describe,
  setup: async () => fakeHarness({ feed: true }),
});
const withoutPorts = await adapterConformance({
  name: 'that neither hears nor speaks',
  test,
  describe,
  setup: async () => {
    const {
      consumer: _consumer,
      webhooks: _webhooks,
      ...rest
    } = fakeHarness({ without: ['messages', 'webhook'] });
    return rest;
  },
});

test('the suite runs the cases whose ports are there', () => {
  expect(withWebhook.absent).toEqual([
    'keeps the good items of a list that holds one it cannot read',
    'brings what a person writes through the feed, and ends it when the signal fires',
  ]);
  expect(withFeed.cases).toContain(
    'brings what a person writes through the feed, and ends it when the signal fires',
  );
  expect(withFeed.absent).toContain('turns a signed webhook into message.received');
  expect(withoutPorts.cases.filter((name) => /send|webhook/.test(name))).toEqual([]);
});

type Broken = (harness: AdapterHarness) => Partial<AdapterHarness>;

/** The harness with an adapter whose named ports are changed. */
const ports =
  (change: (adapter: Required<Adapter>, harness: AdapterHarness) => Partial<Adapter>): Broken =>
  (harness) => ({
    adapter: { ...harness.adapter, ...change(harness.adapter as Required<Adapter>, harness) },
  });

const messages = (
  change: (port: Required<MessagePort>, harness: AdapterHarness) => Partial<MessagePort>,
): Broken =>
  ports((adapter, harness) => ({
    messages: { ...adapter.messages, ...change(adapter.messages as Required<MessagePort>, harness) },
  }));

const webhook = (
  receive: (port: WebhookPort, request: Parameters<WebhookPort['receive']>[0]) => unknown,
): Broken =>
  ports(({ webhook: port }) => ({
    webhook: { receive: async (request) => (await receive(port, request)) as WebhookResult },
  }));

const events = async (
  port: WebhookPort,
  request: never,
  change: (event: never, index: number) => unknown,
) => {
  const result = await port.receive(request);
  return result.kind === 'events' ? { ...result, events: result.events.map(change as never) } : result;
};

const textOf = (request: SendRequest): string =>
  request.content.kind === 'text' ? request.content.text : '';

let serial = 0;

/** Adapters with one mistake each, and the sentence that must notice it. */
const mistakes: [mistake: string, sentence: string, broken: Broken][] = [
  [
    'sends twice',
    'sends text and lists it back',
    messages(({ send }) => ({ send: async (r, o) => send(r, o).then(() => send(r, o)) })),
  ],
  [
    'lists oldest first',
    'lists the newest first, every message once, over the edge of a page, and ends',
    messages(({ list }) => ({
      list: async function* (id, options) {
        const found: Message[] = [];
        for await (const one of list(id, options)) found.push(one);
        yield* found.reverse();
      },
    })),
  ],
  [
    'lists a page again and again',
    'lists the newest first, every message once, over the edge of a page, and ends',
    messages(({ list }) => ({
      list: async function* (id, options) {
        for (;;) yield* list(id, options);
      },
    })),
  ],
  [
    'shows notes',
    'keeps a note from the person',
    messages(({ send }) => ({ send: ({ note: _note, ...r }, o) => send(r, o) })),
  ],
  [
    'takes no locations',
    'sends every kind of content that it says it accepts',
    messages(({ send }) => ({
      send: async (r, o) => {
        if (r.content.kind === 'location') throw new ParleyError('ERR_UNSUPPORTED', 'no');
        return send(r, o);
      },
    })),
  ],
  [
    'repeats what may have arrived',
    'does not repeat a send that may have arrived',
    messages(({ send }) => ({
      send: (r, o) => send(r, o).catch(() => send(r, o)),
    })),
  ],
  [
    'repeats when told not to',
    'makes one attempt when told not to repeat, and says that it was the rate',
    messages(({ send }) => ({
      send: (r, o) => send(r, { ...o, retry: true }),
    })),
  ],
  [
    'gives up at a rate limit',
    'waits out a rate limit and sends once',
    messages(({ send }) => ({
      send: (r, o) => send(r, { ...o, retry: false }),
    })),
  ],
  [
    'calls a lost answer a failure',
    'does not repeat a send that may have arrived',
    messages(({ send }) => ({
      send: (r, o) => send(r, o).catch(() => Promise.reject(new ParleyError('ERR_UNAVAILABLE', 'no'))),
    })),
  ],
  [
    'finds nothing',
    'finds a send whose answer was lost, exactly once',
    messages(() => ({ find: async () => undefined })),
  ],
  [
    'finds everything',
    'says that a send which never arrived was not found',
    messages(() => ({
      find: async () => ({ id: 'leads:message-1', at: '2026-01-01T00:00:00Z' }),
    })),
  ],
  [
    'finds by text only',
    'does not take an equal text of somebody else for the send it looks for',
    messages(({ list }) => ({
      find: async (r) => {
        for await (const { id, content, createdAt } of list(r.conversationId)) {
          if (content.kind === 'text' && content.text === textOf(r)) return { id, at: createdAt };
        }
        return undefined;
      },
    })),
  ],
  [
    'is silent about a refusal',
    'calls a refusal ERR_REJECTED and does not repeat it',
    messages(({ send }) => ({
      send: (r, o) => send(r, o).catch(() => ({ at: '2026-01-01T00:00:00Z' })),
    })),
  ],
  [
    'tells the text in its errors',
    'shows no secret and no text in any error',
    messages(({ send }) => ({
      send: (r, o) => send(r, o).catch((error) => Promise.reject(Object.assign(error, { request: r }))),
    })),
  ],
  [
    'tells its secret in a cause',
    'shows no secret and no text in any error',
    webhook(async (port, request) => {
      try {
        return await port.receive(request);
      } catch (error) {
        throw Object.assign(error as Error, { cause: new Error('expected a-secret-of-webhooks') });
      }
    }),
  ],
  [
    'verifies nothing',
    'refuses a webhook that is not signed, or signed with another secret',
    webhook((port, request) => port.receive(fakeHarness().webhooks?.sign(request.body) ?? request)),
  ],
  [
    'verifies the first hundred bytes',
    'refuses a webhook whose body was changed, wherever it was changed',
    (harness) => {
      const { webhooks } = harness;
      if (webhooks === undefined) throw new Error('no webhooks');
      return {
        adapter: {
          ...harness.adapter,
          webhook: {
            receive: (request) => {
              const known = JSON.stringify(request.headers).length > 2 && request.body.length > 200;
              return harness.adapter.webhook?.receive(
                known ? webhooks.sign(request.body) : request,
              ) as WebhookResult;
            },
          },
        },
      };
    },
  ],
  [
    'gives every delivery new ids',
    'gives the same event the same id on every delivery',
    webhook((port, request) =>
      events(port, request as never, (event: { id: string }) => ({ ...event, id: `leads:${serial++}` })),
    ),
  ],
  [
    'makes ids of texts',
    'gives different events different ids, also for equal texts',
    webhook((port, request) =>
      events(port, request as never, (event: { message?: { content: { text: string } } }) => ({
        ...event,
        id: `leads:${event.message?.content.text}`,
      })),
    ),
  ],
  [
    'drops unknown events',
    'passes an event it does not know as provider.event, with its payload and the same id each time',
    webhook(async (port, request) => {
      const result = await port.receive(request);
      return result.kind === 'events'
        ? { ...result, events: result.events.filter(({ name }) => name !== 'provider.event') }
        : result;
    }),
  ],
  [
    'takes any JSON',
    'refuses what is not JSON, or JSON of another shape, with ERR_UNEXPECTED_PAYLOAD',
    webhook(async (port, request) => {
      try {
        return await port.receive(request);
      } catch (error) {
        if ((error as ParleyError).code === 'ERR_SIGNATURE') throw error;
        return { kind: 'events', events: [] };
      }
    }),
  ],
  [
    'forgets the account',
    'prefixes every id with its account',
    messages(({ list }) => ({
      list: async function* (id, options) {
        for await (const message of list(id, options)) yield { ...message, id: `other${message.id}` };
      },
    })),
  ],
  [
    'adds a key of its own',
    'returns records of the shared shape, with no key of its own',
    messages(({ list }) => ({
      list: async function* (id, options) {
        for await (const message of list(id, options)) yield { ...message, native: true } as Message;
      },
    })),
  ],
  [
    'returns undefined for what is missing',
    'returns plain JSON: what is missing is a missing key',
    messages(({ list }) => ({
      list: async function* (id, options) {
        for await (const message of list(id, options)) yield { ...message, quote: undefined };
      },
    })),
  ],
  [
    'returns dates',
    'returns plain JSON: what is missing is a missing key',
    ports(({ conversations }) => ({
      conversations: {
        ...conversations,
        get: async (id) => ({ ...(await conversations.get(id)), createdAt: new Date() }) as never,
      },
    })),
  ],
  [
    'says undefined for an unknown conversation',
    'names an unknown conversation ERR_NOT_FOUND',
    ports(({ conversations }) => ({
      conversations: {
        ...conversations,
        get: async (id) => conversations.get(id).catch(() => undefined) as never,
      },
    })),
  ],
  [
    'makes a conversation per call',
    'opens one conversation for one address, and posts in order',
    ports(({ conversations }) => ({
      conversations: {
        ...conversations,
        open: async (r, o) =>
          conversations.open?.({ ...r, to: { ...r.to, value: `+3160000${serial++}` } }, o) as never,
      },
    })),
  ],
  [
    'ignores the signal',
    'rejects every call with ERR_ABORTED whose signal has already fired',
    ports(({ contacts }) => ({
      contacts: { ...contacts, get: (id) => contacts.get(id) },
    })),
  ],
  [
    'works after it is closed',
    'rejects every call with ERR_ABORTED once it is closed, and may be closed twice',
    ports(() => ({
      close: async () => {},
    })),
  ],
  [
    'has half a port',
    'has whole ports, and is tested with all of them',
    ports(({ contacts }) => ({
      contacts: { ...contacts, find: undefined as never },
    })),
  ],
  [
    'answers under one name only',
    'keeps the account names apart when two accounts of one provider are open',
    (harness) => ({
      open: () => ({ ...harness.adapter, account: 'other-name' }),
    }),
  ],
];

describe('the suite notices an adapter that', () => {
  test.each(mistakes)('%s', async (_mistake, sentence, broken) => {
    const checks = new Map<string, () => Promise<void>>();
    await adapterConformance({
      name: 'broken',
      test: (name, run) => checks.set(name, run),
      setup: async () => {
        const harness = fakeHarness();
        return { ...harness, ...broken(harness) };
      },
    });
    const check = checks.get(sentence);
    expect(check).toBeDefined();
    await expect(check?.()).rejects.toThrow();
  });
});

describe('captured webhooks', () => {
  test('come as they were sent, answer challenges, and end with a reason', async () => {
    const capture = await captureWebhooks('/webhooks/leads');
    expect(await (await fetch(`${capture.url}?challenge=abc`)).text()).toBe('abc');

    const waiting = capture.next();
    expect(
      (await fetch(capture.url, { method: 'POST', body: 'Straße', headers: { 'x-one': '1' } })).status,
    ).toBe(200);
    const request = await waiting;
    expect(Buffer.from(request.body).toString('utf8')).toBe('Straße');
    expect(request).toMatchObject({ method: 'POST', url: '/webhooks/leads', headers: { 'x-one': '1' } });

    const never = capture.next().catch((error: Error) => error.message);
    await capture.close();
    expect(await never).toContain('no webhook came');
  });

  test('that come twice are told apart, in whatever order they come', async () => {
    const coming = ['a', 'b', 'b', 'a', 'c', 'c'].map((text, at) => ({
      method: 'POST',
      url: `/webhooks/leads?delivery=${at}`,
      headers: {},
      body: Buffer.from(text),
    }));
    const { next, again } = firstsAndDuplicates({
      next: async () => coming.shift() ?? Promise.reject(new Error('no more')),
    });
    const urls: string[] = [];
    for (const take of [next, again, next, again, next, again]) urls.push((await take()).url.slice(-1));
    expect(urls).toEqual(['0', '3', '1', '2', '4', '5']);
  });
});
