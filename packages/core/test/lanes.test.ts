import { describe, expect, test } from '@jest/globals';
import type { Delivery, Effect, EngineHost, LookUp, TurnResult } from '@parley/core';
import { createBot, memoryEngine, ParleyError, silentLog } from '@parley/core';
import type { CommitOutcome, EffectOutcome, InboxItem } from '@parley/core/lanes';
import { Inbox, LaneAttempt, Outbox, Schedule, StoredEffect } from '@parley/core/lanes';
import { anEvent, fakeAdapter, virtualClock } from '@parley/testing';
import fc from 'fast-check';

const HOUR = 3_600_000;
const DONE: TurnResult = { kind: 'done', writes: [], effects: [] };
const SENT: Delivery = { kind: 'sent', at: '2026-01-01T00:00:00.000Z' };
const gone = (): ParleyError => new ParleyError('ERR_UNAVAILABLE', 'The disk is full');

class BareAttempt extends LaneAttempt {
  readStates = (): [] => [];
  recorded = (): undefined => undefined;
  record = (): never => {
    throw new Error('not needed');
  };
}

function aHost(parts: Partial<EngineHost>): EngineHost {
  return {
    log: silentLog,
    turn: async () => DONE,
    deliver: async () => SENT,
    lookUp: async () => ({ kind: 'unknown' }),
    notice: () => {},
    ...parts,
  };
}

const timing = { random: () => 0, backoff: { firstMs: 100, maxMs: 1000 } };

function anInbox(commit: () => Promise<CommitOutcome>, host: Partial<EngineHost> = {}) {
  const clock = virtualClock();
  const failed: string[] = [];
  const inbox = new Inbox({
    clock,
    ...timing,
    maxAttempts: 3,
    turnTimeoutMs: 10_000,
    concurrency: 8,
    storage: {
      begin: (item, last) => new BareAttempt(item, last),
      commit,
      failed: async (item, error, last): Promise<'noted'> => {
        failed.push(`${item.attempts} ${error.code}${last ? ' last' : ''}`);
        return 'noted';
      },
    },
  });
  inbox.start(aHost(host));
  let order = 0;
  const push = (): void => {
    order += 1;
    const item: InboxItem = {
      turnId: `t${order}`,
      event: anEvent('message.received'),
      acceptedAt: clock.now(),
      order,
      attempts: 0,
    };
    inbox.push('lane', item);
  };
  return { clock, inbox, failed, push };
}

describe('a turn whose commit the storage refuses', () => {
  test('is not run again: its commit is repeated until the storage takes it', async () => {
    let turns = 0;
    let commits = 0;
    const { clock, inbox, failed, push } = anInbox(
      async () => {
        commits += 1;
        if (commits < 5) throw gone();
        return 'done';
      },
      {
        turn: async () => {
          turns += 1;
          return DONE;
        },
      },
    );
    push();
    await clock.advance(60_000);
    expect({ turns, commits, pending: inbox.pending, failed }).toEqual({
      turns: 1,
      commits: 5,
      pending: 0,
      failed: [],
    });
  });

  test('counts as failed when it can never be stored', async () => {
    const { clock, inbox, failed, push } = anInbox(async () => {
      throw new TypeError('cyclic structure');
    });
    push();
    await clock.advance(60_000);
    expect(failed).toEqual(['1 ERR_CONFIG', '2 ERR_CONFIG', '3 ERR_CONFIG last']);
    expect(inbox.pending).toBe(0);
  });

  test('is dropped without a word when another process has taken it over', async () => {
    let turns = 0;
    const { clock, inbox, failed, push } = anInbox(async () => 'gone', {
      turn: async () => {
        turns += 1;
        return DONE;
      },
    });
    push();
    push();
    await clock.advance(60_000);
    expect({ turns, failed, pending: inbox.pending }).toEqual({ turns: 2, failed: [], pending: 0 });
  });

  test('keeps a drain waiting no longer than the next refusal, and stays pending', async () => {
    const { clock, inbox, push } = anInbox(async () => {
      throw gone();
    });
    push();
    await clock.advance(1000);
    let drained = false;
    const draining = inbox.drain().then(() => {
      drained = true;
    });
    await clock.advance(3000);
    await draining;
    expect([drained, inbox.pending]).toEqual([true, 1]);
  });
});

function anOutbox(
  deliver: (effect: Effect, attempt: number) => Delivery,
  lookUp: () => LookUp = () => ({ kind: 'unknown' }),
  settle: () => Promise<EffectOutcome> = async () => 'stored',
) {
  const clock = virtualClock();
  const log: string[] = [];
  const outbox = new Outbox({
    clock,
    ...timing,
    maxAttempts: 4,
    lookUpAfterMs: 500,
    storage: {
      begin: async ({ attempts }): Promise<EffectOutcome> => {
        log.push(`begin ${attempts}`);
        return 'stored';
      },
      retry: async (): Promise<EffectOutcome> => {
        log.push('retry');
        return 'stored';
      },
      settle: async (_record, status) => {
        const outcome = await settle();
        log.push(status);
        return outcome;
      },
    },
  });
  outbox.start(
    aHost({
      deliver: async (effect, attempt) => {
        log.push(`deliver ${attempt}`);
        return deliver(effect, attempt);
      },
      lookUp: async () => {
        log.push('look up');
        return lookUp();
      },
      notice: ({ name }) => {
        log.push(name);
      },
    }),
  );
  return { clock, outbox, log };
}

const anEffect = (id: string): StoredEffect =>
  new StoredEffect(
    {
      id,
      account: 'leads',
      lane: 'l1',
      action: { kind: 'typing', conversationId: 'leads:c1', on: true },
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    1,
  );

describe('an effect', () => {
  test('is marked as begun before it leaves, and as tried before it is tried again', async () => {
    const error = { code: 'ERR_RATE_LIMITED', message: 'busy' };
    const { clock, outbox, log } = anOutbox((_effect, attempt) =>
      attempt === 1 ? { kind: 'retry', error } : SENT,
    );
    outbox.push(anEffect('e1'));
    await clock.advance(10_000);
    expect(log).toEqual(['begin 1', 'deliver 1', 'retry', 'begin 2', 'deliver 2', 'sent', 'effect.sent']);
  });

  test('that had begun when the process died is looked up first, again and again while one cannot look', async () => {
    const answers: LookUp[] = [{ kind: 'retry' }, { kind: 'retry', afterMs: 5000 }, { kind: 'absent' }];
    const { clock, outbox, log } = anOutbox(
      () => SENT,
      () => answers.shift() ?? { kind: 'unknown' },
    );
    const record = anEffect('e1');
    record.attempts = 1;
    record.begunAt = clock.now() - 1000;
    outbox.push(record);
    await clock.advance(60_000);
    expect(log).toEqual([
      'look up',
      'look up',
      'look up',
      'retry',
      'begin 2',
      'deliver 2',
      'sent',
      'effect.sent',
    ]);
  });

  test('that had begun just before the process died is given the time to arrive before it is looked up', async () => {
    const { clock, outbox, log } = anOutbox(
      () => SENT,
      () => ({ kind: 'sent', at: '2026-01-01T00:00:00.000Z' }),
    );
    const record = anEffect('e1');
    record.begunAt = clock.now() - 100;
    outbox.push(record);
    await clock.advance(399);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['look up', 'sent', 'effect.sent']);
  });

  test('that nobody can look for any more stays unknown, and lets the next one pass', async () => {
    const { clock, outbox, log } = anOutbox(
      ({ id }) => (id === 'e1' ? { kind: 'unknown', error: { code: 'E', message: '' } } : SENT),
      () => ({ kind: 'retry' }),
    );
    outbox.push(anEffect('e1'));
    outbox.push(anEffect('e2'));
    await clock.advance(60_000);
    expect(log.filter((line) => line.startsWith('deliver'))).toHaveLength(2);
    expect(log).toContain('effect.unknown');
    expect(outbox.pending).toBe(0);
  });

  test('that was sent is never sent again because the storage refuses to note it', async () => {
    let refusals = 6;
    const { clock, outbox, log } = anOutbox(
      () => SENT,
      undefined,
      async () => {
        refusals -= 1;
        if (refusals >= 0) throw gone();
        return 'stored';
      },
    );
    outbox.push(anEffect('e1'));
    outbox.push(anEffect('e2'));
    await clock.advance(60_000);
    expect(log.filter((line) => line.startsWith('deliver'))).toHaveLength(2);
    expect(outbox.pending).toBe(0);
  });
});

describe('a schedule', () => {
  test('hands out everything once, at its time, in the order of times, whatever is set, replaced and deleted', async () => {
    const step = fc.record({
      id: fc.nat({ max: 8 }),
      inMs: fc.integer({ min: -50, max: 400 }),
      wait: fc.nat({ max: 120 }),
      deletes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = virtualClock();
        const expected = new Map<number, { at: number; tag: number }>();
        const fired: number[] = [];
        const schedule = new Schedule<{ at: number; tag: number; id: number }>(clock, (due) => {
          for (const item of due) {
            expect(clock.now()).toBeGreaterThanOrEqual(item.at);
            expect(expected.get(item.id)?.tag).toBe(item.tag);
            expected.delete(item.id);
            fired.push(item.at);
          }
        });
        schedule.start();
        for (const [tag, { id, inMs, wait, deletes }] of steps.entries()) {
          if (deletes) {
            expect(schedule.delete(String(id)) !== undefined).toBe(expected.delete(id));
          } else {
            const at = clock.now() + inMs;
            expected.set(id, { at, tag });
            schedule.set(String(id), at, { at, tag, id });
          }
          await clock.advance(wait);
        }
        expect(schedule.size).toBe(expected.size);
        const before = fired.length;
        await clock.advance(500);
        expect(expected.size).toBe(0);
        const last = fired.slice(before);
        expect(last).toEqual([...last].sort((a, b) => a - b));
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('is late by a minute at the most when somebody sets the clock ahead', async () => {
    const clock = virtualClock();
    const fired: string[] = [];
    const schedule = new Schedule<string>(clock, (due) => fired.push(...due));
    schedule.start();
    schedule.set('x', clock.now() + HOUR, 'x');
    clock.jump(HOUR);
    await clock.advance(60_000);
    expect(fired).toEqual(['x']);
  });
});

describe('a clock that jumps back an hour', () => {
  test('loses nothing, doubles nothing and holds up neither retries nor limits', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter();
    const engine = memoryEngine({ clock, random: () => 0 });
    const bot = createBot({ accounts: { leads: fake }, engine, log: silentLog });
    fake.deliverTo((request) => bot.webhook('leads', request));
    bot.on('message.received', async (turn) => {
      if (turn.attempt === 1) throw new Error('broken');
      await turn.say(`pong ${turn.text}`);
    });
    await bot.start();
    const limiter = engine.limiter('leads', { requests: 1, perMs: 1000 });
    await limiter.acquire();
    fake.failNext('rate limited');
    await fake.says('one');
    clock.jump(-HOUR);
    await fake.redelivers();
    await fake.says('two');
    await clock.advance(30_000);
    expect(fake.texts).toEqual(['pong one', 'pong two']);
    expect(limiter.acquire()).toBeUndefined();
    const { pendingEvents, pendingEffects, oldestEventMs } = await bot.stats();
    expect({ pendingEvents, pendingEffects, oldestEventMs }).toEqual({
      pendingEvents: 0,
      pendingEffects: 0,
      oldestEventMs: 0,
    });
    await bot.close();
  });
});
