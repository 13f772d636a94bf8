import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ParleyError } from '@parley/core';
import { isParleyError } from '@parley/core';
import fc from 'fast-check';
import * as t from 'io-ts';
import type { Decoder } from '../src/index.js';
import {
  calling,
  decode,
  decodeEach,
  isFresh,
  isSecret,
  nextLink,
  paginate,
  parseJson,
  parseLinkHeader,
  pathSegment,
  readAnswer,
  readJwtClaims,
  redact,
  redactPath,
  sameOriginTarget,
  verifyHmac,
} from '../src/index.js';

function failureOf(work: () => unknown): ParleyError {
  try {
    work();
  } catch (error) {
    if (isParleyError(error)) return error;
    throw error;
  }
  throw new Error('expected a ParleyError, nothing was thrown');
}

interface Message {
  id: string;
  text?: string | null;
}

const MessageCodec: t.Type<Message, Message, unknown> = t.intersection(
  [t.type({ id: t.string }), t.partial({ text: t.union([t.string, t.null]) })],
  'Message',
);
const EventCodec = t.type({ event: t.string, data: t.type({ message: MessageCodec }) }, 'Event');

describe('decode', () => {
  test('returns the value itself, unknown fields and all', () => {
    const value = { id: '1', text: null, extra: { a: 1 } };
    expect(decode(MessageCodec, value, 'GET /v2/messages')).toBe(value);
  });

  test('names paths and expected types, and never a value', () => {
    const value = { event: 'message.create', data: { message: { id: 31655501234, text: ['secret words'] } } };
    const error = failureOf(() => decode(EventCodec, value, 'webhook'));
    expect(error.code).toBe('ERR_UNEXPECTED_PAYLOAD');
    expect(error.problems).toEqual([
      'data.message.id: expected string',
      'data.message.text: expected string',
      'data.message.text: expected null',
    ]);
    expect(error.message).toBe(`webhook: not a Event: ${error.problems?.join('; ')}`);
  });

  test('shows no key of a record that may be somebody’s words', () => {
    const codec = t.record(t.string, t.string, 'Meta');
    const error = failureOf(() => decode(codec, { 'Noor Visser +31': 1, step: 2 }, 'meta'));
    expect(error.problems).toEqual(['…: expected string', 'step: expected string']);
  });

  test('says what the whole was to be if it is something else altogether', () => {
    expect(failureOf(() => decode(MessageCodec, 'secret', 'answer')).message).toBe(
      'answer: not a Message: expected { id: string }; expected Partial<{ text: (string | null) }>',
    );
  });

  test('decodes what a codec turns into something else, also where `is` would let it pass', () => {
    const trimmed = new t.Type<string, string, unknown>(
      'Trimmed',
      t.string.is,
      (value, context) => (typeof value === 'string' ? t.success(value.trim()) : t.failure(value, context)),
      (value) => value,
    );
    expect(decode(trimmed, ' a ', 'x')).toBe('a');
    expect(decode(t.exact(t.type({ a: t.number })), { a: 1, b: 2 }, 'x')).toEqual({ a: 1 });
  });

  test('asks `is` first and `decode` only to explain a refusal', () => {
    let decoded = 0;
    const counting: Decoder<Message> = {
      name: 'Counting',
      encode: t.identity,
      is: (value) => MessageCodec.is(value),
      decode: (value) => {
        decoded += 1;
        return MessageCodec.decode(value);
      },
    };
    decode(counting, { id: '1' }, 'x');
    expect(decoded).toBe(0);
    failureOf(() => decode(counting, {}, 'x'));
    expect(decoded).toBe(1);
  });

  test('asks `is` first of a codec that is composed of others as well', () => {
    const composed = t.type({ data: t.type({ messages: t.array(MessageCodec) }) }, 'Composed');
    const validate = composed.decode;
    let decoded = 0;
    const counting = Object.assign(composed, {
      decode: (value: unknown) => {
        decoded += 1;
        return validate(value);
      },
    });
    const value = { data: { messages: [{ id: '1' }] } };
    expect(decode(counting, value, 'x')).toBe(value);
    expect(decoded).toBe(0);
  });

  test('decodes what is composed of others if one of them changes its part', () => {
    const listed = t.type({ data: t.array(t.strict({ id: t.string })) });
    expect(decode(listed, { data: [{ id: '1', extra: 2 }] }, 'x')).toEqual({ data: [{ id: '1' }] });
  });

  test('agrees with io-ts on every value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const expected =
          EventCodec.decode(value)._tag === 'Right' || MessageCodec.decode(value)._tag === 'Right';
        const accepts = (codec: Decoder<unknown>) => {
          try {
            return decode(codec, value, 'x') === value;
          } catch {
            return false;
          }
        };
        return expected === (accepts(EventCodec) || accepts(MessageCodec));
      }),
    );
  });

  test('keeps the good items of a list, and says where the bad ones were', () => {
    const { items, rejected } = decodeEach(
      MessageCodec,
      [{ id: 'a' }, { id: 2 }, null, { id: 'd' }],
      'messages',
    );
    expect(items.map(({ id }) => id)).toEqual(['a', 'd']);
    expect(rejected.map(({ message }) => message.split(':')[0])).toEqual(['messages[1]', 'messages[2]']);
    expect(failureOf(() => decodeEach(MessageCodec, { items: [] }, 'messages')).problems).toEqual([
      'expected Array<Message>',
    ]);
  });
});

describe('an answer', () => {
  const request = { method: 'POST', path: '/v2/messages?email=ada@x.test', route: 'unsent' } as const;

  test('that cannot be read was carried out, so that the same may be asked again only if it is safe', () => {
    expect(readAnswer(MessageCodec, { id: 'm1' }, request)).toEqual({ id: 'm1' });
    const failure = failureOf(() => readAnswer(MessageCodec, { id: 'm1', text: 4 }, request));
    expect(failure.code).toBe('ERR_OUTCOME_UNKNOWN');
    expect(failure.message).toMatch(/^POST \/v2\/messages: not a Message: text: .*; it was carried out/);
    expect(failure.problems).toContain('text: expected string');
    const safe = failureOf(() => readAnswer(MessageCodec, {}, { ...request, route: 'safe' }));
    expect(safe.code).toBe('ERR_UNEXPECTED_PAYLOAD');
  });

  test('is asked for with what the caller wants, and nothing where they want nothing', () => {
    const { signal } = new AbortController();
    expect(calling({ signal, retry: false })).toStrictEqual({ signal, retry: false });
    expect([calling(undefined), calling({ retry: true })]).toStrictEqual([{}, {}]);
  });
});

describe('parseJson', () => {
  test('reads text and bytes, with a byte order mark or without', () => {
    expect(parseJson('{"a":"é"}', 'x')).toEqual({ a: 'é' });
    expect(parseJson(Buffer.from('\uFEFF{"a":"é"}'), 'x')).toEqual({ a: 'é' });
    expect(parseJson(new Uint8Array(Buffer.from('xx[1]')).subarray(2), 'x')).toEqual([1]);
  });

  test('quotes nothing of what it cannot read', () => {
    const error = failureOf(() => parseJson('hello secret world', 'webhook'));
    expect(error.code).toBe('ERR_UNEXPECTED_PAYLOAD');
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('secret');
    expect(error.message).toContain('webhook');
  });

  test.each([
    '{"a":1,"__proto__":{"admin":true}}',
    '{"a":1,"\\u005f_proto__":{"admin":true}}',
    '{"a":1,"__pr\\u006Fto__":{"admin":true}}',
  ])('drops the prototype that %s smuggles in', (text) => {
    const value = parseJson(text, 'x') as object;
    expect(Object.keys(value)).toEqual(['a']);
    expect(Object.assign({}, value)).not.toHaveProperty('admin');
  });

  test('agrees with JSON.parse on everything else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(text, 'x')).toEqual(JSON.parse(text));
      }),
    );
  });
});

test('a secret that comes as it is has to be one of ours, whole', () => {
  const secrets = ['new secret', 'älter'];
  expect(['new secret', 'älter'].map((given) => isSecret(given, secrets))).toEqual([true, true]);
  const others = ['', 'new', 'new secret ', 'new secreT', 'ålter', 'new secret\u0000'];
  expect(others.filter((given) => isSecret(given, secrets))).toEqual([]);
  for (const none of [[], ['', 'x']]) expect(failureOf(() => isSecret('', none)).code).toBe('ERR_CONFIG');
});

describe('verifyHmac', () => {
  const payload = Buffer.from('{"event":"message.create"}');
  const sign = (secret: string, body: Uint8Array = payload) =>
    createHmac('sha1', secret).update(body).digest('hex');
  const check = (signature: string | undefined, secrets = ['new', 'old']) =>
    verifyHmac({ algorithm: 'sha1', secrets, payload, signature });

  test('accepts any of several secrets, in upper case too', () => {
    expect(check(sign('new'))).toBe(true);
    expect(check(sign('old').toUpperCase())).toBe(true);
  });

  test.each([
    ['a wrong secret', sign('other')],
    ['a body changed by one byte', sign('new', Buffer.from('{"event":"message.creatf"}'))],
    ['nothing', undefined],
    ['an empty text', ''],
    ['a beginning', sign('new').slice(0, 20)],
    ['something after it', `${sign('new')}0`],
    ['more after it', `${sign('new')}zz`],
    ['no hexadecimal', 'z'.repeat(40)],
    ['a prefix', `sha1=${sign('new')}`],
    ['letters outside of ASCII', 'ａ'.repeat(40)],
  ])('refuses %s', (_, signature) => {
    expect(check(signature)).toBe(false);
  });

  test('refuses to work without a secret: everybody has that one', () => {
    for (const secrets of [[], [''], ['new', '']]) {
      expect(failureOf(() => check(createHmac('sha1', '').update(payload).digest('hex'), secrets)).code).toBe(
        'ERR_CONFIG',
      );
    }
  });

  // The vector of docs.crisp.chat, web hooks: "[" + timestamp + ";" + raw body + "]".
  test('signs in parts, as providers do who sign a time', () => {
    const body =
      '{"website_id":"3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61","event":"message:send","data":{"session_id":"session_0d9e8f7a-1b2c-4d3e-8f90-a1b2c3d4e5f6","content":"héllo"},"timestamp":1700000000000}';
    const signature = 'a49c02897583c2eb21c2b5c1566b54c61ae66599e2a2366daaeed32658eeaeba';
    const parts = ['[', '1700000000001', ';', Buffer.from(body), ']'];
    const secrets = ['0123456789abcdef'];
    expect(verifyHmac({ algorithm: 'sha256', secrets, payload: parts, signature })).toBe(true);
    expect(verifyHmac({ algorithm: 'sha256', secrets, payload: parts.slice(0, 4), signature })).toBe(false);
  });

  test('tells a fresh time from an old one, a far one and none', () => {
    const now = 1_700_000_000_000;
    expect([0, -300_000, 300_000].map((off) => isFresh(now + off, now))).toEqual([true, true, true]);
    expect([-300_001, 300_001, Number.NaN].map((off) => isFresh(now + off, now))).toEqual([
      false,
      false,
      false,
    ]);
    expect(isFresh(now - 2_000, now, 1_000)).toBe(false);
  });
});

describe('a Link header', () => {
  test('may hold commas and semicolons in URLs and quoted parameters', () => {
    const value =
      '<https://a.b/x?select=id,text;v=1>; title="a, <https://c.d>; rel=\\"next\\""; rel="prev", </y?a=[1,2]>; REL=next';
    expect(parseLinkHeader(value)).toEqual([
      { url: 'https://a.b/x?select=id,text;v=1', rel: 'prev' },
      { url: '/y?a=[1,2]', rel: 'next' },
    ]);
    expect(nextLink({ link: value })).toBe('/y?a=[1,2]');
  });

  test('may come twice, name several relations, or be missing', () => {
    expect(nextLink({ link: ['<https://a.b/1>; rel=first', '<https://a.b/2>; rel="last next"'] })).toBe(
      'https://a.b/2',
    );
    expect(nextLink({})).toBeUndefined();
    expect(nextLink({ link: '<https://a.b/1>; rel=prev' })).toBeUndefined();
  });

  test('that is none is an error: silence would lose the rest of the list', () => {
    expect(failureOf(() => parseLinkHeader('https://a.b/2; rel=next')).code).toBe('ERR_UNEXPECTED_PAYLOAD');
  });

  test('gives back every list of links', () => {
    const url = fc
      .webUrl({ withQueryParameters: true })
      .map((address) => `${address}${address.includes('?') ? '&' : '?'}s=a,b;c`);
    const title = fc.string().map((words) => words.replaceAll(/[^ -~]/g, ''));
    const link = fc.record({ url, rel: fc.constantFrom('next', 'prev', 'last'), title });
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 4 }), (links) => {
        const quoted = (words: string) => `"${words.replaceAll(/["\\]/g, '\\$&')}"`;
        const header = links.map((l) => `<${l.url}>; title=${quoted(l.title)}; rel="${l.rel}"`).join(', ');
        expect(parseLinkHeader(header)).toEqual(links.map(({ url, rel }) => ({ url, rel })));
      }),
    );
  });
});

describe('a URL from a provider', () => {
  const origin = 'https://api.example.com';

  test('is split if it is of the same origin, whole or relative', () => {
    expect(sameOriginTarget(origin, 'https://api.example.com/v2/x?a=%2B1#f', 'Link')).toEqual({
      path: '/v2/x',
      query: 'a=%2B1',
    });
    expect(sameOriginTarget(origin, '/v2/x', 'Link')).toEqual({ path: '/v2/x' });
    expect(sameOriginTarget(origin, 'https://api.example.com:443/v2/x', 'Link').path).toBe('/v2/x');
  });

  test.each([
    'https://evil.example/v2/x',
    '//evil.example/x',
    'http://api.example.com/x',
    'https://api.example.com:8443/x',
    'https://api.example.com@evil.example/x',
    'https://user:pass@api.example.com/x',
    '\\\\evil.example/x',
    'file:///etc/passwd',
    'http://169.254.169.254/latest',
  ])('is refused if it is %s', (url) => {
    expect(failureOf(() => sameOriginTarget(origin, url, 'Link')).code).toBe('ERR_UNEXPECTED_PAYLOAD');
  });

  test('and an id cannot leave its place in a path', () => {
    expect(pathSegment('a+b/c?x=1#h@example.com')).toBe('a%2Bb%2Fc%3Fx%3D1%23h%40example.com');
    for (const id of ['', '.', '..', 'half a face \ud83d'])
      expect(failureOf(() => pathSegment(id)).code).toBe('ERR_CONFIG');
  });
});

describe('a token', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64url');

  test('says what it claims, if it is a JSON Web Token', () => {
    expect(readJwtClaims(`${encode('{}')}.${encode('{"_id":"é","exp":1}')}.x`)).toEqual({ _id: 'é', exp: 1 });
  });

  test('says nothing if it is none, and pollutes nothing', () => {
    for (const token of [
      '',
      'abc',
      'a.b',
      'a.b.c',
      `a.${encode('[1]')}.c`,
      `a.${encode('null')}.c`,
      'a.b.c.d',
    ]) {
      expect(readJwtClaims(token)).toBeUndefined();
    }
    const claims = readJwtClaims(`a.${encode('{"__proto__":{"scope":"admin"},"exp":1}')}.c`);
    expect(claims?.scope).toBeUndefined();
    fc.assert(fc.property(fc.string(), (token) => void readJwtClaims(token)));
  });
});

describe('redact', () => {
  test.each([
    ['call +31 6 5550 1234 now', 'call … now'],
    ['phone 0655501234', 'phone …'],
    ['mail noor.visser@example.com', 'mail …'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: …'],
    ['bad jwt eyJhbGciOiJIUzI1NiJ9.eyJfaWQiOiIxIn0.c2ln', 'bad jwt …'],
    ['token=abc123&x=1', 'token=…&x=1'],
    ['{"secret": "hush"}', '{"secret": "…"}'],
    ['see https://a.b/c?phone=1', 'see https://a.b/c?…'],
    ['not allowed: "call me at no', 'not allowed: "…"'],
    ['Cast failed for value "call me at noon" at path', 'Cast failed for value "…" at path'],
    [`key ${'0f'.repeat(32)}`, 'key …'],
  ])('turns %j into %j', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  test.each([
    'Conversation 64d2c3b4a5968700143f1c10 not found',
    'jwt expired',
    'data.type should be equal to one of the allowed values',
    'session_0d9e8f7a-1b2c-4d3e-8f90-a1b2c3d4e5f6 is unknown',
    'limit must be <= 100',
  ])('leaves %j alone', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('takes out what was sent, wherever it is quoted back', () => {
    const sent = { contact: { name: 'Noor' }, messages: [{ text: 'a (b) [c] $&' }] };
    expect(redact('Noor: a (b) [c] $& is bad', sent)).toBe('…: … is bad');
    expect(redact('Noordwijk', sent)).toBe('Noordwijk');
  });

  test('is short, of one line, and quick on anything', () => {
    expect(redact('a\n\tb')).toBe('a b');
    fc.assert(
      fc.property(
        fc.string({ maxLength: 2000 }),
        fc.jsonValue(),
        (text, sent) => redact(text, sent).length <= 201,
      ),
    );
  });

  test('leaves a path without its query and without people', () => {
    expect(redactPath('/v2/people/a%40b.nl/x?telephone=%2B31655501234')).toBe('/v2/people/…/x');
    expect(redactPath('/v2/people/%2B31655501234')).toBe('/v2/people/…');
  });
});

describe('paginate', () => {
  const rows = Array.from({ length: 30 }, (_, n) => n);
  const page = (offset: number, limit: number) => ({ items: rows.slice(offset, offset + limit) });

  test('follows links', async () => {
    let fetched = 0;
    const items = paginate('/rows?offset=0', {
      fetchPage: async (url: string) => {
        fetched += 1;
        const offset = Number(new URLSearchParams(url.split('?')[1]).get('offset'));
        const link = offset + 10 < 30 ? `<https://a.b/rows?offset=${offset + 10}>; rel="next"` : undefined;
        return { ...page(offset, 10), headers: { link } };
      },
      next: ({ headers }) => {
        const url = nextLink(headers);
        return url === undefined ? undefined : url.replace('https://a.b', '');
      },
    });
    expect(await Array.fromAsync(items)).toEqual(rows);
    expect(fetched).toBe(3);
  });

  test('counts pages, moves offsets and hands cursors over', async () => {
    const byPage = paginate(1, {
      fetchPage: async (n: number) => page((n - 1) * 12, 12),
      next: ({ items }, n) => (items.length < 12 ? undefined : n + 1),
    });
    const byOffset = paginate(
      { offset: 0 },
      {
        fetchPage: async ({ offset }) => page(offset, 7),
        next: ({ items }, { offset }) => (items.length === 0 ? undefined : { offset: offset + 7 }),
      },
    );
    const byCursor = paginate<{ before?: number }, { items: number[]; status: number }>(
      {},
      {
        fetchPage: async ({ before = 30 }) => ({
          items: rows.slice(Math.max(0, before - 8), before).toReversed(),
          status: before > 8 ? 206 : 200,
        }),
        next: ({ items, status }) => (status === 206 ? { before: items.at(-1) } : undefined),
      },
    );
    expect(await Array.fromAsync(byPage)).toEqual(rows);
    expect(await Array.fromAsync(byOffset)).toEqual(rows);
    expect(await Array.fromAsync(byCursor)).toEqual(rows.toReversed());
  });

  test('fetches no page before it is asked for, and none after the limit', async () => {
    let fetched = 0;
    const items = paginate(0, {
      fetchPage: async (offset: number) => {
        fetched += 1;
        return page(offset, 10);
      },
      next: (_, offset) => offset + 10,
      limit: 10,
    });
    expect(fetched).toBe(0);
    expect(await Array.fromAsync(items)).toEqual(rows.slice(0, 10));
    expect(fetched).toBe(1);
  });

  test('ends where a server gives the same page for ever, or links to where it was', async () => {
    const same = paginate(1, { fetchPage: async () => page(0, 10), next: (_, n) => n + 1 });
    expect(await Array.fromAsync(same)).toEqual(rows.slice(0, 10));
    const circle = paginate(0, {
      fetchPage: async (n: number) => page(n, 10),
      next: (_, n) => (n + 10) % 30,
    });
    expect(await Array.fromAsync(circle)).toEqual(rows);
    const empty = paginate(0, { fetchPage: async () => ({ items: [] }), next: (_, n) => n + 1 });
    expect(await Array.fromAsync(empty)).toEqual([]);
  });

  test('rejects when the signal fires: a list cut short never looks complete', async () => {
    const stop = new AbortController();
    const items = paginate(0, {
      fetchPage: async (n: number) => page(n, 10),
      next: (_, n) => n + 10,
      signal: stop.signal,
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of items) {
        seen.push(item);
        if (item === 4) stop.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(seen).toHaveLength(5);
  });
});
