import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { useCrisp } from './crisp-world.js';
import type { Received } from './receiver.js';

const world = useCrisp();
const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;

/** A receiver of plugin hooks; `answer` decides the status of each delivery. */
async function subscribed(
  answer?: (received: Received, count: number) => number | 'hang',
  more: object = {},
) {
  const receiver = await world.receiver(answer);
  world.emulator.subscribe({ url: receiver.url, events: ['message:send'], ...more });
  return receiver;
}

const signature = (secret: string, { headers, body }: Received) =>
  createHmac('sha256', secret).update(`[${headers['x-crisp-request-timestamp']};${body}]`).digest('hex');
const attempts = (received: readonly Received[]) =>
  received.map(({ headers }) => Number(headers['x-delivery-attempt-count']));
const contents = (received: readonly Received[]) => received.map(({ json }) => json.data.content as string);
const say = (content: string, more: object = {}) => world.emulator.emit('message:send', { content, ...more });

describe('a plugin hook', () => {
  test('carries what the socket carries, signed over its bytes', async () => {
    const { hookSecret, websiteId } = world.emulator.credentials;
    const receiver = await subscribed();
    const visitor = world.emulator.visitor({ nickname: 'Ada' });
    const fingerprint = visitor.say('Hëllo ✓');
    await receiver.count(1);
    const [received] = receiver.received as [Received];
    expect(received.json).toEqual({
      website_id: websiteId,
      event: 'message:send',
      data: {
        website_id: websiteId,
        session_id: visitor.sessionId,
        inbox_id: null,
        type: 'text',
        from: 'user',
        origin: 'chat',
        content: 'Hëllo ✓',
        fingerprint,
        timestamp: expect.any(Number),
        stamped: true,
        mentions: [],
        user: { user_id: visitor.sessionId, nickname: 'Ada' },
      },
      timestamp: expect.any(Number),
    });
    expect(received.body).toBe(JSON.stringify(received.json));
    expect(received.headers).toMatchObject({
      'content-type': 'application/json',
      'x-crisp-hook-origin': expect.stringMatching(/^plugin\/rtm [0-9a-f]{16} production$/),
      'x-crisp-request-timestamp': expect.stringMatching(/^\d{13}$/),
      'x-crisp-signature': signature(hookSecret, received),
      'x-delivery-attempt-count': '1',
      'x-delivery-attempt-limit': '3',
    });
  });

  test.each(['escaped', 'pretty'] as const)(
    'may be %s: the signature is over what was sent',
    async (form) => {
      world.emulator.switches.hookBody = form;
      const receiver = await subscribed();
      say('Hëllo https://shop.test/');
      await receiver.count(1);
      const [received] = receiver.received as [Received];
      expect(received.body).not.toBe(JSON.stringify(received.json));
      expect(received.json.data.content).toBe('Hëllo https://shop.test/');
      expect(received.headers['x-crisp-signature']).toBe(
        signature(world.emulator.credentials.hookSecret, received),
      );
      expect(received.body).toContain(
        form === 'pretty' ? '\n  "event"' : 'H\\u00ebllo https:\\/\\/shop.test\\/',
      );
    },
  );

  test('is tried again with a new time stamp and a new signature, up to its limit', async () => {
    const { clock, hooks, credentials } = world.emulator;
    const receiver = await subscribed(() => 503);
    say('Hello');
    for (let count = 1; count <= 3; count += 1) {
      await receiver.count(count);
      await hooks.idle();
      clock.advance(60 * SECOND_MS);
    }
    await hooks.settled();
    expect(attempts(receiver.received)).toEqual([1, 2, 3]);
    const stamps = receiver.received.map(({ headers }) => headers['x-crisp-request-timestamp']);
    expect(new Set(stamps).size).toBe(3);
    for (const received of receiver.received)
      expect(received.headers['x-crisp-signature']).toBe(signature(credentials.hookSecret, received));
    expect(hooks.deliveries.map(({ status, attempt }) => [status, attempt])).toEqual([
      [503, 1],
      [503, 2],
      [503, 3],
    ]);
  });

  test('is tried again after a redirect, or when nobody answers in time, with the first time stamp if so wished', async () => {
    const { clock, hooks, switches } = world.emulator;
    switches.hookRetryTimestamp = 'first';
    const receiver = await subscribed((_received, count) => (count === 1 ? 302 : count === 2 ? 'hang' : 204));
    say('Hello');
    await receiver.count(1);
    await hooks.idle();
    clock.advance(10 * SECOND_MS);
    await receiver.count(2);
    clock.advance(switches.hookDeadlineMs);
    await hooks.idle();
    clock.advance(10 * SECOND_MS);
    await receiver.count(3);
    await hooks.settled();
    expect(hooks.deliveries.map(({ status, note }) => [status, note])).toEqual([
      [302, undefined],
      [0, 'no answer in time'],
      [204, undefined],
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-crisp-request-timestamp'])).size).toBe(
      1,
    );
  });

  test('tells of every website where the plugin is installed, and of no other', async () => {
    const receiver = await subscribed();
    const installed = world.emulator.addWebsite();
    const other = world.emulator.addWebsite({ installed: false });
    say('not mine', { website_id: other });
    say('mine');
    say('installed', { website_id: installed });
    await receiver.count(2);
    await world.emulator.hooks.settled();
    expect(contents(receiver.received).sort()).toEqual(['installed', 'mine']);
  });

  test('comes for every event but those of the socket alone', async () => {
    const receiver = await world.receiver();
    world.emulator.subscribe({ url: receiver.url });
    world.emulator.subscribe({ url: receiver.url, kind: 'website' });
    for (const event of [
      'spam:message',
      'media:animation:listed',
      'session:set_routing',
      'session:set_state',
    ])
      world.emulator.emit(event);
    await receiver.count(3);
    await world.emulator.hooks.settled();
    const kinds = receiver.received.map(
      ({ headers, json }) => `${String(headers['x-crisp-hook-origin']).split('/')[0]} ${json.event}`,
    );
    expect(kinds.sort()).toEqual([
      'plugin session:set_routing',
      'plugin session:set_state',
      'website session:set_state',
    ]);
  });

  test('ends with its subscription', async () => {
    const receiver = await world.receiver();
    const { id } = world.emulator.subscribe({ url: receiver.url });
    expect([world.emulator.unsubscribe(id), world.emulator.unsubscribe(id)]).toEqual([true, false]);
    say('Hello');
    await world.emulator.hooks.settled();
    expect(receiver.received).toEqual([]);
  });
});

describe('a website hook', () => {
  test('is not signed, keeps the key in its address, and is tried once', async () => {
    const receiver = await world.receiver(() => 500);
    world.emulator.subscribe({
      url: `${receiver.url}?key=hidden`,
      kind: 'website',
      events: ['message:send'],
    });
    say('Hello');
    await receiver.count(1);
    await world.emulator.hooks.settled();
    world.emulator.clock.advance(DAY_MS);
    await world.emulator.hooks.settled();
    const [{ headers }] = receiver.received as [Received];
    expect(Object.keys(headers)).not.toContain('x-crisp-signature');
    expect(headers['x-delivery-attempt-limit']).toBe('1');
    expect(receiver.received).toHaveLength(1);
    expect(JSON.stringify(world.emulator.hooks.deliveries)).not.toContain('hidden');
  });
});

describe('chaos', () => {
  const settle = async () => {
    const { clock, hooks } = world.emulator;
    while (hooks.pending > 0) {
      await hooks.idle();
      clock.advance(SECOND_MS);
    }
  };

  test('gives wrong signatures, lost hooks and lost answers, and makes each good with a retry', async () => {
    const { credentials, hooks } = world.emulator;
    const receiver = await subscribed((received) =>
      received.headers['x-crisp-signature'] === signature(credentials.hookSecret, received) ? 200 : 403,
    );
    hooks.chaos = { badSignature: 0.3, drop: 0.3, dropAnswer: 0.3, seed: 7 };
    for (let index = 0; index < 30; index += 1) say(`${index}`);
    await settle();
    const good = receiver.received.filter(
      (received) => received.headers['x-crisp-signature'] === signature(credentials.hookSecret, received),
    );
    expect(new Set(contents(good)).size).toBe(30);
    expect(good.length).toBeGreaterThan(30);
    expect(receiver.received.length).toBeGreaterThan(good.length);
    const notes = new Set(hooks.deliveries.map(({ note }) => note));
    expect(notes).toEqual(
      new Set([undefined, 'lost on the way', 'answer lost on the way', 'wrong signature']),
    );
  });

  test('doubles hooks and shuffles them', async () => {
    const receiver = await subscribed();
    world.emulator.hooks.chaos = { duplicate: 0.5, reorder: 5, seed: 3 };
    const visitor = world.emulator.visitor();
    for (let index = 0; index < 20; index += 1) visitor.say(`${index}`);
    await settle();
    const heard = contents(receiver.received);
    expect(new Set(heard).size).toBe(20);
    expect(heard.length).toBeGreaterThan(20);
    expect(heard).not.toEqual([...heard].sort((one, other) => Number(one) - Number(other)));
    expect(new Set(attempts(receiver.received))).toEqual(new Set([1]));
  });
});

test('a hook waits for the answer to the one before it in its conversation, and for no other', async () => {
  const { clock, hooks, switches, visitor } = world.emulator;
  switches.hookOrderMs = 60 * SECOND_MS;
  const receiver = await subscribed((_received, count) => (count === 1 ? 'hang' : 200));
  const [ada, bob] = [visitor(), visitor()];
  ada.say('first');
  ada.say('second');
  await receiver.count(1);
  bob.say('of another');
  await receiver.count(2);
  expect(contents(receiver.received)).toEqual(['first', 'of another']);
  clock.advance(switches.hookDeadlineMs);
  await receiver.count(3);
  expect(contents(receiver.received)).toEqual(['first', 'of another', 'second']);
  await hooks.idle();
});
