import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memoryTokenStore } from '@parley/core';
import { isRejected } from '../src/auth.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;

beforeEach(async () => {
  stage = await startStage({ accessTokenLifetimeMs: 60 * 60_000 });
});
afterEach(() => stage.close());

/** Requests for a token that the emulator has seen. */
const renewals = () => stage.emulator.journal.requests({ path: '/v2/auth/token' });
const expire = () => stage.emulator.clock.advance(2 * 60 * 60_000);

describe('a token', () => {
  test('goes along as a bearer', async () => {
    await stage.open().api.users.get(stage.emulator.credentials.botUser);
    const [request] = stage.emulator.journal.requests({ method: 'GET' });
    expect(request?.headers.authorization).toBe('Bearer [redacted]');
    expect(renewals()).toHaveLength(0);
  });

  test('that has expired is renewed once for five calls at the same time, and all five are answered', async () => {
    const { api } = stage.open();
    expire();
    const { botUser } = stage.emulator.credentials;
    const users = await Promise.all([1, 2, 3, 4, 5].map(() => api.users.get(botUser)));
    expect(users.map(({ id }) => id)).toEqual(Array(5).fill(botUser));
    expect(renewals()).toHaveLength(1);
    expect(stage.notices).toEqual([{ name: 'account.renewed', expiresAt: expect.any(String) }]);
  });

  test('that the server refuses although its time is not up is renewed once for five calls', async () => {
    const { api } = stage.open();
    stage.emulator.rotateSigningKey();
    const users = await Promise.all(
      [1, 2, 3, 4, 5].map(() => api.users.get(stage.emulator.credentials.botUser)),
    );
    expect(users).toHaveLength(5);
    expect(renewals()).toHaveLength(1);
  });

  test('that has expired is also renewed where the server calls that 403', async () => {
    stage.emulator.switches.expiredToken = 403;
    const { api } = stage.open({ renewAheadMs: 0 });
    expire();
    await api.users.get(stage.emulator.credentials.botUser);
    expect(renewals()).toHaveLength(1);
  });

  test('is renewed once, not at every call, where the server refuses each new one as well', async () => {
    const { api } = stage.open();
    stage.emulator.faults.next({ route: 'GET /v2/users/:id', times: 10, kind: 'status', status: 401 });
    for (let call = 0; call < 3; call += 1) {
      const asked = api.users.get(stage.emulator.credentials.botUser);
      await expect(asked).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
    }
    expect(renewals()).toHaveLength(1);
  });

  test('is renewed ahead of its end', async () => {
    const { api } = stage.open({ renewAheadMs: 10 * 60_000 });
    stage.emulator.clock.advance(55 * 60_000);
    await api.users.get(stage.emulator.credentials.botUser);
    expect(renewals()).toHaveLength(1);
    expect(stage.emulator.journal.requests({ path: /users/ }).map(({ status }) => status)).toEqual([200]);
  });

  test('keeps the body of a request that had to be repeated after the renewal', async () => {
    const { conversationId } = await stage.emulator.contact({
      telephone: '+31655501234',
      channel: 'whatsapp',
    });
    const { api } = stage.open();
    stage.emulator.rotateSigningKey();
    const message = await api.conversations.post(conversationId, { text: 'Once', role: 'agent' });
    expect(message.text).toBe('Once');
    expect(stage.emulator.messages.list().filter(({ text }) => text === 'Once')).toHaveLength(1);
  });

  test('that may not do something is not renewed: a plain 403 says so', async () => {
    const { api } = stage.open({ checkPermissions: false });
    await expect(api.services.list()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN', status: 403 });
    expect(renewals()).toHaveLength(0);
  });

  test('without means to get another is reported as refused, with the remedy', async () => {
    const { api } = stage.open({ refreshToken: undefined });
    stage.emulator.rotateSigningKey();
    await expect(api.users.get(stage.emulator.credentials.botUser)).rejects.toMatchObject({
      code: 'ERR_AUTHENTICATION',
    });
    expect(renewals()).toHaveLength(0);
  });

  test('that is missing altogether is an error before anything is sent', async () => {
    const { api } = stage.open({ token: undefined, refreshToken: undefined, email: undefined });
    await expect(api.users.list()).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
    expect(stage.emulator.journal.entries).toHaveLength(0);
  });
});

describe('a refusal', () => {
  const answer = (status: number, message: string) => ({ status, headers: {}, body: { error: { message } } });

  test.each([
    [401, 'jwt expired', false, true],
    [401, 'No authorization token was found', false, true],
    [403, 'jwt expired', false, true],
    [403, 'Invalid token', false, true],
    [403, 'Permission Denied', true, true],
    [403, 'Permission Denied', false, false],
    [404, 'jwt expired', true, false],
  ])(
    '%i "%s", our clock saying expired: %s, is about the token: %s',
    (status, message, expired, expected) => {
      expect(isRejected(answer(status, message), expired)).toBe(expected);
    },
  );
});

describe('a refresh token', () => {
  test('is sent with the e-mail address, as the SDK of the platform does', async () => {
    const { api } = stage.open();
    expire();
    await api.users.get(stage.emulator.credentials.botUser);
    expect(renewals()).toMatchObject([
      { method: 'POST', body: { clientId: stage.emulator.credentials.botEmail, refreshToken: '[redacted]' } },
    ]);
  });

  test('is sent as a query where no e-mail address is known', async () => {
    const { api } = stage.open({ email: undefined });
    expire();
    await api.users.get(stage.emulator.credentials.botUser);
    expect(renewals()).toMatchObject([{ method: 'GET', status: 200 }]);
  });

  test('alone is enough', async () => {
    const { api } = stage.open({ token: undefined });
    await api.users.get(stage.emulator.credentials.botUser);
    expect(renewals()).toHaveLength(1);
  });

  test.each(['opaque', 'jwt'] as const)(
    'that has expired (%s) is tried once, for five calls, and gives one clear error',
    async (refreshTokenFormat) => {
      stage.emulator.switches.refreshTokenFormat = refreshTokenFormat;
      stage.emulator.switches.refreshTokenLifetimeMs = 60_000;
      const { token, refreshToken } = stage.emulator.issueTokens(stage.emulator.credentials.botUser);
      const { api } = stage.open({ token, refreshToken });
      expire();
      const results = await Promise.allSettled(
        [1, 2, 3, 4, 5].map(() => api.users.get(stage.emulator.credentials.botUser)),
      );
      for (const result of results) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_AUTHENTICATION' } });
      }
      await expect(api.users.list()).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
      expect(renewals()).toHaveLength(1);
      expect(stage.notices).toMatchObject([{ name: 'account.refused' }]);
    },
  );

  test('is replaced by the one that comes with each renewal', async () => {
    stage.emulator.switches.strictRotation = true;
    const { api } = stage.open();
    for (let round = 0; round < 3; round += 1) {
      expire();
      await api.users.get(stage.emulator.credentials.botUser);
    }
    expect(renewals().map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  test('is used once by two adapters that share a token store', async () => {
    stage.emulator.switches.strictRotation = true;
    const tokens = memoryTokenStore();
    const first = stage.open({}, { tokens });
    const second = stage.open({}, { tokens });
    expire();
    const { botUser } = stage.emulator.credentials;
    await Promise.all([first, second].flatMap(({ api }) => [api.users.get(botUser), api.users.get(botUser)]));
    expect(renewals()).toHaveLength(1);
    expire();
    await first.api.users.get(botUser);
    await second.api.users.get(botUser);
    expect(renewals()).toHaveLength(2);
  });

  test('is used once by two processes that share a token store', async () => {
    stage.emulator.switches.strictRotation = true;
    stage.emulator.rotateSigningKey();
    const { origin, token, refreshToken, botEmail: email } = stage.emulator.credentials;
    const folder = await mkdtemp(join(tmpdir(), 'parley-'));
    const options = JSON.stringify({ origin, token, refreshToken, email });
    const worker = join(import.meta.dirname, 'asking-process.ts');
    const run = promisify(execFile);
    const outputs = await Promise.all(
      [1, 2].map(() => run(process.execPath, [...onSources, worker, folder, options])),
    );
    await rm(folder, { recursive: true });
    expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['5', '5']);
    expect(renewals()).toHaveLength(1);
  });

  test('is used once by two accounts of one user, and in the store given by option', async () => {
    const tokenStore = memoryTokenStore();
    const first = stage.open({ tokenStore }, { account: 'leads' });
    const second = stage.open({ tokenStore }, { account: 'support' });
    expire();
    const { botUser } = stage.emulator.credentials;
    await Promise.all([first.api.users.get(botUser), second.api.users.get(botUser)]);
    expect(renewals()).toHaveLength(1);
  });
});

describe('a login', () => {
  const admin = () => {
    const { adminEmail: email, adminPassword: password } = stage.emulator.credentials;
    return { token: undefined, refreshToken: undefined, email, password };
  };

  test('happens at the first call, once, and tells who we are', async () => {
    const adapter = stage.open(admin());
    expect(stage.emulator.journal.entries).toHaveLength(0);
    const [services] = await Promise.all([adapter.api.services.list(), adapter.api.users.list()]);
    expect(services).toEqual([]);
    expect(renewals()).toMatchObject([{ method: 'POST', body: { password: '[redacted]' } }]);
    const contact = await adapter.contacts.create({ phone: '+31655501234' });
    expect(contact.organization).toBe(stage.emulator.credentials.organization);
  });

  test('carries a fresh one-time code', async () => {
    stage.emulator.switches.otp = '123456';
    const adapter = stage.open({ ...admin(), otp: async () => '123456' });
    await adapter.api.services.list();
    await expect(stage.open({ ...admin(), otp: '654321' }).api.services.list()).rejects.toMatchObject({
      code: 'ERR_AUTHENTICATION',
    });
  });

  test('follows a refresh token that is refused', async () => {
    const { adminToken: token, adminRefreshToken: refreshToken } = stage.emulator.credentials;
    const adapter = stage.open({ ...admin(), token, refreshToken });
    stage.emulator.clock.advance(400 * 24 * 60 * 60_000);
    await adapter.api.services.list();
    expect(renewals().map(({ status }) => status)).toEqual([401, 201]);
  });

  test('with a wrong password is one attempt and one clear error, without the password', async () => {
    const adapter = stage.open({ ...admin(), password: 'hunter2-is-wrong' });
    await expect(adapter.api.services.list()).rejects.toMatchObject({
      code: 'ERR_AUTHENTICATION',
      message: expect.not.stringContaining('hunter2'),
    });
    expect(renewals()).toHaveLength(1);
  });
});

/** Another process runs the sources as well. */
const onSources = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(import.meta.dirname, '../../../scripts/on-sources.ts'),
];
