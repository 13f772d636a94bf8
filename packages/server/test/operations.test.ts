import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { aMessage, anEvent, eventually, fakeAdapter } from '@parley/testing';
import { connectOperations, operationsOf, serve, serveOperations } from '../src/index.js';

let folder: string;
const open: { close(): Promise<unknown> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-operations-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that says it is the file `bot.db`. */
function fileEngine(file = join(folder, 'bot.db')) {
  writeFileSync(file, 'everything');
  const backup = async (to: string): Promise<void> => writeFileSync(to, readFileSync(file));
  return Object.assign(memoryEngine({ maxAttempts: 1 }), { file, backup });
}

/** A served bot whose handler fails while `broken.now`, with two dead letters of one conversation and one of another. */
async function servedBot() {
  const broken = { now: true };
  const handled: string[] = [];
  const leads = fakeAdapter();
  const bot = createBot({ accounts: { leads }, engine: fileEngine(), log: silentLog });
  bot.on('message.received', (turn) => {
    if (broken.now) throw new Error(`cannot handle "${turn.text}"`);
    handled.push(turn.text);
  });
  bot.onError(() => {});
  const server = await serve(bot, { port: 0 });
  open.push(server);
  for (const [conversation, words] of [
    ['1', 'first'],
    ['2', 'other'],
    ['1', 'second'],
  ] as const) {
    const message = aMessage({
      conversationId: `leads:${conversation}`,
      content: { kind: 'text', text: words },
    });
    await bot.engine.accept([
      anEvent('message.received', { conversationId: `leads:${conversation}`, message }),
    ]);
    const before = await bot.stats();
    await eventually(
      async () => (await bot.stats()).pendingEvents === 0,
      () => `${before.pendingEvents} still wait`,
    );
  }
  const operations = await connectOperations(join(folder, 'bot.db'));
  if (operations === undefined) throw new Error('nobody serves the operations');
  return { bot, server, broken, handled, operations };
}

describe('through the socket of a running bot', () => {
  test('another process reads the figures and sees the dead letters', async () => {
    const { bot, operations } = await servedBot();
    expect(await operations.stats()).toEqual({ ...(await bot.stats()), deadLetters: 3 });
    const all = await operations.listDeadLetters({});
    expect(all).toEqual(JSON.parse(JSON.stringify(await bot.deadLetters.list())));
    expect(await operations.listDeadLetters({ lane: 'leads:1', limit: 1 })).toEqual([all[0]]);
    expect(await operations.getDeadLetter(all[1]?.id ?? '')).toEqual(all[1]);
    expect(await operations.getDeadLetter('nobody')).toBeUndefined();
  });

  test('another process redrives one, drops one, redrives what is left of a conversation', async () => {
    const { broken, handled, operations } = await servedBot();
    broken.now = false;
    const [first, other] = await operations.listDeadLetters({});
    expect(await operations.dropDeadLetter(other?.id ?? '')).toBe(true);
    expect(await operations.redrive(first?.id ?? '')).toBe(true);
    expect(await operations.redrive(first?.id ?? '')).toBe(false);
    expect(await operations.redriveAll({ lane: 'leads:2' })).toBe(0);
    expect(await operations.redriveAll({ lane: 'leads:1' })).toBe(1);
    await eventually(
      () => handled.length === 2,
      () => `handled: ${handled.join()}`,
    );
    expect(handled).toEqual(['first', 'second']);
    expect(await operations.listDeadLetters({})).toEqual([]);
  });

  test('another process erases a conversation and copies the file', async () => {
    const { bot, operations } = await servedBot();
    expect(await operations.erase(['leads:1'])).toMatchObject({ deadLetters: 2 });
    expect((await bot.deadLetters.list()).map(({ lane }) => lane)).toEqual(['leads:2']);
    await operations.backup(join(folder, 'copy.db'));
    expect(readFileSync(join(folder, 'copy.db'), 'utf8')).toBe('everything');
    expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600);
    await expect(operations.backup(join(folder, 'copy.db'))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `${folder}/copy.db: there is a file already; name another`,
    });
    await expect(operations.backup(join(folder, 'missing/copy.db'))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `${folder}/missing/copy.db: it cannot be written (ENOENT); name another`,
    });
  });

  test('another process reads state and writes it, if nobody was faster', async () => {
    const { bot, operations } = await servedBot();
    const place = { scope: 'broadcast', kind: 'runs' };
    expect(await operations.readState('broadcast', 'runs')).toBeUndefined();
    const value = JSON.stringify(['x'.repeat(2_000_000)]);
    expect(await operations.writeState({ ...place, value, version: 0 })).toBe(true);
    expect(await operations.writeState({ ...place, value: 'other', version: 0 })).toBe(false);
    const entry = await operations.readState('broadcast', 'runs');
    expect(entry).toEqual(await bot.engine.readState('broadcast', 'runs'));
    expect(entry?.value).toBe(value);
    expect(await operations.writeState({ ...place, value: undefined, version: entry?.version ?? 0 })).toBe(
      true,
    );
    expect(await bot.engine.readState('broadcast', 'runs')).toBeUndefined();
  });

  test('an operation that fails says so by a code, without words of what is stored', async () => {
    const { bot, operations } = await servedBot();
    rmSync(join(folder, 'bot.db'));
    await expect(operations.backup(join(folder, 'copy.db'))).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: 'The operation failed (ENOENT).',
    });
    // Nothing that looks like a backup is left.
    expect(existsSync(join(folder, 'copy.db'))).toBe(false);
    const list = jest.spyOn(bot.engine.deadLetters, 'list').mockImplementation(() => {
      throw new Error('cannot read "my secret message"');
    });
    await expect(operations.listDeadLetters({})).rejects.toMatchObject({ message: 'The operation failed.' });
    list.mockRestore();
  });

  test('a bot of another version says that it does not know an operation', async () => {
    const { server } = await servedBot();
    const strange = (await connectOperations(join(folder, 'bot.db'))) as unknown as {
      stats: { call(): never };
    };
    expect(strange).toBeDefined();
    const answer = await ask(`${join(folder, 'bot.db')}.sock`, 'toString');
    expect(answer).toContain('404');
    expect(answer).toContain('another version');
    await server.close();
  });
});

/** What the socket answers to a bare request. */
async function ask(path: string, name: string): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect(path);
  socket.end(
    `POST /${name} HTTP/1.1\r\nhost: bot\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  );
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  await once(socket, 'close');
  return answer;
}

describe('the socket', () => {
  test('lies beside the file, is for its owner only, and goes with the bot', async () => {
    const { server, operations } = await servedBot();
    const path = join(folder, 'bot.db.sock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server.close();
    expect(existsSync(path)).toBe(false);
    expect(await connectOperations(join(folder, 'bot.db'))).toBeUndefined();
    await expect(operations.stats()).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
  });

  test('takes the place of one that a killed process left', async () => {
    const script =
      "require('node:net').createServer().listen(process.argv[1], () => process.send('listens'))";
    writeFileSync(join(folder, 'bot.db'), '');
    const path = join(folder, 'bot.db.sock');
    writeFileSync(join(folder, 'listen.cjs'), script.replace('process.argv[1]', 'process.argv[2]'));
    const killed = fork(join(folder, 'listen.cjs'), [path]);
    await once(killed, 'message');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(path)).toBe(true);
    expect(await connectOperations(join(folder, 'bot.db'))).toBeUndefined();
    const { operations } = await servedBot();
    expect(await operations.stats()).toMatchObject({ deadLetters: 3 });
  });

  test('is found through another name of the file', async () => {
    await servedBot();
    symlinkSync(join(folder, 'bot.db'), join(folder, 'link.db'));
    expect(await (await connectOperations(join(folder, 'link.db')))?.stats()).toMatchObject({
      deadLetters: 3,
    });
  });

  test('is not there for an engine that any process can open, nor where it is not wanted', async () => {
    expect(await serveOperations(memoryEngine())).toBeUndefined();
    const bot = createBot({ accounts: { leads: fakeAdapter() }, engine: fileEngine(), log: silentLog });
    open.push(await serve(bot, { port: 0, operations: false }));
    expect(existsSync(join(folder, 'bot.db.sock'))).toBe(false);
  });

  test('that cannot be made costs a warning, and the bot runs', async () => {
    const deep = join(folder, 'a'.repeat(100));
    mkdirSync(deep);
    const engine = fileEngine(join(deep, 'bot.db'));
    await expect(serveOperations(engine)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('start the process in the folder of the file'),
    });
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const bot = createBot({ accounts: { leads: fakeAdapter() }, engine, log: silentLog });
    open.push(await serve(bot, { port: 0 }));
    expect(written.mock.calls.map(([line]) => String(line)).join('')).toContain('cannot reach this bot');
    written.mockRestore();
    expect(bot.state).toBe('running');
  });

  test('of a file that is not there is an error', async () => {
    await expect(connectOperations(join(folder, 'no.db'))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: `There is no file ${folder}/no.db: no bot was started with it yet, or it is elsewhere: name it with its folder`,
    });
  });
});

test('an engine without a file cannot be copied, and says so', async () => {
  await expect(operationsOf(memoryEngine()).backup('/tmp/x')).rejects.toMatchObject({
    code: 'ERR_UNSUPPORTED',
  });
});
