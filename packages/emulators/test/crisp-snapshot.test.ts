import { describe, expect, test } from '@jest/globals';
import {
  type CrispEmulator,
  type CrispEmulatorOptions,
  type CrispSnapshot,
  startCrisp,
} from '@parley/emulators';
import { io } from 'socket.io-client';
import { outcome, useCrisp } from './crisp-world.js';

const world = useCrisp();
const MINUTE_MS = 60_000;

/** An emulator that goes on from a snapshot, as text: so it would be read from a file. */
async function goOn(snapshot: CrispSnapshot, options: CrispEmulatorOptions = {}): Promise<CrispEmulator> {
  const next = await startCrisp({ snapshot: JSON.parse(JSON.stringify(snapshot)), ...options });
  world.later(() => next.close());
  return next;
}

/** What two emulators have in common: not their address, nor the moment. */
function comparable({ credentials, clockOffsetMs: _offset, ...rest }: CrispSnapshot): unknown {
  const { origin: _origin, rtmUrl: _url, ...others } = credentials;
  return { ...rest, credentials: others };
}

describe('a snapshot', () => {
  test('goes on as if nothing had happened', async () => {
    const { emulator } = world;
    const visitor = emulator.visitor({ nickname: 'Ada', email: 'ada@client.test' });
    const ann = emulator.operator({ name: 'Ann' });
    visitor.say('Where is it?');
    ann.say(visitor.sessionId, 'On its way');
    ann.say(visitor.sessionId, 'It left');
    expect(await visitor.next()).toMatchObject({ content: 'On its way' });
    visitor.tell({ segments: ['vip'], data: { plan: 'pro' } });
    await world.asUser('POST', `${world.website}/inbox`, { name: 'Sales' });
    await world.asUser('POST', `${world.website}/helpdesk`, { name: 'Help', domain_basic: 'shop' });
    emulator.addWebsite({ name: 'Second' });
    emulator.faults.next({ kind: 'status', status: 503, route: 'GET /v1/plans/subscription' });
    emulator.quota.limit = 50;
    emulator.rtm.moveEndpoint();
    emulator.switches.messageBatch = 1;
    emulator.clock.advance(90 * MINUTE_MS);

    const snapshot = emulator.snapshot();
    const next = await goOn(snapshot);
    expect(comparable(next.snapshot())).toEqual(comparable(snapshot));
    expect(next.credentials).toMatchObject({
      ...emulator.credentials,
      origin: next.origin,
      rtmUrl: expect.stringMatching(/\/p\/2\/$/),
    });
    expect(next.origin).not.toBe(emulator.origin);
    expect(Math.abs(next.clock.now() - emulator.clock.now())).toBeLessThan(MINUTE_MS);

    const again = next.visitorOf(visitor.sessionId);
    expect(await again?.next()).toMatchObject({ content: 'It left' });
    again?.say('Thanks');
    const messages = next.conversation(visitor.sessionId)?.messages ?? [];
    expect(messages.map(({ content }) => content)).toEqual([
      'Where is it?',
      'On its way',
      'It left',
      'Thanks',
    ]);
    const fingerprints = messages.map(({ fingerprint }) => fingerprint);
    expect([...fingerprints].sort((one, other) => one - other)).toEqual(fingerprints);
    expect(emulator.conversation(visitor.sessionId)?.messages).toHaveLength(3);
  });

  test('keeps hooks and messages that were on their way', async () => {
    const { emulator } = world;
    const receiver = await world.receiver();
    const nobody = 'http://127.0.0.1:9/';
    const { id } = emulator.subscribe({ url: nobody, events: ['message:received'] });
    const visitor = emulator.visitor();
    const ann = emulator.operator({ name: 'Ann' });
    ann.say(visitor.sessionId, 'told nobody');
    await emulator.hooks.idle();
    emulator.switches.messageDelayMs = MINUTE_MS;
    ann.say(visitor.sessionId, 'not stored yet');
    const snapshot = emulator.snapshot();

    const next = await goOn(snapshot);
    next.moveHook(id, receiver.url);
    next.clock.advance(MINUTE_MS);
    await receiver.count(2);
    await next.hooks.settled();
    const told = receiver.received.map(({ json, headers }) => [
      json.data.content,
      headers['x-delivery-attempt-count'],
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['told nobody', '2'],
        ['not stored yet', '1'],
      ]),
    );
    expect(told).toHaveLength(2);
    expect(next.visitorOf(visitor.sessionId)?.received).toMatchObject([
      { content: 'told nobody' },
      { content: 'not stored yet' },
    ]);
    expect(() => next.moveHook('nobody', receiver.url)).toThrow('no hook has this id');
  });

  test('is ahead of every answer, event and hook', async () => {
    let saved: CrispSnapshot | undefined;
    const receiver = await world.receiver();
    const behind: string[] = [];
    const emulator = await startCrisp({
      save: (snapshot) => {
        saved = snapshot;
      },
    });
    world.later(() => emulator.close());
    const knows = (text: string) => JSON.stringify(saved?.world).includes(text);
    const { id } = emulator.subscribe({ url: receiver.url, events: ['message:send', 'message:received'] });
    const visitor = emulator.visitor();
    visitor.say('said aloud');
    await receiver.count(1);
    if (!knows('said aloud')) behind.push('hook');
    emulator.unsubscribe(id);
    const { rtmUrl, identifier, key, websiteId } = emulator.credentials;
    const { origin, pathname } = new URL(rtmUrl);
    const socket = io(origin, { path: pathname, transports: ['websocket'] });
    world.later(() => socket.close());
    socket.emit('authentication', {
      username: identifier,
      password: key,
      tier: 'plugin',
      events: ['message:send'],
    });
    const heard = new Promise<boolean>((resolve) => {
      socket.on('message:send', () => resolve(knows('said on the socket')));
    });
    await emulator.rtm.connected();
    visitor.say('said on the socket');
    if (!(await heard)) behind.push('event');
    const answer = await fetch(
      `${emulator.origin}/v1/website/${websiteId}/conversation/${visitor.sessionId}/report`,
      {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${identifier}:${key}`).toString('base64')}`,
          'x-crisp-tier': 'plugin',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ flag: 'answered' }),
      },
    );
    if (!knows('answered')) behind.push('answer');
    expect([answer.status, behind]).toEqual([200, []]);
  });

  test('of another provider or version is refused', async () => {
    const snapshot = world.emulator.snapshot();
    await expect(startCrisp({ snapshot: { ...snapshot, format: 99 } })).rejects.toThrow(
      'snapshot: expected crisp, format 1, got crisp, format 99: start without it',
    );
    const foreign = { ...snapshot, provider: 'web1on1' } as unknown as CrispSnapshot;
    await expect(startCrisp({ snapshot: foreign })).rejects.toThrow('got web1on1');
  });

  test('gives way to what is said at the start', async () => {
    world.emulator.quota.limit = 0;
    const next = await goOn(world.emulator.snapshot(), {
      messageBatch: 3,
      dailyQuota: false,
      limitStatus: 420,
    });
    expect([next.switches.messageBatch, next.quota.limit, next.switches.limitStatus]).toEqual([
      3,
      false,
      420,
    ]);
    expect(outcome(await world.get(world.website))).toEqual([429, 'quota_limit_exceeded']);
  });
});
