import { describe, expect, test } from '@jest/globals';
import {
  type AdapterDefinition,
  createBot,
  type Engine,
  Leases,
  memoryEngine,
  silentLog,
} from '@parley/core';
import { virtualClock } from '@parley/testing';
import { alone } from '../src/bot/alone.js';

function setUp() {
  const clock = virtualClock();
  const engine = memoryEngine({ clock });
  return { clock, engine, leases: () => new Leases(engine) };
}

const ELSEWHERE = { holder: 'another', host: 'elsewhere.example', pid: 1 };

describe('a lease', () => {
  test('is one holder’s, who may renew it, until it is released', async () => {
    const { leases } = setUp();
    const [one, other] = [leases(), leases()];
    expect([await one.hold('feed'), await other.hold('feed'), await one.hold('feed')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await other.hold('another feed')).toBe(true);
    await other.release('feed');
    expect(await other.hold('feed')).toBe(false);
    await one.release('feed');
    expect(await other.hold('feed')).toBe(true);
  });

  test('goes to one of those who want it at once', async () => {
    const { leases } = setUp();
    const all = Array.from({ length: 10 }, leases);
    const held = await Promise.all(all.map((one) => one.hold('feed')));
    expect(held.filter(Boolean)).toHaveLength(1);
  });

  test('of a holder on this machine that is gone is taken over at once', async () => {
    const { leases } = setUp();
    const [one, other] = [leases(), leases()];
    await one.hold('feed');
    one.close();
    expect(await other.hold('feed')).toBe(true);
  });

  test('of another machine is taken over when it has given no sign of life for six seconds', async () => {
    const { clock, engine, leases } = setUp();
    const mine = leases();
    const beat = async (beats: number) => {
      const version = (await engine.readState('lease', 'feed'))?.version ?? 0;
      await engine.writeState({
        scope: 'lease',
        kind: 'feed',
        value: JSON.stringify({ ...ELSEWHERE, beats }),
        version,
      });
    };
    for (let beats = 1; beats < 5; beats += 1) {
      await beat(beats);
      expect(await mine.hold('feed')).toBe(false);
      await clock.advance(4000);
    }
    expect(await mine.hold('feed')).toBe(false);
    await clock.advance(2000);
    expect(await mine.hold('feed')).toBe(true);
  });
});

describe('what one process does for all', () => {
  function worker(setting: ReturnType<typeof setUp>) {
    const stop = new AbortController();
    const leases = setting.leases();
    const state = { works: false };
    const begun = alone(leases, 'feed', setting.clock, stop.signal, async (signal) => {
      state.works = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      state.works = false;
    });
    return {
      state,
      leases,
      end: async () => {
        stop.abort();
        await (await begun).ended;
      },
    };
  }

  test('has begun when a bot has started, however long that takes to decide', async () => {
    const clock = virtualClock();
    const inner = memoryEngine({ clock });
    const listening = { begun: false };
    const feed = {
      async *events(signal: AbortSignal) {
        listening.begun = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        yield [];
      },
    };
    const account: AdapterDefinition = {
      provider: 'fake',
      open: ({ name }) => ({ provider: 'fake', account: name, api: {}, feed, close: async () => {} }),
    };
    const slow = async (scope: string, kind: string) => {
      for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
      return inner.readState(scope, kind);
    };
    const engine: Engine = Object.assign(Object.create(inner) as Engine, { shared: true, readState: slow });
    for (const name of ['start', 'drain', 'close', 'writeState', 'accept', 'limiter'] as const)
      Object.assign(engine, { [name]: (inner[name] as (...args: never[]) => unknown).bind(inner) });
    const bot = createBot({ accounts: { leads: account }, engine, log: silentLog });
    await bot.start();
    expect(listening.begun).toBe(true);
    await bot.close();
  });

  test('another one does when it ends', async () => {
    const setting = setUp();
    const one = worker(setting);
    await setting.clock.settle();
    const other = worker(setting);
    await setting.clock.advance(10_000);
    expect([one.state.works, other.state.works]).toEqual([true, false]);
    await one.end();
    await setting.clock.advance(2000);
    expect([one.state.works, other.state.works]).toEqual([false, true]);
    await other.end();
  });

  test('is let go of by who has lost the right to it', async () => {
    const setting = setUp();
    const one = worker(setting);
    await setting.clock.settle();
    expect(one.state.works).toBe(true);
    const { engine } = setting;
    const version = (await engine.readState('lease', 'feed'))?.version ?? 0;
    const value = JSON.stringify({ ...ELSEWHERE, beats: 1 });
    await engine.writeState({ scope: 'lease', kind: 'feed', value, version });
    await setting.clock.advance(2000);
    expect(one.state.works).toBe(false);
    await one.end();
  });

  test('goes on while nobody can be asked', async () => {
    const setting = setUp();
    const one = worker(setting);
    await setting.clock.settle();
    const hold = one.leases.hold.bind(one.leases);
    one.leases.hold = () => Promise.reject(new Error('the database is away'));
    await setting.clock.advance(10_000);
    expect(one.state.works).toBe(true);
    one.leases.hold = hold;
    await setting.clock.advance(2000);
    expect(one.state.works).toBe(true);
    await one.end();
    expect(one.state.works).toBe(false);
  });
});
