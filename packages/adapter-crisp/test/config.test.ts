import { describe, expect, test } from '@jest/globals';
import { isParleyError } from '@parley/core';
import { anAccount } from '@parley/testing';
import { type CrispOptions, crisp, parley } from '../src/index.js';

const WEBSITE = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';
const GOOD: CrispOptions = { tier: 'website', identifier: 'id', key: 'sEcReT-key', website: WEBSITE };

/** What a wrong option is told with. */
function complaint(changes: Record<string, unknown>): string {
  try {
    crisp({ ...GOOD, ...changes });
  } catch (error) {
    if (isParleyError(error, 'ERR_CONFIG')) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('options', () => {
  test('that are wrong name themselves and what was expected, and never show a value', () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ tier: 'admin' }, /\{ tier \}.*"user", "website" or "plugin"/],
      [{ tier: undefined }, /\{ tier \}/],
      [{ key: undefined }, /\{ key \}.*both halves/],
      [{ identifier: undefined }, /\{ identifier \}.*both halves/],
      [{ key: '' }, /\{ key \}.*not empty/],
      [{ identifier: undefined, key: undefined }, /\{ identifier \}.*tier "website": identifier and key$/],
      [
        { tier: 'user', identifier: undefined, key: undefined },
        /\{ identifier \}.*identifier and key, or email and password$/,
      ],
      [{ identifier: 'id:entifier' }, /\{ identifier \}.*no colon/],
      [{ author: { nickname: 'Bot', avatar: 'bot.png' } }, /\{ author\.avatar \}.*URL/],
      [{ email: 'a@b.c', password: 'p' }, /\{ email \}.*only an operator/],
      [{ tier: 'user', email: 'a@b.c' }, /\{ password \}/],
      [{ tier: 'user', password: 'p' }, /\{ email \}/],
      [{ website: undefined }, /\{ website \}.*tier "website"/],
      [{ website: 'my-shop' }, /\{ website \}.*UUID/],
      [{ hookKey: 'too short' }, /\{ hookKey \}.*16 characters/],
      [{ hookKey: [] }, /\{ hookKey \}/],
      ...['+', '/', '&', '#', '%41', ' ', 'é'].map((odd): [Record<string, unknown>, RegExp] => [
        { hookKey: ['a-key-that_is.Long~enough', `sEcReT-long-enough-${odd}`] },
        /\{ hookKey \}.*only letters, digits and/,
      ]),
      [{ secret: ['', 'x'] }, /\{ secret \}.*not empty/],
      [{ hookWindowMs: 0 }, /\{ hookWindowMs \}.*number from 1/],
      [{ realtime: 'yes' }, /\{ realtime \}.*true or false/],
      [{ origin: 'http://api.crisp.chat' }, /\{ origin \}.*https/],
      [{ origin: 'https://api.crisp.chat/v1' }, /\{ origin \}.*without a path/],
      [{ rtmUrl: 'ws://app.relay.crisp.chat/w/1/' }, /\{ rtmUrl \}.*wss/],
      [{ rate: { requests: 0, perMs: 1000 } }, /\{ rate\.requests \}/],
      [{ reconnect: { firstMs: -1 } }, /\{ reconnect\.firstMs \}/],
      [{ reconnect: { first: 1 } }, /\{ reconnect\.first \}.*firstMs/],
      [{ author: { nickname: '' } }, /\{ author\.nickname \}/],
      [{ author: { nickname: 'Bot', avatar: 7 } }, /\{ author\.avatar \}/],
      [{ tokenStore: {} }, /\{ tokenStore \}.*withLock/],
      [{ webiste: WEBSITE }, /\{ webiste \}.*one of tier, /],
    ];
    for (const [changes, expected] of cases) {
      const told = complaint(changes);
      expect(told).toMatch(expected);
      expect(told).not.toContain('sEcReT');
    }
  });

  test('that are right are accepted, for every tier', () => {
    expect(complaint({})).toBe('accepted');
    expect(complaint({ hookKey: 'a-key-that_is.Long~enough' })).toBe('accepted');
    expect(complaint({ tier: 'plugin', website: undefined })).toBe('accepted');
    expect(
      complaint({ tier: 'user', identifier: undefined, key: undefined, email: 'a@b.c', password: 'p' }),
    ).toBe('accepted');
    for (const origin of [
      'http://127.0.0.1:4010',
      'http://[::1]:4010',
      'http://crisp:4010',
      'https://proxy.example.com/',
    ]) {
      expect(complaint({ origin })).toBe('accepted');
    }
  });
});

test('the socket is on where no hooks are configured, and where it is asked for', async () => {
  const hasFeed = async (changes: Partial<CrispOptions>): Promise<boolean> => {
    const adapter = crisp({ ...GOOD, ...changes }).open(anAccount());
    await adapter.close();
    return adapter.feed !== undefined;
  };
  expect(await hasFeed({})).toBe(true);
  expect(await hasFeed({ realtime: false })).toBe(false);
  expect(await hasFeed({ secret: 's' })).toBe(false);
  expect(await hasFeed({ hookKey: 'a-long-enough-key-for-this' })).toBe(false);
  expect(await hasFeed({ secret: 's', realtime: true })).toBe(true);
});

test('a config file finds the factory under the name parley', () => {
  expect(parley.adapter(GOOD)).toMatchObject({ provider: 'crisp' });
});
