import { describe, expect, test } from '@jest/globals';
import type { Event } from '@parley/core';
import { createBot, memoryEngine, silentLog } from '@parley/core';
import { anEvent, fakeAdapter, virtualClock } from '@parley/testing';
import fc from 'fast-check';
import { durationMs } from '../src/bot/when.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A bot with one account, `leads`, at a made-up provider, on a clock that the test moves. */
function setUp() {
  const clock = virtualClock('2026-01-01T08:00:00.000Z');
  const fake = fakeAdapter();
  const engine = memoryEngine({ clock, random: () => 0 });
  const bot = createBot({ accounts: { leads: fake }, engine, log: silentLog });
  fake.deliverTo((request) => bot.webhook('leads', request));
  return { bot, fake, clock, engine };
}

describe('a message for later', () => {
  test('leaves at its time, days ahead, and lets others pass', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      await turn.say('see you on Saturday', { at: '2026-01-03T09:00:00Z' });
      await turn.say('thanks');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['thanks']);
    expect((await bot.stats()).scheduled).toBe(1);
    await clock.advance(2 * DAY + HOUR - 1);
    expect(fake.texts).toEqual(['thanks']);
    await clock.advance(1);
    expect(fake.texts).toEqual(['thanks', 'see you on Saturday']);
    await bot.close();
  });

  test('leaves after a while, also when it opens a conversation, and resolves sent then', async () => {
    const { bot, fake, clock } = setUp();
    await bot.start();
    const to = { channel: 'whatsapp', value: '+31611111111' };
    const said = await bot.say({ account: 'leads', to }, 'your car is ready', {
      after: '2h',
      key: 'ready-1',
    });
    const again = await bot.say({ account: 'leads', to }, 'your car is ready', {
      after: '2h',
      key: 'ready-1',
    });
    let done = false;
    const sent = said.sent().then(() => {
      done = true;
    });
    await clock.advance(2 * HOUR - 1);
    expect([fake.texts, done]).toEqual([[], false]);
    await clock.advance(1);
    await sent;
    expect(fake.texts).toEqual(['your car is ready']);
    expect(again.effects[0]?.effect.id).toBe(said.effects[0]?.effect.id);
    await bot.close();
  });

  test('does not leave when it is cancelled in time', async () => {
    const { bot, fake, clock } = setUp();
    await bot.start();
    const conversation = fake.conversationWith();
    const said = await bot.say(conversation, ['one', 'two'], { after: 60_000 });
    const withheld: string[] = [];
    bot.onNotice('effect.withheld', ({ reason }) => withheld.push(reason));
    expect(await said.cancel()).toBe(true);
    expect(await said.cancel()).toBe(false);
    await clock.advance(DAY);
    expect(fake.texts).toEqual([]);
    expect(withheld).toHaveLength(2);
    await expect(said.sent()).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    const gone = await bot.say(conversation, 'gone already');
    await gone.sent();
    expect(await gone.cancel()).toBe(false);
    await bot.close();
  });

  test('leaves at once when its time has passed, and never for a time that cannot be read', async () => {
    const { bot, fake, clock } = setUp();
    await bot.start();
    const conversation = fake.conversationWith();
    await bot.say(conversation, 'late', { at: new Date('2020-01-01') });
    await clock.settle();
    expect(fake.texts).toEqual(['late']);
    const refusals = [
      { at: 'tomorrow' },
      { after: '10 minutes' as '10m' },
      { after: -1 },
      { after: Number.NaN },
      { at: '2026-01-02', after: 5 },
      { after: 1e300 },
    ];
    for (const options of refusals) {
      await expect(bot.say(conversation, 'never', options)).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    }
    await bot.close();
  });

  test('reads durations in every unit', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: HOUR, d: DAY } as const;
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat({ max: 30_000 }), unit, (count, name) => {
        expect(durationMs(`${count}${name}`, 'x')).toBe(count * units[name]);
      }),
    );
  });
});

describe('a timer', () => {
  test('fires once, in its conversation, with its data and the session', async () => {
    const { bot, fake, clock } = setUp();
    const fired: unknown[] = [];
    bot.hears('book', (turn) => {
      turn.session.booked = true;
      turn.setTimer('reminder', { after: '1d' }, { car: 'a red one' });
    });
    bot.on('timer.fired', { timer: 'reminder' }, async (turn) => {
      fired.push(turn.event.timer, turn.session.booked);
      await turn.say('do not forget');
    });
    bot.on('timer.fired', { timer: 'other' }, () => fired.push('other'));
    await bot.start();
    await fake.says('book');
    await clock.advance(DAY - 1);
    expect(fired).toEqual([]);
    await clock.advance(1);
    expect(fired).toEqual([{ name: 'reminder', data: { car: 'a red one' } }, true]);
    await clock.advance(30 * DAY);
    expect(fake.texts).toEqual(['do not forget']);
    await bot.close();
  });

  test('is replaced by one of the same name, and cancelled by a turn or from outside', async () => {
    const { bot, fake, clock } = setUp();
    const firedAt: number[] = [];
    bot.hears('later', (turn) => turn.setTimer('nudge', { after: '2h' }));
    bot.hears('sooner', (turn) => turn.setTimer('nudge', { after: '1h' }));
    bot.hears('stop', (turn) => turn.cancelTimer('nudge'));
    bot.on('timer.fired', () => firedAt.push(clock.now()));
    await bot.start();
    const startedAt = clock.now();
    await fake.says('later');
    await fake.says('sooner');
    await clock.advance(5 * HOUR);
    expect(firedAt).toEqual([startedAt + HOUR]);
    await fake.says('sooner');
    await clock.settle();
    await fake.says('stop');
    const conversation = fake.conversationWith();
    await bot.setTimer(conversation, 'outside', { after: '3h' });
    await bot.setTimer(conversation, 'kept', { after: '4h' });
    await bot.cancelTimer(conversation, 'outside');
    await clock.advance(5 * HOUR);
    expect(firedAt).toHaveLength(2);
    await bot.close();
  });

  test('is not set by a turn that fails, and set once by one that succeeds at its second try', async () => {
    const { bot, fake, clock } = setUp();
    let fired = 0;
    bot.hears('go', (turn) => {
      turn.setTimer('nudge', { after: '1m' });
      if (turn.attempt === 1) throw new Error('broken');
    });
    bot.on('timer.fired', () => {
      fired += 1;
    });
    await bot.start();
    await fake.says('go');
    await clock.advance(DAY);
    expect(fired).toBe(1);
    await bot.close();
  });

  test('refuses a name or data that cannot be stored, and a time that is missing', async () => {
    const { bot, fake } = setUp();
    const conversation = fake.conversationWith();
    await expect(bot.setTimer(conversation, '', { after: 1 })).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(bot.setTimer(conversation, 'x', {})).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    await expect(bot.setTimer(conversation, 'x', { after: 1 }, () => {})).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
    await bot.close();
  });
});

describe('what becomes of a sent message', () => {
  const receipt = (name: 'message.delivered' | 'message.read' | 'message.failed', ids: object): Event =>
    anEvent(name, { account: 'leads', ...ids });

  test('is awaited until it is delivered, and a later receipt is not overwritten by an earlier one', async () => {
    const { bot, fake, clock, engine } = setUp();
    await bot.start();
    const conversationId = fake.conversationWith();
    const said = await bot.say(conversationId, 'hi');
    const { messageIds } = await said.sent();
    const [messageId = ''] = messageIds;
    let done = false;
    const delivered = said.delivered().then((sent) => {
      done = true;
      return sent;
    });
    await clock.advance(5000);
    expect(done).toBe(false);
    await engine.accept([receipt('message.read', { conversationId, messageId })]);
    await engine.accept([receipt('message.delivered', { conversationId, messageId })]);
    await clock.advance(5000);
    expect(await delivered).toEqual({ conversationId, messageIds });
    const stored = await engine.readState(conversationId, `receipt:${messageId}`);
    expect(JSON.parse(stored?.value ?? '')).toMatchObject({ status: 'read' });
    // Who asks after it came need not wait.
    expect(await said.delivered()).toEqual({ conversationId, messageIds });
    await bot.close();
  });

  test('is told when it failed, or when nobody waits any more', async () => {
    const { bot, fake, clock, engine } = setUp();
    await bot.start();
    const conversationId = fake.conversationWith();
    const said = await bot.say(conversationId, 'hi');
    const [messageId = ''] = (await said.sent()).messageIds;
    const stop = new AbortController();
    const given = said.delivered({ signal: stop.signal });
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await engine.accept([receipt('message.failed', { conversationId, messageId, reason: 'unreachable' })]);
    await clock.settle();
    await expect(said.delivered()).rejects.toMatchObject({
      code: 'ERR_REJECTED',
      message: expect.stringContaining('unreachable'),
    });
    await bot.close();
  });
});

describe('erasing a contact', () => {
  test('leaves nothing of the contact, and everything of others', async () => {
    const { bot, fake, clock, engine } = setUp();
    bot.hears('hi', (turn) => {
      turn.session.greeted = true;
      turn.setTimer('follow-up', { after: '1h' });
      return turn.say('still there?', { after: '2h' });
    });
    bot.hears('break', () => {
      throw new Error('broken');
    });
    await bot.start();
    const noor = { from: '+31600000001' };
    const sam = { from: '+31600000002' };
    for (const person of [noor, sam]) {
      await fake.says('hi', person);
      await fake.says('break', person);
    }
    await clock.advance(60_000);
    const [conversation, other] = [fake.conversationWith(noor), fake.conversationWith(sam)];
    expect(await bot.deadLetters.list()).toHaveLength(2);
    const contact = (await engine.deadLetters.list({ lane: conversation }))[0];
    const contactId =
      contact?.kind === 'event' && contact.event.name === 'message.received'
        ? (contact.event.message.author.id ?? '')
        : '';
    const erased = await bot.erase(contactId);
    expect(erased).toMatchObject({ timers: 1, deadLetters: 1 });
    expect(await bot.session(conversation)).toBeUndefined();
    expect(await bot.session(other)).toEqual({ greeted: true });
    expect(await bot.deadLetters.list()).toHaveLength(1);
    expect((await bot.stats()).scheduled).toBe(2);
    await clock.advance(DAY);
    expect(fake.texts).toEqual(['still there?']);
    expect(await bot.erase(contactId)).toMatchObject({ states: 0, deadLetters: 0 });
    await bot.close();
  });

  test('knows whose conversation it is where only a change has told that', async () => {
    const { bot, fake, clock, engine } = setUp();
    bot.hears('hi', (turn) => {
      turn.session.greeted = true;
    });
    await bot.start();
    const noor = { from: '+31600000001' };
    await fake.says('hi', noor);
    const conversationId = fake.conversationWith(noor);
    const { conversation: _, ...told } = anEvent('conversation.updated', { conversationId });
    const changes = { status: 'open' as const, contactId: 'leads:person-7' };
    await engine.accept([{ ...told, changes }]);
    await clock.settle();
    await bot.erase('leads:person-7');
    expect(await bot.session(conversationId)).toBeUndefined();
    await bot.close();
  });
});
