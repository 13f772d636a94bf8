import assert from 'node:assert/strict';
import type { Engine, TimerWrite } from '@parley/core';
import { anEvent } from '../builders.js';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { anEffect, DONE, failed, said } from './scripted-host.js';

const SCOPE = 'leads:c1';

/** An effect that is to leave `ms` milliseconds from now. */
export function anEffectIn(engine: Engine, ms: number, id: string, lane = 'l1') {
  return anEffect(id, lane, { notBefore: new Date(engine.clock.now() + ms).toISOString() });
}

/** A timer that fires `ms` milliseconds from now. */
export function aTimerIn(engine: Engine, ms: number, name: string): TimerWrite {
  const event = anEvent('timer.fired', { account: 'leads', conversationId: SCOPE, timer: { name } });
  return { scope: SCOPE, name, due: { at: engine.clock.now() + ms, event } };
}

export const timeCases: EngineCase[] = [
  {
    name: 'delivers a scheduled effect when it is due, not earlier, and lets others pass meanwhile',
    async check({ engine, host, rest, until, stats }) {
      let at = 0;
      host.onDeliver = ({ id }) => {
        if (id === 'later') at = engine.clock.now();
        return { kind: 'sent', at: new Date(engine.clock.now()).toISOString() };
      };
      await engine.start(host);
      const due = engine.clock.now() + 400;
      await engine.enqueue(anEffectIn(engine, 400, 'later'));
      await engine.enqueue(anEffect('now'));
      await rest();
      assert.deepEqual(host.deliveries, ['now']);
      assert.equal((await stats()).scheduled, 1);
      await until('it left', () => host.deliveries.includes('later'));
      await rest();
      assert.ok(at >= due, 'it left too early');
      assert.equal((await stats()).scheduled, 0);
    },
  },
  {
    name: 'delivers scheduled effects in the order of their times',
    async check({ engine, host, until }) {
      await engine.start(host);
      await engine.enqueue(anEffectIn(engine, 500, 'third'));
      await engine.enqueue(anEffectIn(engine, 200, 'first'));
      await engine.enqueue(anEffectIn(engine, 350, 'second'));
      await until('all left', () => host.deliveries.length === 3);
      assert.deepEqual(host.deliveries, ['first', 'second', 'third']);
    },
  },
  {
    name: 'withholds an effect that was cancelled in time, and says that it is too late for one that left',
    async check({ engine, host, rest, pass, until }) {
      await engine.start(host);
      await engine.enqueue({ ...anEffectIn(engine, 100, 'cancelled'), keyed: true });
      assert.equal(await engine.cancel('cancelled'), true);
      assert.equal(await engine.cancel('cancelled'), false);
      assert.equal(await engine.cancel('never heard of'), false);
      await engine.enqueue(anEffect('left', 'l1', { keyed: true }));
      await until('the other left', () => host.deliveries.includes('left'));
      await rest();
      assert.equal(await engine.cancel('left'), false);
      await pass(200);
      await rest();
      assert.deepEqual(host.deliveries, ['left']);
      assert.equal((await engine.effect('cancelled'))?.status, 'withheld');
    },
  },
  {
    name: 'fires a timer once, when it is due',
    async check({ engine, host, until, rest, pass, stats }) {
      await engine.start(host);
      const due = engine.clock.now() + 200;
      await engine.setTimer(aTimerIn(engine, 200, 'reminder'));
      assert.equal((await stats()).scheduled, 1);
      await until('it fired', () => host.turns.length > 0);
      assert.ok(engine.clock.now() >= due, 'it fired too early');
      await pass(300);
      await rest();
      assert.deepEqual(host.turns, ['timer.fired 1', 'timer.fired 1 ended']);
      assert.equal((await stats()).scheduled, 0);
    },
  },
  {
    name: 'fires the last of several timers of one name, and none that was cancelled',
    async check({ engine, host, until, pass, rest }) {
      const fired: string[] = [];
      host.onTurn = ({ event }) => {
        if (event.name === 'timer.fired') fired.push(event.id);
        return DONE;
      };
      await engine.start(host);
      await engine.setTimer(aTimerIn(engine, 100, 'reminder'));
      const second = aTimerIn(engine, 250, 'reminder');
      await engine.setTimer(second);
      await engine.setTimer(aTimerIn(engine, 150, 'other'));
      await engine.setTimer({ scope: SCOPE, name: 'other' });
      await until('it fired', () => fired.length > 0);
      await pass(200);
      await rest();
      assert.deepEqual(fired, [second.due?.event.id]);
    },
  },
  {
    name: 'sets the timers of a turn with its commit, and none of a try that failed',
    async check({ engine, host, until, pass, rest }) {
      const fired: string[] = [];
      host.onTurn = ({ event, attempt }) => {
        if (event.name === 'timer.fired') {
          fired.push(event.timer.name);
          return DONE;
        }
        if (attempt === 1) return failed('not yet');
        return { kind: 'done', writes: [], effects: [], timers: [aTimerIn(engine, 60, 'follow-up')] };
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await until('it fired', () => fired.length > 0);
      await pass(100);
      await rest();
      assert.deepEqual(fired, ['follow-up']);
    },
  },
  {
    name: 'accepts a redelivery of an event whose mark is older than the time it is kept, and no other',
    async check({ engine, host, rest, pass }) {
      const event = said('kept');
      await engine.start(host);
      await engine.accept([event]);
      await rest();
      await pass(ENGINE_SETTINGS.dedupeTtlMs / 2);
      assert.deepEqual(await engine.accept([event]), { accepted: 0, duplicates: 1 });
    },
  },
];
