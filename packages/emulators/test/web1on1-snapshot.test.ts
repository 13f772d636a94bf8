import { afterEach, expect, test } from '@jest/globals';
import {
  startWeb1on1,
  type Web1on1Emulator,
  type Web1on1EmulatorOptions,
  type Web1on1Snapshot,
} from '@parley/emulators';
import Fastify from 'fastify';
import { createPremises } from '../src/premises.js';
import { type Received, startReceiver, until } from './receiver.js';
import { HOUR_MS, noor } from './world.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function emulate(options: Web1on1EmulatorOptions = {}): Promise<Web1on1Emulator> {
  const emulator = await startWeb1on1({ rateLimit: false, ...options });
  open.push(emulator);
  return emulator;
}

/** Ends an emulator, and starts another one from what was written about it, as JSON text. */
async function goOn(emulator: Web1on1Emulator, options: Web1on1EmulatorOptions = {}) {
  const text = JSON.stringify(emulator.snapshot());
  await emulator.close();
  return emulate({ snapshot: JSON.parse(text), ...options });
}

async function receive(answer?: (received: Received, count: number) => number | 'hang') {
  const receiver = await startReceiver(answer);
  open.push(receiver);
  return receiver;
}

async function call(
  { origin }: Web1on1Emulator,
  method: string,
  path: string,
  token: string,
  body?: unknown,
): Promise<{ status: number; json: ReturnType<typeof JSON.parse> }> {
  const response = await fetch(new URL(path, origin), {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

/** The messages that people wrote, in the order in which a receiver got them. */
const textsIn = (received: readonly Received[]): string[] =>
  received
    .filter(({ json }) => json.event === 'message.create.contact.chat')
    .map(({ json }) => json.data.message.text);

test('goes on with its people, conversations, tokens and passwords', async () => {
  const before = await emulate();
  const person = await before.contact(noor);
  const agent = await before.agent({ name: 'Ann', email: 'ann@garage.example' });
  person.say('Hello');
  agent.say(person.conversationId, 'Hi Noor');
  agent.say(person.conversationId, 'Are you there?');
  expect((await person.next()).text).toBe('Hi Noor');

  const after = await goOn(before);
  const { token, refreshToken, botEmail, adminEmail, adminPassword } = after.credentials;
  expect(after.credentials).toEqual({ ...before.credentials, origin: after.origin });
  const again = await after.contact(noor);
  expect(again).toMatchObject({ contactId: person.contactId, conversationId: person.conversationId });
  expect(again.received.map(({ text }) => text)).toEqual(['Hi Noor', 'Are you there?']);
  expect((await again.next()).text).toBe('Are you there?');
  expect((await after.agent({ name: 'Ann', email: 'ann@garage.example' })).userId).toBe(agent.userId);
  expect(after.messages.list()).toEqual(before.messages.list());

  const path = `/v2/conversations/${person.conversationId}/messages`;
  expect(await call(after, 'POST', path, token, { text: 'Yes', role: 'agent' })).toMatchObject({
    status: 201,
  });
  const refresh = { refreshToken, clientId: botEmail };
  expect(await call(after, 'POST', '/v2/auth/token', '', refresh)).toMatchObject({ status: 201 });
  const login = { email: adminEmail, password: adminPassword };
  expect(await call(after, 'POST', '/v2/auth/token', '', login)).toMatchObject({ status: 201 });
});

test('is plain JSON that later changes do not reach, and the same again after a restart', async () => {
  const emulator = await emulate({ chaos: { duplicate: 0.5, seed: 7 }, defaultLimit: 3 });
  const receiver = await receive((_received, count) => (count % 2 === 0 ? 500 : 200));
  await emulator.subscribe({ url: receiver.url });
  emulator.clock.advance(HOUR_MS);
  emulator.rateLimit = { enabled: true, perSecond: 7, retryAfter: true };
  emulator.faults.next({ kind: 'status', status: 429, times: 2, route: 'GET /v2/users' });
  const person = await emulator.contact(noor);
  for (const text of ['one', 'two', 'three']) person.say(text);
  await emulator.webhooks.idle();
  await fetch(new URL('/v2/messages', emulator.origin));

  const snapshot = emulator.snapshot();
  expect(snapshot.webhooks.waiting.length).toBeGreaterThan(0);
  const copy = structuredClone(snapshot);
  person.say('four');
  expect(snapshot).toEqual(copy);
  await emulator.close();

  const after = await startWeb1on1({ snapshot });
  open.push(after);
  expect(snapshot).toEqual(copy);
  const { clockOffsetMs, ...rest } = after.snapshot();
  expect(clockOffsetMs).toBeGreaterThanOrEqual(HOUR_MS - 1000);
  expect(rest).toEqual({
    ...snapshot,
    clockOffsetMs: undefined,
    credentials: { ...snapshot.credentials, origin: after.origin },
  });
});

test('delivers again what was under way, in order, wherever the webhook has moved to', async () => {
  // Far longer than it takes: nothing overtakes a webhook that has no answer yet.
  const emulator = await emulate({ webhookOrderMs: HOUR_MS });
  const silent = await receive(() => 'hang');
  const { id } = await emulator.subscribe({ url: silent.url });
  const person = await emulator.contact(noor);
  const texts = ['one', 'two', 'three', 'four'];
  for (const text of texts) person.say(text);
  await silent.count(1);

  const receiver = await receive();
  const after = await goOn(emulator);
  await after.moveWebhook(id, receiver.url);
  const hung = after.webhooks.pending;
  expect(hung).toBeGreaterThan(0);
  const third = await goOn(after);
  await third.webhooks.settled();
  expect(textsIn(receiver.received)).toEqual(texts);
});

test('repeats a failed webhook when it is due, and counts its attempts on', async () => {
  const emulator = await emulate();
  const down = await receive(() => 503);
  const { id } = await emulator.subscribe({ url: down.url, events: ['message.create.contact.chat'] });
  (await emulator.contact(noor)).say('Hello');
  await emulator.webhooks.idle();

  const up = await receive();
  const after = await goOn(emulator);
  await after.moveWebhook(id, up.url);
  after.clock.advance(2000);
  await after.webhooks.settled();
  expect(textsIn(up.received)).toEqual(['Hello']);
  expect(after.webhooks.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 503],
    [2, 200],
  ]);
});

test('refuses to move a webhook to an address that does not answer the challenge', async () => {
  const emulator = await emulate();
  const [receiver, deaf] = [await receive(), await startReceiver(undefined, () => 'no')];
  open.push(deaf);
  const { id } = await emulator.subscribe({ url: receiver.url });
  await expect(emulator.moveWebhook(id, deaf.url)).rejects.toThrow(/must answer the challenge/);
  await expect(emulator.moveWebhook('64c0ab12f0e1d20013bb7702', receiver.url)).rejects.toThrow(/not found/);
});

test('stores a delayed message once, when its delay is over', async () => {
  const emulator = await emulate();
  const { conversationId } = await emulator.contact(noor);
  const path = `/v2/conversations/${conversationId}/messages`;
  const later = { text: 'later', role: 'agent', delay: HOUR_MS };
  expect((await call(emulator, 'POST', path, emulator.credentials.token, later)).status).toBe(201);

  const after = await goOn(await goOn(emulator));
  const person = await after.contact(noor);
  expect(person.received).toEqual([]);
  after.clock.advance(HOUR_MS);
  expect(person.received.map(({ text }) => text)).toEqual(['later']);
  expect((await goOn(after)).messages.list()).toHaveLength(1);
});

test('keeps its switches and its rate limit, unless others are given', async () => {
  const emulator = await emulate({ deleteStatus: 200, rateLimit: { perSecond: 3 } });
  const same = await startWeb1on1({ snapshot: emulator.snapshot() });
  open.push(same);
  expect([same.switches.deleteStatus, same.rateLimit.perSecond]).toEqual([200, 3]);
  const other = await goOn(emulator, { deleteStatus: 204, rateLimit: { perSecond: 9 } });
  expect([other.switches.deleteStatus, other.rateLimit.perSecond]).toEqual([204, 9]);
});

test('refuses a snapshot of another version, or of another provider', async () => {
  const emulator = await emulate();
  const snapshot = { ...emulator.snapshot(), format: 0 };
  await expect(startWeb1on1({ snapshot })).rejects.toThrow(
    'expected format 1, got format 0: start without it',
  );
  const foreign = { ...emulator.snapshot(), provider: 'crisp' };
  await expect(startWeb1on1({ snapshot: foreign })).rejects.toThrow('got crisp, format 1');
});

test('is saved before a webhook leaves', async () => {
  let saved: Web1on1Snapshot | undefined;
  const told: boolean[] = [];
  const knows = (id: string): boolean =>
    saved?.records.messages?.some((message) => message.id === id) ?? false;
  const emulator = await emulate({
    save: (snapshot) => {
      saved = snapshot;
    },
  });
  const receiver = await receive(({ json }) => {
    const messageId = json.data.message?.id;
    const underWay = saved?.webhooks.underWay.some(({ announcement }) => announcement.event === json.event);
    told.push(underWay === true && (messageId === undefined || knows(messageId)));
    return 200;
  });
  await emulator.subscribe({ url: receiver.url });
  const person = await emulator.contact(noor);
  person.say('Hello');
  await emulator.webhooks.settled();
  expect(told.length).toBeGreaterThan(1);
  expect(told).not.toContain(false);
});

test('is saved before an answer leaves', async () => {
  let saved: Web1on1Snapshot | undefined;
  const emulator = await emulate({
    save: (snapshot) => {
      saved = snapshot;
    },
  });
  const { conversationId } = await emulator.contact(noor);
  const path = `/v2/conversations/${conversationId}/messages`;
  const { json } = await call(emulator, 'POST', path, emulator.credentials.token, {
    text: 'Hi',
    role: 'agent',
  });
  expect(saved?.records.messages?.map(({ id }) => id)).toEqual([json.id]);
  expect(saved?.journal.at(-1)).toMatchObject({ method: 'POST', path, status: 201 });
});

test('is saved before a connection is dropped, so that a fault is used up once', async () => {
  const saved: Web1on1Snapshot[] = [];
  const emulator = await emulate({ save: (snapshot) => saved.push(snapshot) });
  for (const kind of ['drop-before', 'drop-after'] as const) {
    emulator.faults.next({ kind });
    await expect(call(emulator, 'GET', '/v2/users', emulator.credentials.token)).rejects.toThrow();
    await until(() => saved.at(-1)?.journal.at(-1)?.fault === kind);
    expect(saved.at(-1)?.faults).toEqual([]);
  }
});

test('has a delivery once, also while it is answered and repeated', async () => {
  const saved: Web1on1Snapshot[] = [];
  const emulator = await emulate({ save: (snapshot) => saved.push(snapshot), webhookRetryFirstMs: 0 });
  const receiver = await receive((_received, count) => (count === 1 ? 500 : 200));
  await emulator.subscribe({ url: receiver.url, events: ['message.create.contact.chat'] });
  emulator.webhooks.chaos = { duplicate: 1 };
  (await emulator.contact(noor)).say('Hello');
  await emulator.webhooks.settled();
  expect(receiver.received).toHaveLength(3);
  for (const { webhooks } of saved) {
    expect(webhooks.underWay.length + webhooks.waiting.length).toBeLessThanOrEqual(1);
  }
});

test('keeps callers waiting until it goes on from where the other was', async () => {
  const app = Fastify();
  const order: string[] = [];
  const arrived = Promise.withResolvers<void>();
  app.addHook('onRequest', async () => arrived.resolve());
  const premises = createPremises(app, { origin: '' });
  app.get('/', async () => order.push('answered'));
  const answer = fetch(await premises.listen({}));
  await arrived.promise;
  await new Promise(setImmediate);
  order.push('open');
  premises.open();
  expect((await answer).status).toBe(200);
  await premises.close();
  expect(order).toEqual(['open', 'answered']);
});
