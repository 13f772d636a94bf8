import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountContext, Limiter, LogFields } from '@parley/core';
import { createLimiter, isParleyError, memoryClaims, memoryTokenStore, type ParleyError } from '@parley/core';
import type { Dispatcher } from 'undici';
import { Agent } from 'undici';
import type { HttpClient, HttpClientOptions, HttpRequest, RouteKind } from '../src/index.js';
import { basicAuthorization, calling, createHttpClient, fixedAuthorization } from '../src/index.js';
import type { OddServer } from './odd-server.js';
import { hangUp, json, oddServer, sayNothing, text } from './odd-server.js';
import type { QuickClock } from './quick-clock.js';
import { quickClock } from './quick-clock.js';

let server: OddServer;
let clock: QuickClock;
let open: HttpClient[] = [];
const logged: { fields: LogFields; message: string }[] = [];

beforeAll(async () => {
  server = await oddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  clock = quickClock();
  server.seen.length = 0;
  logged.length = 0;
});
afterEach(async () => {
  await Promise.all(open.map((client) => client.close()));
  open = [];
});

function account(limiter?: Limiter): AccountContext {
  const log = (fields: LogFields, message: string) => logged.push({ fields, message });
  return {
    name: 'leads',
    clock,
    log: { debug: log, info: log, warn: log, error: log },
    tokens: memoryTokenStore(),
    claims: memoryClaims(clock),
    limiter: (rate) => limiter ?? createLimiter(rate, clock),
    report: () => {},
  };
}

function clientFor(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({
    origin: server.origin,
    account: account(),
    readReason: (body) => (body as { error?: { message?: string } } | undefined)?.error?.message,
    timeoutMs: 5_000,
    ...options,
  });
  open.push(client);
  return client;
}

function post(route: RouteKind, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', path: '/v2/messages', body: { text: 'hi' }, route, ...more };
}

async function failureOf(promise: Promise<unknown>): Promise<ParleyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isParleyError(error)) throw new Error(`expected a ParleyError, got ${String(error)}`);
  return error;
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 4_000;
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error(`never came true: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const ROUTES = ['safe', 'unsent', 'never'] as const;

describe('a request', () => {
  test('carries JSON both ways, with the headers of the client and its own', async () => {
    server.behave(json({ id: '1' }, 201, { 'x-total': '3' }));
    const client = clientFor({
      userAgent: 'parley-test',
      headers: { 'x-crisp-tier': 'plugin', 'x-kept': '1' },
    });
    const answer = await client.request(
      post('unsent', { query: 'a=%2B1', headers: { 'x-crisp-tier': 'user' } }),
    );
    expect(answer).toMatchObject({ status: 201, body: { id: '1' }, headers: { 'x-total': '3' } });
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/v2/messages?a=%2B1',
      body: '{"text":"hi"}',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'parley-test',
        'x-crisp-tier': 'user',
        'x-kept': '1',
      },
    });
  });

  test('may have a body on DELETE, and none on POST', async () => {
    server.behave(json({}));
    const client = clientFor();
    await client.request({ method: 'DELETE', path: '/a', body: { segments: ['x'] }, route: 'safe' });
    await client.request({ method: 'POST', path: '/b', route: 'unsent' });
    expect(server.seen.map(({ body }) => body)).toEqual(['{"segments":["x"]}', '']);
    expect(server.seen[1]?.headers).not.toHaveProperty('content-type');
  });

  test('sends raw bytes under their own type', async () => {
    server.behave(json({}));
    await clientFor().request({
      method: 'PUT',
      path: '/jsonata',
      raw: { contentType: 'text/plain', bytes: Buffer.from('$.a') },
      route: 'safe',
    });
    expect(server.seen[0]).toMatchObject({ body: '$.a', headers: { 'content-type': 'text/plain' } });
  });

  test('sends a stream as it comes, anew for each attempt', async () => {
    server.behave(json({}, 503), json({ ok: true }));
    let begun = 0;
    const bytes = async function* () {
      begun += 1;
      for (const line of ['number\n', '447700900101\n']) yield Buffer.from(line);
    };
    const raw = { contentType: 'text/csv', bytes };
    const { body } = await clientFor().request(post('unsent', { body: undefined, raw }));
    expect(body).toEqual({ ok: true });
    expect(begun).toBe(2);
    expect(server.seen.map((one) => one.body)).toEqual(Array(2).fill('number\n447700900101\n'));
    expect(server.seen[0]?.headers).toMatchObject({
      'content-type': 'text/csv',
      'transfer-encoding': 'chunked',
    });
  });

  test('is of unknown outcome if its stream breaks on the way', async () => {
    const bytes = async function* () {
      yield Buffer.from('number\n');
      throw new Error('the file cannot be read any further');
    };
    const raw = { contentType: 'text/csv', bytes };
    const failed = failureOf(clientFor().request(post('unsent', { body: undefined, raw })));
    expect(await failed).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
  });

  test('may read the answer as it comes, whatever it is; a short one is judged, and a refusal read, as ever', async () => {
    server.behave(
      text('number\n1\n', 200, 'text/csv'),
      json({ status: 'error', error: { message: 'Not yet.' } }),
      json({ error: { message: 'No.' } }, 400),
      (response) => response.writeHead(204).end(),
    );
    const client = clientFor({
      classify: ({ body }) => (String(body).includes('"error"') ? 'ERR_REJECTED' : undefined),
    });
    const ask = () => client.request(post('safe', { answer: 'stream' }));
    expect(await wholeOf(await ask())).toBe('number\n1\n');
    for (const status of [200, 400]) {
      expect(await failureOf(ask())).toMatchObject({ code: 'ERR_REJECTED', status });
    }
    expect(await wholeOf(await ask())).toBe('');
  });

  test('takes an empty answer, also to HEAD, for no body', async () => {
    server.behave((response) => response.writeHead(204).end());
    const client = clientFor({ maxAnswerBytes: 100 });
    expect((await client.request(post('unsent'))).body).toBeUndefined();
    server.behave((response) => response.writeHead(200, { 'content-length': '5000' }).end());
    const head = await client.request({ method: 'HEAD', path: '/x', route: 'safe' });
    expect(head).toMatchObject({ status: 200, body: undefined });
  });

  test('tells 206 from 200', async () => {
    server.behave(json({ data: [] }, 206));
    expect((await clientFor().request({ method: 'GET', path: '/x', route: 'safe' })).status).toBe(206);
  });

  test('accepts JSON whatever its content type says, and drops __proto__ from it', async () => {
    server.behave(text('{"a":1,"__proto__":{"polluted":true}}', 200, 'text/plain'));
    const { body } = await clientFor().request({ method: 'GET', path: '/x', route: 'safe' });
    expect(Object.keys(body as object)).toEqual(['a']);
  });

  test('carries credentials unless it says not to', async () => {
    server.behave(json({}));
    const client = clientFor({ authorize: basicAuthorization('id', 'kéy') });
    await client.request(post('unsent'));
    await client.request(post('unsent', { authorize: false }));
    const [first, second] = server.seen.map(({ headers }) => headers.authorization);
    expect(first).toBe(`Basic ${Buffer.from('id:kéy').toString('base64')}`);
    expect(second).toBeUndefined();
  });

  test('waits for credentials that are not there yet', async () => {
    server.behave(json({}));
    await clientFor({ authorize: { value: async () => 'raw-key' } }).request(post('unsent'));
    expect(server.seen[0]?.headers.authorization).toBe('raw-key');
  });

  test('goes to the origin only: a URL of another one is refused unsent', async () => {
    server.behave(json({}));
    const client = clientFor({ authorize: fixedAuthorization('secret-key') });
    const get = (path: string) => client.request({ method: 'GET', path, route: 'safe' });
    for (const url of ['https://evil.example/v2/x', '//evil.example/x', `${server.origin}@evil.example/x`]) {
      if (url.startsWith('//')) continue;
      const error = await failureOf(get(url));
      expect(error.code).toBe('ERR_UNEXPECTED_PAYLOAD');
      expect(error.message).toContain('evil.example');
    }
    expect(server.seen).toHaveLength(0);
    await get(`${server.origin}/v2/x?select=id,text#top`);
    expect(server.seen[0]?.url).toBe('/v2/x?select=id,text');
  });

  test('that cannot be written down is refused as the mistake it is', async () => {
    const client = clientFor({ authorize: fixedAuthorization('line\nbreak-secret') });
    const header = await failureOf(client.request(post('unsent')));
    expect(header.code).toBe('ERR_CONFIG');
    expect(header.message).not.toContain('break-secret');
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect((await failureOf(clientFor().request(post('unsent', { body: circular })))).code).toBe(
      'ERR_CONFIG',
    );
    expect((await failureOf(clientFor().request(post('unsent', { path: '/a b' })))).code).toBe('ERR_CONFIG');
  });
});

describe('the origin', () => {
  test.each(['api.example.com', 'ftp://a.b', 'https://a.b/v1', 'https://a.b?x', 'https://u:p@a.b', ''])(
    'is refused with ERR_CONFIG if it is %j',
    (origin) => {
      expect(() => createHttpClient({ origin, account: account() })).toThrow(/origin: expected/);
    },
  );
});

describe('a refusal', () => {
  test.each([
    [400, 'ERR_REJECTED'],
    [401, 'ERR_AUTHENTICATION'],
    [403, 'ERR_FORBIDDEN'],
    [404, 'ERR_NOT_FOUND'],
    [409, 'ERR_CONFLICT'],
    [410, 'ERR_NOT_FOUND'],
    [418, 'ERR_REJECTED'],
    [422, 'ERR_REJECTED'],
    [501, 'ERR_REJECTED'],
  ])('with status %i is %s on every route, and is not repeated', async (status, code) => {
    server.behave(json({ error: { message: 'no' } }, status));
    for (const route of ROUTES) {
      const error = await failureOf(clientFor().request(post(route)));
      expect(error).toMatchObject({ code, status, account: 'leads' });
      expect(error.message).toBe(`POST /v2/messages answered ${status}: no`);
    }
    expect(server.seen).toHaveLength(3);
  });

  test('says nothing of what was sent, of tokens, addresses and numbers', async () => {
    const said =
      'text "Can we meet at noon?" of Noor to +31 6 5550 1234 and noor@example.com: key s3cr3t-k3y, jwt eyJhbGciOi.eyJfaWQi.c2ln refused';
    server.behave(json({ error: { message: said } }, 400));
    const client = clientFor({ authorize: fixedAuthorization('ApiKey s3cr3t-k3y') });
    const error = await failureOf(
      client.request(
        post('unsent', {
          path: '/v2/people/noor%40example.com',
          query: 'profile.telephone=%2B31655501234&text=~secretword',
          body: { text: 'Can we meet at noon?', contact: { name: 'Noor' } },
        }),
      ),
    );
    const printed = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const secret of ['noon', 'Noor', '5550', 'noor', 's3cr3t', 'eyJ', 'secretword', 'telephone']) {
      expect(printed).not.toContain(secret);
    }
    expect(error.message).toMatch(/^POST \/v2\/people\/… answered 400: text /);
    expect(error.message).toMatch(/refused$/);
  });

  test('with a body that is no JSON, or none, is still told by its status', async () => {
    server.behave(
      text('<h1>Bad gateway</h1>', 404),
      (response) => response.writeHead(403).end(),
      (response) => {
        response.writeHead(401, { 'content-length': '100' });
        response.write('{"err');
        setImmediate(() => response.socket?.resetAndDestroy());
      },
    );
    const client = clientFor({
      readReason: (body) => (body as { error: { message: string } }).error.message,
    });
    const codes = [];
    for (let i = 0; i < 3; i += 1) codes.push((await failureOf(client.request(post('unsent')))).code);
    expect(codes).toEqual(['ERR_NOT_FOUND', 'ERR_FORBIDDEN', 'ERR_AUTHENTICATION']);
  });

  test('can be what the provider means by another status, or by a 200', async () => {
    const client = clientFor({
      maxAttempts: 2,
      classify: ({ status, body }) => {
        if (status === 420) return 'ERR_RATE_LIMITED';
        return status < 300 && (body as { error?: unknown }).error === true ? 'ERR_REJECTED' : undefined;
      },
    });
    server.behave(json({ error: true, reason: 'invalid_data' }));
    expect(await failureOf(client.request(post('unsent')))).toMatchObject({
      code: 'ERR_REJECTED',
      status: 200,
    });
    server.seen.length = 0;
    server.behave(json({ error: true }, 420));
    expect((await failureOf(client.request(post('unsent')))).code).toBe('ERR_RATE_LIMITED');
    expect(server.seen).toHaveLength(2);
  });

  test('by redirect is not followed, and names where it points', async () => {
    const location = 'https://elsewhere.example/v2/messages?token=abc';
    server.behave((response) => response.writeHead(307, { location }).end());
    const error = await failureOf(clientFor().request({ method: 'GET', path: '/x', route: 'safe' }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', status: 307 });
    expect(error.message).toContain('https://elsewhere.example,');
    expect(error.message).not.toContain('abc');
    expect(server.seen).toHaveLength(1);
  });
});

describe('an answer that cannot be used', () => {
  const unusable = [
    ['is no JSON', text('<h1>Welcome</h1>')],
    [
      'is larger than allowed, and says so',
      (response) => {
        response.writeHead(200, { 'content-length': '2000' });
        response.end('1'.repeat(2000));
      },
    ],
    [
      'grows larger than allowed',
      (response) => {
        response.writeHead(200);
        for (let i = 0; i < 20; i += 1) response.write('1'.repeat(100));
        response.end();
      },
    ],
  ] satisfies [string, Parameters<OddServer['behave']>[0]][];

  test.each(unusable)(
    'because it %s was carried out all the same, if the route does something',
    async (_, behaviour) => {
      server.behave(behaviour);
      const client = clientFor({ maxAnswerBytes: 1000 });
      expect((await failureOf(client.request(post('safe')))).code).toBe('ERR_UNEXPECTED_PAYLOAD');
      expect((await failureOf(client.request(post('unsent')))).code).toBe('ERR_OUTCOME_UNKNOWN');
      expect((await failureOf(client.request(post('never')))).code).toBe('ERR_OUTCOME_UNKNOWN');
      expect(server.seen).toHaveLength(3);
    },
  );

  test('for its size names the option', async () => {
    server.behave(json('x'.repeat(2000)));
    const error = await failureOf(clientFor({ maxAnswerBytes: 1000 }).request(post('safe')));
    expect(error.message).toContain('1000 bytes that maxAnswerBytes allows');
  });

  test('is not quoted', async () => {
    server.behave(text('secret words'));
    const error = await failureOf(clientFor().request(post('safe')));
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('secret');
    expect(error.message).toContain('text/html');
  });
});

describe('a lost answer', () => {
  const lost: [string, Parameters<OddServer['behave']>[0]][] = [
    ['the connection is reset after the request was read', hangUp],
    ['no headers come in time', sayNothing],
    [
      'the body stops',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"a":');
      },
    ],
    [
      'the body never ends',
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
    [
      'the body is cut off',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"a":');
        setImmediate(() => response.socket?.destroy());
      },
    ],
    [
      'what comes is not HTTP',
      (_response, _seen, request) => {
        request.socket.end('SMTP secret words\r\n\r\n');
      },
    ],
  ];

  test.each(lost)('because %s is repeated where that is safe, and else unknown', async (_, behaviour) => {
    const client = clientFor({ timeoutMs: 150, maxAttempts: 2 });
    server.behave(behaviour, json({ ok: true }));
    expect((await client.request(post('safe'))).body).toEqual({ ok: true });
    expect(server.seen).toHaveLength(2);
    for (const route of ['unsent', 'never'] as const) {
      server.seen.length = 0;
      server.behave(behaviour, json({ ok: true }));
      const error = await failureOf(client.request(post(route)));
      expect(error.code).toBe('ERR_OUTCOME_UNKNOWN');
      expect(error.message).toContain('look before repeating');
      expect(`${error.stack} ${JSON.stringify(error.cause)} ${String(error.cause)}`).not.toContain('secret');
      expect(server.seen).toHaveLength(1);
    }
  });

  test('is ERR_UNAVAILABLE on a safe route once the attempts are used up', async () => {
    server.behave(hangUp);
    const error = await failureOf(clientFor({ maxAttempts: 3 }).request(post('safe')));
    expect(error.code).toBe('ERR_UNAVAILABLE');
    expect(server.seen).toHaveLength(3);
  });

  test('of a server that hangs up at the first byte counts as sent: nobody can tell what it read', async () => {
    let connections = 0;
    const rude = createServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const client = clientFor({ origin: `http://127.0.0.1:${(rude.address() as AddressInfo).port}` });
    const { code } = await failureOf(client.request(post('unsent')));
    await new Promise((resolve) => rude.close(resolve));
    expect([code, connections]).toEqual(['ERR_OUTCOME_UNKNOWN', 1]);
  });
});

describe('a request that did not leave', () => {
  async function closedPort(): Promise<string> {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    return `http://127.0.0.1:${port}`;
  }

  test('is repeated unless the route says never, and is ERR_UNAVAILABLE', async () => {
    const origin = await closedPort();
    for (const [route, attempts] of [
      ['safe', 4],
      ['unsent', 4],
      ['never', 1],
    ] as const) {
      clock.waits.length = 0;
      const error = await failureOf(clientFor({ origin }).request(post(route)));
      expect(error.code).toBe('ERR_UNAVAILABLE');
      expect(error.message).toContain('ECONNREFUSED');
      expect(clock.waits).toHaveLength(attempts - 1);
    }
  });

  test('names a host that does not exist', async () => {
    const error = await failureOf(
      clientFor({ origin: 'http://nowhere.invalid', maxAttempts: 1 }).request(post('never')),
    );
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(error.message).toMatch(/nowhere\.invalid cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  test('waits longer each time, less a random part', async () => {
    const options = { origin: await closedPort(), firstRetryMs: 100, maxRetryMs: 300, maxAttempts: 5 };
    await failureOf(clientFor({ ...options, random: () => 0 }).request(post('safe')));
    expect(clock.waits).toEqual([100, 200, 300, 300]);
    clock.waits.length = 0;
    await failureOf(clientFor({ ...options, random: () => 0.5 }).request(post('safe')));
    expect(clock.waits).toEqual([75, 150, 225, 225]);
  });

  test('is tried once where the caller repeats', async () => {
    await failureOf(clientFor({ origin: await closedPort() }).request(post('safe', { retry: false })));
    expect(clock.waits).toEqual([]);
  });
});

describe('a server in trouble', () => {
  test.each([
    [500, ['ERR_UNAVAILABLE', 2], ['ERR_OUTCOME_UNKNOWN', 1], ['ERR_OUTCOME_UNKNOWN', 1]],
    [502, ['ERR_UNAVAILABLE', 2], ['ERR_OUTCOME_UNKNOWN', 1], ['ERR_OUTCOME_UNKNOWN', 1]],
    [504, ['ERR_UNAVAILABLE', 2], ['ERR_OUTCOME_UNKNOWN', 1], ['ERR_OUTCOME_UNKNOWN', 1]],
    [524, ['ERR_UNAVAILABLE', 2], ['ERR_OUTCOME_UNKNOWN', 1], ['ERR_OUTCOME_UNKNOWN', 1]],
    [503, ['ERR_UNAVAILABLE', 2], ['ERR_UNAVAILABLE', 2], ['ERR_OUTCOME_UNKNOWN', 1]],
    [408, ['ERR_UNAVAILABLE', 2], ['ERR_UNAVAILABLE', 2], ['ERR_UNAVAILABLE', 1]],
    [429, ['ERR_RATE_LIMITED', 2], ['ERR_RATE_LIMITED', 2], ['ERR_RATE_LIMITED', 1]],
  ] as const)('that says %i is asked again where nothing can have happened', async (status, ...expected) => {
    server.behave(json({}, status));
    const client = clientFor({ maxAttempts: 2 });
    for (const [index, route] of ROUTES.entries()) {
      server.seen.length = 0;
      const error = await failureOf(client.request(post(route)));
      expect([error.code, server.seen.length]).toEqual(expected[index]);
      expect(error.status).toBe(status);
    }
  });

  test('is asked again after as many seconds as it says', async () => {
    server.behave(
      json({}, 429, { 'retry-after': '7' }),
      json({}, 503, { 'retry-after': '2' }),
      json({ ok: 1 }),
    );
    expect((await clientFor().request(post('unsent'))).body).toEqual({ ok: 1 });
    expect(clock.waits).toEqual([7_000, 2_000]);
  });

  test('is asked again at the date it says, by its own clock', async () => {
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const later = 'Wed, 21 Oct 2015 07:28:30 GMT';
    server.behave(json({}, 429, { date, 'retry-after': later }), json({ ok: 1 }));
    await clientFor().request(post('unsent'));
    expect(clock.waits).toEqual([30_000]);
  });

  test('is asked again at the date it says, by ours where it has none', async () => {
    const later = new Date(clock.now() + 12_000).toUTCString();
    server.behave(
      (response) => {
        response.sendDate = false;
        response.writeHead(429, { 'retry-after': later }).end();
      },
      json({ ok: 1 }),
    );
    await clientFor().request(post('unsent'));
    expect(clock.waits).toEqual([12_000]);
  });

  test('is not asked again if it wants us to wait longer than we would, and the caller learns how long', async () => {
    server.behave(json({}, 429, { 'retry-after': '3600' }));
    const error = await failureOf(clientFor().request(post('safe')));
    expect(error).toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: 3_600_000 });
    expect(server.seen).toHaveLength(1);
  });

  test('that says something odd about waiting is waited for as long as we think', async () => {
    server.behave(json({}, 429, { 'retry-after': 'soon' }), json({}));
    await clientFor({ random: () => 0 }).request(post('safe'));
    expect(clock.waits).toEqual([500]);
  });

  test('that says 429 stops everything of the account, also on routes that are never repeated', async () => {
    const pauses: number[] = [];
    const limiter: Limiter = { acquire: () => undefined, pause: (ms) => pauses.push(ms) };
    server.behave(json({}, 429, { 'retry-after': '3' }));
    const client = clientFor({ account: account(limiter), rate: { requests: 1, perMs: 1 } });
    await failureOf(client.request(post('never')));
    server.behave(json({}, 429, { 'retry-after': '3600' }));
    await failureOf(client.request(post('never')));
    expect(pauses).toEqual([3_000, 60_000]);
  });

  test('leaves no address or token in the log', async () => {
    server.behave(json({}, 503), json({}));
    const client = clientFor({ authorize: fixedAuthorization('secret-key') });
    await client.request(post('safe', { path: '/people/a%40b.nl', query: 'q=secret' }));
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toMatch(/secret|b\.nl/);
  });
});

describe('the limit of the account', () => {
  test('holds for every attempt, in the order of the calls', async () => {
    server.behave(json({}));
    const client = clientFor({ rate: { requests: 2, perMs: 1_000 } });
    const done: number[] = [];
    await Promise.all(
      [0, 1, 2, 3, 4].map((n) => client.request(post('safe', { path: `/${n}` })).then(() => done.push(n))),
    );
    expect(server.seen.map(({ url }) => url).toSorted()).toEqual(['/0', '/1', '/2', '/3', '/4']);
    expect(clock.now() - quickClock().now()).toBeGreaterThanOrEqual(2_000);
  });

  test('lets a caller go who no longer wants to wait', async () => {
    server.behave(json({}));
    const gate = Promise.withResolvers<void>();
    const limiter: Limiter = {
      acquire: (signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
          gate.resolve();
        }),
      pause: () => {},
    };
    const client = clientFor({ account: account(limiter), rate: { requests: 1, perMs: 1 } });
    const stop = new AbortController();
    const failed = failureOf(client.request(post('unsent', { signal: stop.signal })));
    await gate.promise;
    stop.abort();
    expect((await failed).code).toBe('ERR_ABORTED');
    expect(server.seen).toHaveLength(0);
  });
});

test('who calls is asked when a request has waited for its place, and it does not leave if they say no', async () => {
  server.behave(json({}));
  const client = clientFor({ rate: { requests: 2, perMs: 1_000 } });
  const askedAt: number[] = [];
  const leaving = async (): Promise<void> => {
    askedAt.push(clock.now());
    if (askedAt.length > 2) throw new Error('not any more');
  };
  const calls = await Promise.allSettled(
    [0, 1, 2, 3].map(() => client.request(post('never', calling({ leaving })))),
  );
  expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(calls[3]).toMatchObject({ reason: { code: 'ERR_ABORTED' } });
  expect((askedAt[2] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(server.seen).toHaveLength(2);
});

test('who calls is asked when a connection is free, not while others have it', async () => {
  const answers: (() => void)[] = [];
  server.behave((response, seen, request) => {
    answers.push(() => json({})(response, seen, request));
  });
  const client = clientFor({ connections: 2 });
  let asked = 0;
  let isAllowed = true;
  const leaving = async (): Promise<void> => {
    asked += 1;
    if (!isAllowed) throw new Error('not any more');
  };
  const calls = [0, 1, 2, 3, 4].map(() => client.request(post('never', calling({ leaving }))));
  const settled = Promise.allSettled(calls);
  await until(() => answers.length === 2);
  expect(asked).toBe(2);
  isAllowed = false;
  for (const answer of answers) answer();
  const statuses = (await settled).map(({ status }) => status);
  expect(statuses).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  expect(server.seen).toHaveLength(2);
});

describe('a cancelled request', () => {
  test('is not sent if the signal fired before', async () => {
    const error = await failureOf(clientFor().request(post('unsent', { signal: AbortSignal.abort() })));
    expect(error.code).toBe('ERR_ABORTED');
    expect(server.seen).toHaveLength(0);
  });

  test('is ERR_ABORTED on a safe route, and of unknown outcome on others once it was sent', async () => {
    for (const [route, code] of [
      ['safe', 'ERR_ABORTED'],
      ['unsent', 'ERR_OUTCOME_UNKNOWN'],
      ['never', 'ERR_OUTCOME_UNKNOWN'],
    ] as const) {
      server.seen.length = 0;
      server.behave(sayNothing);
      const stop = new AbortController();
      const failed = failureOf(clientFor().request(post(route, { signal: stop.signal })));
      await until(() => server.seen.length === 1);
      stop.abort();
      expect((await failed).code).toBe(code);
    }
  });

  test('leaves at once while it waits behind others for a connection, and was not sent', async () => {
    server.behave(sayNothing);
    const client = clientFor({ connections: 1 });
    const first = new AbortController();
    const held = failureOf(client.request(post('safe', { path: '/held', signal: first.signal })));
    await until(() => server.seen.length === 1);
    const second = new AbortController();
    const queued = failureOf(client.request(post('unsent', { path: '/queued', signal: second.signal })));
    second.abort();
    expect((await queued).code).toBe('ERR_ABORTED');
    server.behave(json({}));
    first.abort();
    await held;
    await client.request({ method: 'GET', path: '/next', route: 'safe' });
    expect(server.seen.map(({ url }) => url)).toEqual(['/held', '/next']);
  });

  test('goes with all others that share its signal, and leaves those that have ended', async () => {
    server.behave(json({}));
    const client = clientFor();
    const stop = new AbortController();
    await client.request(post('safe', { signal: stop.signal }));
    server.seen.length = 0;
    server.behave(sayNothing);
    const once = post('safe', { signal: stop.signal, retry: false });
    const failed = [once, once, once].map((request) => failureOf(client.request(request)));
    await until(() => server.seen.length === 3);
    stop.abort();
    const codes = (await Promise.all(failed)).map(({ code }) => code);
    expect(codes).toEqual(['ERR_ABORTED', 'ERR_ABORTED', 'ERR_ABORTED']);
  });

  test('does not wait for the next attempt', async () => {
    server.behave(json({}, 503));
    const stop = new AbortController();
    const slow = { ...clock, now: () => 0, schedule: () => ({ cancel: () => {} }) };
    const client = clientFor({ account: { ...account(), clock: slow } });
    const failed = failureOf(client.request(post('safe', { signal: stop.signal })));
    await until(() => logged.length === 1);
    stop.abort();
    expect((await failed).code).toBe('ERR_ABORTED');
  });

  test('does not wait for credentials', async () => {
    const stop = new AbortController();
    const client = clientFor({ authorize: { value: () => new Promise<string>(() => {}) } });
    const failed = failureOf(client.request(post('unsent', { signal: stop.signal })));
    stop.abort();
    expect((await failed).code).toBe('ERR_ABORTED');
  });

  test('leaves no listener on its signal', async () => {
    server.behave(json({}));
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
      listeners += 1;
      return Reflect.apply(addEventListener, this, args);
    } as typeof addEventListener;
    signal.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
      listeners -= 1;
      return Reflect.apply(removeEventListener, this, args);
    } as typeof removeEventListener;
    await clientFor().request(post('unsent', { signal }));
    expect(listeners).toBe(0);
  });
});

describe('a closed client', () => {
  test('rejects what comes later, lets running requests end, and ends waiting retries', async () => {
    const gate = Promise.withResolvers<void>();
    server.behave((response) => void gate.promise.then(() => response.end('{"late":true}')));
    const client = clientFor();
    const running = client.request(post('unsent'));
    await until(() => server.seen.length === 1);
    const closed = client.close();
    expect((await failureOf(client.request(post('safe')))).code).toBe('ERR_ABORTED');
    gate.resolve();
    expect((await running).body).toEqual({ late: true });
    await closed;
    await client.close();
  });

  test('ends the wait for another attempt', async () => {
    server.behave(json({}, 503));
    const never = { ...clock, now: () => 0, schedule: () => ({ cancel: () => {} }) };
    const client = clientFor({ account: { ...account(), clock: never } });
    const failed = failureOf(client.request(post('safe')));
    await until(() => logged.length === 1);
    await client.close();
    expect(await failed).toMatchObject({ code: 'ERR_ABORTED', message: expect.stringContaining('closed') });
  });

  test('leaves a dispatcher open that it was given', async () => {
    server.behave(json({}));
    const dispatcher: Dispatcher = new Agent();
    const client = clientFor({ dispatcher });
    await client.request(post('unsent'));
    await client.close();
    await clientFor({ dispatcher }).request(post('unsent'));
    expect(server.seen).toHaveLength(2);
    await dispatcher.close();
  });
});

async function wholeOf({ body }: { body: unknown }): Promise<string> {
  const chunks = await Array.fromAsync(body as AsyncIterable<Uint8Array>);
  return Buffer.concat(chunks).toString();
}

describe('an answer that is read as it comes', () => {
  const PIECE = 'x'.repeat(64 * 1024);
  const asked = post('safe', { answer: 'stream' });
  const bodyOf = async (client: HttpClient, more: Partial<HttpRequest> = {}) =>
    (await client.request({ ...asked, ...more })).body as AsyncIterable<Uint8Array>;
  /** Writes as long as somebody reads, and tells how many pieces it got rid of. */
  const endless = () => {
    const sent = { pieces: 0, closed: false };
    const behaviour: Parameters<OddServer['behave']>[0] = (response) => {
      response.on('close', () => {
        sent.closed = true;
      });
      const write = (): void => {
        if (sent.closed) return;
        sent.pieces += 1;
        if (response.write(PIECE)) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    };
    return { sent, behaviour };
  };

  test('is there before its end, and is not fetched faster than it is read', async () => {
    const { sent, behaviour } = endless();
    server.behave(behaviour);
    const reader = (await bodyOf(clientFor({ maxAnswerBytes: Number.MAX_SAFE_INTEGER })))[
      Symbol.asyncIterator
    ]();
    await reader.next();
    let stood = -1;
    // As much as fits between the two, and then no more.
    while (stood !== sent.pieces) {
      stood = sent.pieces;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent.closed).toBe(false);
    for (let read = 0; sent.pieces === stood; read += 1) expect((await reader.next()).done).toBe(false);
    await reader.return?.();
    await until(() => sent.closed);
  });

  test('is whole', async () => {
    const whole = Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`).join('');
    server.behave(text(whole, 200, 'text/csv'));
    expect(await wholeOf(await clientFor().request(asked))).toBe(whole);
  });

  test('may be at most so large', async () => {
    const { behaviour, sent } = endless();
    server.behave(behaviour);
    const client = clientFor({ maxAnswerBytes: 10 * PIECE.length });
    const error = await failureOf(client.request(asked).then(wholeOf));
    expect(error).toMatchObject({ code: 'ERR_UNEXPECTED_PAYLOAD', status: 200 });
    expect(error.message).toContain('bytes that maxAnswerBytes allows');
    await until(() => sent.closed);
  });

  test('must come in time, however lively it drips, and however long nobody reads', async () => {
    server.behave((response) => {
      response.write(PIECE);
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(clientFor({ timeoutMs: 300 }).request(asked).then(wholeOf))).toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('no whole answer came'),
    });
    const whole = PIECE.repeat(40);
    server.behave(text(whole));
    let length = 0;
    for await (const bytes of await bodyOf(clientFor({ timeoutMs: 300 }))) {
      if (length === 0) await new Promise((resolve) => setTimeout(resolve, 700));
      length += bytes.length;
    }
    expect(length).toBe(whole.length);
  });

  test('that breaks off says so, and is not asked for again', async () => {
    server.behave((response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(PIECE, () => response.socket?.destroy());
    });
    expect(await failureOf(clientFor().request(asked).then(wholeOf))).toMatchObject({
      code: 'ERR_UNAVAILABLE',
    });
    expect(server.seen).toHaveLength(1);
  });

  test('that breaks off before somebody reads says so to whoever reads then', async () => {
    let closed = false;
    server.behave((response) => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(PIECE, () => setImmediate(() => response.socket?.destroy()));
    });
    const answer = await clientFor().request(asked);
    await until(() => closed);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await failureOf(wholeOf(answer))).toMatchObject({ code: 'ERR_UNAVAILABLE' });
  });

  test('is no refusal, which is read whole, however long it is', async () => {
    server.behave(json({ error: { message: 'No.' }, more: PIECE }, 400));
    expect(await failureOf(clientFor().request(asked))).toMatchObject({
      code: 'ERR_REJECTED',
      message: expect.stringContaining('No.'),
    });
  });

  test('ends with the signal of the caller, also in the middle', async () => {
    const { behaviour, sent } = endless();
    server.behave(behaviour);
    const stop = new AbortController();
    const reader = (await bodyOf(clientFor(), { signal: stop.signal }))[Symbol.asyncIterator]();
    await reader.next();
    stop.abort();
    const reading = (async () => {
      while (!(await reader.next()).done);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: 'ERR_ABORTED' });
    await until(() => sent.closed);
  });
});
