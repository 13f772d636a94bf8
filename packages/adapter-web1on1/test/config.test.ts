import { expect, test } from '@jest/globals';
import { standaloneAccount } from '@parley/adapter-kit';
import { memoryTokenStore, silentLog } from '@parley/core';
import { parley, type Web1on1Options, web1on1 } from '../src/index.js';

const jwt = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

test.each<[string, string, object]>([
  ['an unknown option', 'tokn', { tokn: 'x' }],
  ['a token that is no text', 'token', { token: 42 }],
  ['an empty token', 'token', { token: ' ' }],
  ['a refresh token (JWT) in place of the token', 'token', { token: jwt({ grant_type: 'refresh_token' }) }],
  [
    'a refresh token (opaque) in place of the token',
    'token',
    { token: `${'a'.repeat(24)}.${'b'.repeat(80)}` },
  ],
  [
    'an access token in place of the refresh token',
    'refreshToken',
    { refreshToken: jwt({ grant_type: 'access_token' }) },
  ],
  ['a password without an e-mail address', 'email', { password: 'x' }],
  ['an empty secret', 'secret', { secret: '' }],
  ['an empty secret among several', 'secret', { secret: ['a', ''] }],
  ['no secret among several', 'secret', { secret: [] }],
  ['an origin with a path', 'origin', { origin: 'https://api.web1on1.chat/v2' }],
  ['an origin that is not encrypted', 'origin', { origin: 'http://api.web1on1.chat' }],
  ['an origin that is no address', 'origin', { origin: 'api.web1on1.chat' }],
  ['an unknown role', 'role', { role: 'contact' }],
  ['an unknown filter', 'ignore.everything', { ignore: { everything: true } }],
  ['a filter that is no flag', 'ignore.self', { ignore: { self: 'yes' } }],
  ['filters that are no object', 'ignore', { ignore: true }],
  ['a rate of nothing', 'rate.requests', { rate: { requests: 0, perMs: 1000 } }],
  ['a rate without a span', 'rate.perMs', { rate: { requests: 20 } }],
  ['a time-out of nothing', 'timeoutMs', { timeoutMs: 0 }],
  ['a negative head start', 'renewAheadMs', { renewAheadMs: -1 }],
  [
    'a token store without locks',
    'tokenStore',
    { tokenStore: { ...memoryTokenStore(), withLock: undefined } },
  ],
  ['an one-time code that is a number', 'otp', { otp: 123456 }],
  ['a flag that is a text', 'keepRaw', { keepRaw: 'true' }],
  ['another flag that is a number', 'checkPermissions', { checkPermissions: 1 }],
])('refuses %s, naming %s and what was expected', (_what, place, options) => {
  expect(() => web1on1(options as Web1on1Options)).toThrow(
    expect.objectContaining({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(new RegExp(`^web1on1\\(\\{ ${place} \\}\\): expected `)),
      // What a config file puts its own place before.
      problems: [expect.stringMatching(new RegExp(`^${place}: expected `))],
    }),
  );
});

test('never shows a value, which may be a secret', () => {
  const secret = `${'a'.repeat(24)}.${'b'.repeat(80)}`;
  expect(() => web1on1({ token: secret })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('bbbb') }),
  );
});

test('takes every option it documents', async () => {
  const options: Required<Web1on1Options> = {
    token: 'b'.repeat(32),
    refreshToken: `${'a'.repeat(24)}.${'b'.repeat(80)}`,
    email: 'bot+64aa11bb22cc33dd44ee55ff@web1on1.chat',
    password: 'x',
    otp: () => '123456',
    organization: '64b1f0c2a7d3e90012c4aa01',
    secret: ['new', 'old'],
    origin: 'http://127.0.0.1:4010',
    role: 'bot',
    ignore: { self: true, bots: true, unjoined: true, assignedToOthers: true, disabled: false },
    keepRaw: true,
    tokenStore: memoryTokenStore(),
    renewAheadMs: 0,
    rate: { requests: 20, perMs: 1000 },
    timeoutMs: 10_000,
    checkPermissions: false,
  };
  const definition = web1on1(options);
  expect(definition.provider).toBe('web1on1');
  const adapter = definition.open(standaloneAccount('leads', { log: silentLog }));
  expect(adapter).toMatchObject({ provider: 'web1on1', account: 'leads' });
  expect(adapter).not.toHaveProperty('feed');
  expect(adapter.messages).not.toHaveProperty('typing');
  await adapter.close();
});

test.each([
  'http://emulator:4010',
  'http://localhost:4010',
  'http://[::1]:4010',
  'https://uat-api.chatshipper.com/',
])('may talk to %s', async (origin) => {
  await web1on1({ origin })
    .open(standaloneAccount('leads', { log: silentLog }))
    .close();
});

test('needs nothing to begin with: a secret alone can receive, and the log says that it can do no more', async () => {
  const lines: string[] = [];
  const log = { debug() {}, info() {}, warn: (_: object, line: string) => lines.push(line), error() {} };
  await web1on1({ secret: 's' }).open(standaloneAccount('leads', { log })).close();
  await web1on1({ token: 't' }).open(standaloneAccount('leads', { log })).close();
  expect(lines).toEqual([expect.stringContaining('nothing can be sent')]);
});

test('is found by a config file', () => {
  expect(parley).toEqual({ adapter: web1on1 });
});
