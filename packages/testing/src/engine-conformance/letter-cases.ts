import assert from 'node:assert/strict';
import type { Engine } from '@parley/core';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { aGate, anEffect, contactIn, DONE, failed, said } from './scripted-host.js';
import { anEffectIn, aTimerIn } from './time-cases.js';

const { maxAttempts } = ENGINE_SETTINGS;

/** Somebody says something that can only be a dead letter. */
const hopeless = ['poison one', 'poison two', 'poison three'];

const stateOf = async (engine: Engine, scope: string) => (await engine.readState(scope, 'session'))?.value;

export const letterCases: EngineCase[] = [
  {
    name: 'keeps of a dead letter what was tried, when, and why it failed',
    async check({ engine, host, rest }) {
      host.onTurn = ({ attempt }) => failed(`reason ${attempt}`);
      await engine.start(host);
      await engine.accept([said('poison')]);
      await rest();
      const [letter] = await engine.deadLetters.list();
      assert.deepEqual(
        letter?.history.map(({ attempt, error }) => `${attempt} ${error.message}`),
        Array.from({ length: maxAttempts }, (_, index) => `${index + 1} reason ${index + 1}`),
      );
      for (const { at } of letter?.history ?? []) assert.ok(!Number.isNaN(Date.parse(at)));
      assert.equal(letter?.error.message, `reason ${maxAttempts}`);
      assert.equal(letter?.account, 'leads');
      assert.equal(letter?.lane, 'leads:c1');
      assert.ok(!Number.isNaN(Date.parse(letter?.acceptedAt ?? '')));
      assert.ok(!Number.isNaN(Date.parse(letter?.at ?? '')));
      assert.equal(letter?.kind === 'event' && letter.event.name, 'message.received');
    },
  },
  {
    name: 'lists dead letters oldest first, by account, lane and kind, and page by page',
    async check({ engine, host, rest }) {
      host.onTurn = () => failed('it is broken');
      host.onDeliver = () => ({ kind: 'failed', error: { code: 'ERR_REJECTED', message: 'no' } });
      await engine.start(host);
      for (const text of hopeless) {
        await engine.accept([said(text, 'c1')]);
        await rest();
      }
      await engine.accept([said('poison of another account', 'c1', { account: 'support' })]);
      await rest();
      await engine.enqueue(anEffect('refused', 'c1'));
      await rest();
      const list = async (query: Parameters<Engine['deadLetters']['list']>[0]) =>
        (await engine.deadLetters.list(query)).map((letter) => letter.id);
      const all = await list({});
      assert.equal(all.length, 5);
      assert.equal((await list({ lane: 'leads:c1' })).length, 4);
      assert.equal((await list({ account: 'support' })).length, 1);
      assert.deepEqual(await list({ kind: 'effect' }), ['refused']);
      const first = await list({ kind: 'event', limit: 2 });
      const second = await list({ kind: 'event', limit: 2, after: first[1] ?? '' });
      assert.deepEqual([...first, ...second], all.slice(0, 4));
    },
  },
  {
    name: 'redrives the events of a conversation in their old order, before what came later and has not begun',
    async check({ engine, host, rest, until, tries }) {
      const gate = aGate();
      let broken = true;
      host.onTurn = (_attempt, text) => {
        if (text === 'slow') return gate.opened.then(() => DONE);
        return broken ? failed('it is broken') : DONE;
      };
      await engine.start(host);
      await engine.accept(hopeless.map((text) => said(text)));
      await rest();
      broken = false;
      host.turns.length = 0;
      await engine.accept([said('slow'), said('last')]);
      await until('the next one runs', () => host.turns.includes('slow 1'));
      assert.equal(await engine.deadLetters.redriveAll({ lane: 'leads:c1' }), 3);
      assert.equal(await engine.deadLetters.redriveAll(), 0);
      gate.open();
      await rest();
      assert.deepEqual(
        tries(),
        ['slow', ...hopeless, 'last'].map((text) => `${text} 1`),
      );
    },
  },
  {
    name: 'redrives a failed effect at its old place, and remembers what became of it',
    async check({ engine, host, rest, until }) {
      const gate = aGate();
      let refuses = true;
      host.onDeliver = async ({ id }) => {
        if (id === 'slow') await gate.opened;
        if (id === 'refused' && refuses) return { kind: 'failed', error: { code: 'E', message: 'no' } };
        return { kind: 'sent', at: new Date(engine.clock.now()).toISOString() };
      };
      await engine.start(host);
      await engine.enqueue(anEffect('refused', 'l1', { keyed: true }));
      await rest();
      assert.equal((await engine.effect('refused'))?.status, 'failed');
      refuses = false;
      host.deliveries.length = 0;
      await engine.enqueue(anEffect('slow'));
      await until('the next one leaves', () => host.deliveries.includes('slow'));
      await engine.enqueue(anEffect('last'));
      assert.equal(await engine.deadLetters.redrive('refused'), true);
      gate.open();
      await rest();
      assert.deepEqual(host.deliveries, ['slow', 'refused', 'last']);
      assert.equal((await engine.effect('refused'))?.status, 'sent');
      assert.deepEqual(await engine.deadLetters.list(), []);
    },
  },
  {
    name: 'does not repeat, when an event is redriven, the effects that its turn has recorded',
    async check({ engine, host, rest }) {
      let broken = true;
      host.onTurn = async (attempt) => {
        await attempt.record(anEffect(`${attempt.turnId}#0.0`));
        return broken ? failed('it is broken') : DONE;
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await rest();
      broken = false;
      assert.equal(await engine.deadLetters.redriveAll(), 1);
      await rest();
      assert.equal(host.deliveries.length, 1);
    },
  },
  {
    name: 'counts what is tried again',
    async check({ engine, host, until, rest, stats }) {
      let broken = true;
      host.onTurn = () => (broken ? failed('not yet') : DONE);
      await engine.start(host);
      await engine.accept([said('waits')]);
      await until('it is tried again', async () => (await stats()).retries === 1);
      broken = false;
      await rest();
      assert.equal((await stats()).retries, 0);
    },
  },
  {
    name: 'erases everything of a contact and nothing of others',
    async check({ engine, host, rest, pass, tries, stats }) {
      host.onTurn = async (attempt, text) => {
        if (text.startsWith('poison')) return failed('it is broken');
        const scope = 'conversationId' in attempt.event ? attempt.event.conversationId : undefined;
        assert.ok(scope !== undefined);
        const subject = contactIn(scope.slice('leads:'.length));
        return {
          kind: 'done',
          writes: [{ scope, kind: 'session', value: '1', version: 0, subject }],
          effects: [],
        };
      };
      await engine.start(host);
      await engine.accept([
        said('hello', 'c1'),
        said('hello', 'c2'),
        said('poison', 'c1'),
        said('poison', 'c2'),
      ]);
      await rest();
      await engine.enqueue({ ...anEffectIn(engine, 5_000, 'later 1', 'c1'), keyed: true });
      await engine.enqueue({ ...anEffectIn(engine, 300, 'later 2', 'c2'), keyed: true });
      await engine.setTimer(aTimerIn(engine, 5_000, 'reminder'));

      const erased = await engine.erase([contactIn('c1')]);
      const { events, effects, states, timers, deadLetters } = erased;
      assert.deepEqual(
        { events, effects, timers, deadLetters },
        { events: 0, effects: 1, timers: 1, deadLetters: 1 },
      );
      assert.ok(states >= 1);
      assert.equal(await stateOf(engine, 'leads:c1'), undefined);
      assert.equal(await stateOf(engine, 'leads:c2'), '1');
      assert.equal(await engine.effect('later 1'), undefined);
      assert.deepEqual(
        (await engine.deadLetters.list()).map(({ lane }) => lane),
        ['leads:c2'],
      );
      assert.equal((await stats()).scheduled, 1);
      host.turns.length = 0;
      await pass(400);
      await rest();
      assert.deepEqual([host.deliveries, tries()], [['later 2'], []]);
    },
  },
  {
    name: 'withholds an effect that is erased while it waits for another try, and tells who waits for it',
    async check({ engine, host, until, pass, rest }) {
      host.onDeliver = ({ id }) =>
        id === 'busy'
          ? { kind: 'retry', error: { code: 'E', message: 'busy' }, afterMs: 500 }
          : { kind: 'sent', at: '2026-01-01T12:00:01.000Z' };
      await engine.start(host);
      await engine.enqueue(anEffect('busy', 'l1', { keyed: true }));
      const settled = engine.settled('busy');
      await until('it waits', async () => (await engine.stats()).retries === 1);
      const { effects } = await engine.erase(['leads:l1']);
      assert.equal(effects, 1);
      assert.equal((await settled).status, 'withheld');
      await engine.enqueue(anEffect('later'));
      await pass(600);
      await rest();
      assert.deepEqual(host.deliveries, ['busy', 'later']);
    },
  },
  {
    name: 'tells whoever waits for an effect that is erased in the moment in which it is refused',
    async check({ engine, host }) {
      host.onDeliver = (_effect, attempt) => {
        if (attempt > 1) return { kind: 'sent', at: '2026-01-01T12:00:01.000Z' };
        void engine.erase(['leads:l1']);
        return { kind: 'retry', error: { code: 'E', message: 'busy' }, afterMs: 10 };
      };
      await engine.start(host);
      await engine.enqueue(anEffect('refused', 'l1', { keyed: true }));
      const heard = await engine.settled('refused').catch(({ code }: { code: string }) => code);
      assert.ok(heard === 'ERR_NOT_FOUND' || (typeof heard === 'object' && heard.status !== 'queued'));
    },
  },
  {
    name: 'commits nothing of a turn whose contact is erased while it runs, and handles nothing behind it',
    async check({ engine, host, until, rest }) {
      const gate = aGate();
      host.onTurn = async (_attempt, text) => {
        if (text !== 'running') return DONE;
        await gate.opened;
        return {
          kind: 'done',
          writes: [{ scope: 'leads:c1', kind: 'session', value: '1', version: 0 }],
          effects: [anEffect('held', 'c1')],
        };
      };
      await engine.start(host);
      await engine.accept([said('running', 'c1'), said('behind', 'c1')]);
      await until('the turn runs', () => host.turns.includes('running 1'));
      const { events } = await engine.erase(['leads:c1']);
      assert.equal(events, 2);
      gate.open();
      await rest();
      assert.equal(await stateOf(engine, 'leads:c1'), undefined);
      assert.deepEqual(host.deliveries, []);
      assert.ok(!host.turns.includes('behind 1'));

      await engine.accept([said('a new beginning', 'c1')]);
      await until('it is handled', () => host.turns.includes('a new beginning 1 ended'));
    },
  },
];
