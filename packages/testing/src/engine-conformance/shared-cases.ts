import assert from 'node:assert/strict';
import type { EngineCase } from './engine-case.js';
import type { EngineBench } from './scripted-host.js';
import { aGate, anEffect, DONE, failed, said } from './scripted-host.js';

/** What both hosts were asked, in the order in which it happened. */
function inOneList(one: EngineBench, other: EngineBench): string[] {
  const all: string[] = [];
  for (const { host } of [one, other]) {
    host.onTurn = async (_attempt, text) => {
      all.push(`${text} begins`);
      await one.pass(2);
      all.push(`${text} ends`);
      return DONE;
    };
  }
  return all;
}

/** Two engines on the same data, as two processes have them. */
export const sharedCases: EngineCase[] = [
  {
    name: 'hands an event that a process without turns accepted to one that handles them',
    async check(one) {
      const other = await one.another();
      await one.engine.start(one.host, { turns: false });
      await other.engine.start(other.host);
      await one.engine.accept([said('for another')]);
      await one.until('the other one handles it', () => other.host.turns.includes('for another 1 ended'));
      await one.rest();
      assert.deepEqual(one.host.turns, []);
    },
  },
  {
    name: 'accepts an event once, though two processes get it at the same time',
    async check(one) {
      const other = await one.another();
      await one.engine.start(one.host);
      await other.engine.start(other.host);
      const events = Array.from({ length: 20 }, (_, index) => said(`n${index}`, `c${index}`));
      const results = await Promise.all(
        events.flatMap((event) => [one, other].map(async ({ engine }) => engine.accept([event]))),
      );
      assert.equal(
        results.reduce((sum, { accepted }) => sum + accepted, 0),
        20,
      );
      await one.rest();
      assert.equal(one.tries().length + other.tries().length, 20);
    },
  },
  {
    name: 'handles the events of a conversation in order and one at a time, whichever process takes them',
    async check(one) {
      const other = await one.another();
      const all = inOneList(one, other);
      await one.engine.start(one.host);
      await other.engine.start(other.host);
      const texts = Array.from({ length: 12 }, (_, index) => `n${index}`);
      for (const [index, text] of texts.entries()) {
        await (index % 2 === 0 ? one : other).engine.accept([said(text)]);
      }
      await one.rest();
      assert.deepEqual(
        all,
        texts.flatMap((text) => [`${text} begins`, `${text} ends`]),
      );
    },
  },
  {
    name: 'delivers the effects of a lane in order, whichever process stored them',
    async check(one) {
      const other = await one.another();
      const left: string[] = [];
      for (const { host } of [one, other]) {
        host.onDeliver = async ({ id }) => {
          left.push(`${id} begins`);
          await one.pass(2);
          left.push(`${id} ends`);
          return { kind: 'sent', at: '2026-01-01T12:00:00.000Z' };
        };
      }
      await one.engine.start(one.host);
      await other.engine.start(other.host);
      const ids = Array.from({ length: 10 }, (_, index) => `e${index}`);
      for (const [index, id] of ids.entries()) {
        await (index % 2 === 0 ? one : other).engine.enqueue(anEffect(id));
      }
      await one.rest();
      assert.deepEqual(
        left,
        ids.flatMap((id) => [`${id} begins`, `${id} ends`]),
      );
    },
  },
  {
    name: 'tells in one process what another one sent',
    async check(one) {
      const other = await one.another();
      await other.engine.start(other.host);
      other.host.onDeliver = () => ({
        kind: 'sent',
        at: '2026-01-01T12:00:00.000Z',
        messageId: 'leads:message-1',
      });
      await one.engine.enqueue(anEffect('sent elsewhere', 'l1', { keyed: true }));
      const { status, messageId } = await one.engine.settled('sent elsewhere');
      assert.deepEqual([status, messageId], ['sent', 'leads:message-1']);
    },
  },
  {
    name: 'limits an account over all processes',
    async check(one) {
      const other = await one.another();
      const rate = { requests: 5, perMs: 500 };
      const at: number[] = [];
      const limiters = [one.engine.limiter('leads', rate), other.engine.limiter('leads', rate)];
      await Promise.all(
        Array.from({ length: 15 }, async (_, index) => {
          await limiters[index % 2]?.acquire();
          at.push(one.engine.clock.now());
        }),
      );
      at.sort((a, b) => a - b);
      // Two processes do not see one moment at the same time: a twentieth of the window is granted.
      for (const [index, moment] of at.slice(5).entries()) {
        assert.ok(moment - (at[index] as number) >= rate.perMs * 0.95, 'six left within one window');
      }
    },
  },
  {
    name: 'shares state, tokens and dead letters',
    async check(one) {
      const other = await one.another();
      one.host.onTurn = () => failed('it is broken');
      await one.engine.start(one.host);
      await one.engine.accept([said('poison')]);
      await one.rest();
      assert.equal((await other.engine.deadLetters.list()).length, 1);
      assert.equal(await one.engine.writeState({ scope: 'k', kind: 'x', value: '1', version: 0 }), true);
      assert.equal(await other.engine.writeState({ scope: 'k', kind: 'x', value: '2', version: 0 }), false);
      const gate = aGate();
      const order: string[] = [];
      const first = one.engine.tokens.withLock('leads', async () => {
        order.push('one begins');
        await gate.opened;
        order.push('one ends');
      });
      await one.until('the first holds the lock', () => order.length === 1);
      const second = other.engine.tokens.withLock('leads', async () => {
        order.push('other begins');
      });
      await one.pass(50);
      gate.open();
      await Promise.all([first, second]);
      assert.deepEqual(order, ['one begins', 'one ends', 'other begins']);
    },
  },
  {
    name: 'leaves a turn to the process that runs it, for as long as that lives',
    async check(one) {
      const other = await one.another();
      // Opened by now: the turn below has little time.
      await other.engine.stats();
      const gate = aGate();
      one.host.onTurn = () => gate.opened.then(() => DONE);
      await one.engine.start(one.host);
      await one.engine.accept([said('long')]);
      await one.until('it runs', () => one.host.turns.includes('long 1'));
      await other.engine.start(other.host);
      await one.pass(150);
      assert.deepEqual(other.tries(), []);
      gate.open();
      await one.rest();
      assert.deepEqual([one.tries(), other.tries()], [['long 1'], []]);
    },
  },
];
