import { describe, expect, test } from '@jest/globals';
import type { BotOptions, MemoryEngineOptions, Turn } from '@parley/core';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { anEvent, type FakeAdapterOptions, fakeAdapter, virtualClock } from '@parley/testing';
import fc from 'fast-check';

/** A bot with one account, `leads`, at a made-up provider, on a clock that the test moves. */
function setUp({
  engine: engineOptions = {},
  fake: fakeOptions = {},
  ...botOptions
}: {
  engine?: MemoryEngineOptions;
  fake?: FakeAdapterOptions;
} & Pick<Partial<BotOptions<never, { count: number }>>, 'failOpen'> = {}) {
  const clock = virtualClock();
  const fake = fakeAdapter(fakeOptions);
  const engine = memoryEngine({ clock, random: () => 0, ...engineOptions });
  const bot = createBot({
    session: { initial: () => ({ count: 0 }) },
    ...botOptions,
    accounts: { leads: fake },
    engine,
    log: silentLog,
  });
  fake.deliverTo((request) => bot.webhook('leads', request));
  return { bot, fake, clock, engine };
}

const RETRY_MS = 1000;

describe('1: an acknowledged event is never lost', () => {
  test('is not acknowledged while the bot shuts down', async () => {
    const { bot, fake } = setUp();
    await bot.start();
    await bot.drain();
    const { answer } = await fake.says('hi');
    expect(answer?.status).toBe(503);
  });

  test('is not acknowledged when more events wait than the engine holds', async () => {
    const { fake } = setUp({ engine: { maxPending: 1 } });
    expect((await fake.says('first')).answer?.status).toBe(200);
    expect((await fake.says('second')).answer?.status).toBe(503);
  });

  test('is handled after the start when it was accepted before', async () => {
    const { bot, fake, clock } = setUp();
    const heard: string[] = [];
    bot.on('message.received', (turn) => heard.push(turn.text));
    expect((await fake.says('early')).answer?.status).toBe(200);
    await bot.start();
    await clock.settle();
    expect(heard).toEqual(['early']);
  });

  test('stays counted as pending until its turn is done', async () => {
    const { bot, fake, clock } = setUp();
    const gate = Promise.withResolvers<void>();
    bot.on('message.received', () => gate.promise);
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect((await bot.stats()).pendingEvents).toBe(1);
    gate.resolve();
    await clock.settle();
    expect((await bot.stats()).pendingEvents).toBe(0);
  });
});

describe('2: delivered twice, its effects happen once', () => {
  test('answers a redelivered webhook with 200 and sends nothing more', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => turn.say('pong'));
    await bot.start();
    await fake.says('ping');
    const again = await Promise.all([fake.redelivers(), fake.redelivers()]);
    await clock.settle();
    expect(again.map(({ answer }) => answer?.status)).toEqual([200, 200]);
    expect(fake.texts).toEqual(['pong']);
  });

  test('drops a redelivery that comes a day later', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => turn.say('pong'));
    await bot.start();
    await fake.says('ping');
    await clock.advance(24 * 3_600_000);
    await fake.redelivers();
    await clock.settle();
    expect(fake.texts).toEqual(['pong']);
  });
});

describe('3: a handler that throws runs again and its effects happen once', () => {
  test('sends what it said before it threw only once, and goes on', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      await turn.say('one moment');
      if (turn.attempt < 3) throw new Error('not yet');
      await turn.say('done');
    });
    await bot.start();
    await fake.says('hi');
    await clock.advance(10 * RETRY_MS);
    expect(fake.texts).toEqual(['one moment', 'done']);
  });

  test('forgets what a failed try did to the session and what it held back', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      turn.session.count += 1;
      await turn.say('held', { hold: true });
      if (turn.attempt === 1) throw new Error('once');
    });
    await bot.start();
    await fake.says('hi');
    await clock.advance(RETRY_MS);
    expect(await bot.session(fake.conversationWith())).toEqual({ count: 1 });
    expect(fake.texts).toEqual(['held']);
  });

  test('sends nothing that was held back by a turn that failed for good', async () => {
    const { bot, fake, clock } = setUp({ engine: { maxAttempts: 1 } });
    bot.on('message.received', async (turn) => {
      await turn.say('held', { hold: true });
      throw new Error('always');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual([]);
  });

  test('calls the outside once for a step, however often the turn is tried', async () => {
    const { bot, fake, clock } = setUp();
    let calls = 0;
    const results: unknown[] = [];
    bot.on('message.received', async (turn) => {
      const order = await turn.step('order', () => {
        calls += 1;
        return { number: calls };
      });
      results.push(order);
      if (turn.attempt === 1) throw new Error('after the step');
    });
    await bot.start();
    await fake.says('hi');
    await clock.advance(RETRY_MS);
    expect(calls).toBe(1);
    expect(results).toEqual([{ number: 1 }, { number: 1 }]);
  });

  test('gives up a try that takes too long, refuses what it still does, and tries again', async () => {
    const { bot, fake, clock } = setUp({ engine: { turnTimeoutMs: 1000 } });
    const stuck = Promise.withResolvers<void>();
    const late: unknown[] = [];
    bot.on('message.received', async (turn) => {
      if (turn.attempt === 1) {
        await stuck.promise;
        await turn.say('from the dead').catch((error: { code: string }) => late.push(error.code));
        return;
      }
      await turn.say('second try');
    });
    await bot.start();
    await fake.says('hi');
    await clock.advance(5000);
    stuck.resolve();
    await clock.settle();
    expect(fake.texts).toEqual(['second try']);
    expect(late).toEqual(['ERR_CONFLICT']);
  });
});

describe('4: within a conversation events are handled in order and never overlap', () => {
  test('keeps the order of each conversation and runs conversations in parallel, whatever fails', async () => {
    const plans = fc.array(
      fc.record({ person: fc.integer({ min: 0, max: 3 }), failures: fc.integer({ min: 0, max: 2 }) }),
      {
        minLength: 1,
        maxLength: 25,
      },
    );
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { bot, fake, clock } = setUp();
        const running = new Set<string>();
        const handled: Record<string, string[]> = {};
        bot.on('message.received', async (turn) => {
          const { conversationId } = turn;
          if (running.has(conversationId)) throw new Error('overlap');
          running.add(conversationId);
          await Promise.resolve();
          running.delete(conversationId);
          const [number, failures] = turn.text.split('/');
          if (turn.attempt <= Number(failures)) throw new Error('planned');
          handled[conversationId] = [...(handled[conversationId] ?? []), String(number)];
        });
        await bot.start();
        const expected: Record<string, string[]> = {};
        for (const [number, { person, failures }] of plan.entries()) {
          const from = `+3160000000${person}`;
          await fake.says(`${number}/${failures}`, { from });
          const id = fake.conversationWith({ from });
          expected[id] = [...(expected[id] ?? []), String(number)];
        }
        await clock.advance(200 * RETRY_MS);
        expect(handled).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('lets another conversation go on while one waits for a retry', async () => {
    const { bot, fake, clock } = setUp();
    const heard: string[] = [];
    bot.on('message.received', (turn) => {
      if (turn.text === 'bad' && turn.attempt === 1) throw new Error('once');
      heard.push(turn.text);
    });
    await bot.start();
    await fake.says('bad', { from: '+31600000001' });
    await fake.says('after bad', { from: '+31600000001' });
    await fake.says('other', { from: '+31600000002' });
    await clock.settle();
    expect(heard).toEqual(['other']);
    await clock.advance(RETRY_MS);
    expect(heard).toEqual(['other', 'bad', 'after bad']);
  });
});

describe('5: nothing that a person wrote is skipped because the bot was busy', () => {
  test('handles each of a hundred messages that came while the first one was handled', async () => {
    const { bot, fake, clock } = setUp();
    const gate = Promise.withResolvers<void>();
    const heard: string[] = [];
    bot.on('message.received', async (turn) => {
      await gate.promise;
      heard.push(turn.text);
    });
    await bot.start();
    const texts = Array.from({ length: 100 }, (_, number) => `message ${number}`);
    for (const text of texts) await fake.says(text);
    gate.resolve();
    await clock.settle();
    expect(heard).toEqual(texts);
  });

  test('handles all conversations when more of them are busy than may run at once', async () => {
    const { bot, fake, clock } = setUp({ engine: { concurrency: 2 } });
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const heard: string[] = [];
    bot.on('message.received', async (turn) => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
      heard.push(turn.text);
    });
    await bot.start();
    for (let person = 0; person < 20; person += 1) {
      await fake.says(String(person), { from: `+3160000${1000 + person}` });
    }
    await clock.settle();
    gate.resolve();
    await clock.settle();
    expect(most).toBe(2);
    expect(heard.length).toBe(20);
  });
});

describe('6: a turn that keeps failing becomes a dead letter', () => {
  test('keeps its cause, is reported, and does not block what comes after', async () => {
    const { bot, fake, clock } = setUp({ engine: { maxAttempts: 3 } });
    const heard: string[] = [];
    const reported: unknown[] = [];
    const notices: unknown[] = [];
    bot.on('message.received', (turn) => {
      if (turn.text === 'poison') throw new TypeError('cannot be handled');
      heard.push(turn.text);
    });
    bot.onError((error, { last }) => reported.push([(error as Error).message, last]));
    bot.onNotice('turn.failed', ({ attempt, last }) => notices.push([attempt, last]));
    await bot.start();
    await fake.says('poison');
    await fake.says('next');
    await clock.advance(100 * RETRY_MS);
    expect(heard).toEqual(['next']);
    expect(reported).toEqual([
      ['cannot be handled', false],
      ['cannot be handled', false],
      ['cannot be handled', true],
    ]);
    expect(notices).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    const [letter] = await bot.deadLetters.list();
    expect(letter).toMatchObject({ kind: 'event', attempts: 3, error: { code: 'TypeError' } });
  });

  test('is handled after a redrive, without repeating what already went out', async () => {
    const { bot, fake, clock } = setUp({ engine: { maxAttempts: 1 } });
    let broken = true;
    bot.on('message.received', async (turn) => {
      await turn.say('one moment');
      if (broken) throw new Error('broken');
      await turn.say('done');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    const [letter] = await bot.deadLetters.list();
    broken = false;
    expect(await bot.deadLetters.redrive(letter?.id ?? '')).toBe(true);
    await clock.settle();
    expect(fake.texts).toEqual(['one moment', 'done']);
    expect(await bot.deadLetters.list()).toEqual([]);
  });

  test('is redriven before what has not begun in its conversation', async () => {
    const { bot, fake, clock } = setUp({ engine: { maxAttempts: 1 } });
    const heard: string[] = [];
    let broken = true;
    const gate = Promise.withResolvers<void>();
    bot.on('message.received', async (turn) => {
      if (turn.text === 'second') await gate.promise;
      if (turn.text === 'first' && broken) throw new Error('broken');
      heard.push(turn.text);
    });
    await bot.start();
    for (const text of ['first', 'second', 'third']) await fake.says(text);
    await clock.settle();
    broken = false;
    const [letter] = await bot.deadLetters.list();
    await bot.deadLetters.redrive(letter?.id ?? '');
    gate.resolve();
    await clock.settle();
    expect(heard).toEqual(['second', 'first', 'third']);
  });

  test('hands the conversation to a human if the bot is told to fail open', async () => {
    const { bot, fake, clock } = setUp({ engine: { maxAttempts: 1 }, failOpen: true });
    bot.on('message.received', (turn) => {
      if (turn.text === 'hi') throw new Error('broken');
      return turn.say('the bot again');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.attempts.map(({ method }) => method)).toEqual(['conversations.handOver']);
    await fake.says('hello?');
    await clock.settle();
    expect(fake.texts).toEqual([]);
  });
});

describe("7: one handler's failure does not silence the others", () => {
  test('runs every handler, and each says its own thing once', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => {
      if (turn.attempt === 1) throw new Error('synchronous');
      return turn.say('first');
    });
    bot.on('message.received', async (turn) => {
      await Promise.resolve();
      if (turn.attempt === 1) throw new Error('asynchronous');
      await turn.say('second');
    });
    bot.on('message.received', (turn) => turn.say('third'));
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['third']);
    await clock.advance(RETRY_MS);
    expect(fake.texts).toEqual(['third', 'first', 'second']);
  });
});

describe('8: effects leave in order, and 429 is obeyed', () => {
  test('keeps the order of a conversation when the first one is refused for a while', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      for (const text of ['one', 'two', 'three']) await turn.say(text);
    });
    await bot.start();
    fake.failNext('rate limited', { method: 'messages.send', retryAfterMs: 30_000 });
    await fake.says('count');
    await clock.advance(29_000);
    expect(fake.texts).toEqual([]);
    await clock.advance(1000);
    expect(fake.texts).toEqual(['one', 'two', 'three']);
    const first = fake.attempts.filter(({ method }) => method === 'messages.send');
    expect(first.map(({ outcome }) => outcome)).toEqual(['rate limited', 'done', 'done', 'done']);
  });

  test('keeps the order in which a handler said things without waiting', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => Promise.all(['a', 'b', 'c', 'd'].map((text) => turn.say(text))));
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['a', 'b', 'c', 'd']);
  });

  test('lets "one moment" leave while the handler still works', async () => {
    const { bot, fake, clock } = setUp();
    const slow = Promise.withResolvers<void>();
    bot.on('message.received', async (turn) => {
      await turn.say('one moment');
      await slow.promise;
      await turn.say('here it is');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['one moment']);
    slow.resolve();
    await clock.settle();
    expect(fake.texts).toEqual(['one moment', 'here it is']);
  });

  test('keeps an effect that was refused for good as a dead letter and sends the next one', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      await turn.say('refused');
      await turn.say('accepted');
    });
    await bot.start();
    fake.failNext('rejected', { method: 'messages.send' });
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['accepted']);
    const [letter] = await bot.deadLetters.list();
    expect(letter).toMatchObject({ kind: 'effect', error: { code: 'ERR_REJECTED' } });
    await bot.deadLetters.redrive(letter?.id ?? '');
    await clock.settle();
    expect(fake.texts).toEqual(['accepted', 'refused']);
  });
});

describe('9: a send whose answer never came is looked up and never blindly repeated', () => {
  test('finds what did go out and does not send it again', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => turn.say('once'));
    await bot.start();
    fake.failNext('lost answer', { method: 'messages.send' });
    await fake.says('hi');
    await clock.advance(60_000);
    expect(fake.texts).toEqual(['once']);
    expect((await bot.stats()).pendingEffects).toBe(0);
    expect(await bot.deadLetters.list()).toEqual([]);
  });

  test('sends again what certainly did not go out', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => turn.say('once'));
    await bot.start();
    fake.failNext('lost request', { method: 'messages.send' });
    await fake.says('hi');
    await clock.advance(60_000);
    expect(fake.texts).toEqual(['once']);
  });

  test('says so, and goes on, where the provider cannot be asked', async () => {
    const { bot, fake, clock } = setUp({ fake: { without: ['messages.find'] } });
    const unknown: string[] = [];
    const outcomes: unknown[] = [];
    bot.onNotice('effect.unknown', ({ record }) => unknown.push(record.status));
    bot.on('message.received', async (turn) => {
      const said = await turn.say('perhaps');
      await turn.say('next');
      said.sent().catch((error: { code: string }) => outcomes.push(error.code));
    });
    await bot.start();
    fake.failNext('lost request', { method: 'messages.send' });
    await fake.says('hi');
    await clock.advance(60_000);
    expect(fake.texts).toEqual(['next']);
    expect(unknown).toEqual(['unknown']);
    expect(outcomes).toEqual(['ERR_OUTCOME_UNKNOWN']);
  });
});

describe('10: shutdown drains', () => {
  test('waits for the running turn and for what it said', async () => {
    const { bot, fake, clock } = setUp();
    const gate = Promise.withResolvers<void>();
    bot.on('message.received', async (turn) => {
      await gate.promise;
      await turn.say('goodbye');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    const draining = bot.drain();
    gate.resolve();
    expect(await draining).toEqual({ drained: true, left: 0 });
    expect(fake.texts).toEqual(['goodbye']);
  });

  test('waits for a message that is on its way to the provider', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => turn.say('goodbye'));
    await bot.start();
    const release = fake.hold();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual([]);
    const draining = bot.drain();
    await clock.settle();
    release();
    expect(await draining).toEqual({ drained: true, left: 0 });
    expect(fake.texts).toEqual(['goodbye']);
  });

  test('says what is left when a turn outlasts the bound', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', () => new Promise(() => {}));
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    const draining = bot.drain({ timeoutMs: 5000 });
    await clock.advance(5000);
    expect(await draining).toEqual({ drained: false, left: 1 });
  });
});

describe('11: the dedupe key is provider, account, conversation and event', () => {
  test('keeps apart what differs in any of them, for every kind of event', async () => {
    const { bot, clock, engine } = setUp();
    const handled: string[] = [];
    bot.on('*', (turn) => handled.push(turn.event.name));
    await bot.start();
    const base = anEvent('message.received', { id: 'leads:1', conversationId: 'leads:c1' });
    const others = [
      base,
      { ...base },
      { ...base, id: 'leads:2' },
      { ...base, conversationId: 'leads:c2' },
      anEvent('contact.updated', { id: 'leads:1' }),
      anEvent('contact.updated', { id: 'leads:1' }),
      anEvent('provider.event', { id: 'leads:9' }),
      anEvent('provider.event', { id: 'leads:9' }),
    ];
    await engine.accept(others);
    await clock.settle();
    expect(handled.sort()).toEqual([
      'contact.updated',
      'message.received',
      'message.received',
      'message.received',
      'provider.event',
    ]);
  });

  test('expires: marks do not pile up for ever', async () => {
    const { clock, engine } = setUp({ engine: { dedupeTtlMs: 1000 } });
    const event = anEvent('message.received', { id: 'leads:1' });
    expect(await engine.accept([event])).toEqual({ accepted: 1, duplicates: 0 });
    expect(await engine.accept([event])).toEqual({ accepted: 0, duplicates: 1 });
    await clock.advance(3000);
    expect(await engine.accept([event])).toEqual({ accepted: 1, duplicates: 0 });
  });
});

describe('12: an older snapshot never overwrites newer data', () => {
  test('shows a handler the newest that is known, in whatever order snapshots come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1 }), async (order) => {
        const { bot, clock, engine } = setUp();
        const seen: unknown[] = [];
        bot.on('message.received', (turn: Turn) => seen.push(turn.conversation?.fields?.step));
        await bot.start();
        for (const step of order) {
          const conversationId = 'leads:c1';
          const updatedAt = `2026-01-01T00:00:0${step}.000Z`;
          const conversation = {
            id: conversationId,
            account: 'leads',
            provider: 'fake',
            status: 'open' as const,
            kind: 'contact' as const,
            fields: { step },
            updatedAt,
          };
          await engine.accept([anEvent('message.received', { conversationId, conversation })]);
          await clock.settle();
        }
        expect(seen).toEqual(order.map((_, index) => Math.max(...order.slice(0, index + 1))));
      }),
      { numRuns: 25 },
    );
  });

  test('makes the changes that events tell to what is known, and none that are older than it', async () => {
    const { bot, clock, engine } = setUp();
    const seen: unknown[] = [];
    const look = (turn: Turn): void => {
      const { status, assigneeId, fields, contactId } = turn.conversation ?? {};
      seen.push([status, assigneeId, fields, contactId]);
    };
    bot.on('message.received', look);
    bot.on('conversation.updated', look);
    await bot.start();
    const tell = async (name: 'message.received' | 'conversation.updated', second: number, own: object) => {
      const at = `2026-01-01T00:00:0${second}.000Z`;
      await engine.accept([
        { ...anEvent(name, { conversationId: 'leads:c1', at }), conversation: undefined, ...own },
      ]);
      await clock.settle();
    };
    await tell('conversation.updated', 0, { changes: { fields: { step: 1 } } });
    await tell('message.received', 1, { changes: { status: 'open', contactId: 'leads:p1' } });
    await tell('conversation.updated', 3, { changes: { status: 'closed', assigneeId: 'leads:sam' } });
    await tell('conversation.updated', 2, { changes: { status: 'pending' } });
    await tell('conversation.updated', 4, {
      changes: { assigneeId: null, fields: { step: 2, plan: 'pro' } },
    });
    await tell('conversation.updated', 5, { changes: { fields: { plan: '' } } });
    await tell('conversation.updated', 6, {});
    expect(seen).toEqual([
      [undefined, undefined, undefined, undefined],
      ['open', undefined, undefined, 'leads:p1'],
      ['closed', 'leads:sam', undefined, 'leads:p1'],
      ['closed', 'leads:sam', undefined, 'leads:p1'],
      ['closed', undefined, { step: 2, plan: 'pro' }, 'leads:p1'],
      ['closed', undefined, { step: 2 }, 'leads:p1'],
      ['closed', undefined, { step: 2 }, 'leads:p1'],
    ]);
  });

  test('knows after any changes, also the same ones again, what those tell that were not late', async () => {
    const change = fc.record({
      second: fc.integer({ min: 0, max: 9 }),
      status: fc.constantFrom('open' as const, 'pending' as const, 'closed' as const),
      channel: fc.option(fc.constantFrom('web', 'email'), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (all) => {
        const { bot, clock, engine } = setUp();
        const seen: unknown[] = [];
        bot.on('conversation.updated', ({ conversation }: Turn) =>
          seen.push([conversation?.status, conversation?.channel, conversation?.updatedAt]),
        );
        await bot.start();
        const expected: unknown[] = [];
        let known: { at: string; status: string; channel?: string } | undefined;
        for (const { second, status, channel } of all) {
          const at = `2026-01-01T00:00:0${second}.000Z`;
          const changes = { status, ...(channel !== undefined && { channel }) };
          if (known === undefined || at >= known.at) known = { ...known, ...changes, at };
          expected.push([known.status, known.channel, known.at]);
          const event = anEvent('conversation.updated', { conversationId: 'leads:c1', at });
          const { conversation: _, ...bare } = event;
          await engine.accept([{ ...bare, changes }]);
          await clock.settle();
        }
        expect(seen).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
