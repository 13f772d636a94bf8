import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountContext, AccountNotice, TokenPair, TokenStore } from '@parley/core';
import { isParleyError, memoryTokenStore, ParleyError } from '@parley/core';
import type { HttpResponse, Session, SessionOptions } from '../src/index.js';
import { bearer, createHttpClient, createSession, fileTokenStore, standaloneAccount } from '../src/index.js';
import { json, oddServer } from './odd-server.js';
import type { QuickClock } from './quick-clock.js';
import { quickClock } from './quick-clock.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let clock: QuickClock;
let tokens: TokenStore;
let notices: AccountNotice[];
let renewals: (TokenPair | undefined)[];

beforeEach(() => {
  clock = quickClock();
  tokens = memoryTokenStore();
  notices = [];
  renewals = [];
});

function account(more: Partial<AccountContext> = {}): AccountContext {
  const context = standaloneAccount('leads', {
    clock,
    tokens,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    onNotice: (notice) => notices.push(notice),
  });
  return { ...context, ...more };
}

/** A token that says when it was issued and when it ends. */
function jwt(name: string, endsInMs: number, issuedAgoMs = 0): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const claims = { name, iat: seconds(clock.now() - issuedAgoMs), exp: seconds(clock.now() + endsInMs) };
  return `${part({ alg: 'HS256' })}.${part(claims)}.c2ln`;
}

function session(more: Partial<SessionOptions> = {}): Session {
  return createSession({
    account: account(),
    key: 'leads',
    initial: { token: 'old', refreshToken: 'r0' },
    renew: async (pair) => {
      renewals.push(pair);
      return { token: `new${renewals.length}`, refreshToken: `r${renewals.length}` };
    },
    random: () => 0,
    ...more,
  });
}

const refused = (status = 401): HttpResponse => ({ status, headers: {}, body: undefined });

async function codeOf(promise: Promise<unknown> | string): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isParleyError(error)) return error.code;
  }
  return 'no error';
}

describe('a session', () => {
  test('gives a fresh token without a promise, from the second time on', async () => {
    const fresh = session();
    expect(await fresh.token()).toBe('old');
    expect(fresh.token()).toBe('old');
    expect(renewals).toEqual([]);
  });

  test('renews once for all who were refused at the same time, and stores the pair first', async () => {
    const stored: (TokenPair | undefined)[] = [];
    const watched: TokenStore = {
      ...tokens,
      set: async (key, pair) => {
        await tokens.set(key, pair);
        stored.push(pair);
        expect(notices).toEqual([]);
      },
    };
    const shared = session({ account: account({ tokens: watched }) });
    await shared.token();
    const got = await Promise.all(Array.from({ length: 5 }, () => shared.rejected('old')));
    expect(new Set(got)).toEqual(new Set(['new1']));
    expect(renewals).toEqual([{ token: 'old', refreshToken: 'r0' }]);
    expect(stored).toEqual([{ token: 'new1', refreshToken: 'r1' }]);
    expect(notices).toEqual([{ name: 'account.renewed' }]);
    expect(await shared.rejected('old')).toBe('new1');
    expect(renewals).toHaveLength(1);
  });

  test('keeps its refresh token where a renewal brings none', async () => {
    const lean = session({
      renew: async (pair) => {
        renewals.push(pair);
        return { token: `new${renewals.length}` };
      },
    });
    await lean.rejected('old');
    await lean.rejected('new1');
    expect(renewals.map((pair) => pair?.refreshToken)).toEqual(['r0', 'r0']);
  });

  test('takes over what another process has put into the store, without renewing', async () => {
    const [mine, theirs] = [session(), session()];
    await Promise.all([mine.token(), theirs.token()]);
    await theirs.rejected('old');
    expect(await mine.rejected('old')).toBe('new1');
    expect(renewals).toHaveLength(1);
  });

  test('renews once with others who share the store and were refused at the same moment', async () => {
    const sessions = [session(), session(), session()];
    for (const each of sessions) await each.token();
    const got = await Promise.all(sessions.map((each) => each.rejected('old')));
    expect(got).toEqual(['new1', 'new1', 'new1']);
    expect(renewals).toHaveLength(1);
  });

  test('starts from the store, where a pair outlives the process that renewed it', async () => {
    await session().rejected('old');
    expect(await session().token()).toBe('new1');
  });

  test('starts from the configuration where that holds other credentials than it did', async () => {
    await session().rejected('old');
    expect(await session({ initial: { token: 'typed in', refreshToken: 'r9' } }).token()).toBe('typed in');
  });

  test('renews ahead of the end, by its margin and a random part of it', async () => {
    const initial = { token: jwt('a', DAY), refreshToken: 'r0' };
    const ahead = session({ initial, aheadMs: 10 * MINUTE, random: () => 0.5 });
    await ahead.token();
    clock.pass(DAY - 11 * MINUTE - 1_000);
    expect(ahead.token()).toBe(initial.token);
    clock.pass(2_000);
    expect(await ahead.token()).toBe('new1');
  });

  test('does not renew a short token before four fifths of its life', async () => {
    const initial = { token: jwt('a', MINUTE), refreshToken: 'r0' };
    const short = session({ initial });
    await short.token();
    clock.pass(47_000);
    expect(short.token()).toBe(initial.token);
    clock.pass(2_000);
    expect(await short.token()).toBe('new1');
  });

  test('reads the end from expiresAt where the token does not tell', async () => {
    const expiresAt = new Date(clock.now() + DAY).toISOString();
    const opaque = session({ initial: { token: 'old', refreshToken: 'r0', expiresAt } });
    await opaque.token();
    clock.pass(DAY - 4 * MINUTE);
    expect(await opaque.token()).toBe('new1');
  });

  test('does not renew for ever if our clock says that every new token is over', async () => {
    const late = session({
      initial: { token: jwt('a', -DAY), refreshToken: 'r0' },
      renew: async (pair) => {
        renewals.push(pair);
        return { token: jwt('b', -DAY + MINUTE), refreshToken: 'r1' };
      },
    });
    for (let i = 0; i < 3; i += 1) await late.token();
    expect(renewals).toHaveLength(1);
  });

  test('whose renewal is refused says so once, and asks again only after the cool-down', async () => {
    let attempts = 0;
    const refusing = session({
      renew: async () => {
        attempts += 1;
        throw new ParleyError('ERR_AUTHENTICATION', 'POST /v2/auth/token answered 401: jwt expired');
      },
      coolDownMs: MINUTE,
    });
    await refusing.token();
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(refusing.rejected('old'))));
    expect(new Set(codes)).toEqual(new Set(['ERR_AUTHENTICATION']));
    expect(await codeOf(refusing.rejected('old'))).toBe('ERR_AUTHENTICATION');
    expect(attempts).toBe(1);
    expect(notices).toEqual([
      { name: 'account.refused', reason: expect.stringContaining('jwt expired. Put new credentials') },
    ]);
    clock.pass(MINUTE);
    await codeOf(refusing.rejected('old'));
    expect(attempts).toBe(2);
  });

  test('whose renewal was refused goes on as soon as somebody puts another pair into the store', async () => {
    const keys: string[] = [];
    const watched: TokenStore = {
      ...tokens,
      get: (key) => {
        keys.push(key);
        return tokens.get(key);
      },
    };
    const stuck = session({
      account: account({ tokens: watched }),
      renew: async () => {
        throw new ParleyError('ERR_REJECTED', 'no');
      },
    });
    expect(await codeOf(stuck.rejected('old'))).toBe('ERR_AUTHENTICATION');
    await tokens.set(keys[0] as string, { token: 'rescued', refreshToken: 'r9' });
    expect(await stuck.rejected('old')).toBe('rescued');
    expect(stuck.token()).toBe('rescued');
  });

  test('that cannot be renewed now is no refusal: a little later it is tried again', async () => {
    let attempts = 0;
    const flaky = session({
      renew: async () => {
        attempts += 1;
        if (attempts === 1) throw new ParleyError('ERR_OUTCOME_UNKNOWN', 'no answer');
        return { token: 'new', refreshToken: 'r1' };
      },
    });
    await flaky.token();
    expect(await codeOf(flaky.rejected('old'))).toBe('ERR_UNAVAILABLE');
    expect(await codeOf(flaky.rejected('old'))).toBe('ERR_UNAVAILABLE');
    expect(attempts).toBe(1);
    expect(notices).toEqual([]);
    clock.pass(5_000);
    expect(await flaky.rejected('old')).toBe('new');
  });

  test('uses a token to its end if it cannot be renewed ahead', async () => {
    const initial = { token: jwt('a', DAY), refreshToken: 'r0' };
    const offline = session({
      initial,
      renew: async () => {
        throw new ParleyError('ERR_UNAVAILABLE', 'offline');
      },
    });
    clock.pass(DAY - MINUTE);
    expect(await offline.token()).toBe(initial.token);
    clock.pass(2 * MINUTE);
    expect(await codeOf(offline.token())).toBe('ERR_UNAVAILABLE');
  });

  test('does not lose a new pair that the store does not take', async () => {
    let full = true;
    const picky: TokenStore = {
      ...tokens,
      set: async (key, pair) => {
        if (full) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
        await tokens.set(key, pair);
      },
    };
    const careful = session({ account: account({ tokens: picky }) });
    await careful.token();
    const failed = await careful.rejected('old').catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('ENOSPC') });
    full = false;
    clock.pass(5_000);
    expect(await careful.rejected('old')).toBe('new1');
    expect(renewals).toHaveLength(1);
  });

  test('without anything to renew with says so at its end', async () => {
    const fixed = session({ renew: undefined, initial: { token: jwt('a', MINUTE) } });
    expect(await fixed.token()).toMatch(/^ey/);
    clock.pass(2 * MINUTE);
    expect(await codeOf(fixed.token())).toBe('ERR_AUTHENTICATION');
  });

  test('may begin with nothing but a way to log in', async () => {
    const login = session({ initial: undefined });
    expect(await Promise.all([login.token(), login.token()])).toEqual(['new1', 'new1']);
    expect(renewals).toEqual([undefined]);
  });

  test('takes the failure of a renewal for its own, not for the outcome of what waits for it', async () => {
    const buggy = session({
      renew: async () => {
        throw new TypeError('secret-token is not a function');
      },
    });
    await buggy.token();
    const error = await buggy.rejected('old').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_AUTHENTICATION' });
    expect(`${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain('secret-token');
  });

  test('asks the adapter what a refusal is, and whether the token is over by our clock', async () => {
    const token = jwt('a', MINUTE);
    const asked: boolean[] = [];
    const picky = session({
      initial: { token, refreshToken: 'r0' },
      isRejected: (answer, expired) => {
        asked.push(expired);
        return answer.status === 401 || expired;
      },
    });
    await picky.token();
    expect(picky.isRejected(refused(403), token)).toBe(false);
    clock.pass(2 * MINUTE);
    expect(picky.isRejected(refused(403), token)).toBe(true);
    expect(asked).toEqual([false, true]);
  });
});

describe('requests with a session', () => {
  let closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(closers.map((close) => close()));
    closers = [];
  });

  async function provider(
    accepts: (authorization: string) => boolean,
    renewal = json({ token: 'new', refreshToken: 'r1' }),
  ) {
    const server = await oddServer();
    server.behave((response, seen, request) => {
      const answer =
        seen.url === '/token'
          ? renewal
          : accepts(seen.headers.authorization ?? '')
            ? json({ ok: 1 })
            : json({}, 401);
      answer(response, seen, request);
    });
    const context = account();
    const client = createHttpClient({
      origin: server.origin,
      account: context,
      authorize: bearer(
        createSession({
          account: context,
          key: 'leads',
          initial: { token: 'old', refreshToken: 'r0' },
          renew: async () =>
            (
              await client.request({
                method: 'POST',
                path: '/token',
                body: {},
                route: 'unsent',
                authorize: false,
                retry: false,
              })
            ).body as TokenPair,
        }),
      ),
    });
    closers.push(
      () => client.close(),
      () => server.close(),
    );
    const renewed = () => server.seen.filter(({ url }) => url === '/token').length;
    const say = () =>
      client.request({ method: 'POST', path: '/say', body: { n: 1 }, route: 'never', retry: false });
    return { server, say, renewed };
  }

  test('five at once with an expired token make one renewal and get five answers', async () => {
    const { server, say, renewed } = await provider((authorization) => authorization === 'Bearer new');
    const answers = await Promise.all([say(), say(), say(), say(), say()]);
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 5 }, () => ({ ok: 1 })));
    expect(renewed()).toBe(1);
    expect(server.seen.find(({ url }) => url === '/token')?.headers.authorization).toBeUndefined();
  });

  test('whose renewal is refused fail with one attempt and one clear error', async () => {
    const { say, renewed } = await provider(() => false, json({ error: 'jwt expired' }, 401));
    const codes = await Promise.all([say(), say(), say(), say(), say()].map(codeOf));
    codes.push(await codeOf(say()));
    expect(new Set(codes)).toEqual(new Set(['ERR_AUTHENTICATION']));
    expect(renewed()).toBe(1);
  });

  test('stop renewing when the new token is refused as well', async () => {
    const { say, renewed } = await provider(() => false);
    for (let i = 0; i < 4; i += 1) expect(await codeOf(say())).toBe('ERR_AUTHENTICATION');
    expect(renewed()).toBe(1);
    expect(notices.at(-1)).toMatchObject({ name: 'account.refused' });
  });

  test('are of known outcome when the renewal is not: they were not carried out', async () => {
    const { say } = await provider(
      () => false,
      (_response, _seen, request) => request.socket.resetAndDestroy(),
    );
    expect(await codeOf(say())).toBe('ERR_UNAVAILABLE');
  });
});

describe('the file token store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('keeps pairs by key, for its owner only, and leaves no drafts', async () => {
    const store = fileTokenStore(join(folder, 'tokens'));
    expect(await store.get('a/../b')).toBeUndefined();
    await store.set('a/../b', { token: 't', refreshToken: 'r' });
    await store.set('a b', { token: 'other' });
    expect(await fileTokenStore(join(folder, 'tokens')).get('a/../b')).toEqual({
      token: 't',
      refreshToken: 'r',
    });
    const files = await readdir(join(folder, 'tokens'));
    expect(files).toHaveLength(2);
    for (const file of files) expect((await stat(join(folder, 'tokens', file))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'tokens'))).mode & 0o777).toBe(0o700);
    await store.delete('a/../b');
    expect(await store.get('a/../b')).toBeUndefined();
  });

  test('lets one work at a time for a key, also after one has failed', async () => {
    const stores = [fileTokenStore(folder), fileTokenStore(folder)];
    let inside = 0;
    let most = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        (stores[n % 2] as TokenStore).withLock('a', async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
          if (n === 3) throw new Error('three');
          return n;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
  });

  test('makes two processes renew once', async () => {
    const server = await oddServer();
    const allRefused = Promise.withResolvers<void>();
    let refusals = 0;
    server.behave((response, seen, request) => {
      if (seen.url === '/token') {
        // Not before both processes know that they need it.
        const issued = json({ token: 'new', refreshToken: 'r1' });
        void allRefused.promise.then(() => issued(response, seen, request));
      } else if (seen.headers.authorization === 'Bearer new') {
        json({ ok: 1 })(response, seen, request);
      } else {
        json({}, 401)(response, seen, request);
        refusals += 1;
        if (refusals === 6) allRefused.resolve();
      }
    });
    const run = promisify(execFile);
    const worker = join(import.meta.dirname, 'renewing-process.ts');
    const outputs = await Promise.all(
      [0, 1].map(() => run(process.execPath, [...onSources, worker, server.origin, folder])),
    );
    await server.close();
    expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['200 200 200', '200 200 200']);
    expect(server.seen.filter(({ url }) => url === '/token')).toHaveLength(1);
  });

  test('takes a lock over from a process that was killed', async () => {
    const holder = fork(join(import.meta.dirname, 'holding-process.ts'), [folder], { execArgv: onSources });
    await once(holder, 'message');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = fileTokenStore(folder, { staleMs: 2_000 });
    expect(await store.withLock('leads', async () => 'mine')).toBe('mine');
  });
});

/** Child processes run the sources as well; Node strips the types, and the hook finds `.ts` behind `.js`. */
const onSources = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(import.meta.dirname, '../../../scripts/on-sources.ts'),
];
