import { describe, expect, test } from '@jest/globals';
import { useCrisp } from './crisp-world.js';
import { type Parsed, until } from './receiver.js';

const world = useCrisp();

/** Everything that hooks tell while something is done, and until then. */
async function told(act: () => unknown): Promise<[string, Parsed][]> {
  const { emulator } = world;
  const receiver = await world.receiver();
  const { id } = emulator.subscribe({ url: receiver.url });
  emulator.switches.hookOrderMs = 5000;
  await act();
  await emulator.hooks.settled();
  emulator.unsubscribe(id);
  return receiver.received.map(({ json }) => [json.event, json.data]);
}

const eventsOf = async (act: () => unknown) => (await told(act)).map(([event]) => event);

function conversation() {
  const visitor = world.emulator.visitor({ nickname: 'Ada' });
  return { visitor, path: `${world.website}/conversation/${visitor.sessionId}` };
}

const TEXT = { type: 'text', from: 'operator', origin: 'chat', content: 'Hello' };
const DEVICE = { capabilities: ['call'], timezone: -60, locales: ['fr'] };

describe('a call tells', () => {
  test.each<[string, string, object, [string, object][]]>([
    ['POST', '/initiate', {}, [['session:request:initiated', {}]]],
    ['POST', '/message', TEXT, [['message:received', { type: 'text', from: 'operator', content: 'Hello' }]]],
    ['POST', '/message', { ...TEXT, type: 'note' }, [['message:received', { type: 'note' }]]],
    [
      'POST',
      '/message',
      { ...TEXT, type: 'note', mentions: ['ann'] },
      [
        ['message:received', { mentions: ['ann'] }],
        ['session:set_mentions', { mentions: ['ann'] }],
      ],
    ],
    [
      'POST',
      '/message',
      { ...TEXT, from: 'user' },
      [
        ['message:send', { from: 'user' }],
        ['session:set_state', { state: 'unresolved' }],
      ],
    ],
    [
      'PATCH',
      '/compose',
      { type: 'start', from: 'user', excerpt: 'H' },
      [['message:compose:send', { excerpt: 'H' }]],
    ],
    [
      'PATCH',
      '/compose',
      { type: 'stop', from: 'operator' },
      [['message:compose:receive', { type: 'stop' }]],
    ],
    ['PATCH', '/unread', { from: 'operator' }, [['message:acknowledge:unread:send', { origin: 'chat' }]]],
    [
      'PATCH',
      '/delivered',
      { from: 'user', origin: 'chat' },
      [['message:acknowledge:delivered', { origin: 'chat' }]],
    ],
    [
      'PATCH',
      '/state',
      { state: 'resolved' },
      [
        ['session:set_state', { state: 'resolved' }],
        ['message:received', { type: 'event', content: { namespace: 'state:resolved' } }],
      ],
    ],
    [
      'PATCH',
      '/routing',
      { assigned: null },
      [['session:set_routing', { routing_id: null, previous_routing_id: null }]],
    ],
    [
      'PATCH',
      '/inbox',
      { inbox_id: null },
      [['session:set_inbox', { inbox_id: null, previous_inbox_id: null }]],
    ],
    ['PATCH', '/block', { blocked: true }, [['session:set_block', { is_blocked: true }]]],
    ['PATCH', '/open', { opened: true }, [['session:set_opened', { operator: expect.anything() }]]],
    ['PATCH', '/open', { blocked: false }, [['session:set_closed', { operator: expect.anything() }]]],
    [
      'PATCH',
      '/verify',
      { verified: true },
      [['session:update_verify', { is_verified: true, verifications: [] }]],
    ],
    ['PUT', '/participants', { participants: [] }, [['session:set_participants', { participants: [] }]]],
    [
      'PATCH',
      '/meta',
      { nickname: 'Eve', phone: '1', data: { plan: 'pro' }, segments: ['vip'] },
      [
        ['session:set_phone', { phone: '1' }],
        ['session:set_nickname', { nickname: 'Eve' }],
        ['session:set_data', { data: { plan: 'pro' } }],
        ['session:set_segments', { segments: ['vip'] }],
      ],
    ],
    [
      'PATCH',
      '/meta',
      { device: DEVICE },
      [
        ['session:sync:capabilities', { capabilities: ['call'] }],
        ['session:sync:timezone', { timezone: { offset: -60 } }],
        ['session:sync:locales', { locales: { locales: ['fr'] } }],
      ],
    ],
    [
      'PATCH',
      '/meta',
      { email: 'eve@client.test' },
      [
        ['session:set_email', { email: 'eve@client.test' }],
        ['people:profile:created', { email: 'eve@client.test' }],
        ['people:bind:session', { people_id: expect.any(String) }],
      ],
    ],
    [
      'POST',
      '/browsing',
      {},
      [['browsing:request:initiated', { browsing_id: expect.stringMatching(/^browsing_/) }]],
    ],
    [
      'POST',
      '/call',
      { mode: 'audio' },
      [['call:request:initiated', { call_id: expect.stringMatching(/^call_/) }]],
    ],
    ['DELETE', '', {}, [['session:removed', {}]]],
  ])('%s …%s %j', async (method, path, body, expected) => {
    const { visitor, path: base } = conversation();
    const events = await told(() => world.call(method, base + path, body));
    const sorted = (list: [string, unknown][]) => list.map(([event]) => event).sort();
    expect(sorted(events)).toEqual(sorted(expected));
    for (const [event, data] of expected) {
      const found = events.find(([name]) => name === event)?.[1];
      expect(found).toMatchObject({ ...data, website_id: world.emulator.credentials.websiteId });
      if (!event.startsWith('people:profile')) expect(found.session_id).toBe(visitor.sessionId);
    }
  });

  test('what became of a message and of a person', async () => {
    const { path } = conversation();
    const message = (await world.call('POST', `${path}/message`, TEXT)).json.data;
    const at = `${path}/message/${message.fingerprint}`;
    expect(await told(() => world.call('PATCH', at, { content: 'Bye' }))).toMatchObject([
      ['message:updated', { fingerprint: message.fingerprint, content: 'Bye' }],
    ]);
    expect((await world.get(at)).json.data).toMatchObject({ content: 'Bye', edited: true });
    expect(await told(() => world.call('DELETE', at))).toMatchObject([['message:removed', message]]);

    const people = `${world.website}/people`;
    expect(
      await eventsOf(() => world.call('POST', `${people}/profile`, { email: 'bob@client.test' })),
    ).toEqual(['people:profile:created']);
    const bob = `${people}/profile/bob@client.test`;
    expect(await told(() => world.call('PATCH', bob, { notepad: 'careful' }))).toMatchObject([
      ['people:profile:updated', { email: 'bob@client.test', update: { notepad: 'careful' } }],
    ]);
    expect(
      await told(() => world.call('PATCH', `${people}/subscription/bob@client.test`, { email: false })),
    ).toMatchObject([['email:subscribe', { email: 'bob@client.test', subscribed: false }]]);
    expect(await eventsOf(() => world.call('DELETE', bob))).toEqual(['people:profile:removed']);
  });

  test('a plugin of its own settings, channel and events, and no other plugin', async () => {
    const { pluginId, websiteId } = world.emulator.credentials;
    const at = `/plugins/subscription/${websiteId}/${pluginId}`;
    const act = async () => {
      await world.call('PUT', `${at}/settings`, { theme: 'dark' });
      await world.call('PATCH', `${at}/settings`, { size: 3 });
      await world.call('POST', `${at}/channel`, { namespace: 'demo', payload: { a: 1 } });
      await world.call('POST', `${at}/event`, { name: 'ping', data: { b: 2 } });
    };
    const stranger = await world.receiver();
    const other = world.emulator.addPlugin();
    world.emulator.subscribe({ url: stranger.url, owner: other.pluginId });
    const events = await told(act);
    expect(Object.fromEntries(events)).toMatchObject({
      'plugin:settings:saved': { plugin_id: pluginId },
      'plugin:channel': { namespace: 'demo', payload: { a: 1 } },
      'plugin:event': { urn: 'urn:crisp.test:parley:0', name: 'ping', data: { b: 2 } },
    });
    expect(events).toHaveLength(4);
    world.emulator.emit('session:removed');
    await stranger.count(1);
    expect(stranger.events()).toEqual(['session:removed']);
  });
});

describe('a visitor', () => {
  test('and an operator talk: state, unread marks and acknowledgements follow', async () => {
    const { emulator } = world;
    const { visitor } = conversation();
    const ann = emulator.operator({ name: 'Ann Bell' });
    const now = () => emulator.conversation(visitor.sessionId) as Parsed;
    expect(now()).toMatchObject({ state: 'pending', unread: { operator: 0, visitor: 0 } });
    const asked = visitor.say('Where is it?');
    expect(now()).toMatchObject({
      state: 'unresolved',
      unread: { operator: 1 },
      waiting_since: expect.any(Number),
    });
    expect(await told(() => ann.read(visitor.sessionId))).toMatchObject([
      ['session:set_opened', { operator: { user_id: ann.userId, nickname: 'Ann Bell' } }],
      ['message:acknowledge:read:send', { origin: 'chat', fingerprints: [asked] }],
    ]);
    ann.note(visitor.sessionId, 'careful');
    const answered = ann.say(visitor.sessionId, 'On its way');
    expect(now()).toMatchObject({ unread: { operator: 0, visitor: 1 }, waiting_since: null });
    expect(await visitor.next()).toMatchObject({
      content: 'On its way',
      user: { type: 'operator', user_id: ann.userId, nickname: 'Ann Bell' },
    });
    expect(visitor.received).toHaveLength(1);
    expect(await told(() => visitor.read())).toMatchObject([
      ['message:acknowledge:read:received', { fingerprints: expect.arrayContaining([answered]) }],
    ]);
    expect(now().unread.visitor).toBe(0);
    expect(await eventsOf(() => ann.setState(visitor.sessionId, 'resolved'))).toEqual([
      'session:set_state',
      'message:received',
    ]);
    visitor.say('Thanks');
    expect(now().state).toBe('unresolved');
  });

  test('chooses in a picker and fills in a field', async () => {
    const { visitor, path } = conversation();
    const choices = [
      { value: 'am', label: 'Morning', selected: false },
      { value: 'pm', label: 'Afternoon', selected: false },
    ];
    const picker = { ...TEXT, type: 'picker', content: { id: 'slot', text: 'When?', choices } };
    const field = { ...TEXT, type: 'field', content: { id: 'mail', text: 'Where?', explain: 'address' } };
    const { fingerprint } = (await world.call('POST', `${path}/message`, picker)).json.data;
    await world.call('POST', `${path}/message`, field);
    expect(await told(() => visitor.choose('pm'))).toMatchObject([
      [
        'message:updated',
        {
          fingerprint,
          content: { id: 'slot', choices: [{ selected: false }, { value: 'pm', selected: true }] },
        },
      ],
    ]);
    expect(await told(() => visitor.answer('Nantes'))).toMatchObject([
      ['message:updated', { content: { id: 'mail', value: 'Nantes' } }],
    ]);
    expect(() => visitor.choose('night')).toThrow('no picker in this conversation takes that');
  });

  test('types, browses, rates, comes and goes', async () => {
    const { visitor } = conversation();
    const all = await told(() => {
      visitor.typing('Whe');
      visitor.stopTyping();
      visitor.visit({ page_title: 'Shop', page_url: 'https://shop.test/' });
      visitor.event({ text: 'clicked', color: 'red' });
      visitor.rate(5, 'good');
      visitor.leave();
      visitor.arrive();
    });
    // Those of the website are in no order with those of the session.
    const events = all.filter(([event]) => !event.startsWith('website:'));
    expect(events.map(([event]) => event)).toEqual([
      'message:compose:send',
      'message:compose:send',
      'session:sync:pages',
      'session:sync:events',
      'session:sync:rating',
      'session:update_availability',
      'session:update_availability',
    ]);
    expect(events[4]?.[1]).toMatchObject({ rating: { stars: 5, comment: 'good' } });
    expect(events[5]?.[1]).toMatchObject({ availability: 'offline' });
    const counts = all.flatMap(([event, data]) =>
      event === 'website:update_visitors_count' ? [data.visitors_count] : [],
    );
    expect(new Set(counts)).toEqual(new Set([0, 1]));
  });

  test('and operators that are away leave unread marks behind', async () => {
    const { emulator } = world;
    const { visitor } = conversation();
    const ann = emulator.operator({ name: 'Ann' });
    visitor.leave();
    expect(await eventsOf(() => ann.say(visitor.sessionId, 'Hello'))).toEqual([
      'message:received',
      'message:notify:unread:received',
    ]);
    ann.setAvailability('away');
    const { userId } = emulator.credentials;
    expect(emulator.operator({ email: emulator.credentials.email }).userId).toBe(userId);
    const gone = await told(() =>
      emulator.operator({ email: emulator.credentials.email }).setAvailability('away'),
    );
    expect(gone).toMatchObject([
      ['website:update_operators_availability', { user_id: userId, availability: { type: 'away' } }],
      ['website:users:available', { available: false }],
    ]);
    expect((await world.get(`${world.website}/availability/status`)).json.data.status).toBe('away');
    expect(await eventsOf(() => visitor.say('Anybody?'))).toEqual([
      'message:send',
      'session:set_state',
      'message:notify:unread:send',
    ]);
  });

  test('is the same person with the same e-mail address, and the same session with its id', () => {
    const { emulator } = world;
    const first = emulator.visitor({ email: 'ada@client.test' });
    expect(emulator.visitor({ email: 'ada@client.test' }).sessionId).toBe(first.sessionId);
    expect(emulator.visitor().sessionId).not.toBe(first.sessionId);
    expect(emulator.visitorOf(first.sessionId)?.sessionId).toBe(first.sessionId);
    expect(emulator.visitorOf('session_nobody')).toBeUndefined();
    expect(emulator.people()).toMatchObject([{ email: 'ada@client.test' }]);
  });

  test('waits in vain for a message that does not come', async () => {
    const { visitor } = conversation();
    await expect(visitor.next(1)).rejects.toThrow('no message reached the visitor within 1 ms');
  });
});

describe('switches', () => {
  test('decide the event of a note, the reading of from, and the shape of what is split', async () => {
    const { emulator } = world;
    const { visitor, path } = conversation();
    visitor.say('Hello');
    Object.assign(emulator.switches, {
      noteEvent: 'message:send',
      acknowledgeFrom: 'reader',
      mainInbox: 'absent',
      capabilities: 'nested',
      metaData: 'replace',
    });
    const [note] = await told(() => world.call('POST', `${path}/message`, { ...TEXT, type: 'note' }));
    expect(note).toMatchObject(['message:send', { from: 'operator', type: 'note' }]);
    expect(note?.[1]).not.toHaveProperty('inbox_id');
    // `operator` has read: what the visitor wrote.
    const read = { from: 'operator', origin: 'chat' };
    expect(await eventsOf(() => world.call('PATCH', `${path}/read`, read))).toEqual([
      'message:acknowledge:read:send',
    ]);
    visitor.tell({ data: { plan: 'pro' } });
    const events = await told(() =>
      visitor.tell({ data: { orders: 3 }, device: { capabilities: ['call'] } }),
    );
    expect(Object.fromEntries(events)).toMatchObject({
      'session:set_data': { data: { orders: 3 } },
      'session:sync:capabilities': { capabilities: { capabilities: ['call'] } },
    });
    expect(emulator.conversation(visitor.sessionId)?.meta.data).toEqual({ orders: 3 });
  });

  test('are checked, by name and by value', async () => {
    const patch = async (body: object) => {
      const answer = await fetch(`${world.emulator.origin}/_emulator/switches`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [answer.status, ((await answer.json()) as Parsed).error?.message];
    };
    expect(await patch({ limitStatus: 420 })).toEqual([200, undefined]);
    expect(await patch({ limitStatus: 418 })).toEqual([400, 'switch "limitStatus": expected 420 or 429']);
    expect(await patch({ messageBatch: 0 })).toEqual([400, 'switch "messageBatch": expected number from 1']);
    expect(await patch({ cacheMs: -1 })).toEqual([400, 'switch "cacheMs": expected number from 0']);
    expect(await patch({ websiteDiscovery: 'no' })).toEqual([
      400,
      'switch "websiteDiscovery": expected boolean',
    ]);
    expect((await patch({ nonsense: 1 }))[1]).toContain('unknown switch "nonsense"; known: loginStatus');
  });
});

describe('from another process', () => {
  const control = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; json: Parsed }> => {
    const answer = await fetch(`${world.emulator.origin}/_emulator${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
  };

  test('a visitor and an operator are played over HTTP', async () => {
    expect((await control('GET', '')).json).toMatchObject(world.emulator.credentials);
    const { sessionId } = (await control('POST', '/visitors', { nickname: 'Ada' })).json;
    expect((await control('POST', `/visitors/${sessionId}/say`, { text: 'Hello' })).json).toEqual({
      fingerprint: expect.any(Number),
    });
    const { userId } = (await control('POST', '/operators', { name: 'Ann' })).json;
    const deed = (name: string, body: object = {}) =>
      control('POST', `/operators/${userId}/${sessionId}/${name}`, body);
    await deed('take');
    await deed('say', { text: 'Hi' });
    await deed('resolve');
    expect((await control('GET', `/visitors/${sessionId}/next`)).json).toMatchObject({ content: 'Hi' });
    expect((await control('GET', `/visitors/${sessionId}/received`)).json).toHaveLength(1);
    expect(world.emulator.conversation(sessionId)).toMatchObject({
      state: 'resolved',
      assigned: { user_id: userId },
    });
    expect((await deed('dance')).status).toBe(404);
    expect((await control('POST', '/visitors/session_x/say', { text: 'Hello' })).status).toBe(404);
    expect((await control('POST', '/visitors')).json).toEqual({
      error: { message: 'a JSON object is required' },
    });
  });

  test('events, faults, time and hooks are in reach', async () => {
    const receiver = await world.receiver();
    await control('POST', '/subscribe', { url: receiver.url });
    await control('POST', '/emit', { event: 'status:health:changed', data: { health: 'sick' } });
    await receiver.count(1);
    expect(receiver.received[0]?.json).toMatchObject({
      event: 'status:health:changed',
      data: { health: 'sick' },
    });
    expect((await control('POST', '/emit', { event: 'no:such' })).json.error.message).toBe(
      'unknown event "no:such"',
    );
    expect((await control('GET', '/deliveries/settled')).json).toMatchObject([{ status: 200 }]);
    await control('POST', '/faults', { kind: 'status', status: 503 });
    expect((await world.get(world.website)).status).toBe(503);
    await control('PUT', '/quota', { limit: 0 });
    expect((await world.get(world.website)).status).toBe(429);
    const { now } = (await control('POST', '/clock', { advanceMs: 90 * 24 * 3_600_000 })).json;
    expect(now).toBeGreaterThan(Date.now());
    await control('POST', '/rtm/refuse-connections', { times: 1 });
    await control('PUT', '/rtm/chaos', { duplicate: 1 });
    await until(() => world.emulator.rtm.chaos.duplicate === 1);
  });
});
