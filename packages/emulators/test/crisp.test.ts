import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import { outcome, useCrisp } from './crisp-world.js';
import type { Parsed } from './receiver.js';

const world = useCrisp();
const DAY_MS = 24 * 3_600_000;
const text = (content: string, more: object = {}) => ({
  type: 'text',
  from: 'operator',
  origin: 'chat',
  content,
  ...more,
});

/** A conversation with a visitor, and the path to it. */
function conversation() {
  const visitor = world.emulator.visitor({ nickname: 'Ada', email: 'ada@client.test' });
  return { visitor, path: `${world.website}/conversation/${visitor.sessionId}` };
}

describe('who may call', () => {
  test('nobody without a keypair, with a wrong one, or in another tier than its own', async () => {
    const { identifier, key } = world.keysOf('plugin');
    for (const keys of [
      null,
      { tier: 'plugin' as const, identifier, key: 'x'.repeat(64) },
      { tier: 'plugin' as const, identifier: 'nobody', key },
      { tier: 'user' as const, identifier, key },
    ]) {
      expect(outcome(await world.get(world.website, keys))).toEqual([401, 'invalid_session']);
    }
    expect(outcome(await world.get(world.website))).toEqual([200, 'resolved']);
  });

  test.each([
    ['plugin', 'GET', '/plans/subscription', [403, 'restricted_route_tier']],
    ['website', 'GET', '/plugin/connect/account', [403, 'restricted_route_tier']],
    ['user', 'GET', '/plugin/connect/account', [403, 'restricted_route_tier']],
    ['user', 'GET', '/plans/subscription', [200, 'listed']],
    ['plugin', 'GET', '/plugin/connect/account', [200, 'resolved']],
  ] as const)('a %s keypair calling %s %s', async (tier, method, path, expected) => {
    expect(outcome(await world.call(method, path, undefined, world.keysOf(tier)))).toEqual(expected);
  });

  test('answers a restricted tier as the switch says', async () => {
    world.emulator.switches.restrictedTierStatus = 405;
    expect(outcome(await world.get('/plans/subscription'))).toEqual([405, 'restricted_route_tier']);
  });

  test('keeps every tier to its own websites', async () => {
    const installed = world.emulator.addWebsite();
    const other = world.emulator.addWebsite({ installed: false });
    const status = async (id: string, tier: 'user' | 'website' | 'plugin') =>
      outcome(await world.get(`/website/${id}`, world.keysOf(tier)));
    expect(await status(installed, 'plugin')).toEqual([200, 'resolved']);
    expect(await status(other, 'plugin')).toEqual([404, 'not_subscribed']);
    expect(await status(other, 'user')).toEqual([200, 'resolved']);
    expect(await status(installed, 'website')).toEqual([403, 'not_allowed']);
    expect(await status('nowhere', 'user')).toEqual([404, 'website_not_found']);
  });

  test('lets an operator log in with an e-mail address, and out again', async () => {
    const { email, password } = world.emulator.credentials;
    const login = (secret: string) =>
      world.call('POST', '/user/session/login', { email, password: secret }, null);
    expect(outcome(await login('wrong'))).toEqual([401, 'invalid_session']);
    const { json } = await login(password);
    expect(json).toMatchObject({ error: false, data: { key: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const profile = (await world.get('/user/account/profile', json.data)).json;
    expect(profile.data).toMatchObject({ email, first_name: 'Emulated' });
    await world.call('POST', '/user/session/logout', {}, json.data);
    expect(outcome(await world.get('/user/account/profile', json.data))).toEqual([401, 'invalid_session']);
  });
});

test('the client of 2019 is served: no tier, and a body on every request', async () => {
  const { userIdentifier, userKey, origin, websiteId } = world.emulator.credentials;
  const { statusCode, body } = await request(`${origin}/v1/website/${websiteId}`, {
    method: 'GET',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${userIdentifier}:${userKey}`).toString('base64')}`,
    },
    body: '{}',
  });
  expect([statusCode, ((await body.json()) as Parsed).reason]).toEqual([200, 'resolved']);
});

describe('every answer', () => {
  test.each(['GET', 'POST', 'PATCH', 'PUT', 'DELETE'])(
    'to an unknown %s is JSON that says so',
    async (method) => {
      const body = method === 'GET' ? undefined : {};
      const answer = await world.call(method, '/no/such/route', body);
      expect(answer.json).toEqual({
        error: true,
        reason: 'not_found',
        data: { message: 'This route does not exist' },
      });
      expect(answer.status).toBe(404);
    },
  );

  test('to HEAD has a status and no body', async () => {
    const { path } = conversation();
    expect(await world.call('HEAD', path)).toMatchObject({ status: 200, json: undefined });
    expect(await world.call('HEAD', `${path}x`)).toMatchObject({ status: 404, json: undefined });
    expect(await world.call('HEAD', '/no/such')).toMatchObject({ status: 404, json: undefined });
    const person = (email: string) => world.call('HEAD', `${world.website}/people/profile/${email}`);
    expect((await person('ada@client.test')).status).toBe(200);
    expect((await person('nobody@client.test')).status).toBe(404);
  });

  test('is an error in the envelope for bodies that are no JSON, too large, or in a bad path', async () => {
    const { path } = conversation();
    expect(outcome(await world.call('POST', `${path}/message`, '{"type":'))).toEqual([400, 'invalid_data']);
    const large = JSON.stringify(text('x'.repeat(2 ** 20)));
    expect(outcome(await world.call('POST', `${path}/message`, large))).toEqual([413, 'invalid_data']);
    expect(outcome(await world.get(`${world.website}/people/profile/%E0%A4%A`))).toEqual([
      400,
      'invalid_data',
    ]);
  });

  test('names what a body lacks, in the words of a validator', async () => {
    const { path } = conversation();
    const messageOf = async (body: object) => {
      const { status, json } = await world.call('POST', `${path}/message`, body);
      return [status, json.reason, json.data.namespace, json.data.message];
    };
    expect(await messageOf({ ...text('x'), type: 'call' })).toEqual([
      400,
      'invalid_data',
      'data',
      'data.type should be equal to one of the allowed values',
    ]);
    expect(await messageOf({ ...text('x'), origin: undefined })).toEqual([
      400,
      'invalid_data',
      'data',
      "data should have required property 'origin'",
    ]);
    expect(await messageOf({ ...text('x'), user: { type: 'robot' } })).toContain(
      'data.user.type should be equal to one of the allowed values',
    );
    expect((await messageOf({ ...text('x'), type: 'picker', content: { id: 'a', text: 'b' } }))[3]).toBe(
      "data.content should have required property 'choices'",
    );
  });

  test.each([
    ['text', 'Hello'],
    ['note', 'careful'],
    ['file', { name: 'a.png', url: 'https://shop.test/a.png', type: 'image/png' }],
    ['animation', { url: 'https://shop.test/a.gif', type: 'image/gif' }],
    ['audio', { url: 'https://shop.test/a.mp3', type: 'audio/mp3', duration: 3 }],
    ['picker', { id: 'slot', text: 'When?', choices: [{ value: 'am', label: 'Morning', selected: false }] }],
    ['field', { id: 'mail', text: 'Your address?', explain: 'name@example.com' }],
    [
      'carousel',
      {
        text: 'Look',
        targets: [
          { title: 'One', description: 'First', actions: [{ label: 'Open', url: 'https://shop.test/' }] },
        ],
      },
    ],
    ['event', { namespace: 'state:resolved' }],
  ])('to a message of type %s is 202 with its fingerprint, and it is stored', async (type, content) => {
    const { path } = conversation();
    const sent = await world.call('POST', `${path}/message`, { ...text(''), type, content });
    expect([sent.status, sent.json.reason, Object.keys(sent.json.data)]).toEqual([
      202,
      'dispatched',
      ['fingerprint'],
    ]);
    const { json } = await world.get(`${path}/message/${sent.json.data.fingerprint}`);
    expect(json.data).toMatchObject({ type, content, from: 'operator', edited: false, read: '' });
  });
});

describe('paths and bodies', () => {
  test('find the person of any e-mail address, however it must be encoded', async () => {
    const awkward = fc.string({
      unit: fc.constantFrom(...Array.from('ab?#/% +&=;:.@é✓\'"\\')),
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(awkward, async (local) => {
        const email = `${local}@client.test`;
        const known = world.emulator
          .people()
          .some((person) => person.email?.toLowerCase() === email.toLowerCase());
        if (!known) await world.call('POST', `${world.website}/people/profile`, { email });
        const { json } = await world.get(`${world.website}/people/profile/${encodeURIComponent(email)}`);
        expect(json.data.email.toLowerCase()).toBe(email.toLowerCase());
      }),
      { numRuns: 60 },
    );
  });

  test('go with DELETE where a route has one', async () => {
    const { visitor } = conversation();
    visitor.tell({ segments: ['vip', 'late'] });
    const suggest = `${world.website}/conversations/suggest`;
    expect((await world.get(`${suggest}/segments/1`)).json.data).toEqual([
      { segment: 'vip', count: 1 },
      { segment: 'late', count: 1 },
    ]);
    expect(outcome(await world.call('DELETE', `${suggest}/segment`, {}))).toEqual([400, 'invalid_data']);
    expect(outcome(await world.call('DELETE', `${suggest}/segment`, { segment: 'vip' }))).toEqual([
      200,
      'deleted',
    ]);
    expect((await world.get(`${suggest}/segments/1`)).json.data).toEqual([{ segment: 'late', count: 1 }]);
  });

  test('keep slashes in the path of a helpdesk article', async () => {
    await world.asUser('POST', `${world.website}/helpdesk`, { name: 'Help', domain_basic: 'shop' });
    await world.call('POST', `${world.website}/helpdesk/locale`, { locale: 'en' });
    const at = (what: string, path: string) => `${world.website}/helpdesk/tree/${what}/en/articles/${path}`;
    await world.call('POST', at('path', 'orders/where'), {});
    await world.call('PUT', at('content', 'orders%2Fwhere'), { content: 'On its way' });
    expect((await world.get(at('content', 'orders/where'))).json.data).toEqual({ content: 'On its way' });
  });
});

describe('messages in batches', () => {
  const fingerprints = (messages: Parsed[]) => messages.map(({ fingerprint }) => fingerprint);

  test('say 206 while there are older ones, and 200 with the last', async () => {
    const { path } = conversation();
    world.emulator.switches.messageBatch = 3;
    const all = [];
    for (let timestamp = 1000; timestamp < 1008; timestamp += 1) {
      all.push((await world.call('POST', `${path}/message`, text('x', { timestamp }))).json.data.fingerprint);
    }
    const seen: number[] = [];
    const statuses: number[] = [];
    let query = '';
    do {
      const { status, json } = await world.get(`${path}/messages${query}`);
      statuses.push(status);
      seen.unshift(...fingerprints(json.data));
      query = `?timestamp_before=${json.data[0].timestamp}`;
    } while (statuses.at(-1) === 206);
    expect([statuses, seen]).toEqual([[206, 206, 200], all]);
  });

  test('go forward from a moment, or around it, but not both', async () => {
    const { path } = conversation();
    world.emulator.switches.messageBatch = 2;
    for (let timestamp = 1000; timestamp < 1005; timestamp += 1) {
      await world.call('POST', `${path}/message`, text(`at ${timestamp}`, { timestamp }));
    }
    const read = async (query: string) => {
      const { status, json } = await world.get(`${path}/messages?${query}`);
      return [
        status,
        Array.isArray(json.data) ? json.data.map(({ content }: Parsed) => content) : json.reason,
      ];
    };
    expect(await read('timestamp_after=1001')).toEqual([206, ['at 1002', 'at 1003']]);
    expect(await read('timestamp_after=1003')).toEqual([200, ['at 1004']]);
    expect(await read('timestamp_around=1002')).toEqual([206, ['at 1001', 'at 1002']]);
    expect(await read('timestamp_after=1&timestamp_before=2')).toEqual([400, 'invalid_data']);
    world.emulator.switches.messageOrder = 'descending';
    expect(await read('timestamp_after=1001')).toEqual([206, ['at 1003', 'at 1002']]);
  });

  test('have a message twice that was sent twice, or once, as the switch says', async () => {
    const { visitor, path } = conversation();
    const send = () => world.call('POST', `${path}/message`, text('again', { fingerprint: 42 }));
    const count = () => world.emulator.conversation(visitor.sessionId)?.messages.length;
    await send();
    expect(outcome(await send())).toEqual([202, 'dispatched']);
    expect(count()).toBe(2);
    world.emulator.switches.duplicateFingerprint = 'ignore';
    expect(outcome(await send())).toEqual([202, 'dispatched']);
    expect(count()).toBe(2);
  });

  test('may be stored later than they are accepted', async () => {
    const { visitor, path } = conversation();
    world.emulator.switches.messageDelayMs = 60_000;
    const { fingerprint } = (await world.call('POST', `${path}/message`, text('later'))).json.data;
    expect(outcome(await world.get(`${path}/message/${fingerprint}`))).toEqual([404, 'message_not_found']);
    world.emulator.clock.advance(60_000);
    expect(outcome(await world.get(`${path}/message/${fingerprint}`))).toEqual([200, 'resolved']);
    expect(visitor.received).toHaveLength(1);
  });
});

describe('conversations in lists', () => {
  const list = async (query: object = {}, page = 1) => {
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, `${value}`]),
    );
    const { json } = await world.get(`${world.website}/conversations/${page}?${search}`);
    return Array.isArray(json.data) ? json.data.map(({ meta }: Parsed) => meta.nickname) : json.reason;
  };
  const start = (nickname: string) => {
    const visitor = world.emulator.visitor({ nickname });
    world.emulator.clock.advance(10);
    visitor.say(`I am ${nickname}`);
    return visitor;
  };

  test('come latest first, in pages, without those that are empty', async () => {
    world.emulator.visitor({ nickname: 'silent' });
    for (let index = 0; index < 25; index += 1) start(`v${index}`);
    expect(await list()).toEqual(Array.from({ length: 20 }, (_, index) => `v${24 - index}`));
    expect(await list({}, 2)).toEqual(['v4', 'v3', 'v2', 'v1', 'v0']);
    expect(await list({}, 3)).toEqual([]);
    expect(await list({ per_page: 50, include_empty: 1 })).toHaveLength(26);
    expect(await list({ per_page: 51 })).toBe('invalid_data');
    expect(await list({ per_page: 19 })).toBe('invalid_data');
  });

  test('are filtered, searched and ordered', async () => {
    const { emulator } = world;
    const [ada, bob, eve] = ['Ada', 'Bob', 'Eve'].map(start) as [Parsed, Parsed, Parsed];
    const ann = emulator.operator({ name: 'Ann' });
    ann.setState(ada.sessionId, 'resolved');
    ann.take(bob.sessionId);
    ann.read(bob.sessionId);
    emulator.clock.advance(10);
    eve.tell({ segments: ['vip'], data: { orders: 3 } });
    expect(await list({ filter_resolved: 1 })).toEqual(['Ada']);
    expect(await list({ filter_not_resolved: 1 })).toEqual(['Eve', 'Bob']);
    expect(await list({ filter_assigned: ann.userId })).toEqual(['Bob']);
    expect(await list({ filter_unassigned: 1, filter_not_resolved: 1 })).toEqual(['Eve']);
    expect(await list({ filter_unread: 1, filter_resolved: 0 })).not.toContain('Bob');
    expect(await list({ search_query: 'i am BOB', search_type: 'text' })).toEqual(['Bob']);
    expect(await list({ search_query: 'vip', search_type: 'segment' })).toEqual(['Eve']);
    const filter = [{ model: 'session', criterion: 'data.orders', operator: 'gte', query: [3] }];
    expect(await list({ search_query: JSON.stringify(filter), search_type: 'filter' })).toEqual(['Eve']);
    expect(await list({ search_query: 'x', search_type: 'filter' })).toBe('invalid_data');
    expect(await list({ order_date_created: 1 })).toEqual(['Eve', 'Bob', 'Ada']);
    expect(await list({ filter_date_end: '2001-01-01' })).toEqual([]);
    expect(await list({ filter_date_start: 'once' })).toBe('invalid_data');
  });
});

describe('people', () => {
  test('are replaced by PUT and merged by PATCH', async () => {
    const people = `${world.website}/people/profile`;
    const card = {
      email: 'Eve@client.test',
      person: { nickname: 'Eve', phone: '1' },
      segments: ['vip'],
      active: 5,
    };
    const { people_id } = (await world.call('POST', people, card)).json.data;
    expect(outcome(await world.call('POST', people, card))).toEqual([409, 'people_exists']);
    await world.call('PATCH', `${people}/${people_id}`, { person: { phone: '2' } });
    expect((await world.get(`${people}/EVE@client.test`)).json.data).toMatchObject({
      person: { nickname: 'Eve', phone: '2' },
      segments: ['vip'],
      active: { now: false, last: 5 },
    });
    await world.call('PUT', `${people}/${people_id}`, {
      email: 'eve@client.test',
      person: { nickname: 'E' },
    });
    const { data } = (await world.get(`${people}/${people_id}`)).json;
    expect([data.person, data.segments]).toEqual([{ nickname: 'E' }, []]);
  });

  test('are sorted, filtered and searched', async () => {
    for (const [nickname, segment] of [
      ['Zoe', 'vip'],
      ['Bob', 'late'],
      ['Ada', 'vip'],
    ] as const) {
      const card = { email: `${nickname}@client.test`, person: { nickname }, segments: [segment] };
      await world.call('POST', `${world.website}/people/profile`, card);
    }
    const list = async (query: Record<string, string>) => {
      const { json } = await world.get(`${world.website}/people/profiles/1?${new URLSearchParams(query)}`);
      return json.data.map(({ person }: Parsed) => person.nickname);
    };
    const sort_field = 'person.nickname';
    expect(await list({ sort_field, sort_order: 'ascending' })).toEqual(['Ada', 'Bob', 'Zoe']);
    expect(await list({ sort_field, sort_order: 'descending' })).toEqual(['Zoe', 'Bob', 'Ada']);
    const filter = [{ model: 'people', criterion: 'segments', operator: 'eq', query: ['vip'] }];
    expect(await list({ sort_field, search_filter: JSON.stringify(filter) })).toEqual(['Ada', 'Zoe']);
    expect(await list({ search_text: 'bob' })).toEqual(['Bob']);
  });
});

describe('limits', () => {
  test('refuse a user over the rate with 420 or 429, and let plugins through', async () => {
    world.emulator.rateLimit = { enabled: true, perSecond: 3, retryAfter: true };
    world.emulator.clock.set(1_700_000_000_000);
    const statuses = async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => world.asUser('GET', world.website)));
      return answers.map(({ status }) => status).sort((one, other) => one - other);
    };
    expect(await statuses()).toEqual([200, 200, 200, 429, 429]);
    expect((await world.get(world.website)).status).toBe(200);
    world.emulator.clock.advance(2000);
    world.emulator.switches.limitStatus = 420;
    expect(await statuses()).toEqual([200, 200, 200, 420, 420]);
  });

  test('count the requests of a day, for plugins and websites but not for users', async () => {
    world.emulator.quota.limit = 2;
    const twice = async () => {
      const answers = [
        await world.get(world.website),
        await world.get(world.website),
        await world.get(world.website),
      ];
      return answers.map(outcome);
    };
    const refused = [429, 'quota_limit_exceeded'];
    expect(await twice()).toEqual([[200, 'resolved'], [200, 'resolved'], refused]);
    for (let time = 0; time < 3; time += 1)
      expect((await world.asUser('GET', world.website)).status).toBe(200);
    world.emulator.clock.advance(DAY_MS);
    expect((await world.get(world.website)).status).toBe(200);
    world.emulator.quota.limit = false;
    expect(await twice()).toEqual(Array.from({ length: 3 }, () => [200, 'resolved']));
  });

  test('may be spared by a cache, which is behind for a while', async () => {
    const { path, visitor } = conversation();
    const read = async () => {
      const { json, headers } = await world.get(`${path}/state`);
      return [headers.get('bloom-status'), json.data.state];
    };
    expect(await read()).toEqual(['DIRECT', 'pending']);
    world.emulator.switches.cacheMs = 5000;
    expect(await read()).toEqual(['MISS', 'pending']);
    visitor.say('Hello');
    expect(await read()).toEqual(['HIT', 'pending']);
    expect((await world.get(`${path}/block`)).json.data).toEqual({ blocked: false });
    world.emulator.clock.advance(5000);
    expect(await read()).toEqual(['MISS', 'unresolved']);
  });
});

test("answers and refusals are dated by the emulator's own clock", async () => {
  world.emulator.clock.advance(DAY_MS);
  for (const path of [world.website, '/nothing']) {
    const { headers } = await world.get(path);
    const behind = world.emulator.clock.now() - Date.parse(headers.get('date') ?? '');
    expect(Math.abs(behind)).toBeLessThan(60_000);
  }
});

describe('faults', () => {
  test('lose the answer to a message that was stored', async () => {
    const { path, visitor } = conversation();
    world.emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/website/:w/conversation/:s/message' });
    await expect(world.call('POST', `${path}/message`, text('sent'))).rejects.toThrow('fetch failed');
    expect(visitor.received).toMatchObject([{ content: 'sent' }]);
  });

  test('answer 500 with HTML', async () => {
    const headers = { 'content-type': 'text/html' };
    world.emulator.faults.next({ kind: 'status', status: 500, headers, body: '<html>' });
    await expect(world.get(world.website)).rejects.toThrow('is not valid JSON');
    expect((await world.get(world.website)).status).toBe(200);
  });

  test('are in the journal, which keeps no key', async () => {
    world.emulator.faults.next({ kind: 'error-in-ok' });
    expect((await world.get(world.website)).json).toMatchObject({ error: true });
    await world.call('POST', '/user/session/login', { email: 'x@x.test', password: 'hidden' }, null);
    const written = JSON.stringify(world.emulator.journal.entries);
    expect(world.emulator.journal.entries[0]).toMatchObject({ fault: 'error-in-ok', status: 200 });
    expect(written).not.toContain('hidden');
    expect(written).toContain('Basic [redacted]');
  });
});
