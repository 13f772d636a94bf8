import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { memoryTokenStore } from '@parley/core';
import { anAccount } from '@parley/testing';
import fc from 'fast-check';
import { allRoutes, type CrispApi, type CrispOptions, crisp, type Route } from '../src/index.js';
import { type Stage, startStage } from './account.js';

const SAMPLES: Readonly<Record<string, string | number>> = {
  page: 1,
  fingerprint: 170_000_012_000_042,
  locale: 'en',
  type: 'articles',
  action: 'opened',
  rule: 'ip',
};
const UUID = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';

/** Arguments that fill a route's path. */
function argumentsFor(
  route: Route,
  known: Readonly<Record<string, string | number>>,
): Record<string, unknown> {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, known[name] ?? SAMPLES[name] ?? UUID]));
}

/** A server that answers every request alike, and keeps what came. */
async function listening(
  answer: (request: Seen) => { status?: number; headers?: Record<string, string>; body: unknown },
) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      const one: Seen = { method, url, headers, body };
      seen.push(one);
      const { status = 200, headers: own = {}, body: said } = answer(one);
      response.writeHead(status, { 'content-type': 'application/json', ...own });
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: CrispOptions = { tier: 'plugin', identifier: 'id', key: 'key', website: UUID, origin };
  const adapter = crisp(options).open(anAccount());
  return {
    seen,
    origin,
    api: adapter.api,
    async close() {
      await adapter.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

interface Seen {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const DONE = { error: false, reason: 'done', data: {} };

async function withStage(run: (stage: Stage) => Promise<void>, options = {}): Promise<void> {
  const stage = await startStage(options);
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

describe('the table of routes', () => {
  const routes = allRoutes();

  test('has a line for each of the 229 methods of the wrapper, and no two for one', () => {
    const wrapped = routes.map(({ wrapper }) => wrapper).filter((name) => name !== '-');
    expect(wrapped).toHaveLength(229);
    expect(new Set(wrapped).size).toBe(229);
    expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
  });

  test('is well formed in every line', () => {
    for (const route of routes) {
      expect(route.path).toMatch(/^(\/(:?[a-z_]+))+$/);
      expect(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).toContain(route.verb);
      expect(['safe', 'unsent', 'never']).toContain(route.kind);
      if (route.verb === 'GET' || route.verb === 'HEAD')
        expect([route.kind, route.body]).toEqual(['safe', '']);
      if (route.verb === 'POST') expect(route.kind).not.toBe('safe');
      expect(route.answer === 'exists').toBe(route.verb === 'HEAD');
    }
  });
});

test('routes of the first wrapper and of links in e-mails are there as well', async () => {
  await withStage(async ({ emulator, open }) => {
    const { api } = open();
    emulator.visitor({ email: 'ada@client.test' }).say('hello');
    await api.people.update({ person: 'ada@client.test', body: { segments: ['vip'] } });
    expect(await api.older.getStatistics()).toEqual({ conversations: 1, people: 1 });
    expect(await api.older.listPeople()).toMatchObject([{ email: 'ada@client.test' }]);
    expect(await api.older.listPeopleSegments()).toEqual(['vip']);
    const person = { person: 'ada@client.test' };
    expect(await api.older.listPeopleConversations(person)).toEqual(
      await api.people.listConversations(person),
    );
    const link = { hash: 'h', key: 'k' };
    for (const reading of [
      api.emails.getSubscription(link),
      api.emails.updateSubscription({ ...link, body: {} }),
    ]) {
      await expect(reading).rejects.toThrow('email_not_found');
    }
  });
});

test('every route of the table answers on the emulator, with an envelope', async () => {
  await withStage(async ({ emulator, open }) => {
    const { credentials } = emulator;
    const keys = {
      plugin: open(),
      user: open({ tier: 'user', identifier: credentials.userIdentifier, key: credentials.userKey }),
    };
    const unknown: string[] = [];
    const asked = new Set<string>();
    for (const route of allRoutes()) {
      const visitor = emulator.visitor();
      const known = {
        website: credentials.websiteId,
        session: visitor.sessionId,
        fingerprint: visitor.say('hello'),
        plugin: credentials.pluginId,
        operator: credentials.userId,
      };
      const adapter = route.tiers === 'U' ? keys.user : keys.plugin;
      const before = emulator.journal.entries.length;
      // Refusals are answers as well: most of these bodies are empty, and many ids are nobody's.
      await adapter.api
        .answer(route.name as never, argumentsFor(route, known) as never)
        .catch((error: unknown) => {
          const { code, message } = error as { code: string; message: string };
          const refusals = [
            'ERR_NOT_FOUND',
            'ERR_REJECTED',
            'ERR_CONFLICT',
            'ERR_FORBIDDEN',
            'ERR_AUTHENTICATION',
          ];
          if (!refusals.includes(code) || /route does not exist|answered 404: not_found/.test(message)) {
            unknown.push(`${route.name}: ${message}`);
          }
        });
      const sent = emulator.journal.entries[before];
      asked.add(`${sent?.method} ${route.path}`);
    }
    expect(unknown).toEqual([]);
    expect(asked.size).toBe(new Set(allRoutes().map(({ verb, path }) => `${verb} ${path}`)).size);
  });
});

describe('a request', () => {
  test('carries keypair and tier, an object where it writes, and a body on DELETE only where there is one', async () => {
    const { api, seen, close } = await listening(() => ({ body: DONE }));
    await api.website.get();
    await api.conversations.initiate({ session: 's' });
    await api.conversations.remove({ session: 's' });
    await api.people.removeSegment({ body: { segment: 'vip' } });
    await close();
    const basic = `Basic ${Buffer.from('id:key').toString('base64')}`;
    for (const { headers } of seen) {
      expect([headers.authorization, headers['x-crisp-tier']]).toEqual([basic, 'plugin']);
    }
    expect(seen.map(({ method, body }) => [method, body])).toEqual([
      ['GET', ''],
      ['POST', '{}'],
      ['DELETE', ''],
      ['DELETE', '{"segment":"vip"}'],
    ]);
  });

  test('writes its query: nothing for nothing, switches as 1 and 0, lists as JSON', async () => {
    const { api, seen, close } = await listening(() => ({ body: { ...DONE, data: [] } }));
    await api.conversations.list({
      page: 3,
      query: {
        filter_unread: true,
        include_empty: false,
        per_page: 50,
        filter_assigned: undefined,
        search_type: 'filter',
        search_query: [{ model: 'session', criterion: 'state', operator: 'eq', query: ['pending'] }],
      },
    });
    await close();
    const url = new URL(seen[0]?.url ?? '', 'http://localhost');
    expect(url.pathname).toBe(`/v1/website/${UUID}/conversations/3`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      filter_unread: '1',
      include_empty: '0',
      per_page: '50',
      search_type: 'filter',
      search_query: '[{"model":"session","criterion":"state","operator":"eq","query":["pending"]}]',
    });
  });

  test('brings every id as one segment of its path, whatever is in it', async () => {
    const { api, seen, close } = await listening(() => ({ body: DONE }));
    const id = fc
      .string({ minLength: 1, unit: 'binary' })
      .filter((text) => !/^\.{1,2}$/.test(text) && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(id, async (person) => {
        await api.people.get({ person });
        const [path = ''] = (seen.at(-1)?.url ?? '').split('?');
        const segments = path.split('/');
        expect(segments).toHaveLength(7);
        expect(decodeURIComponent(segments.at(-1) ?? '')).toBe(person);
      }),
      { numRuns: 100 },
    );
    for (const person of ['', '.', '..']) {
      await expect(api.people.get({ person })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    }
    await close();
  });

  test('with an e-mail address that holds ? # / % and spaces reaches that person, and nobody else', async () => {
    await withStage(async ({ emulator, open }) => {
      const adapter = open();
      const addresses = [
        'a+b/c?x=1#h@example.com',
        'a b%20c@example.com',
        '"%2F/?"@example.com',
        'ü#é@example.com',
      ];
      for (const [index, email] of addresses.entries()) {
        await adapter.contacts.create({ email, name: `Person ${index}` });
      }
      for (const [index, email] of addresses.entries()) {
        expect(await adapter.api.people.get({ person: email })).toMatchObject({ email });
        expect(await adapter.contacts.find({ email })).toMatchObject({ email, name: `Person ${index}` });
        await adapter.api.people.updateData({ person: email, body: { data: { index } } });
      }
      const written = emulator.people().map(({ email, data }) => [email, data]);
      expect(written).toEqual(addresses.map((email, index) => [email, { index }]));
    });
  });

  test('names the parameter that is missing, and the website where the account has none', async () => {
    const { api, close } = await listening(() => ({ body: DONE }));
    await expect(api.conversations.get({} as never)).rejects.toThrow(/conversations\.get\(\{ session \}\)/);
    await expect(api.answer('no.such' as never)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await close();
    const everywhere = crisp({ tier: 'plugin', identifier: 'id', key: 'key' }).open(anAccount());
    await expect(everywhere.api.website.get()).rejects.toThrow(/website\.get\(\{ website \}\)/);
    await everywhere.close();
  });
});

describe("a request of one's own", () => {
  test('does not leave /v1/, and brings ids whatever is in them', async () => {
    const { api, seen, close } = await listening(() => ({ body: DONE }));
    const away = [
      '/v2/x',
      '/v1/../x',
      '/v1/a/%2E%2e/../x',
      '/v1/a/.',
      '/v1/..\\x',
      '/v1/..?x=1',
      '/v1/a/..#x',
    ];
    for (const path of away) {
      const request = api.request({ method: 'GET', path });
      await expect(request).rejects.toMatchObject({
        code: 'ERR_CONFIG',
        message: expect.stringContaining('path'),
      });
    }
    const path = `/v1/website/${UUID}/people/profile/${encodeURIComponent('a/../..b@c.d?e')}`;
    expect(await api.request({ method: 'GET', path })).toMatchObject({ status: 200 });
    await close();
    expect(seen.map(({ url }) => url)).toEqual([path]);
  });

  test('may be a HEAD', async () => {
    await withStage(async ({ emulator, open }) => {
      const { api } = open();
      const ada = emulator.visitor();
      ada.say('hello');
      const conversations = `/v1/website/${emulator.credentials.websiteId}/conversation`;
      const head = (session: string) => api.request({ method: 'HEAD', path: `${conversations}/${session}` });
      expect(await head(ada.sessionId)).toEqual({ status: 200, reason: '' });
      await expect(head(`session_${UUID}`)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    });
  });
});

describe('an answer', () => {
  const answerOf = async (
    given: { status?: number; body: unknown },
    call: (api: CrispApi) => Promise<unknown> = (api) => api.conversations.get({ session: 's' }),
  ): Promise<unknown> => {
    const { api, close } = await listening(() => given);
    try {
      return await call(api).catch((error: unknown) => (error as { code: string }).code);
    } finally {
      await close();
    }
  };
  const refusal = (reason: string) => ({ error: true, reason, data: {} });

  test('means what its status and its reason say', async () => {
    const cases = [
      [401, 'invalid_session', 'ERR_AUTHENTICATION'],
      [403, 'restricted_route_tier', 'ERR_FORBIDDEN'],
      [405, 'restricted_route_tier', 'ERR_FORBIDDEN'],
      [404, 'not_subscribed', 'ERR_FORBIDDEN'],
      [404, 'conversation_not_found', 'ERR_NOT_FOUND'],
      [400, 'invalid_data', 'ERR_REJECTED'],
      [409, 'people_exists', 'ERR_CONFLICT'],
      [200, 'conversation_not_found', 'ERR_NOT_FOUND'],
      [200, 'something_else', 'ERR_REJECTED'],
    ] as const;
    for (const [status, reason, code] of cases) {
      expect([reason, await answerOf({ status, body: refusal(reason) })]).toEqual([reason, code]);
    }
  });

  test('of 420, 422 and 429 is waited out, and told apart when it goes on', async () => {
    for (const [status, code] of [
      [420, 'ERR_RATE_LIMITED'],
      [429, 'ERR_RATE_LIMITED'],
      [422, 'ERR_UNAVAILABLE'],
    ] as const) {
      const once = (api: CrispApi) => api.conversations.get({ session: 's' }, { retry: false });
      expect(await answerOf({ status, body: refusal('too_many_requests') }, once)).toBe(code);
      let left = 1;
      const { api, seen, close } = await listening(() => {
        left -= 1;
        return left < 0
          ? { body: { ...DONE, data: { session_id: 's' } } }
          : { status, body: refusal('later') };
      });
      expect(await api.conversations.get({ session: 's' })).toEqual({ session_id: 's' });
      expect(seen).toHaveLength(2);
      await close();
    }
  });

  test('explains a refusal with the words of the platform', async () => {
    const body = {
      error: true,
      reason: 'invalid_data',
      data: { namespace: 'data', message: 'data.type is wrong' },
    };
    const { api, close } = await listening(() => ({ status: 400, body }));
    await expect(api.conversations.get({ session: 's' })).rejects.toThrow(
      /400: invalid_data: data\.type is wrong/,
    );
    await close();
  });

  test('that is no envelope is unexpected, and leaves open what became of a message', async () => {
    for (const body of ['<html>', '[]', 'null', '{}']) {
      expect(await answerOf({ body })).toBe('ERR_UNEXPECTED_PAYLOAD');
      const send = (api: CrispApi) =>
        api.messages.send({
          session: 's',
          body: { type: 'text', from: 'operator', origin: 'chat', content: 'x' },
        });
      expect(await answerOf({ body }, send)).toBe('ERR_OUTCOME_UNKNOWN');
    }
  });

  test('to HEAD is yes or no, and an error where it is neither', async () => {
    const exists = (api: CrispApi) => api.conversations.exists({ session: 's' });
    expect(await answerOf({ status: 200, body: '' }, exists)).toBe(true);
    expect(await answerOf({ status: 404, body: '' }, exists)).toBe(false);
    expect(await answerOf({ status: 401, body: '' }, exists)).toBe('ERR_AUTHENTICATION');
  });

  test('without data is an empty object', async () => {
    for (const data of [undefined, null]) {
      const body = { error: false, reason: 'updated', data };
      expect(
        await answerOf({ body }, (api) =>
          api.conversations.setOpened({ session: 's', body: { opened: true } }),
        ),
      ).toEqual({});
    }
  });
});

describe('lists', () => {
  test('go through all pages, and stop where they are told', async () => {
    await withStage(
      async ({ emulator, open }) => {
        const visitors = Array.from({ length: 7 }, () => emulator.visitor());
        for (const visitor of visitors) visitor.say('hello');
        const { api, conversations } = open();
        const all = await Array.fromAsync(api.each('conversations.list'));
        expect(new Set(all.map(({ session_id: id }) => id)).size).toBe(7);
        expect(await Array.fromAsync(api.each('conversations.list', {}, { limit: 3 }))).toHaveLength(3);
        expect(await Array.fromAsync(conversations.list({ status: 'open' }))).toHaveLength(7);
        expect(await Array.fromAsync(conversations.list({ status: 'closed' }))).toEqual([]);
      },
      { pageSize: 3 },
    );
  });

  test('of messages go on after 206 and end with 200, also where many were written in one moment', async () => {
    for (const messageOrder of ['ascending', 'descending'] as const) {
      await withStage(
        async ({ emulator, open }) => {
          const ada = emulator.visitor();
          const said: string[] = [];
          for (let number = 0; number < 23; number += 1) {
            if (number % 4 === 0) emulator.clock.advance(1);
            said.push(`number ${number}`);
            ada.say(`number ${number}`);
          }
          const { api } = open();
          const session = ada.sessionId;
          const texts = (await Array.fromAsync(api.eachMessage({ session }))).map(({ content }) =>
            String(content),
          );
          expect(texts).toEqual(said.toReversed());
          expect((await api.answer('messages.list', { session })).status).toBe(206);
          expect(await Array.fromAsync(api.eachMessage({ session }, { limit: 6 }))).toHaveLength(6);
        },
        { messageBatch: 5, messageOrder },
      );
    }
  });
});

describe('who it is', () => {
  test('an operator logs in once, keeps the keypair, and logs in again when it is refused', async () => {
    await withStage(async ({ emulator, open, notices }) => {
      const { email, password } = emulator.credentials;
      const tokens = memoryTokenStore();
      const login = { tier: 'user', identifier: undefined, key: undefined, email, password } as const;
      const logins = () =>
        emulator.journal.entries.filter(({ path }) => path.endsWith('/user/session/login')).length;
      const first = open(login, { tokens });
      expect(await first.api.website.get()).toMatchObject({ name: 'Emulated Website' });
      await first.api.operators.list();
      await open(login, { tokens }).api.website.get();
      expect(logins()).toBe(1);
      emulator.faults.next({
        kind: 'status',
        status: 401,
        route: 'GET /v1/website/:website',
        body: { error: true, reason: 'invalid_session', data: {} },
      });
      expect(await first.api.website.get()).toMatchObject({ name: 'Emulated Website' });
      expect(logins()).toBe(2);
      expect(notices.map(({ name }) => name)).toEqual(['account.renewed', 'account.renewed']);
    });
  });

  test.each([401, 403] as const)(
    'a route of another tier refuses no keypair, also with %i',
    async (restrictedTierStatus) => {
      await withStage(
        async ({ emulator, open, notices }) => {
          const { email, password } = emulator.credentials;
          const { api } = open({ tier: 'user', identifier: undefined, key: undefined, email, password });
          await api.website.get();
          await expect(api.plugin.getAccount()).rejects.toMatchObject({
            code: 'ERR_FORBIDDEN',
            message: expect.stringContaining('another tier'),
          });
          expect(await api.website.get()).toMatchObject({ name: 'Emulated Website' });
          expect(notices.map(({ name }) => name)).toEqual(['account.renewed']);
        },
        { restrictedTierStatus },
      );
    },
  );

  test('a wrong password, and a wrong key, are ERR_AUTHENTICATION', async () => {
    await withStage(async ({ emulator, open }) => {
      const { email } = emulator.credentials;
      const login = {
        tier: 'user',
        identifier: undefined,
        key: undefined,
        email,
        password: 'wrong',
      } as const;
      for (const own of [login, { key: 'wrong' }]) {
        await expect(open(own).api.website.get()).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
      }
    });
  });

  test('a website token works on its website, and a plugin is refused what only operators may', async () => {
    await withStage(async ({ emulator, open }) => {
      const { websiteIdentifier: identifier, websiteKey: key } = emulator.credentials;
      expect(await open({ tier: 'website', identifier, key }).api.operators.list()).toHaveLength(1);
      await expect(open().api.campaigns.list()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    });
  });
});
