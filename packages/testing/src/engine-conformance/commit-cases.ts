import assert from 'node:assert/strict';
import type { TurnAttempt } from '@parley/core';
import type { EngineCase } from './engine-case.js';
import { ENGINE_SETTINGS } from './engine-harness.js';
import { aGate, anEffect, DONE, failed, said } from './scripted-host.js';

const SCOPE = 'leads:c1';
const KIND = 'session';

const read = async (attempt: TurnAttempt) => (await attempt.readStates(SCOPE, [KIND]))[0];

export const commitCases: EngineCase[] = [
  {
    name: 'commits state, held effects and the end of the turn together',
    async check({ engine, host, rest }) {
      host.onTurn = () => ({
        kind: 'done',
        writes: [{ scope: SCOPE, kind: KIND, value: '"kept"', version: 0 }],
        effects: [anEffect('held-1'), anEffect('held-2')],
      });
      await engine.start(host);
      await engine.accept([said('hello')]);
      await rest();
      assert.equal((await engine.readState(SCOPE, KIND))?.value, '"kept"');
      assert.deepEqual(host.deliveries, ['held-1', 'held-2']);
    },
  },
  {
    name: 'shows a turn what the one before it committed',
    async check({ engine, host, rest }) {
      host.onTurn = async (attempt) => {
        const before = await read(attempt);
        const value = String(Number(before?.value ?? 0) + 1);
        return {
          kind: 'done',
          writes: [{ scope: SCOPE, kind: KIND, value, version: before?.version ?? 0 }],
          effects: [],
        };
      };
      await engine.start(host);
      await engine.accept(Array.from({ length: 20 }, (_, index) => said(`n${index}`)));
      await rest();
      assert.equal((await engine.readState(SCOPE, KIND))?.value, '20');
    },
  },
  {
    name: 'takes over nothing of a failing try but the effects that it recorded, and delivers those once',
    async check({ engine, host, rest }) {
      host.onTurn = async (attempt) => {
        const record = await attempt.record(anEffect('recorded'));
        assert.equal(record.effect.id, 'recorded');
        if (!attempt.last) return failed('not yet');
        assert.ok(
          await attempt.recorded('recorded'),
          'a later try does not find what an earlier one recorded',
        );
        return { kind: 'done', writes: [], effects: [anEffect('held')] };
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await rest();
      assert.deepEqual(host.deliveries, ['recorded', 'held']);
    },
  },
  {
    name: 'returns the first record when a later try decides something else under the same id',
    async check({ engine, host, rest }) {
      const results: string[] = [];
      host.onTurn = async (attempt) => {
        const action = { kind: 'step' as const, name: 'price', result: String(attempt.attempt) };
        const { effect } = await attempt.record(anEffect('step', 'l1', { action }));
        if (effect.action.kind === 'step') results.push(effect.action.result);
        return attempt.last ? DONE : failed('not yet');
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await rest();
      assert.deepEqual(results, Array(ENGINE_SETTINGS.maxAttempts).fill('1'));
      assert.deepEqual(host.deliveries, [], 'a step left the house');
    },
  },
  {
    name: 'lets a recorded effect leave while its turn still runs',
    async check({ engine, host, rest, until }) {
      const gate = aGate();
      host.onTurn = async (attempt) => {
        await attempt.record(anEffect('one moment, please'));
        await gate.opened;
        return DONE;
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await until('the effect left', () => host.deliveries.length === 1);
      assert.ok(!host.turns.includes('hello 1 ended'));
      gate.open();
      await rest();
    },
  },
  {
    name: 'runs a turn again whose state somebody else changed meanwhile, and loses neither change',
    async check({ engine, host, rest }) {
      let interfered = false;
      host.onTurn = async (attempt) => {
        const before = await read(attempt);
        if (!interfered) {
          interfered = true;
          assert.equal(
            await engine.writeState({
              scope: SCOPE,
              kind: KIND,
              value: '"theirs"',
              version: before?.version ?? 0,
            }),
            true,
          );
        }
        const value = `${before?.value ?? ''}+ours`;
        return {
          kind: 'done',
          writes: [{ scope: SCOPE, kind: KIND, value, version: before?.version ?? 0 }],
          effects: [anEffect(value)],
        };
      };
      await engine.start(host);
      await engine.accept([said('hello')]);
      await rest();
      assert.equal((await engine.readState(SCOPE, KIND))?.value, '"theirs"+ours');
      assert.deepEqual(host.deliveries, ['"theirs"+ours'], 'the effects of a refused commit left');
    },
  },
  {
    name: 'gives up a try that takes too long, refuses what it still does, and tries again',
    async check({ engine, host, rest, until }) {
      const gate = aGate();
      const refused: unknown[] = [];
      let signalled = false;
      host.onTurn = async (attempt) => {
        if (attempt.attempt > 1)
          return {
            kind: 'done',
            writes: [{ scope: SCOPE, kind: KIND, value: '2', version: 0 }],
            effects: [],
          };
        attempt.signal.addEventListener('abort', () => {
          signalled = true;
        });
        await gate.opened;
        await Promise.resolve()
          .then(() => attempt.record(anEffect('stale')))
          .catch((error: unknown) => refused.push(error));
        return {
          kind: 'done',
          writes: [{ scope: SCOPE, kind: KIND, value: '1', version: 0 }],
          effects: [anEffect('stale too')],
        };
      };
      await engine.start(host);
      await engine.accept([said('slow')]);
      await until('it was tried again', () => host.turns.includes('slow 2 ended'));
      await rest();
      assert.equal(signalled, true, 'the signal did not fire');

      gate.open();
      await until('the stale try has ended', () => host.turns.includes('slow 1 ended'));
      await rest();
      assert.equal((refused[0] as { code?: string } | undefined)?.code, 'ERR_CONFLICT');
      assert.equal((await engine.readState(SCOPE, KIND))?.value, '2', 'a stale try has committed');
      assert.deepEqual(host.deliveries, [], 'an effect of a stale try left');
    },
  },
  {
    name: 'writes state only over the version that was read, and forgets it when it expires',
    async check({ engine, pass, host }) {
      await engine.start(host);
      assert.equal(await engine.writeState({ scope: 'k', kind: 'x', value: '1', version: 0 }), true);
      assert.equal(await engine.writeState({ scope: 'k', kind: 'x', value: '2', version: 0 }), false);
      const { version } = (await engine.readState('k', 'x')) ?? { version: -1 };
      const expiresAt = engine.clock.now() + 100;
      assert.equal(await engine.writeState({ scope: 'k', kind: 'x', value: '2', version, expiresAt }), true);
      assert.equal((await engine.readState('k', 'x'))?.value, '2');
      await pass(101);
      assert.equal(await engine.readState('k', 'x'), undefined);

      await engine.writeState({ scope: 'gone', kind: 'x', value: '1', version: 0 });
      const gone = (await engine.readState('gone', 'x'))?.version ?? -1;
      assert.equal(
        await engine.writeState({ scope: 'gone', kind: 'x', value: undefined, version: gone }),
        true,
      );
      assert.equal(await engine.readState('gone', 'x'), undefined);
    },
  },
];
