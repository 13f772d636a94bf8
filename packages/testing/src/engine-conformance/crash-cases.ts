import assert from 'node:assert/strict';
import type { Delivery, TurnResult } from '@parley/core';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { aGate, anEffect, DONE, failed, said } from './scripted-host.js';
import { anEffectIn, aTimerIn } from './time-cases.js';

const never = new Promise<never>(() => {});
const SENT: Delivery = { kind: 'sent', at: '2026-01-01T12:00:00.000Z', messageId: 'leads:message-1' };
const counted = (before: string | undefined, version: number): TurnResult => ({
  kind: 'done',
  writes: [{ scope: 'leads:c1', kind: 'session', value: String(Number(before ?? 0) + 1), version }],
  effects: [anEffect(`after ${before ?? 0}`)],
});

/** Each cuts the engine off at a moment of its own and goes on with another one on the same data. */
export const crashCases: EngineCase[] = [
  {
    name: 'handles after a crash, in order, what it had accepted',
    async check({ engine, crash }) {
      const texts = Array.from({ length: 20 }, (_, index) => `n${index}`);
      await engine.accept(texts.slice(0, 10).map((text) => said(text)));
      for (const text of texts.slice(10)) await engine.accept([said(text)]);
      const next = await crash();
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual(
        next.tries(),
        texts.map((text) => `${text} 1`),
      );
    },
  },
  {
    name: 'drops after a crash a redelivery of what it had accepted, handled or not',
    async check({ engine, host, rest, crash }) {
      const handled = said('handled');
      const waiting = said('waiting');
      await engine.start(host);
      await engine.accept([handled]);
      await rest();
      host.onTurn = () => never;
      await engine.accept([waiting]);
      const next = await crash();
      assert.deepEqual(await next.engine.accept([handled, waiting]), { accepted: 0, duplicates: 2 });
      await next.engine.start(next.host);
      await next.until('the waiting one is handled', () => next.host.turns.includes('waiting 1 ended'));
      await next.rest();
      assert.ok(!next.host.turns.some((line) => line.startsWith('handled')));
    },
  },
  {
    name: 'runs a turn again that a crash cut off, before what came behind it, and finds the effects it had recorded',
    async check({ engine, host, until, crash }) {
      host.onTurn = async (attempt) => {
        await attempt.record(
          anEffect('recorded', 'l1', { action: { kind: 'step', name: 's', result: '"first"' } }),
        );
        return never;
      };
      await engine.start(host);
      await engine.accept([said('cut off'), said('behind')]);
      await until('the turn runs', () => host.turns.includes('cut off 1'));
      await until('its effect is stored', async () => (await engine.effect('recorded')) !== undefined);

      const next = await crash();
      const found: unknown[] = [];
      next.host.onTurn = async (attempt, text) => {
        if (text === 'behind') return DONE;
        const record = await attempt.record(
          anEffect('recorded', 'l1', { action: { kind: 'step', name: 's', result: '"second"' } }),
        );
        found.push(record.effect.action);
        return DONE;
      };
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual(found, [{ kind: 'step', name: 's', result: '"first"' }]);
      assert.deepEqual(
        next.tries().map((line) => line.replace(/ \d+$/, '')),
        ['cut off', 'behind'],
      );
    },
  },
  {
    name: 'has committed all of a turn or nothing of it when it crashes, and counts every event once',
    async check(bench) {
      let { engine, host, crash } = bench;
      const texts = Array.from({ length: 7 }, (_, index) => `n${index}`);
      await engine.accept(texts.map((text) => said(text)));
      const left: string[] = [];
      for (let round = 0; ; round += 1) {
        let runs = 0;
        host.onTurn = async (attempt) => {
          const [entry] = await attempt.readStates('leads:c1', ['session']);
          runs += 1;
          // Each life of the process handles a few and dies in the middle of the next one.
          if (round < 3 && runs > 2) return never;
          return counted(entry?.value, entry?.version ?? 0);
        };
        host.onLookUp = ({ id }) => (left.includes(id) ? { kind: 'sent', at: SENT.at } : { kind: 'absent' });
        host.onDeliver = ({ id }) => {
          left.push(id);
          return SENT;
        };
        await engine.start(host);
        if (round === 3) break;
        await bench.until('it is in the middle of a turn', () => runs > 2);
        bench = await crash();
        ({ engine, host, crash } = bench);
      }
      await bench.rest();
      assert.equal((await engine.readState('leads:c1', 'session'))?.value, '7');
      assert.deepEqual(
        left,
        texts.map((_, index) => `after ${index}`),
      );
    },
  },
  {
    name: 'looks after a crash for an effect that was on its way, and does not repeat one that arrived',
    async check({ engine, host, until, crash }) {
      host.onDeliver = () => never;
      await engine.start(host);
      await engine.enqueue(anEffect('on its way', 'l1', { keyed: true }));
      await engine.enqueue(anEffect('behind'));
      await until('it left', () => host.deliveries.length === 1);
      const next = await crash();
      next.host.onLookUp = () => ({ kind: 'sent', at: SENT.at, messageId: 'leads:message-1' });
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual([next.host.lookUps, next.host.deliveries], [['on its way'], ['behind']]);
      const record = await next.engine.effect('on its way');
      assert.deepEqual([record?.status, record?.messageId], ['sent', 'leads:message-1']);
    },
  },
  {
    name: 'repeats after a crash an effect that was on its way and did not arrive, before what was behind it',
    async check({ engine, host, until, crash }) {
      host.onDeliver = () => never;
      await engine.start(host);
      await engine.enqueue(anEffect('lost'));
      await engine.enqueue(anEffect('behind'));
      await until('it left', () => host.deliveries.length === 1);
      const next = await crash();
      next.host.onLookUp = () => ({ kind: 'absent' });
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual(next.host.deliveries, ['lost', 'behind']);
    },
  },
  {
    name: 'delivers after a crash, without a look, what had not begun to leave or was refused before',
    async check({ engine, host, until, crash }) {
      host.onDeliver = () => ({ kind: 'retry', error: { code: 'E', message: 'busy' }, afterMs: 60_000 });
      await engine.start(host);
      await engine.enqueue(anEffect('refused'));
      await engine.enqueue(anEffect('behind'));
      await until('it was refused', async () => (await engine.stats()).retries === 1);
      const next = await crash();
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual([next.host.lookUps, next.host.deliveries], [[], ['refused', 'behind']]);
    },
  },
  {
    name: 'sends nothing twice that was sent before a crash',
    async check({ engine, host, rest, crash }) {
      host.onTurn = async (attempt) => {
        await attempt.record(anEffect(`${attempt.turnId}#0.0`));
        return DONE;
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await engine.enqueue(anEffect('reminder', 'l2', { keyed: true }));
      await rest();
      const next = await crash();
      await next.engine.start(next.host);
      const again = await next.engine.enqueue(anEffect('reminder', 'l2', { keyed: true }));
      await next.rest();
      assert.equal(again.status, 'sent');
      assert.deepEqual([next.host.deliveries, next.host.lookUps, next.tries()], [[], [], []]);
    },
  },
  {
    name: 'keeps state, tokens and dead letters through a crash, with their versions and history',
    async check({ engine, host, rest, crash }) {
      host.onTurn = () => failed('it is broken');
      await engine.start(host);
      await engine.accept([said('poison')]);
      await engine.writeState({ scope: 'k', kind: 'x', value: '"kept"', version: 0 });
      await engine.tokens.set('leads', { token: 'a', refreshToken: 'b' });
      await rest();
      const before = await engine.deadLetters.list();
      const version = (await engine.readState('k', 'x'))?.version;
      const next = await crash();
      assert.deepEqual(await next.engine.deadLetters.list(), before);
      assert.deepEqual({ ...(await next.engine.readState('k', 'x')) }, { value: '"kept"', version });
      assert.deepEqual(await next.engine.tokens.get('leads'), { token: 'a', refreshToken: 'b' });
      await next.engine.start(next.host);
      assert.equal(await next.engine.deadLetters.redriveAll(), 1);
      await next.until('it is tried again', () => next.host.turns.includes('poison 1 ended'));
      await next.rest();
    },
  },
  {
    name: 'goes on counting the tries of an event where the crash was',
    async check({ engine, host, until, crash }) {
      host.onTurn = ({ attempt }) => (attempt === 1 ? failed('not yet') : never);
      await engine.start(host);
      await engine.accept([said('counted')]);
      await until('the second try runs', () => host.turns.includes('counted 2'));
      const next = await crash();
      next.host.onTurn = () => failed('not yet');
      await next.engine.start(next.host);
      await next.until('it is given up', async () => (await next.engine.deadLetters.list()).length === 1);
      assert.ok(next.tries().length < ENGINE_SETTINGS.maxAttempts, 'it was tried from the start');
    },
  },
  {
    name: 'fires a timer and sends a scheduled effect once, though it crashed before they were due',
    async check({ engine, host, crash }) {
      await engine.start(host);
      await engine.setTimer(aTimerIn(engine, 300, 'reminder'));
      await engine.enqueue(anEffectIn(engine, 300, 'later'));
      const next = await crash();
      await next.engine.start(next.host);
      await next.until('both came', () => next.host.turns.length > 0 && next.host.deliveries.length > 0);
      await next.pass(400);
      await next.rest();
      assert.deepEqual([next.tries(), next.host.deliveries], [['timer.fired 1'], ['later']]);
      const last = await next.crash();
      await last.engine.start(last.host);
      await last.pass(100);
      await last.rest();
      assert.deepEqual([last.tries(), last.host.deliveries], [[], []]);
    },
  },
  {
    name: 'knows nothing after a crash of what was erased before it',
    async check({ engine, crash }) {
      await engine.accept([said('erased', 'c1'), said('kept', 'c2')]);
      await engine.enqueue(anEffect('erased effect', 'c1', { keyed: true }));
      await engine.erase(['leads:c1']);
      const next = await crash();
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual([next.tries(), next.host.deliveries], [['kept 1'], []]);
    },
  },
  {
    name: 'leaves to the next start what it has not begun when it drains and closes',
    async check({ engine, host, until, crash }) {
      const gate = aGate();
      host.onTurn = () => gate.opened.then(() => DONE);
      await engine.start(host);
      await engine.accept([said('running'), said('waiting')]);
      await until('the turn runs', () => host.turns.includes('running 1'));
      const draining = engine.drain({ timeoutMs: 60_000 });
      gate.open();
      assert.deepEqual(await draining, { drained: true, left: 1 });
      await engine.close();
      const next = await crash();
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual(next.tries(), ['waiting 1']);
    },
  },
  {
    name: 'leaves to the next start an effect that has not begun to leave when it drains',
    async check({ engine, host, until, pass, crash }) {
      const gate = aGate();
      host.onDeliver = () => gate.opened.then(() => SENT);
      await engine.start(host);
      await engine.enqueue(anEffect('leaving'));
      await engine.enqueue(anEffect('waiting'));
      await until('the first one leaves', () => host.deliveries.length === 1);
      const draining = engine.drain({ timeoutMs: 60_000 });
      await pass(100);
      gate.open();
      assert.deepEqual(await draining, { drained: true, left: 1 });
      assert.deepEqual(host.deliveries, ['leaving']);
      await engine.close();
      const next = await crash();
      await next.engine.start(next.host);
      await next.rest();
      assert.deepEqual([next.host.lookUps, next.host.deliveries], [[], ['waiting']]);
    },
  },
];
