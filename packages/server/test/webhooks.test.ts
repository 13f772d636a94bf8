import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBot, memoryEngine, ParleyError, silentLog } from '@parley/core';
import { type FakeAdapter, fakeAdapter } from '@parley/testing';
import { type Front, fronts, LIMIT } from './fronts.js';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

interface Sending {
  method?: string;
  headers?: Record<string, string>;
  /** Several: sent as chunks, each in a packet of its own. */
  body?: Uint8Array | string | readonly Uint8Array[];
}

/** One request over a socket of its own. A server that answers and stops reading is an answer, not an error. */
function send(url: string, { method = 'POST', headers = {}, body = [] }: Sending = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks = body instanceof Uint8Array || typeof body === 'string' ? [Buffer.from(body)] : [...body];
    const length = chunks.length === 1 ? { 'content-length': String(chunks[0]?.length) } : {};
    let answered = false;
    const request = httpRequest(
      url,
      { method, agent: false, headers: { ...length, ...headers } },
      (response) => {
        answered = true;
        const parts: Buffer[] = [];
        const done = () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString('utf8'),
          });
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', done);
        response.on('error', done);
      },
    );
    request.on('error', (error) => answered || reject(error));
    const writeNext = (): void => {
      const chunk = chunks.shift();
      if (chunk === undefined) request.end();
      else request.write(chunk, () => setImmediate(writeNext));
    };
    writeNext();
  });
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function served(front: (typeof fronts)[string], leads: FakeAdapter = fakeAdapter()) {
  const handled: string[] = [];
  const bot = createBot({
    accounts: { leads, quiet: fakeAdapter({ without: ['webhook'] }) },
    log: silentLog,
  });
  bot.on('*', ({ event, text }) => handled.push(`${event.name} ${text}`));
  await bot.start();
  open.push(bot);
  const at: Front = await front(bot);
  open.push(at);
  const stored = async () => {
    const { pendingEvents, pendingEffects, deadLetters } = await bot.stats();
    return { pendingEvents, pendingEffects, deadLetters };
  };
  return { bot, leads, handled, stored, origin: at.origin, url: `${at.origin}/chat/webhooks/leads` };
}

/** What the made-up provider would post. */
async function delivery(leads: FakeAdapter, text: string) {
  const { request } = await leads.says(text);
  return { headers: { ...request.headers } as Record<string, string>, body: Buffer.from(request.body) };
}

const NOTHING = { pendingEvents: 0, pendingEffects: 0, deadLetters: 0 };

describe.each(Object.entries(fronts))('over %s', (_name, front) => {
  test('a signed webhook is answered 200, empty, and its handler runs', async () => {
    const { leads, handled, url, bot } = await served(front);
    const answer = await send(url, await delivery(leads, 'hello'));

    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['x-powered-by']).toBeUndefined();
    await bot.drain();
    expect(handled).toEqual(['message.received hello']);
  });

  test('a body that arrives in pieces, split inside a character, is the same body', async () => {
    const { leads, handled, url, bot } = await served(front);
    const { headers, body } = await delivery(leads, 'Straße 🚲 naïve');
    const cuts = [...body.keys()].filter((index) => ((body[index] ?? 0) & 0xc0) === 0x80);
    const pieces = [0, ...cuts].map((from, index) => body.subarray(from, cuts[index] ?? body.length));
    expect(pieces.length).toBeGreaterThan(5);

    expect(await send(url, { headers, body: pieces })).toMatchObject({ status: 200 });
    await bot.drain();
    expect(handled).toEqual(['message.received Straße 🚲 naïve']);
  });

  test('an unknown event is answered 200 and handed on as provider.event', async () => {
    const { leads, handled, url, bot } = await served(front);
    const { request } = await leads.tells({ type: 'weather.changed' });
    const answer = await send(url, { headers: { ...request.headers } as never, body: request.body });

    expect(answer.status).toBe(200);
    await bot.drain();
    expect(handled).toEqual(['provider.event ']);
  });

  test('a subscription challenge comes back as plain text that no browser takes for a page', async () => {
    const { url } = await served(front);
    const answer = await send(`${url}?challenge=${encodeURIComponent('<script>alert(1)</script>')}`, {
      method: 'GET',
    });

    expect(answer).toMatchObject({ status: 200, body: '<script>alert(1)</script>' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  });

  test('whatever is not a signed webhook is refused, runs no handler and stores nothing', async () => {
    const { leads, handled, stored, url, origin } = await served(front);
    const good = await delivery(leads, 'hello');
    const altered = Buffer.from(good.body);
    altered.write('j', altered.indexOf('hello'));
    const signed = (body: string | Uint8Array, more: Record<string, string> = {}): Sending => {
      const request = leads.signs(body);
      return { headers: { ...(request.headers as Record<string, string>), ...more }, body: request.body };
    };
    const { 'x-fake-signature': _, ...unsigned } = good.headers;
    const form = 'message=hello&from=%2B31600000000';
    const formType = { 'content-type': 'application/x-www-form-urlencoded' };
    const forged = { headers: leads.signs(good.body, 'another-secret').headers as Record<string, string> };

    const attempts: [what: string, expected: number, url: string, sending: Sending][] = [
      ['another secret', 401, url, { ...good, ...forged }],
      ['no signature', 401, url, { headers: unsigned, body: good.body }],
      ['one byte changed', 401, url, { ...good, body: altered }],
      ['one byte missing', 401, url, { ...good, body: good.body.subarray(1) }],
      ['no body', 401, url, { headers: good.headers }],
      ['JSON cut short', 400, url, signed('{"events": [')],
      ['not JSON', 400, url, signed('hello')],
      ['JSON of another shape', 400, url, signed('[1, 2, 3]')],
      ['no event in it', 400, url, signed('{"events": [{"type": 7}]}')],
      ['null', 400, url, signed('null')],
      ['nothing at all, signed', 400, url, signed('')],
      ['a form, unsigned', 401, url, { headers: formType, body: form }],
      ['a form, signed', 400, url, signed(form, formType)],
      ['a content type that is none', 4, url, { headers: { 'content-type': '\u00ff;;;' }, body: good.body }],
      ['gzip', 415, url, signed(gzipSync(good.body), { 'content-encoding': 'gzip' })],
      ['10 MB', 413, url, { ...good, body: Buffer.alloc(10 * 1024 * 1024, 'x') }],
      ['a byte too much', 413, url, signed('x'.repeat(LIMIT + 1))],
      ['10 MB in chunks', 413, url, { ...good, body: Array(160).fill(Buffer.alloc(LIMIT)) }],
      ['GET without a challenge', 403, url, { method: 'GET' }],
      ['HEAD', 405, `${url}?challenge=x`, { method: 'HEAD' }],
      ['PUT', 405, url, { ...good, method: 'PUT' }],
      ['DELETE', 405, url, { method: 'DELETE' }],
      ['PATCH', 405, url, { ...good, method: 'PATCH' }],
      ['OPTIONS', 405, url, { method: 'OPTIONS' }],
      ['an account without webhooks', 404, `${origin}/chat/webhooks/quiet`, good],
      ...[
        'nobody',
        'constructor',
        '__proto__',
        'toString',
        'leads%2F..',
        '..%2F..%2Fetc%2Fpasswd',
        '%00',
        'leads%20',
      ].map((name): [string, number, string, Sending] => [
        name,
        404,
        `${origin}/chat/webhooks/${name}`,
        good,
      ]),
      ['a long name', 4, `${origin}/chat/webhooks/${'a'.repeat(500)}`, good],
      ['a broken escape', 4, `${origin}/chat/webhooks/%zz`, good],
      ['no account', 404, `${origin}/chat/webhooks/`, good],
      ['a path below', 404, `${url}/more`, good],
      ['no prefix', 404, `${origin}/webhooks/leads`, good],
      ['a page', 404, `${origin}/chat/<b>`, { method: 'GET' }],
    ];
    const results: [string, number][] = [];
    for (const [what, , to, sending] of attempts) {
      const { status } = await send(to, sending);
      results.push([what, status]);
    }

    // 4 stands for any refusal: which one is the framework's choice.
    const expected = attempts.map(([what, status], index) => [
      what,
      status === 4 ? results[index]?.[1] : status,
    ]);
    expect(results).toEqual(expected);
    expect(results.every(([, status]) => status >= 400 && status < 500)).toBe(true);
    expect(handled).toEqual([]);
    expect(await stored()).toEqual(NOTHING);
    expect(await send(url, good)).toMatchObject({ status: 200 });
  });

  test('a refusal is never a page: neither markup nor sniffable', async () => {
    const { url, origin } = await served(front);
    for (const [to, sending] of [
      [url, { body: '<b>' }],
      [`${origin}/chat/webhooks/%3Cb%3E`, { body: 'x' }],
      [url, { method: 'PUT', body: 'x' }],
      [url, { body: 'x'.repeat(LIMIT + 1) }],
    ] as const) {
      const answer = await send(to, sending);
      expect(answer.headers['content-type']).toMatch(/^(text\/plain|application\/json)/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.body).not.toContain('<b>');
    }
  });

  test('a body that is too large says how large it may be', async () => {
    const { url } = await served(front);
    const answer = await send(url, { body: Buffer.alloc(LIMIT + 1) });
    expect(JSON.parse(answer.body)).toEqual({ error: `The body is larger than ${LIMIT} bytes.` });
  });

  test('health is about the process, readiness about the bot', async () => {
    const { bot, origin } = await served(front);
    expect(await send(`${origin}/chat/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
    expect(await send(`${origin}/chat/healthz`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await send(`${origin}/chat/readyz`, { method: 'GET' })).toMatchObject({ status: 200 });
    expect(await send(`${origin}/chat/readyz`, { body: 'x' })).toMatchObject({ status: 405 });

    await bot.drain();
    const drained = await send(`${origin}/chat/readyz`, { method: 'GET' });
    expect(drained.status).toBe(503);
    expect(JSON.parse(drained.body)).toEqual({ status: 'not ready', reason: 'the bot is draining' });
    expect(await send(`${origin}/chat/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
  });
});

describe('an event is answered only after the engine has accepted it', () => {
  const accepting = async (accept: () => Promise<void>) => {
    const leads = fakeAdapter();
    const engine = memoryEngine();
    const store = engine.accept.bind(engine);
    engine.accept = async (events) => {
      await accept();
      return store(events);
    };
    const bot = createBot({ accounts: { leads }, engine, log: silentLog });
    const handled: string[] = [];
    bot.on('message.received', ({ text }) => handled.push(text));
    await bot.start();
    const front = await (fronts['serve()'] as (typeof fronts)[string])(bot);
    open.push(bot, front);
    return { leads, handled, bot, url: `${front.origin}/chat/webhooks/leads` };
  };

  test('while accept is held back, so is the answer', async () => {
    let begun = (): void => {};
    const asked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { leads, url, bot, handled } = await accepting(async () => {
      begun();
      await held;
    });
    const order: string[] = [];
    const answered = send(url, await delivery(leads, 'hello')).then(({ status }) =>
      order.push(`answered ${status}`),
    );
    await asked;
    await send(url.replace('/webhooks/leads', '/healthz'), { method: 'GET' });
    expect(order).toEqual([]);

    order.push('accepted');
    release();
    await answered;
    expect(order).toEqual(['accepted', 'answered 200']);
    await bot.drain();
    expect(handled).toEqual(['hello']);
  });

  test('if accept fails, the answer is 503, and the next delivery is accepted', async () => {
    let failures = 1;
    const { leads, url, bot, handled } = await accepting(async () => {
      failures -= 1;
      if (failures >= 0) throw new ParleyError('ERR_UNAVAILABLE', 'The disk is full.');
    });
    const event = await delivery(leads, 'hello');
    const refused = await send(url, event);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.body).not.toContain('disk');
    expect(handled).toEqual([]);

    expect(await send(url, event)).toMatchObject({ status: 200 });
    await bot.drain();
    expect(handled).toEqual(['hello']);
  });

  test('a bot that drains answers 503, so that the provider delivers elsewhere or later', async () => {
    const { leads, url, bot } = await accepting(async () => {});
    await bot.drain();
    expect(await send(url, await delivery(leads, 'hello'))).toMatchObject({ status: 503 });
  });
});
