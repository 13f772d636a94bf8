import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { buildParley, MAIN, runParley } from './run-parley.js';

let running: ChildProcess[] = [];

beforeAll(() => buildParley(), 60_000);

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
});

// Far from UTC, so that a time without a zone cannot be right by accident.
const parley = (...args: string[]) => runParley(args, { running, env: { TZ: 'America/New_York' } });

describe('parley emulate web1on1', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'prints its credentials first, serves, and ends well on %s',
    async (signal) => {
      const { child, ended, firstLine } = parley('emulate', 'web1on1', '--port', '0', '--secret', 's3cret');
      const credentials = JSON.parse(await firstLine);
      expect(credentials).toMatchObject({
        provider: 'web1on1',
        origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        token: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/),
        refreshToken: expect.any(String),
        secret: 's3cret',
        organization: expect.stringMatching(/^[0-9a-f]{24}$/),
        botUser: expect.stringMatching(/^[0-9a-f]{24}$/),
        botEmail: `bot+${credentials.botUser}@web1on1.chat`,
      });
      const answer = await fetch(`${credentials.origin}/v2/users/${credentials.botUser}`, {
        headers: { authorization: `Bearer ${credentials.token}` },
      });
      expect([answer.status, ((await answer.json()) as { id: string }).id]).toEqual([
        200,
        credentials.botUser,
      ]);
      // An open connection does not hold up the end.
      const open = http.get(
        `${credentials.origin}/v2/users`,
        { agent: new http.Agent({ keepAlive: true }) },
        (response) => response.resume(),
      );
      await new Promise((resolve) => open.on('response', resolve));
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    },
  );

  // /proc is where a process can see who started it.
  test('ends with the npx that started it, which passes no signal on', async () => {
    const script = `
      process.title = 'npm exec pnpm emulate';
      const [node, main] = process.argv.slice(1);
      const command = '"$0" "$1" emulate web1on1; exit';
      require('node:child_process').spawn('sh', ['-c', command, node, main], { stdio: 'inherit' });
    `;
    const args = ['-e', script, '--', process.execPath, MAIN];
    const npx = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    running.push(npx);
    const line = await new Promise<string>((resolve) => createInterface(npx.stdout).once('line', resolve));
    const ended = new Promise((resolve) => npx.stdout.on('close', resolve));
    expect((await fetch(`${JSON.parse(line).origin}/_emulator/clock`)).status).toBe(200);
    npx.kill('SIGKILL');
    // The pipe closes when the last process that writes to it has gone.
    await ended;
    await expect(fetch(JSON.parse(line).origin)).rejects.toThrow('fetch failed');
  });

  test('invents new secrets at each start', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => JSON.parse(await parley('emulate', 'web1on1', '--port', '0').firstLine)),
    );
    for (const name of ['token', 'refreshToken', 'secret', 'adminPassword', 'botUser']) {
      expect(first[name]).not.toBe(second[name]);
    }
  });

  test('takes ids and switches', async () => {
    const organization = '64b1f0c2a7d3e90012c4aa01';
    const args = [
      '--organization',
      organization,
      '--expired-token',
      '403',
      '--strict-rotation',
      '--no-self-echo',
    ];
    const credentials = JSON.parse(await parley('emulate', 'web1on1', '--port=0', ...args).firstLine);
    expect(credentials.organization).toBe(organization);
    const switches = await (await fetch(`${credentials.origin}/_emulator/switches`)).json();
    expect(switches).toMatchObject({
      expiredToken: 403,
      strictRotation: true,
      selfEcho: false,
      deleteStatus: 204,
    });
  });

  test('takes times without a zone as UTC, wherever it runs', async () => {
    const { origin, token, organization } = JSON.parse(await parley('emulate', 'web1on1').firstLine);
    const headers = { authorization: `Bearer ${token}` };
    const found = async (after: string) => {
      const answer = await fetch(`${origin}/v2/organizations?id=${organization}&createdAt=>${after}`, {
        headers,
      });
      return ((await answer.json()) as unknown[]).length;
    };
    const minutesFromNow = (minutes: number) =>
      new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19);
    expect([await found(minutesFromNow(-10)), await found(minutesFromNow(10))]).toEqual([1, 0]);
  });
});

describe('parley emulate crisp', () => {
  test('prints its credentials first, and serves', async () => {
    const websiteId = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';
    const args = [
      '--tier',
      'website',
      '--website-id',
      websiteId,
      '--hook-secret',
      's3cret',
      '--message-batch',
      '7',
    ];
    const { child, ended, firstLine } = parley('emulate', 'crisp', '--port', '0', ...args);
    const credentials = JSON.parse(await firstLine);
    const { origin, rtmUrl, identifier, key } = credentials;
    expect(credentials).toMatchObject({
      provider: 'crisp',
      tier: 'website',
      websiteId,
      hookSecret: 's3cret',
    });
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(rtmUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/w\/\d+\/$/);
    expect(key).toMatch(/^[0-9a-f]{64}$/);

    const authorization = `Basic ${Buffer.from(`${identifier}:${key}`).toString('base64')}`;
    const answer = await fetch(`${origin}/v1/website/${websiteId}`, {
      headers: { authorization, 'x-crisp-tier': 'website' },
    });
    expect(await answer.json()).toMatchObject({ error: false, data: { website_id: websiteId } });
    const switches = await (await fetch(`${origin}/_emulator/switches`)).json();
    expect(switches).toMatchObject({ messageBatch: 7, limitStatus: 429 });
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 1]);
  });
});

describe('parley emulate chatinc', () => {
  test('prints its key first, and serves', async () => {
    const args = [
      '--api-key',
      'ck_test_51f0',
      '--balance',
      '1',
      '--not-on-whatsapp',
      '447700900199,+27821234567',
    ];
    const switches = ['--no-strict-buttons', '--read-rate', '0.25', '--list-envelope', 'bare'];
    const { child, ended, firstLine } = parley('emulate', 'chatinc', '--port', '0', ...args, ...switches);
    const credentials = JSON.parse(await firstLine);
    const { origin, apiKey } = credentials;
    expect(credentials).toEqual({
      provider: 'chatinc',
      origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      apiKey: 'ck_test_51f0',
    });
    const answer = await fetch(`${origin}/v1/retrieve/campaigns`, { headers: { authorization: apiKey } });
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    const told = async (path: string) => (await fetch(`${origin}/_emulator/${path}`)).json();
    expect(await told('balance')).toEqual({ balance: 1 });
    expect(await told('not-on-whatsapp')).toEqual(['447700900199', '27821234567']);
    expect(await told('switches')).toMatchObject({
      strictButtons: false,
      readRate: 0.25,
      listEnvelope: 'bare',
      approvalDelayMs: 0,
    });
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 1]);
  });
});

describe('parley emulate', () => {
  test('names the providers there are', async () => {
    const { code, stdout } = await parley('emulate', '--help').ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining('web1on1|crisp|chatinc')]);
  });

  test.each([
    [['emulate', 'nobody'], 2, 'Unknown command nobody'],
    [['emulate'], 2, 'No command specified'],
    [['emulate', 'web1on1', '--port', 'x'], 2, '--port must be a whole number from 0 to 65535'],
    [['emulate', 'web1on1', '--port', '70000'], 2, '--port must be a whole number from 0 to 65535'],
    [['emulate', 'web1on1', '--prot', '1'], 2, 'unknown option --prot'],
    [['emulate', 'web1on1', '--organization', 'mine'], 2, '--organization must be 24 hex characters'],
    [['emulate', 'web1on1', '--expired-token', '418'], 2, 'expected 401 or 403'],
    [['emulate', 'web1on1', '--webhook-id', 'x'], 2, 'expected delivery or event or service'],
    [['emulate', 'crisp', '--tier', 'king'], 2, '--tier must be one of user, website, plugin'],
    [['emulate', 'crisp', '--website-id', 'mine'], 2, '--website-id must be a UUID'],
    [['emulate', 'crisp', '--rate-limit', '0'], 2, '--rate-limit must be a whole number from 1'],
    [['emulate', 'crisp', '--limit-status', '418'], 2, 'expected 420 or 429'],
    [['emulate', 'crisp', '--message-batch', 'x'], 2, 'expected number from 1'],
    [['emulate', 'crisp', '--secret', 'x'], 2, 'unknown option --secret'],
    [['emulate', 'chatinc', '--balance', '-1'], 2, '--balance must be a whole number from 0'],
    [['emulate', 'chatinc', '--api-key', 'two words'], 2, '--api-key must be visible ASCII'],
    [['emulate', 'chatinc', '--not-on-whatsapp', 'mine'], 2, '--not-on-whatsapp must be phone numbers'],
    [['emulate', 'chatinc', '--read-rate', '2'], 2, 'switch "readRate": expected number from 0 to 1'],
    [['emulate', 'chatinc', '--list-envelope', 'x'], 2, 'expected seed or object or bare'],
    [['emulate', 'crisp', 'twice'], 2, 'unexpected "twice"'],
    [['frobnicate'], 2, 'Unknown command frobnicate'],
  ])('%j ends with %d and one line that says why', async (args, expectedCode, reason) => {
    const { code, stdout, stderr } = await parley(...args).ended;
    expect([code, stdout]).toEqual([expectedCode, '']);
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('says when the port is taken', async () => {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await parley('emulate', 'web1on1', '--port', String(port)).ended;
    await new Promise((resolve) => server.close(resolve));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`parley: port ${port} is in use; choose another, or --port 0 for any free one\n`);
  });
});
