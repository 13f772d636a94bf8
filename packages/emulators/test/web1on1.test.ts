import http from 'node:http';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { until } from './receiver.js';
import { type Answer, HOUR_MS, messageOf, useWeb1on1 } from './world.js';

const world = useWeb1on1();

describe('authentication', () => {
  const claims = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));

  test('issues a JWT that says who, where, what and until when', async () => {
    const { token, botUser, organization, refreshToken } = world.emulator.credentials;
    const { _id, iat, exp, ...rest } = claims(token);
    expect(_id).toBe(botUser);
    expect(rest).toMatchObject({ organization, scope: 'viewer guest agent bot', grant_type: 'access_token' });
    expect(exp - iat).toBe(24 * 3600);
    expect(refreshToken).toMatch(new RegExp(`^${botUser}\\.[0-9a-f]{80}$`));
  });

  test('logs in with e-mail and password, and a one-time code when it is asked for', async () => {
    const { adminEmail: email, adminPassword: password, adminUser } = world.emulator.credentials;
    const answer = await world.call('POST', '/v2/auth/token', { email, password, otp: '123456' }, null);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ tokenType: 'Bearer', user: adminUser, scope: 'admin' });
    expect(Date.parse(answer.json.expiresAt)).toBe(claims(answer.json.token).exp * 1000);
    expect((await world.get('/v2/services', answer.json.token)).status).toBe(200);

    const refused = [401, 'Invalid credentials'];
    expect(messageOf(await world.call('POST', '/v2/auth/token', { email, password: 'wrong' }, null))).toEqual(
      refused,
    );
    world.emulator.switches.otp = '654321';
    expect(messageOf(await world.call('POST', '/v2/auth/token', { email, password }, null))).toEqual(refused);
    world.emulator.switches.tokenCreateStatus = 200;
    expect(
      (await world.call('POST', '/v2/auth/token', { email, password, otp: '654321' }, null)).status,
    ).toBe(200);
  });

  test('refuses with the words of jsonwebtoken', async () => {
    const { token, refreshToken } = world.emulator.credentials;
    const [head, body, signature] = token.split('.');
    const unsigned = [Buffer.from('{"alg":"none"}').toString('base64url'), body, ''].join('.');
    expect(messageOf(await world.get('/v2/users', 'nonsense'))).toEqual([401, 'jwt malformed']);
    expect(messageOf(await world.get('/v2/users', refreshToken))).toEqual([401, 'jwt malformed']);
    expect(messageOf(await world.get('/v2/users', `${head}.${body}.${signature?.slice(0, -3)}abc`))).toEqual([
      401,
      'invalid signature',
    ]);
    expect(messageOf(await world.get('/v2/users', `x${head}.${body}.${signature}`))).toEqual([
      401,
      'invalid token',
    ]);
    expect((await world.get('/v2/users', unsigned)).status).toBe(401);
    expect((await world.get('/v2/users', null)).status).toBe(401);
    world.emulator.clock.advance(24 * HOUR_MS + 1000);
    expect(messageOf(await world.get('/v2/users', token))).toEqual([401, 'jwt expired']);
    world.emulator.switches.expiredToken = 403;
    expect(messageOf(await world.get('/v2/users', token))).toEqual([403, 'Permission Denied']);
  });

  test('refreshes in both forms, also with a stale bearer attached', async () => {
    const { token, refreshToken, botEmail: clientId } = world.emulator.credentials;
    world.emulator.clock.advance(48 * HOUR_MS);
    const posted = await world.call('POST', '/v2/auth/token', { clientId, refreshToken }, token);
    const gotten = await world.get(`/v2/auth/token?refreshToken=${refreshToken}`, token);
    for (const { json } of [posted, gotten]) {
      expect((await world.get('/v2/users', json.token)).status).toBe(200);
      expect(json.refreshToken).not.toBe(refreshToken);
    }
    expect(
      (await world.call('POST', '/v2/auth/token', { clientId: 'someone@example.com', refreshToken })).status,
    ).toBe(401);
    expect((await world.call('POST', '/v2/auth/token', { clientId, refreshToken: 'unknown' })).status).toBe(
      401,
    );
    expect((await world.call('POST', '/v2/auth/token', { refreshToken })).status).toBe(400);
  });

  test('takes a refresh token once under strict rotation, and none that has expired', async () => {
    world.emulator.switches.strictRotation = true;
    const { refreshToken } = world.emulator.credentials;
    const refresh = (value: string) =>
      world.get(`/v2/auth/token?refreshToken=${encodeURIComponent(value)}`, null);
    const first = await refresh(refreshToken);
    expect(first.status).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(401);
    world.emulator.clock.advance(91 * 24 * HOUR_MS);
    expect((await refresh(first.json.refreshToken)).status).toBe(401);

    await world.restart({ refreshTokenFormat: 'jwt', refreshTokenLifetimeMs: HOUR_MS });
    expect(claims(world.emulator.credentials.refreshToken).grant_type).toBe('refresh_token');
    expect(messageOf(await world.get('/v2/users', world.emulator.credentials.refreshToken))).toEqual([
      401,
      'invalid token',
    ]);
    world.emulator.clock.advance(2 * HOUR_MS);
    expect(messageOf(await refresh(world.emulator.credentials.refreshToken))).toEqual([401, 'jwt expired']);
  });

  test('revokes by deleting the user, and follows the present role', async () => {
    const { token, botUser, organization } = world.emulator.credentials;
    expect((await world.get('/v2/services', token)).status).toBe(403);
    const organizations = [{ organization, selected: true, role: 'admin' }];
    await world.call('PATCH', `/v2/users/${botUser}`, { organizations });
    expect((await world.get('/v2/services', token)).status).toBe(200);
    expect((await world.call('DELETE', `/v2/users/${botUser}`)).status).toBe(204);
    expect(messageOf(await world.get('/v2/users', token))).toEqual([401, 'invalid token']);
  });
});

describe('permissions', () => {
  // Rows of the published table: the lowest of guest, agent, bot, admin that may.
  const table: [string, string, string][] = [
    ['GET', '/v2/organizations', 'bot'],
    ['GET', '/v2/conversations', 'agent'],
    ['GET', '/v2/messages?type=chat', 'bot'],
    ['GET', '/v2/contacts', 'agent'],
    ['GET', '/v2/kbitems', 'agent'],
    ['GET', '/v2/forms', 'bot'],
    ['GET', '/v2/services', 'admin'],
    ['GET', '/v2/contacts/none', 'bot'],
    ['GET', '/v2/forms/none', 'admin'],
    ['GET', '/v2/messages/none', 'bot'],
    ['POST', '/v2/conversations', 'agent'],
    ['POST', '/v2/messages', 'guest'],
    ['POST', '/v2/contacts', 'bot'],
    ['POST', '/v2/forms', 'bot'],
    ['POST', '/v2/users', 'admin'],
    ['PATCH', '/v2/conversations/none', 'admin'],
    ['PATCH', '/v2/messages/none', 'bot'],
    ['PATCH', '/v2/kbitems/none', 'agent'],
    ['DELETE', '/v2/kbitems/none', 'bot'],
    ['DELETE', '/v2/forms/none', 'admin'],
  ];

  test('allow by scope what the table says, and nothing else', async () => {
    const scopes = ['guest', 'agent', 'bot', 'admin'];
    const { organization } = world.emulator.credentials;
    const tokens = new Map<string, string>();
    for (const role of scopes) {
      const user = await world.call('POST', '/v2/users', {
        email: `${role}@example.com`,
        organizations: [{ organization, role }],
      });
      tokens.set(role, world.emulator.issueTokens(user.json.id).token);
    }
    for (const [method, path, lowest] of table) {
      const allowed: string[] = [];
      for (const scope of scopes) {
        const answer = await world.call(
          method,
          path,
          method === 'GET' || method === 'DELETE' ? undefined : {},
          tokens.get(scope),
        );
        if (answer.status !== 403) allowed.push(scope);
        else expect(answer.json).toEqual({ error: { message: 'Permission Denied' } });
      }
      expect([method, path, allowed]).toEqual([method, path, scopes.slice(scopes.indexOf(lowest))]);
    }
  });

  test('let everybody read and change the own user, and no other', async () => {
    const agent = await world.emulator.agent({ name: 'Ann' });
    expect((await world.get(`/v2/users/${agent.userId}`, agent.token)).json.name).toBe('Ann');
    expect(
      (await world.call('PATCH', `/v2/users/${agent.userId}`, { name: 'Anna' }, agent.token)).json.name,
    ).toBe('Anna');
    expect((await world.get(`/v2/users/${world.emulator.credentials.adminUser}`, agent.token)).status).toBe(
      403,
    );
  });
});

describe('lists', () => {
  const titles = ['', 'a', 'B', 'ab', 'a,b', 'a&b=c', '+31 6', '100%', 'é#é', 'zz[1]', 'b~c', 'cab'];
  const dates = ['2024-01-01T00:00:00.000Z', '2024-06-01T12:30:00.000Z', '2025-01-01T00:00:00.000Z'];
  const rows = titles.map((title, index) => ({
    title,
    size: (index * 7) % 5,
    day: dates[index % 3] as string,
    meta: { in: [title] },
  }));

  beforeEach(async () => {
    for (const row of rows) expect((await world.call('POST', '/v2/kbitems', row)).status).toBe(201);
  });

  const titlesAt = async (query: string): Promise<string[]> =>
    (await world.get(`/v2/kbitems?${query}`)).json.map(({ title }: { title: string }) => title);
  const expected = (test: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(test).map(({ title }) => title);
  const ownTitle = fc.constantFrom(...titles);
  const compare: Record<string, (left: number, right: number) => boolean> = {
    '>': (left, right) => left > right,
    '>=': (left, right) => left >= right,
    '<': (left, right) => left < right,
    '<=': (left, right) => left <= right,
  };

  test('filter by equality, any-of, contains, start and comparison', async () => {
    const property = fc.asyncProperty(
      fc.subarray(titles),
      ownTitle,
      fc.integer({ min: -1, max: 5 }),
      fc.constantFrom(...Object.keys(compare)),
      async (some, piece, size, operator) => {
        const encoded = encodeURIComponent(piece);
        const fits = compare[operator] as (left: number, right: number) => boolean;
        expect(await titlesAt(`title=${encoded}`)).toEqual(expected(({ title }) => title === piece));
        expect(await titlesAt(`meta.in=${encoded}`)).toEqual(expected(({ title }) => title === piece));
        expect(await titlesAt(`title=~${encoded}`)).toEqual(
          expected(({ title }) => title.toLowerCase().includes(piece.toLowerCase())),
        );
        expect(await titlesAt(`title=^${encoded}`)).toEqual(expected(({ title }) => title.startsWith(piece)));
        expect(await titlesAt(`size=${encodeURIComponent(operator)}${size}`)).toEqual(
          expected((row) => fits(row.size, size)),
        );
        const list = some.map(encodeURIComponent).join(',');
        expect(await titlesAt(`title=[${list}]`)).toEqual(
          expected(({ title }) => some.includes(title) || (some.length === 0 && title === '')),
        );
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('compare times, with UTC where no zone is given', async () => {
    const after = (day: string) => titlesAt(`day=${encodeURIComponent(`>${day}`)}`);
    expect(await after('2024-06-01')).toEqual(expected(({ day }) => day > '2024-06-01'));
    expect(await after('2024-06-01T12:30:00')).toEqual(expected(({ day }) => day.startsWith('2025')));
    expect(await after('2024-06-01T14:29:00+02:00')).toEqual(expected(({ day }) => day > '2024-06-01T12:29'));
  });

  test('come in pages that together are the whole, in order, whatever the limit', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 15 }),
      fc.constantFrom('title', '-title', 'size,-title', '-day,size,title'),
      async (limit, sort) => {
        const whole = await titlesAt(`sort=${sort}`);
        const collected: string[] = [];
        let next: string | undefined = `/v2/kbitems?sort=${sort}&limit=${limit}&select=title,size`;
        let requests = 0;
        for (; next !== undefined; requests += 1) {
          const { json, headers }: Answer = await world.get(next);
          collected.push(...json.map(({ title }: { title: string }) => title));
          expect(headers.get('x-total-count')).toBe(String(rows.length));
          next = /^<(http:[^>,]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
        }
        expect(collected).toEqual(whole);
        expect(requests).toBe(Math.ceil(rows.length / limit));
      },
    );
    await fc.assert(property, { numRuns: 30 });
    expect(await titlesAt('sort=-size,title&limit=3')).toEqual(
      rows
        .toSorted((left, right) => right.size - left.size || (left.title < right.title ? -1 : 1))
        .slice(0, 3)
        .map(({ title }) => title),
    );
  });

  test('refuse a limit that is none, and a broken escape', async () => {
    expect((await world.get('/v2/kbitems?limit=0')).status).toBe(400);
    expect((await world.get('/v2/kbitems?limit=ten')).status).toBe(400);
    expect((await world.get('/v2/kbitems?offset=-1')).status).toBe(400);
    expect((await world.get('/v2/kbitems?title=%E0%A4%A')).status).toBe(400);
  });

  test('expand references, also within what is expanded', async () => {
    const form = (await world.call('POST', '/v2/forms', { name: 'Test drive' })).json;
    const organization = (
      await world.call('POST', '/v2/organizations', {
        name: 'Garage',
        categories: [{ name: 'Sales', forms: [form.id] }],
      })
    ).json;
    const { json } = await world.get(
      `/v2/organizations/${organization.id}?populate=categories.forms&select=categories`,
    );
    expect(json).toEqual({ id: organization.id, categories: [{ name: 'Sales', forms: [form] }] });
    const { contactId, conversationId } = await world.emulator.contact({
      email: 'noor@example.com',
      channel: 'email',
    });
    const nested = await world.get(`/v2/conversations/${conversationId}?populate=contact.conversation`);
    expect(nested.json.contact).toMatchObject({ id: contactId, conversation: { id: conversationId } });
  });

  test('of messages, and of conversations by meta, need a filter that narrows', async () => {
    expect((await world.get('/v2/messages')).status).toBe(400);
    expect((await world.get('/v2/messages?text=~hi')).status).toBe(400);
    expect((await world.get('/v2/messages?type=chat&text=~hi')).status).toBe(200);
    expect((await world.get('/v2/conversations')).status).toBe(200);
    expect((await world.get('/v2/conversations?meta.step=2')).status).toBe(400);
    expect((await world.get('/v2/conversations?meta.step=2&status=active')).status).toBe(200);
  });
});

describe('requests that are wrong', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'nothing'])(
    'find no resource called %s',
    async (name) => {
      expect(messageOf(await world.get(`/v2/${name}`))).toEqual([404, 'Not found']);
      expect(messageOf(await world.get(`/v2/${name}/constructor`))).toEqual([404, 'Not found']);
      expect((await world.get(`/v2/users/${name}`)).status).toBe(404);
      expect(
        (await world.get(`/v2/users?${name}.${name}=x&sort=${name}&select=${name}&populate=${name}`)).status,
      ).toBe(200);
      expect((await world.get(`/v2/users?${name}=^function`)).json).toEqual([]);
    },
  );

  test('are answered in the shape of an error', async () => {
    expect((await world.call('POST', '/v2/kbitems', '{"title":')).status).toBe(400);
    expect((await world.call('POST', '/v2/kbitems', '{"__proto__":{"x":1}}')).status).toBe(400);
    expect((await world.call('POST', '/v2/kbitems', '[]')).status).toBe(400);
    expect((await world.call('POST', '/v2/kbitems', '')).status).toBe(400);
    const large = await world.call('POST', '/v2/kbitems', { title: 'x'.repeat(1024 * 1024) });
    expect(large.status).toBe(413);
    expect(large.json).toEqual({ error: { message: expect.any(String) } });
    expect((await world.call('PUT', '/v2/messages/64d2c3b4a5968700143f1c10')).status).toBe(405);
    expect(messageOf(await world.get('/v2/conversations/64d2c3b4a5968700143f1c10'))).toEqual([
      404,
      'Conversation not found',
    ]);
    expect((await world.get('/elsewhere')).status).toBe(404);
  });

  test('a PATCH merges at the top only, and leaves id and creation alone', async () => {
    const { json: created } = await world.call('POST', '/v2/forms', {
      name: 'A',
      meta: { one: 1, two: 2 },
      list: [1, 2],
    });
    const { json: updated } = await world.call('PATCH', `/v2/forms/${created.id}`, {
      id: 'x',
      createdAt: 'x',
      meta: { two: 3 },
      list: [],
    });
    expect(updated).toEqual({ ...created, meta: { two: 3 }, list: [], updatedAt: updated.updatedAt });
  });
});

describe('the rate limit', () => {
  test('accepts 20 a second and answers the rest with 429, by key and by address', async () => {
    await world.restart({ rateLimit: true });
    const statuses = async (count: number, token?: string) =>
      (await Promise.all(Array.from({ length: count }, () => world.get('/v2/users', token)))).map(
        ({ status }) => status,
      );
    expect((await statuses(25)).filter((status) => status === 200)).toHaveLength(20);
    const other = await world.get('/v2/users', world.emulator.credentials.token);
    expect(messageOf(other)).toEqual([429, 'Too many requests']);
    expect(other.headers.get('retry-after')).toBeNull();
    world.emulator.clock.advance(1000);
    world.emulator.rateLimit = { retryAfter: true, perSecond: 1 };
    expect((await world.get('/v2/users')).status).toBe(200);
    const refused = await world.get('/v2/users');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    world.emulator.rateLimit = false;
    expect(await statuses(30)).toEqual(Array(30).fill(200));
  });

  test('follows a key to another address', async () => {
    await world.restart({ rateLimit: { perSecond: 1 } });
    const { token, adminToken } = world.emulator.credentials;
    const from = (localAddress: string, bearer: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { authorization: `Bearer ${bearer}` };
        http
          .get(new URL('/v2/users', world.emulator.origin), { localAddress, headers }, (response) => {
            response.resume().on('end', () => resolve(response.statusCode));
          })
          .on('error', reject);
      });
    expect(await from('127.0.0.1', token)).toBe(200);
    expect(await from('127.0.0.2', token)).toBe(429);
    expect(await from('127.0.0.2', adminToken)).toBe(200);
    expect(await from('127.0.0.3', adminToken)).toBe(429);
  });
});

describe('faults', () => {
  const created = async () => (await world.get('/v2/kbitems')).json.length;

  test('hit the route they name, as often as they say', async () => {
    world.emulator.faults.next({ route: 'POST /v2/conversations/:id/messages', kind: 'status', status: 502 });
    world.emulator.faults.next({
      route: 'GET /v2/users',
      kind: 'status',
      times: 2,
      status: 429,
      headers: { 'retry-after': '7' },
    });
    expect((await world.get('/v2/forms')).status).toBe(200);
    const hit = await world.get('/v2/users');
    expect([hit.status, hit.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await world.get('/v2/users')).status).toBe(429);
    expect((await world.get('/v2/users')).status).toBe(200);
    const { conversationId } = await world.emulator.contact({ telephone: '+31600000000', channel: 'sms' });
    const path = `/v2/conversations/${conversationId}/messages`;
    expect((await world.call('POST', path, { text: 'a' })).status).toBe(502);
    expect((await world.call('POST', path, { text: 'a' })).status).toBe(201);
    expect(world.emulator.messages.list()).toHaveLength(1);
    expect(world.emulator.faults.pending).toEqual([]);
  });

  test.each([
    ['drop-before', 0],
    ['drop-after', 1],
  ] as const)('%s breaks the connection, with %d effect', async (kind, effects) => {
    world.emulator.faults.next({ kind });
    await expect(world.call('POST', '/v2/kbitems', { title: 'x' })).rejects.toThrow('fetch failed');
    expect(await created()).toBe(effects);
    expect(world.emulator.journal.entries[0]).toMatchObject({ method: 'POST', status: 0, fault: kind });
  });

  test.each([
    ['status', 503, 0],
    ['status-after', 503, 1],
    ['error-in-ok', 200, 0],
  ] as const)('%s answers %d with an error body, after %d effect', async (kind, status, effects) => {
    world.emulator.faults.next({ kind });
    expect(messageOf(await world.call('POST', '/v2/kbitems', { title: 'x' }))).toEqual([
      status,
      'Emulated error',
    ]);
    expect(await created()).toBe(effects);
  });

  test('malformed answers what is no JSON; slow waits on the clock', async () => {
    world.emulator.faults.next({ kind: 'malformed' });
    await expect(world.get('/v2/users')).rejects.toThrow(SyntaxError);
    world.emulator.faults.next({ kind: 'slow', delayMs: HOUR_MS });
    const slow = world.get('/v2/users');
    await until(() => world.emulator.faults.pending.length === 0);
    world.emulator.clock.advance(HOUR_MS);
    expect((await slow).status).toBe(200);
  });
});

describe('the journal', () => {
  test('keeps the latest requests, without secrets', async () => {
    await world.restart({ journalSize: 3 });
    const { refreshToken, botEmail: clientId, adminPassword, adminEmail, token } = world.emulator.credentials;
    for (let index = 0; index < 8; index += 1) await world.get(`/v2/users?limit=${index + 1}`);
    expect(
      world.emulator.journal.requests({ method: 'GET', path: '/v2/users' }).map(({ query }) => query.limit),
    ).toEqual(['6', '7', '8']);
    await world.call('POST', '/v2/auth/token', { clientId, refreshToken });
    await world.call('POST', '/v2/auth/token', { email: adminEmail, password: adminPassword });
    await world.get(`/v2/auth/token?refreshToken=${refreshToken}`, token);
    const printed = JSON.stringify(world.emulator.journal.entries);
    for (const secret of [refreshToken, adminPassword, token]) expect(printed).not.toContain(secret);
    expect(printed).toContain(clientId);
    world.emulator.journal.clear();
    expect(world.emulator.journal.entries).toEqual([]);
  });
});
