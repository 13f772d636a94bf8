import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '@parley/core';
import { anEvent, eventually } from '@parley/testing';
import { type SqliteEngine, type SqliteOptions, sqlite } from '../src/index.js';
import { child } from './child.js';
import { anEffect, DONE, scriptedHost } from './scripted-host.js';
import { steppingClock } from './stepping-clock.js';
import { tempFolder } from './temp-folder.js';

let folder: ReturnType<typeof tempFolder>;
let file: string;
const engines: SqliteEngine[] = [];

const open = (path = file, options: SqliteOptions = {}): SqliteEngine => {
  const engine = sqlite(path, options);
  engines.push(engine);
  return engine;
};

beforeEach(() => {
  folder = tempFolder();
  file = folder.path('bot.db');
});

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  folder.remove();
});

describe('the file', () => {
  test('is not touched before the first call, and is readable by its owner only', async () => {
    const engine = open();
    expect(readdirSync(folder.path('.'))).toEqual([]);
    await engine.accept([anEvent('message.received')]);
    for (const name of readdirSync(folder.path('.'))) {
      expect([name, statSync(folder.path(name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  test('keeps what was stored for the next engine that opens it', async () => {
    const engine = open();
    await engine.accept([anEvent('message.received', { id: 'leads:1' })]);
    await engine.close();
    const host = scriptedHost();
    const next = open();
    await next.start(host);
    await eventually(
      () => host.turns.length === 1,
      () => 'no turn began',
    );
    expect(host.turns).toEqual(['leads:1']);
    expect(await next.accept([anEvent('message.received', { id: 'leads:1' })])).toEqual({
      accepted: 0,
      duplicates: 1,
    });
  });

  test('never gives a version of state twice, also not to an entry that is made again after a restart', async () => {
    const versions: number[] = [];
    for (let life = 0; life < 3; life += 1) {
      const engine = open();
      await engine.writeState({ scope: 's', kind: 'x', value: '1', version: 0 });
      const version = engine.readState('s', 'x')?.version ?? 0;
      versions.push(version);
      expect(await engine.writeState({ scope: 's', kind: 'x', value: undefined, version })).toBe(true);
      await engine.close();
    }
    expect(new Set(versions).size).toBe(3);
  });

  test('says what is wrong with a path that cannot be a file of ours', () => {
    mkdirSync(folder.path('folder.db'));
    writeFileSync(folder.path('text.db'), 'this is a text, and no database at all. '.repeat(40));
    new DatabaseSync(folder.path('theirs.db')).exec('CREATE TABLE theirs (x)');
    const problems = [
      ['', /expected the path of a file/],
      [':memory:', /memoryEngine\(\)/],
      [folder.path('missing/bot.db'), /there is no folder .*missing/],
      [folder.path('folder.db'), /not a file/],
      [folder.path('text.db'), /no SQLite database/],
      [folder.path('theirs.db'), /belongs to another program/],
    ] as const;
    for (const [path, message] of problems) {
      const opening = (): unknown => open(path).stats();
      expect(opening).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringMatching(message) }),
      );
    }
  });

  test('of a newer version is refused, not guessed at', async () => {
    await open().accept([]);
    await engines.pop()?.close();
    new DatabaseSync(file).exec('PRAGMA user_version = 99');
    expect(() => open().stats()).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringMatching(/newer.*schema 99.*Update/),
      }),
    );
  });

  test('keeps its write-ahead log bounded', async () => {
    const engine = open(file, { synchronous: 'normal' });
    const value = 'x'.repeat(50_000);
    for (let scope = 0; scope < 1_600; scope += 1) {
      await engine.writeState({ scope: `s${scope}`, kind: 'x', value, version: 0 });
    }
    expect(statSync(file).size).toBeGreaterThan(45_000_000);
    expect(statSync(`${file}-wal`).size).toBeLessThan(40_000_000);
  });
});

describe('one engine at a time', () => {
  const refusal = (path: string): unknown => {
    try {
      open(path).stats();
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test('a second one in this process is refused, also by another name, until the first is closed', async () => {
    const first = open();
    first.stats();
    symlinkSync(file, folder.path('alias.db'));
    for (const path of [file, folder.path('alias.db')]) {
      expect(refusal(path)).toMatchObject({
        code: 'ERR_CONFLICT',
        message: expect.stringContaining('this process'),
      });
    }
    await first.accept([anEvent('message.received')]);
    await first.close();
    expect(open().stats().pendingEvents).toBe(1);
  });

  test('a second process is told who has the file, and gets it when that one is killed', async () => {
    const holder = child('holding-process.ts', file);
    await once(holder, 'message');
    expect(refusal(file)).toMatchObject({
      code: 'ERR_CONFLICT',
      message: expect.stringMatching(new RegExp(`${file}.*process ${holder.pid}.*engine-postgres`)),
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(refusal(file)).toBeUndefined();
  });

  test('a bot that starts waits for the process that has the file, and says so', async () => {
    const holder = child('holding-process.ts', file);
    await once(holder, 'message');
    const warned: unknown[] = [];
    const host = scriptedHost({ log: { ...silentLog, warn: (fields) => warned.push(fields) } });
    const starting = open().start(host);
    await eventually(
      () => warned.length > 0,
      () => 'nothing is said',
    );
    holder.kill('SIGKILL');
    await starting;
    expect(warned).toEqual([{ file, pid: holder.pid }]);
  });

  test('a bot that starts waits no longer than it was told, and not for its own process', async () => {
    const holder = child('holding-process.ts', file);
    await once(holder, 'message');
    const refused = { code: 'ERR_CONFLICT', message: expect.stringContaining(`process ${holder.pid}`) };
    await expect(open(file, { waitForFileMs: 1 }).start(scriptedHost())).rejects.toMatchObject(refused);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const other = folder.path('other.db');
    open(other).stats();
    await expect(open(other, { waitForFileMs: 2 ** 30 }).start(scriptedHost())).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
  });
});

describe('a backup', () => {
  test('of a running engine is a file of its own that opens as it is', async () => {
    const engine = open();
    const host = scriptedHost({ turn: () => new Promise(() => {}) });
    await engine.start(host);
    for (let index = 0; index < 300; index += 1) {
      await engine.writeState({ scope: `s${index}`, kind: 'x', value: 'x'.repeat(4_000), version: 0 });
    }
    await engine.accept([anEvent('message.received', { id: 'leads:1' })]);
    await expect(engine.backup(file)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    const copying = engine.backup(folder.path('backup.db'));
    const writing = engine.writeState({ scope: 'later', kind: 'x', value: 'x', version: 0 });
    await Promise.all([copying, writing]);
    expect(statSync(folder.path('backup.db')).mode & 0o077).toBe(0);
    const copy = open(folder.path('backup.db'));
    expect(copy.stats().pendingEvents).toBe(1);
    expect(copy.readState('s299', 'x')).toBeDefined();
    expect(await copy.accept([anEvent('message.received', { id: 'leads:1' })])).toMatchObject({
      duplicates: 1,
    });
  });

  test('that cannot be written says so', async () => {
    await expect(open().backup(folder.path('missing/backup.db'))).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('missing/backup.db'),
    });
  });
});

describe('what is deleted', () => {
  /** Every byte of the file and those beside it. */
  const bytes = (): string =>
    readdirSync(folder.path('.'))
      .map((name) => readFileSync(folder.path(name), 'latin1'))
      .join('');

  test('leaves no trace in the files once it is erased, wherever SQLite has moved it', async () => {
    const engine = open();
    const host = scriptedHost({
      turn: ({ event }) => {
        const scope = 'conversationId' in event ? event.conversationId : '';
        return scope === 'leads:ann'
          ? { kind: 'failed', error: { code: 'Error', message: 'no' } }
          : { kind: 'done', writes: [], effects: [] };
      },
    });
    await engine.start(host);
    const states: Record<string, string> = {};
    for (let round = 0; round < 40; round += 1) {
      for (const name of ['ann', 'bob']) {
        const scope = `leads:${name}`;
        const value = `${name}-secret `.repeat((round * 37) % 90);
        for (const kind of ['session', `dialog${round}`]) {
          const version = Number(states[`${scope} ${kind}`] ?? 0);
          await engine.writeState({ scope, kind, value, version });
          states[`${scope} ${kind}`] = String(engine.readState(scope, kind)?.version ?? 0);
        }
        const text = `${name}-secret ${'y'.repeat((round * 211) % 3_000)}`;
        await engine.accept([anEvent('message.received', { conversationId: scope, content: text })]);
        await engine.enqueue(anEffect(`${name}-secret-${round}`, { lane: scope, keyed: true }));
        const event = anEvent('message.received', { conversationId: scope, content: text });
        await engine.setTimer({ scope, name: `t${round}`, due: { at: Date.now() + 3_600_000, event } });
      }
    }
    await eventually(
      () => engine.stats().pendingEffects === 0,
      () => 'not all effects left',
    );
    expect(bytes()).toContain('ann-secret');
    const erased = await engine.erase(['leads:ann']);
    expect(erased).toMatchObject({ effects: 40, states: 41, timers: 40, events: 40 });
    await eventually(
      () => engine.stats().pendingEvents === 0,
      () => 'not all events are done',
    );
    expect(bytes().includes('ann-secret') || bytes().includes('leads:ann')).toBe(false);
    expect(bytes()).toContain('bob-secret');
  });

  test('is overwritten where it lies, also what is merely done', async () => {
    const engine = open();
    const host = scriptedHost();
    await engine.start(host);
    await engine.accept([anEvent('message.received', { content: 'a secret' })]);
    await eventually(
      () => engine.stats().pendingEvents === 0,
      () => 'the event is not done',
    );
    expect(bytes()).toContain('a secret');
    await engine.close();
    expect(bytes().includes('a secret')).toBe(false);
  });

  test('is what has expired, step by step, without being asked for', async () => {
    const clock = steppingClock();
    const engine = open(file, { clock, dedupeTtlMs: 10_000 });
    const host = scriptedHost();
    await engine.start(host);
    for (let index = 0; index < 2_500; index += 1) {
      const expiresAt = clock.now() + 10_000 + (index % 2) * 3_600_000_000;
      const writing = engine.writeState({ scope: `s${index}`, kind: 'x', value: 'x', version: 0, expiresAt });
      const accepting = engine.accept([anEvent('message.received', { conversationId: `leads:${index}` })]);
      const sending = engine.enqueue(anEffect(`e${index}`, { lane: `leads:${index}`, keyed: true }));
      if (index % 500 === 0) {
        await clock.pass(0);
        await Promise.all([writing, accepting, sending]);
      }
    }
    await clock.pass(1_000);
    expect(host.turns).toHaveLength(2_500);
    await clock.pass(700_000);
    await engine.close();
    const db = new DatabaseSync(file);
    const count = (table: string): unknown => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
    expect(['mark', 'effect', 'state', 'inbox'].map(count)).toEqual([0, 0, 1_250, 0]);
    db.close();
  });
});

test('the lock file stays, and the others go when the engine is closed in order', async () => {
  const engine = open();
  await engine.start(scriptedHost({ turn: () => DONE }));
  await engine.accept([anEvent('message.received')]);
  await engine.close();
  expect(readdirSync(folder.path('.')).toSorted()).toEqual(['bot.db', 'bot.db-lock']);
  expect(existsSync(join(folder.path('.'), 'bot.db-running'))).toBe(false);
  await expect(engine.accept([])).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
  expect(() => engine.stats()).toThrow(expect.objectContaining({ code: 'ERR_ABORTED' }));
});
