import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Log, silentLog, type TurnResult } from '@parley/core';
import { anEvent } from '@parley/testing';
import { type SqliteEngine, sqlite } from '../src/index.js';
import { toSettings } from '../src/options.js';
import { openWork, type Work } from '../src/work.js';
import { copyOf } from './copy-of.js';
import { anEffect, scriptedHost } from './scripted-host.js';
import { steppingClock } from './stepping-clock.js';
import { tempFolder } from './temp-folder.js';

let folder: ReturnType<typeof tempFolder>;
let file: string;
let clock: ReturnType<typeof steppingClock>;
let work: Work | undefined;

beforeEach(() => {
  folder = tempFolder();
  file = folder.path('bot.db');
  clock = steppingClock();
});

afterEach(async () => {
  await work?.close();
  work = undefined;
  folder.remove();
});

/** An engine whose connection a test can get at, to have the disk refuse. */
const begin = (): Work => {
  work = openWork(file, toSettings({ clock, backoffMs: 10, maxBackoffMs: 10 }), () => silentLog);
  return work;
};

/** SQLite's own limit: at the present size, the disk is full. */
const fill = ({ store }: Work): void => {
  const pages = store.db.prepare('PRAGMA page_count').get()?.['page_count'];
  store.db.exec(`PRAGMA max_page_count = ${String(pages)}`);
};

describe.each<[string, RegExp, (work: Work) => void, (work: Work) => void]>([
  [
    'full',
    /bot\.db: the disk is full/,
    fill,
    ({ store }) => store.db.exec('PRAGMA max_page_count = 1000000'),
  ],
  [
    'read-only',
    /bot\.db: it is read-only/,
    ({ store }) => store.db.exec('PRAGMA query_only = ON'),
    ({ store }) => store.db.exec('PRAGMA query_only = OFF'),
  ],
])('while the disk is %s', (_name, reason, refuse, relent) => {
  const events = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      anEvent('message.received', { conversationId: `leads:${index}`, content: 'x'.repeat(3_000) }),
    );

  test('events are refused with the reason, and accepted again when it is not', async () => {
    const engine = begin();
    const host = scriptedHost();
    engine.start(host);
    refuse(engine);
    const refused = events(50);
    const accepting = engine.turns.accept(refused);
    const [[refusal]] = await Promise.all([Promise.allSettled([accepting]), clock.pass(0)]);
    expect(refusal).toMatchObject({
      reason: { code: 'ERR_UNAVAILABLE', message: expect.stringMatching(reason) },
    });
    expect(host.turns).toEqual([]);
    relent(engine);
    const again = engine.turns.accept(refused);
    await clock.pass(10);
    expect(await again).toEqual({ accepted: 50, duplicates: 0 });
    expect(host.turns).toHaveLength(50);
  });

  test('what runs is not lost: it goes on by itself, without a restart, and each thing once', async () => {
    const engine = begin();
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_fields, message) => warnings.push(message) };
    const gate = Promise.withResolvers<TurnResult>();
    const delivery = Promise.withResolvers<void>();
    const host = scriptedHost({
      log,
      turn: () => gate.promise,
      deliver: async () => {
        await delivery.promise;
        return { kind: 'sent', at: '' };
      },
    });
    engine.start(host);
    void engine.turns.accept(events(1));
    void engine.deliveries.enqueue(anEffect('leaving', { keyed: true }));
    await clock.pass(0);
    expect([host.turns.length, host.deliveries]).toEqual([1, ['leaving']]);

    refuse(engine);
    delivery.resolve();
    const value = 'x'.repeat(20_000);
    const writes = [{ scope: 'leads:0', kind: 'session', value, version: 0 }];
    gate.resolve({ kind: 'done', writes, effects: [anEffect('decided')] });
    await clock.pass(1_000);
    expect(engine.stats().pendingEvents).toBe(1);
    expect(engine.store.states.read('leads:0', ['session'])).toEqual([undefined]);
    expect(warnings).toContain('The storage refuses to write: trying again');

    relent(engine);
    await clock.pass(5_000);
    expect(engine.stats()).toMatchObject({ pendingEvents: 0, pendingEffects: 0, deadLetters: 0 });
    expect(engine.store.states.read('leads:0', ['session'])[0]?.value).toBe(value);
    expect([host.turns.length, host.deliveries]).toEqual([1, ['leaving', 'decided']]);
  });

  test('a timer that becomes due fires when it is over, once', async () => {
    const engine = begin();
    const host = scriptedHost();
    engine.start(host);
    const event = anEvent('message.received', { id: 'leads:timer', content: 'x'.repeat(8_000) });
    void engine.turns.setTimer({ scope: 'leads:1', name: 't', due: { at: clock.now() + 100, event } });
    void engine.deliveries.enqueue(
      anEffect('later', { notBefore: new Date(clock.now() + 100).toISOString() }),
    );
    await clock.pass(50);
    refuse(engine);
    engine.store.db.exec('PRAGMA query_only = ON');
    await clock.pass(3_000);
    expect([host.turns, host.deliveries]).toEqual([[], []]);
    engine.store.db.exec('PRAGMA query_only = OFF');
    relent(engine);
    await clock.pass(3_000);
    expect([host.turns, host.deliveries]).toEqual([['leads:timer'], ['later']]);
  });
});

describe('a clock that jumps back an hour', () => {
  test('neither stops turns, retries and deliveries nor lets a redelivery through', async () => {
    const engine = begin();
    let tries = 0;
    const host = scriptedHost({
      turn: () => {
        tries += 1;
        if (tries === 1) return { kind: 'failed', error: { code: 'Error', message: 'no' } };
        return { kind: 'done', writes: [], effects: [anEffect('answer')] };
      },
    });
    engine.start(host);
    const event = anEvent('message.received', { id: 'leads:1' });
    void engine.turns.accept([event]);
    await clock.pass(0);
    expect(tries).toBe(1);
    clock.jump(-3_600_000);
    await clock.pass(100);
    expect([tries, host.deliveries]).toEqual([2, ['answer']]);
    const again = engine.turns.accept([event, anEvent('message.received', { id: 'leads:2' })]);
    await clock.pass(0);
    expect(await again).toEqual({ accepted: 1, duplicates: 1 });
    expect(engine.stats()).toMatchObject({ pendingEvents: 0, oldestEventMs: 0 });
  });

  test('lets a timer fire once, at its time by the clock, and no state expire early', async () => {
    const engine = begin();
    const host = scriptedHost();
    engine.start(host);
    const event = anEvent('message.received', { id: 'leads:timer' });
    const at = clock.now() + 60_000;
    void engine.turns.setTimer({ scope: 'leads:1', name: 't', due: { at, event } });
    const { writer, states } = engine.store;
    void writer.write(() => states.write({ scope: 's', kind: 'x', value: '1', version: 0, expiresAt: at }));
    await clock.pass(30_000);
    clock.jump(-3_600_000);
    await clock.pass(3_600_000);
    expect(host.turns).toEqual([]);
    expect(states.read('s', ['x'])[0]?.value).toBe('1');
    await clock.pass(60_000);
    expect(host.turns).toEqual(['leads:timer']);
    expect(states.read('s', ['x'])).toEqual([undefined]);
  });
});

describe('a write-ahead log that was torn by a loss of power', () => {
  const ids = (engine: SqliteEngine): number => engine.stats().pendingEvents;

  test.each<[string, (wal: string) => void]>([
    ['ends in the middle of a commit', (wal) => truncateSync(wal, statSync(wal).size - 700)],
    [
      'ends in garbage',
      (wal) => writeFileSync(wal, Buffer.concat([readFileSync(wal), Buffer.alloc(9_000, 0xa5)])),
    ],
    [
      'has a damaged last page',
      (wal) => {
        const bytes = readFileSync(wal);
        bytes.fill(0x5a, bytes.length - 300);
        writeFileSync(wal, bytes);
      },
    ],
  ])('%s: everything before it is there', async (_name, damage) => {
    const engine = begin();
    for (let index = 0; index < 10; index += 1) {
      void engine.turns.accept([anEvent('message.received', { conversationId: `leads:${index}` })]);
      await clock.pass(0);
    }
    const before = copyOf(file, folder.path('before.db'));
    void engine.turns.accept([
      anEvent('message.received', { conversationId: 'leads:last', content: 'x'.repeat(3_000) }),
    ]);
    await clock.pass(0);
    const torn = copyOf(file, folder.path('torn.db'));
    expect(statSync(`${torn}-wal`).size).toBeGreaterThan(statSync(`${before}-wal`).size);
    damage(`${torn}-wal`);
    const next = sqlite(torn);
    expect(ids(next)).toBeGreaterThanOrEqual(10);
    expect(await next.accept([anEvent('message.received')])).toMatchObject({ accepted: 1 });
    await next.close();
  });

  test('a damaged database says so, and is not written to', () => {
    const engine = begin();
    void engine.turns.accept([anEvent('message.received')]);
    engine.store.writer.close();
    engine.store.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const damaged = folder.path('damaged.db');
    copyFileSync(file, damaged);
    const bytes = readFileSync(damaged);
    bytes.fill(0x5a, 110, 4_096);
    writeFileSync(damaged, bytes);
    expect(() => sqlite(damaged).stats()).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringMatching(/damaged\.db: .*backup/),
      }),
    );
    expect(readFileSync(damaged).equals(bytes)).toBe(true);
  });
});
