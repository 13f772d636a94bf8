import { createHook } from 'node:async_hooks';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import {
  type Interception,
  type InterceptOptions,
  interceptProvider,
  web1on1Handlers,
} from '@parley/emulators/msw';
import { getResponse, HttpResponse, http as msw } from 'msw';
import { setupServer } from 'msw/node';
import { Agent, fetch as undiciFetch, request as undiciRequest } from 'undici';
import { startReceiver, until } from './receiver.js';
import { HOUR_MS, noor } from './world.js';

const ORIGIN = 'https://api.web1on1.chat';

interface Given {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

interface Got {
  status: number;
  link: string | undefined;
  retryAfter: string | undefined;
  text: string;
}

/** The ways in which a Node program speaks HTTP. */
const CLIENTS: Record<string, (url: string, given: Given) => Promise<Got>> = {
  "undici's request": async (url, given) => {
    const dispatcher = new Agent();
    const { statusCode, headers, body } = await undiciRequest(url, {
      ...given,
      method: given.method as 'GET',
      dispatcher,
    });
    const text = await body.text();
    await dispatcher.close();
    return fromNode(statusCode, headers, text);
  },
  "undici's fetch": async (url, given) => fromFetch(await undiciFetch(url, given)),
  'global fetch': async (url, given) => fromFetch(await fetch(url, given)),
  'node:https': (url, given) => overNode(https, url, given),
};

function fromNode(status: number, headers: http.IncomingHttpHeaders, text: string): Got {
  return { status, link: headers.link as string | undefined, retryAfter: headers['retry-after'], text };
}

async function fromFetch(
  answer: Pick<Response, 'status' | 'text'> & { headers: { get(name: string): string | null } },
) {
  const header = (name: string) => answer.headers.get(name) ?? undefined;
  return {
    status: answer.status,
    link: header('link'),
    retryAfter: header('retry-after'),
    text: await answer.text(),
  };
}

function overNode(
  { request }: Pick<typeof http, 'request'>,
  url: string,
  { body, ...options }: Given & http.RequestOptions,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      textOf(response).then(
        (text) => resolve(fromNode(response.statusCode ?? 0, response.headers, text)),
        reject,
      );
    })
      .on('error', reject)
      .end(body);
  });
}

let emulator: Web1on1Emulator;
let closers: (() => unknown)[] = [];

beforeEach(async () => {
  emulator = await startWeb1on1({ rateLimit: false });
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
  await emulator.close();
});

function intercept(options?: InterceptOptions): Interception {
  const interception = interceptProvider(emulator, options);
  interception.enable();
  closers.push(() => interception.disable());
  return interception;
}

/** A server on this machine that says who it is. */
async function startShop() {
  const server = http.createServer((_request, response) => response.end('the shop'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  /** A name that leads to this machine although it does not say so. */
  const lookup: http.RequestOptions['lookup'] = (_name, { all }, found) =>
    all === true ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);
  return {
    local: `http://127.0.0.1:${port}/`,
    origin: `http://shop.example:${port}`,
    far: () => overNode(http, `http://shop.example:${port}/`, { method: 'GET', headers: {}, lookup }),
  };
}

/** Counts what leads out of the process: name look-ups and TCP connections. */
function countWaysOut() {
  const seen: string[] = [];
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'TCPCONNECTWRAP' || type === 'GETADDRINFOREQWRAP') seen.push(type);
    },
  }).enable();
  closers.push(() => hook.disable());
  return seen;
}

describe.each(Object.keys(CLIENTS))("with %s, the provider's own address", (name) => {
  const call = (method: string, path: string, body?: unknown, origin = ORIGIN): Promise<Got> =>
    (CLIENTS[name] as (url: string, given: Given) => Promise<Got>)(origin + path, {
      method,
      headers: {
        authorization: `Bearer ${emulator.credentials.adminToken}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  test('is the emulator, and nothing leaves the process', async () => {
    intercept();
    const waysOut = countWaysOut();
    const title = 'Öffnungszeiten 🕘 50% + "x"';
    const created = await call('POST', '/v2/kbitems', { title });
    expect(created.status).toBe(201);
    const { id } = JSON.parse(created.text);
    expect(emulator.resource('kbitems').get(id)).toMatchObject({ title });
    const found = await call('GET', `/v2/kbitems?title=${encodeURIComponent(title)}`);
    expect(JSON.parse(found.text)).toMatchObject([{ id }]);
    expect(await call('DELETE', `/v2/kbitems/${id}`)).toMatchObject({ status: 204, text: '' });
    expect(emulator.journal.requests({ path: /^\/v2\/kbitems/ }).map(({ status }) => status)).toEqual([
      201, 200, 204,
    ]);
    expect(emulator.journal.entries[0]?.headers.host).toBe('api.web1on1.chat');
    expect(waysOut).toEqual([]);
  });

  test('gives links to the host that was asked, and they lead on', async () => {
    intercept();
    for (const origin of [ORIGIN, 'https://api.chatshipper.com']) {
      const { link } = await call('GET', '/v2/users?limit=1', undefined, origin);
      const next = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1] ?? '';
      expect(new URL(next).origin).toBe(origin);
      expect(JSON.parse((await call('GET', next.slice(origin.length), undefined, origin)).text)).toHaveLength(
        1,
      );
    }
  });

  test('answers with the status and the headers of a fault', async () => {
    intercept();
    emulator.faults.next({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    expect(await call('GET', '/v2/users')).toMatchObject({ status: 429, retryAfter: '7' });
    emulator.faults.next({ kind: 'malformed' });
    expect((await call('GET', '/v2/users')).text).toBe('{"malformed": ');
    expect((await call('POST', '/v2/kbitems', '{"title": ')).status).toBe(400);
    expect((await call('GET', '/v2/users')).status).toBe(200);
  });

  test.each([
    ['drop-before', 0],
    ['drop-after', 1],
  ] as const)('breaks the connection on %s, with %d effect', async (kind, effects) => {
    intercept();
    emulator.faults.next({ kind });
    await expect(call('POST', '/v2/kbitems', { title: 'x' })).rejects.toThrow(
      /fetch failed|[Nn]etwork error|socket/,
    );
    expect(emulator.resource('kbitems').list()).toHaveLength(effects);
    expect(emulator.journal.entries[0]).toMatchObject({ status: 0, fault: kind });
    expect((await call('GET', '/v2/users')).status).toBe(200);
  });
});

describe('other hosts', () => {
  test('are reached, by choice or not', async () => {
    const shop = await startShop();
    const interception = intercept();
    const waysOut = countWaysOut();
    expect((await shop.far()).text).toBe('the shop');
    expect(waysOut).toContain('TCPCONNECTWRAP');
    interception.disable();
    intercept({ otherHosts: 'refuse' });
    await expect(shop.far()).rejects.toThrow(
      /^GET http:\/\/shop\.example:\d+ was not let out: no handler stands in for this host/,
    );
    await expect(undiciRequest('https://shop.example/secret?token=1')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('of this machine are always reached, as webhooks must be', async () => {
    intercept({ otherHosts: 'refuse' });
    const shop = await startShop();
    expect(await (await fetch(shop.local)).text()).toBe('the shop');
    const receiver = await startReceiver();
    closers.push(receiver.close);
    await emulator.subscribe({ url: receiver.url, events: ['message.create.*'] });
    (await emulator.contact(noor)).say('Hello');
    await receiver.count(1);
    expect(receiver.received[0]?.json.data.message.text).toBe('Hello');
    expect(receiver.received[0]?.headers['x-hub-signature']).toMatch(/^sha1=/);
  });

  test('have handlers of their own beside the emulator, for all tests or for one', async () => {
    const interception = intercept({
      otherHosts: 'refuse',
      handlers: [msw.get('https://shop.example/price', () => HttpResponse.json({ euros: 12 }))],
    });
    const price = async () => (await fetch('https://shop.example/price')).json();
    expect(await price()).toEqual({ euros: 12 });
    interception.use(msw.get('https://shop.example/price', () => HttpResponse.json({ euros: 13 })));
    expect(await price()).toEqual({ euros: 13 });
    interception.reset();
    expect(await price()).toEqual({ euros: 12 });
  });
});

test('interception ends with disable, and may begin again', async () => {
  const shop = await startShop();
  const interception = intercept({ origins: [shop.origin] });
  const asked = async () => [(await shop.far()).status, emulator.journal.entries.length];
  interception.enable();
  expect(await asked()).toEqual([404, 1]);
  interception.disable();
  interception.disable();
  expect(await asked()).toEqual([200, 1]);
  interception.enable();
  expect(await asked()).toEqual([404, 2]);
});

describe('the handlers', () => {
  test('serve any msw set-up', async () => {
    const server = setupServer(...web1on1Handlers(emulator));
    server.listen({ onUnhandledFrame: 'error' });
    closers.push(() => server.close());
    expect((await fetch(`${ORIGIN}/v2/users`)).status).toBe(401);
    const asked = new Request('https://api.chatshipper.com/v2/users');
    expect((await getResponse(web1on1Handlers(emulator), asked))?.status).toBe(401);
  });

  test('stand in for the origins they are given, and no others', async () => {
    const handlers = web1on1Handlers(emulator, { origins: ['https://eu.example:8443'] });
    expect((await getResponse(handlers, new Request('https://eu.example:8443/v2/users')))?.status).toBe(401);
    expect(emulator.journal.entries[0]?.headers.host).toBe('eu.example:8443');
    expect(await getResponse(handlers, new Request('https://eu.example/v2/users'))).toBeUndefined();
    expect(await getResponse(handlers, new Request(`${ORIGIN}/v2/users`))).toBeUndefined();
    expect(() => web1on1Handlers(emulator, { origins: [`${ORIGIN}/v2`] })).toThrow(
      /^origins: expected scheme and host/,
    );
  });
});

describe('a request in process', () => {
  const users = (init?: RequestInit) => new Request(`${ORIGIN}/v2/users`, init);

  test('counts for the rate limit', async () => {
    emulator.rateLimit = { enabled: true, perSecond: 1, retryAfter: true };
    expect((await emulator.handle(users())).status).toBe(401);
    const limited = await emulator.handle(users());
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
  });

  test('ends with its signal, and with the emulator', async () => {
    emulator.faults.next({ kind: 'slow', delayMs: HOUR_MS, times: 3 });
    const giving = new AbortController();
    const slow = [users({ signal: giving.signal }), users()].map((request) => emulator.handle(request));
    const outcomes = Promise.allSettled(slow);
    await until(() => emulator.faults.pending[0]?.times === 1);
    giving.abort(new Error('enough'));
    await expect(slow[0]).rejects.toThrow('enough');
    await emulator.close();
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: new Error('enough') },
      { status: 'rejected', reason: new Error('the emulator is closed') },
    ]);
    await expect(emulator.handle(users())).rejects.toThrow('the emulator is closed');
    expect(emulator.faults.pending).toHaveLength(1);
  });
});
