import assert from 'node:assert/strict';
import type { Delivery } from '@parley/core';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { aGate, anEffect, said } from './scripted-host.js';

const SENT: Delivery = { kind: 'sent', at: '2026-01-01T12:00:00.000Z', messageId: 'leads:message-1' };
const error = { code: 'ERR_TEST', message: 'it was refused' };

export const outboxCases: EngineCase[] = [
  {
    name: 'started without turns, delivers effects and leaves events for who handles them',
    async check({ engine, host, stats, until }) {
      await engine.start(host, { turns: false });
      await engine.accept([said('for another')]);
      await engine.enqueue(anEffect('a1'));
      await until('the effect is delivered', () => host.deliveries.includes('a1'));
      await until('it is settled', async () => (await stats()).pendingEffects === 0);
      assert.deepEqual(host.turns, []);
      assert.equal((await stats()).pendingEvents, 1);
    },
  },
  {
    name: 'delivers the effects of a lane in order, one at a time, and other lanes meanwhile',
    async check({ engine, host, rest, until }) {
      const gate = aGate();
      host.onDeliver = (effect) => (effect.id === 'a1' ? gate.opened.then(() => SENT) : SENT);
      await engine.start(host);
      for (const id of ['a1', 'a2', 'a3']) await engine.enqueue(anEffect(id, 'a'));
      for (const id of ['b1', 'b2']) await engine.enqueue(anEffect(id, 'b'));
      await until('the other lane is done', () => host.deliveries.includes('b2'));
      assert.ok(!host.deliveries.includes('a2'), 'two effects of one lane left at once');
      gate.open();
      await rest();
      assert.deepEqual(
        host.deliveries.filter((id) => id.startsWith('a')),
        ['a1', 'a2', 'a3'],
      );
      assert.deepEqual(
        host.deliveries.filter((id) => id.startsWith('b')),
        ['b1', 'b2'],
      );
    },
  },
  {
    name: 'repeats a delivery that may be repeated, after the time it was told, before anything behind it',
    async check({ engine, host, rest, until }) {
      let firstAt = 0;
      let secondAt = 0;
      host.onDeliver = (effect, attempt) => {
        if (effect.id !== 'limited') return SENT;
        if (attempt > 1) {
          secondAt = engine.clock.now();
          return SENT;
        }
        firstAt = engine.clock.now();
        return { kind: 'retry', error, afterMs: 300 };
      };
      await engine.start(host);
      await engine.enqueue(anEffect('limited'));
      await engine.enqueue(anEffect('behind'));
      await engine.enqueue(anEffect('beside', 'l2'));
      await until('the other lane went on', () => host.deliveries.includes('beside'));
      await rest();
      assert.deepEqual(
        host.deliveries.filter((id) => id !== 'beside'),
        ['limited', 'limited', 'behind'],
      );
      assert.ok(secondAt - firstAt >= 300, 'it was repeated too early');
    },
  },
  {
    name: 'gives up an effect that was refused, keeps it with its cause, and sends the next one',
    async check({ engine, host, rest }) {
      host.onDeliver = (effect) => (effect.id === 'refused' ? { kind: 'failed', error } : SENT);
      await engine.start(host);
      await engine.enqueue(anEffect('refused'));
      await engine.enqueue(anEffect('next'));
      await rest();
      assert.deepEqual(host.deliveries, ['refused', 'next']);
      const [letter] = await engine.deadLetters.list();
      assert.deepEqual([letter?.kind, letter?.error], ['effect', error]);
      assert.ok(host.notices.some(({ name }) => name === 'effect.failed'));

      host.onDeliver = () => SENT;
      assert.equal(await engine.deadLetters.redrive(letter?.id ?? ''), true);
      await rest();
      assert.deepEqual(host.deliveries.slice(2), ['refused']);
    },
  },
  {
    name: 'gives up an effect after its tries',
    async check({ engine, host, rest }) {
      host.onDeliver = () => ({ kind: 'retry', error });
      await engine.start(host);
      await engine.enqueue(anEffect('hopeless'));
      await rest();
      assert.equal(host.deliveries.length, ENGINE_SETTINGS.maxDeliveryAttempts);
      assert.equal((await engine.deadLetters.list()).length, 1);
    },
  },
  {
    name: 'looks for an effect whose outcome is unknown, and never repeats one that was carried out',
    async check({ engine, host, rest }) {
      host.onDeliver = () => ({ kind: 'unknown', error });
      host.onLookUp = () => ({ kind: 'sent', at: SENT.at });
      await engine.start(host);
      await engine.enqueue(anEffect('arrived', 'l1', { keyed: true }));
      await rest();
      assert.deepEqual([host.deliveries, host.lookUps], [['arrived'], ['arrived']]);
      assert.equal((await engine.effect('arrived'))?.status, 'sent');
    },
  },
  {
    name: 'repeats an effect with an unknown outcome only if it certainly did not happen',
    async check({ engine, host, rest }) {
      host.onDeliver = ({ id }, attempt) =>
        id === 'lost' && attempt === 1 ? { kind: 'unknown', error } : SENT;
      host.onLookUp = () => ({ kind: 'absent' });
      await engine.start(host);
      await engine.enqueue(anEffect('lost'));
      await engine.enqueue(anEffect('behind'));
      await rest();
      assert.deepEqual(host.deliveries, ['lost', 'lost', 'behind']);
    },
  },
  {
    name: 'leaves an effect unknown that cannot be looked up, says so, and goes on',
    async check({ engine, host, rest }) {
      host.onDeliver = (effect) => (effect.id === 'who knows' ? { kind: 'unknown', error } : SENT);
      await engine.start(host);
      await engine.enqueue(anEffect('who knows', 'l1', { keyed: true }));
      await engine.enqueue(anEffect('behind'));
      await rest();
      assert.deepEqual(host.deliveries, ['who knows', 'behind']);
      assert.equal((await engine.effect('who knows'))?.status, 'unknown');
      assert.ok(host.notices.some(({ name }) => name === 'effect.unknown'));
    },
  },
  {
    name: 'says how long it knows a keyed effect that was settled, and knows it as long',
    async check({ engine, host, pass }) {
      assert.equal(engine.keyedTtlMs, ENGINE_SETTINGS.dedupeTtlMs);
      await engine.start(host);
      await engine.enqueue(anEffect('sent', 'l1', { keyed: true }));
      const { effect } = await engine.settled('sent');
      await pass(engine.keyedTtlMs / 2);
      assert.equal((await engine.enqueue(effect)).status, 'sent');
    },
  },
  {
    name: 'carries out a keyed effect once, however often it is enqueued',
    async check({ engine, host, rest }) {
      await engine.start(host);
      await engine.enqueue(anEffect('reminder', 'l1', { keyed: true }));
      await rest();
      const again = await engine.enqueue(anEffect('reminder', 'l1', { keyed: true }));
      assert.equal(again.status, 'sent');
      await rest();
      assert.deepEqual(host.deliveries, ['reminder']);
    },
  },
  {
    name: 'resolves settled once an effect is no longer queued, with the message id',
    async check({ engine, host, rest }) {
      const gate = aGate();
      host.onDeliver = () => gate.opened.then(() => SENT);
      await engine.start(host);
      await engine.enqueue(anEffect('settles', 'l1', { keyed: true }));
      let settled = false;
      const settling = engine.settled('settles').then((record) => {
        settled = true;
        return record;
      });
      await Promise.resolve();
      assert.equal(settled, false);
      gate.open();
      const { status, messageId } = await settling;
      assert.deepEqual([status, messageId], ['sent', 'leads:message-1']);
      await rest();
    },
  },
  {
    name: 'withholds what the host withholds, and says why',
    async check({ engine, host, rest }) {
      host.onDeliver = () => ({ kind: 'withheld', reason: 'a human took over' });
      await engine.start(host);
      await engine.enqueue(anEffect('too late'));
      await rest();
      const notice = host.notices.find(({ name }) => name === 'effect.withheld');
      assert.equal(notice?.name === 'effect.withheld' && notice.reason, 'a human took over');
      assert.deepEqual(await engine.deadLetters.list(), []);
    },
  },
  {
    name: 'limits an account whoever asks, in the order of asking',
    async check({ engine, until }) {
      const rate = { requests: 2, perMs: 100 };
      const one = engine.limiter('leads', rate);
      const other = engine.limiter('leads', { requests: 1_000, perMs: 1 });
      const passed: string[] = [];
      const at: number[] = [];
      for (const [index, limiter] of [one, other, one, other, one].entries()) {
        const go = (): void => {
          passed.push(`n${index}`);
          at.push(engine.clock.now());
        };
        const waiting = limiter.acquire();
        if (waiting === undefined) go();
        else void waiting.then(go);
      }
      await until('all went through', () => passed.length === 5);
      assert.deepEqual(passed, ['n0', 'n1', 'n2', 'n3', 'n4']);
      for (const [index, moment] of at.slice(2).entries())
        assert.ok(moment - (at[index] as number) >= rate.perMs - 1);
    },
  },
  {
    name: 'lets a delivery end when it drains',
    async check({ engine, host, until }) {
      const gate = aGate();
      let ended = false;
      host.onDeliver = () =>
        gate.opened.then(() => {
          ended = true;
          return SENT;
        });
      await engine.start(host);
      await engine.enqueue(anEffect('on its way'));
      await until('it left', () => host.deliveries.length === 1);
      const draining = engine.drain({ timeoutMs: 60_000 });
      gate.open();
      assert.deepEqual(await draining, { drained: true, left: 0 });
      assert.equal(ended, true);
    },
  },
];
