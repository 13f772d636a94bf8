import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBot, silentLog } from '@parley/core';
import { fakeAdapter } from '@parley/testing';
import { handle, serve } from '../src/index.js';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const aBot = () => createBot({ accounts: { leads: fakeAdapter() }, log: silentLog });

/** Writes bytes to a socket and returns all that comes back until the server closes it. */
async function untilClosed(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString('latin1');
  });
  // A server that has had enough may reset the connection: that is closed, too.
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

describe('serve', () => {
  test('starts the bot, says where it listens, and closes both', async () => {
    const bot = aBot();
    const server = await serve(bot, { port: 0 });
    expect(server.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(bot.state).toBe('running');
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);

    expect(await server.close()).toEqual({ drained: true, left: 0 });
    expect(bot.state).toBe('closed');
    await expect(fetch(`${server.origin}/healthz`)).rejects.toThrow();
    expect(await server.close()).toEqual({ drained: true, left: 0 });
  });

  test('says which port is taken, and leaves no bot running behind', async () => {
    const first = await serve(aBot(), { port: 0 });
    open.push(first);
    const port = Number(new URL(first.origin).port);
    const bot = aBot();
    await expect(serve(bot, { port })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(
        `127.0.0.1:${port}: something else listens there; choose another port`,
      ) as unknown,
    });
    expect(bot.state).toBe('closed');
  });

  test('closes the connection of a sender that never finishes its headers, or its body', async () => {
    const server = await serve(aBot(), { port: 0, requestTimeoutMs: 100 });
    open.push(server);
    const slow = [
      'POST /webhooks/leads HTTP/1.1\r\nhost: x\r\nx-slow: ',
      'POST /webhooks/leads HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nnot a hundred bytes',
    ];
    for (const bytes of slow) expect(await untilClosed(server.origin, bytes)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('closes a connection on which nothing moves, also when it is the answer that does not come', async () => {
    const stuck = Object.assign(aBot(), { webhook: () => new Promise<never>(() => {}) });
    const server = await serve(stuck, { port: 0, idleTimeoutMs: 100 });
    open.push(server);
    expect(await untilClosed(server.origin, '')).toBe('');
    const request = 'POST /webhooks/leads HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}';
    expect(await untilClosed(server.origin, request)).toBe('');
  });

  test('refuses headers that are too large', async () => {
    const server = await serve(aBot(), { port: 0 });
    open.push(server);
    const bytes = `GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await untilClosed(server.origin, bytes)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('is not ready while the engine does not answer, and says so', async () => {
    const bot = aBot();
    const broken = Object.assign(bot, {
      stats: () => Promise.reject(new Error('disk /var/lib/secret is gone')),
    });
    const server = await serve(broken, { port: 0 });
    open.push(server);
    const answer = await fetch(`${server.origin}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'not ready', reason: 'the engine does not answer' });
  });
});

describe('serve with signals', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A served bot in a process of its own, in the middle of a turn. */
  async function inTheMiddleOfATurn(drainTimeoutMs: number) {
    const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
    const child = fork(path('./served-process.ts'), [String(drainTimeoutMs)], {
      execArgv: [
        '--import',
        new URL('../../../scripts/on-sources.ts', import.meta.url).href,
        '--disable-warning=ExperimentalWarning',
      ],
    });
    children.push(child);
    const told: Record<string, unknown>[] = [];
    let wake = (): void => {};
    child.on('message', (message) => {
      told.push(message as Record<string, unknown>);
      wake();
    });
    const hear = async (key: string) => {
      for (;;) {
        const found = told.find((message) => key in message);
        if (found !== undefined) return found;
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          child.once('exit', (code) =>
            reject(new Error(`The process ended with ${code} before it told its ${key}`)),
          );
        });
      }
    };
    const { origin, headers, body } = (await hear('origin')) as {
      origin: string;
      headers: object;
      body: string;
    };
    const init = { method: 'POST', headers: headers as Record<string, string>, body };
    expect((await fetch(`${origin}/webhooks/leads`, init)).status).toBe(200);
    await hear('began');
    return { child, origin, told };
  }

  test('SIGTERM stops listening, lets the turn end and exits with 0', async () => {
    const { child, origin, told } = await inTheMiddleOfATurn(60_000);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const stillListens = () =>
      fetch(`${origin}/healthz`).then(
        () => true,
        () => false,
      );
    while (await stillListens());
    expect(child.exitCode).toBeNull();

    child.send('go on');
    expect(await ended).toEqual([0, null]);
    expect(told.at(-1)).toEqual({ said: ['done'] });
  });

  test('a turn that does not end in time is given up, and the exit code is 1', async () => {
    const { child } = await inTheMiddleOfATurn(50);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
  });

  test('a second signal ends the process at once', async () => {
    const { child, origin } = await inTheMiddleOfATurn(60_000);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    while (
      await fetch(`${origin}/healthz`).then(
        () => true,
        () => false,
      )
    );
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
  });
});

describe('handle', () => {
  test('stops reading a body as soon as it is too large', async () => {
    const bot = aBot();
    await bot.start();
    open.push(bot);
    let pulled = 0;
    let cancelled = false;
    const long = new ReadableStream({
      pull: (controller) => {
        pulled += 1;
        if (pulled === 100) controller.close();
        else controller.enqueue(new Uint8Array(1024));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const init = { method: 'POST', body: long, duplex: 'half' } as RequestInit;
    const answer = await handle(bot, { bodyLimitBytes: 10 * 1024 })(
      new Request('http://x/webhooks/leads', init),
    );

    expect(answer.status).toBe(413);
    expect(cancelled).toBe(true);
    expect(pulled).toBeLessThan(14);
  });

  test('does not read a body that says itself that it is too large', async () => {
    const bot = aBot();
    let cancelled = false;
    const unread = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    const headers = { 'content-length': '2000000' };
    const init = { method: 'POST', headers, body: unread, duplex: 'half' } as RequestInit;
    expect((await handle(bot)(new Request('http://x/webhooks/leads', init))).status).toBe(413);
    expect(cancelled).toBe(true);
  });

  test('answers a sender that hangs up in the middle, and stores nothing', async () => {
    const bot = aBot();
    await bot.start();
    open.push(bot);
    const cutOff = new ReadableStream({
      pull: (controller) => controller.error(new Error('the connection was reset')),
    });
    const init = { method: 'POST', body: cutOff, duplex: 'half' } as RequestInit;
    expect((await handle(bot)(new Request('http://x/webhooks/leads', init))).status).toBe(400);
    expect(await bot.stats()).toMatchObject({ pendingEvents: 0 });
  });
});
