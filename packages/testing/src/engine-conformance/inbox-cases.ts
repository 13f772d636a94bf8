import assert from 'node:assert/strict';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { aGate, DONE, failed, said } from './scripted-host.js';

const { maxAttempts } = ENGINE_SETTINGS;

export const inboxCases: EngineCase[] = [
  {
    name: 'has accepted an event before its turn has ended',
    async check({ engine, host, stats, rest, until }) {
      const gate = aGate();
      host.onTurn = () => gate.opened.then(() => DONE);
      await engine.start(host);
      assert.deepEqual(await engine.accept([said('hello')]), { accepted: 1, duplicates: 0 });
      await until('the turn began', () => host.turns.length === 1);
      assert.equal((await stats()).pendingEvents, 1, 'an event is done before its turn is');
      gate.open();
      await rest();
      assert.deepEqual(host.turns, ['hello 1', 'hello 1 ended']);
    },
  },
  {
    name: 'hands over after the start what it accepted before',
    async check({ engine, host, rest, pass }) {
      await engine.accept([said('early')]);
      await pass(50);
      assert.deepEqual(host.turns, []);
      await engine.start(host);
      await rest();
      assert.deepEqual(host.turns, ['early 1', 'early 1 ended']);
    },
  },
  {
    name: 'drops an event that it accepted before: in one batch, while its turn runs, and afterwards',
    async check({ engine, host, rest, tries }) {
      const event = said('once');
      await engine.start(host);
      assert.deepEqual(await engine.accept([event, { ...event }]), { accepted: 1, duplicates: 1 });
      assert.deepEqual(await engine.accept([event]), { accepted: 0, duplicates: 1 });
      await rest();
      assert.deepEqual(await engine.accept([structuredClone(event)]), { accepted: 0, duplicates: 1 });
      await rest();
      assert.deepEqual(tries(), ['once 1']);
    },
  },
  {
    name: 'keeps events apart that differ in their provider, conversation or id only',
    async check({ engine, host, rest, tries }) {
      const id = 'leads:event-x';
      await engine.start(host);
      const { accepted } = await engine.accept([
        said('a', 'c1', { id }),
        said('b', 'c2', { id }),
        said('c', 'c1', { id: 'leads:event-y' }),
        said('d', 'c1', { id, provider: 'another' }),
        said('e', 'c1', { id: 'support:event-x', account: 'support' }),
      ]);
      await rest();
      assert.equal(accepted, 5);
      assert.deepEqual(tries().sort(), ['a 1', 'b 1', 'c 1', 'd 1', 'e 1']);
    },
  },
  {
    name: 'accepts an event again once its mark has expired',
    async check({ engine, host, rest, pass, tries }) {
      const event = said('again');
      await engine.start(host);
      await engine.accept([event]);
      await rest();
      // Marks may be dropped in steps: a second period is granted.
      await pass(ENGINE_SETTINGS.dedupeTtlMs * 2 + 1);
      await engine.accept([event]);
      await rest();
      assert.deepEqual(tries(), ['again 1', 'again 1']);
    },
  },
  {
    name: 'hands over the events of a conversation in order, of a batch and of many calls',
    async check({ engine, host, rest, tries }) {
      await engine.start(host);
      const texts = Array.from({ length: 30 }, (_, index) => `n${index}`);
      await engine.accept(texts.slice(0, 10).map((text) => said(text)));
      for (const text of texts.slice(10)) await engine.accept([said(text)]);
      await rest();
      assert.deepEqual(
        tries(),
        texts.map((text) => `${text} 1`),
      );
    },
  },
  {
    name: 'keeps the order of a conversation while one of its turns is tried again',
    async check({ engine, host, rest }) {
      host.onTurn = ({ attempt }, text) =>
        text === 'second' && attempt < maxAttempts ? failed('not yet') : DONE;
      await engine.start(host);
      await engine.accept(['first', 'second', 'third'].map((text) => said(text)));
      await rest();
      const lines = ['first 1', 'second 1', 'second 2', 'second 3', 'third 1'];
      assert.deepEqual(
        host.turns,
        lines.flatMap((line) => [line, `${line} ended`]),
      );
    },
  },
  {
    name: 'runs the turns of one conversation one at a time, and other conversations meanwhile',
    async check({ engine, host, rest, until }) {
      const gate = aGate();
      host.onTurn = (_attempt, text) => (text.startsWith('slow') ? gate.opened.then(() => DONE) : DONE);
      await engine.start(host);
      await engine.accept([said('slow', 'c1'), said('next', 'c1'), said('other', 'c2'), said('third', 'c3')]);
      await until('the others are done', () =>
        ['other 1 ended', 'third 1 ended'].every((one) => host.turns.includes(one)),
      );
      assert.ok(!host.turns.includes('next 1'), 'two turns of one conversation ran at once');
      gate.open();
      await rest();
      assert.deepEqual(host.turns.slice(-3), ['slow 1 ended', 'next 1', 'next 1 ended']);
    },
  },
  {
    name: 'gives up an event that keeps failing, with its cause, and goes on with the conversation',
    async check({ engine, host, rest, tries, stats }) {
      const lasts: boolean[] = [];
      host.onTurn = ({ last }, text) => {
        if (text !== 'poison') return DONE;
        lasts.push(last);
        return failed('it is broken');
      };
      await engine.start(host);
      await engine.accept([said('poison', 'c1'), said('after', 'c1'), said('beside', 'c2')]);
      await rest();
      assert.deepEqual(
        tries().filter((line) => !line.startsWith('beside')),
        ['poison 1', 'poison 2', 'poison 3', 'after 1'],
      );
      assert.deepEqual(lasts, [false, false, true]);

      const letters = await engine.deadLetters.list();
      assert.equal(letters.length, 1);
      assert.equal(letters[0]?.kind, 'event');
      assert.equal(letters[0]?.attempts, maxAttempts);
      assert.deepEqual(letters[0]?.error, { code: 'ERR_TEST', message: 'it is broken' });
      assert.equal((await stats()).deadLetters, 1);
      const reported = host.notices.flatMap((notice) => (notice.name === 'turn.failed' ? [notice.last] : []));
      assert.deepEqual(reported, [false, false, true]);
    },
  },
  {
    name: 'counts a conversation that waits for its next try as blocked, and no longer once it went on',
    async check({ engine, host, until, rest, stats }) {
      let broken = true;
      host.onTurn = () => (broken ? failed('not yet') : DONE);
      await engine.start(host);
      await engine.accept([said('waits')]);
      await until('its lane is blocked', async () => (await stats()).blockedLanes === 1);
      broken = false;
      await rest();
      assert.equal((await stats()).blockedLanes, 0);
    },
  },
  {
    name: 'tries a redriven event again from the start, and knows nothing of it afterwards',
    async check({ engine, host, rest, tries }) {
      let broken = true;
      host.onTurn = () => (broken ? failed('it is broken') : DONE);
      await engine.start(host);
      await engine.accept([said('mended')]);
      await rest();
      const id = (await engine.deadLetters.list())[0]?.id ?? '';
      assert.equal((await engine.deadLetters.get(id))?.id, id);

      broken = false;
      assert.equal(await engine.deadLetters.redrive(id), true);
      await rest();
      assert.deepEqual(tries().slice(maxAttempts), ['mended 1']);
      assert.deepEqual(await engine.deadLetters.list(), []);
      assert.equal(await engine.deadLetters.redrive(id), false);
    },
  },
  {
    name: 'forgets a dropped dead letter for good',
    async check({ engine, host, rest }) {
      host.onTurn = () => failed('it is broken');
      await engine.start(host);
      await engine.accept([said('dropped')]);
      await rest();
      const id = (await engine.deadLetters.list())[0]?.id ?? '';
      assert.equal(await engine.deadLetters.drop(id), true);
      assert.equal(await engine.deadLetters.drop(id), false);
      assert.equal(await engine.deadLetters.get(id), undefined);
      assert.equal(await engine.deadLetters.redrive('unknown'), false);
    },
  },
  {
    name: 'lets running turns end when it drains, begins no other, and accepts nothing more',
    async check({ engine, host, until, tries }) {
      const gate = aGate();
      host.onTurn = () => gate.opened.then(() => DONE);
      await engine.start(host);
      await engine.accept([said('running'), said('waiting')]);
      await until('the turn began', () => host.turns.length === 1);
      const draining = engine.drain({ timeoutMs: 60_000 });
      await assert.rejects(
        async () => engine.accept([said('late', 'c2')]),
        (error: { code?: string }) => error.code === 'ERR_UNAVAILABLE',
      );
      gate.open();
      assert.deepEqual(await draining, { drained: true, left: 1 });
      assert.deepEqual(host.turns, ['running 1', 'running 1 ended']);
      assert.deepEqual(tries(), ['running 1']);
    },
  },
  {
    name: 'says what is left when a turn outlasts the time to drain',
    async check({ engine, host, until, pass }) {
      const gate = aGate();
      host.onTurn = () => gate.opened.then(() => DONE);
      await engine.start(host);
      await engine.accept([said('endless')]);
      await until('the turn began', () => host.turns.length === 1);
      const draining = engine.drain({ timeoutMs: 50 });
      await pass(60);
      assert.deepEqual(await draining, { drained: false, left: 1 });
      gate.open();
    },
  },
  {
    name: 'handles ten thousand conversations and has nothing pending afterwards',
    async check({ engine, host, rest, tries, stats }) {
      await engine.start(host);
      const events = Array.from({ length: 10_000 }, (_, index) => said(`n${index}`, `c${index}`));
      for (let at = 0; at < events.length; at += 500) await engine.accept(events.slice(at, at + 500));
      await rest();
      assert.equal(new Set(tries()).size, 10_000);
      const { pendingEvents, blockedLanes, oldestEventMs } = await stats();
      assert.deepEqual(
        { pendingEvents, blockedLanes, oldestEventMs },
        { pendingEvents: 0, blockedLanes: 0, oldestEventMs: 0 },
      );
    },
  },
];
