import { describe, expect, test } from '@jest/globals';
import type {
  AccountContext,
  Adapter,
  AdapterDefinition,
  BotOptions,
  Content,
  Engine,
  StateEntry,
} from '@parley/core';
import { choices, createBot, isParleyError, memoryEngine, silentLog, textOf } from '@parley/core';
import { aConversation, aMessage, anEvent, fakeAdapter, virtualClock } from '@parley/testing';

function setUp<S extends object = Record<string, unknown>>(options: Partial<BotOptions<never, S>> = {}) {
  const clock = virtualClock();
  const fake = fakeAdapter();
  const engine = memoryEngine({ clock, random: () => 0, maxAttempts: 2 });
  const bot = createBot({ engine, log: silentLog, ...options, accounts: { leads: fake } });
  fake.deliverTo((request) => bot.webhook('leads', request));
  return { bot, fake, clock, engine };
}

const MENU: Content = {
  kind: 'choices',
  text: 'What would you like?',
  choices: [
    { type: 'reply', label: 'Pizza', value: 'FOOD_PIZZA' },
    { type: 'postback', label: 'Salad', value: 'FOOD_SALAD' },
    { type: 'link', label: 'Our menu', url: 'https://example.com/menu' },
  ],
};

describe('handlers', () => {
  test('hears whole texts in any case, expressions, buttons by value and by label, and nothing else', async () => {
    const { bot, fake, clock } = setUp();
    const heard: unknown[] = [];
    bot.hears(['hello', /^order (\d+)$/g], (turn) => heard.push([turn.text, turn.match?.[1]]));
    bot.hears('FOOD_PIZZA', (turn) => heard.push(turn.choice));
    bot.hears('salad', (turn) => heard.push(turn.choice));
    await bot.start();
    for (const text of [' HELLO ', 'hello there', 'order 12', 'order 34']) await fake.says(text);
    await fake.says({ kind: 'choice', value: 'FOOD_PIZZA' });
    await fake.says({ kind: 'choice', value: 'FOOD_SALAD', label: 'Salad' });
    await clock.settle();
    expect(heard).toEqual([
      [' HELLO ', undefined],
      ['order 12', '12'],
      ['order 34', '34'],
      { value: 'FOOD_PIZZA' },
      { value: 'FOOD_SALAD', label: 'Salad' },
    ]);
  });

  test('calls the fallback only for what nobody heard', async () => {
    const { bot, fake, clock } = setUp();
    const missed: string[] = [];
    bot.hears('hello', () => {});
    bot.on('message.received', () => {});
    bot.fallback((turn) => missed.push(turn.text));
    bot.fallback({ channel: 'sms' }, () => missed.push('by sms'));
    await bot.start();
    await fake.says('hello');
    await fake.says('what?');
    await clock.settle();
    expect(missed).toEqual(['what?']);
  });

  test('calls handlers in the order of registration, also those of any event', async () => {
    const { bot, fake, clock } = setUp();
    const order: number[] = [];
    bot.on('*', () => order.push(1));
    bot.on('message.received', () => order.push(2));
    bot.on('*', () => order.push(3));
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(order).toEqual([1, 2, 3]);
  });

  test('stops calling a handler that was taken away', async () => {
    const { bot, fake, clock } = setUp();
    const heard: string[] = [];
    const kept = (): unknown => heard.push('kept');
    const gone = (): unknown => heard.push('gone');
    bot.on('message.received', gone).hears('hi', gone).fallback(gone).on('message.received', kept).off(gone);
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(heard).toEqual(['kept']);
  });

  test('filters on account, channel, role, content, fields, status and native name', async () => {
    const { bot, clock, engine } = setUp();
    const matched: string[] = [];
    const conversation = aConversation({ fields: { step: '2' }, status: 'pending', channel: 'sms' });
    const event = anEvent('message.received', {
      conversation,
      native: 'message.create.contact.chat.contact',
    });
    bot.on('message.received', { account: 'leads', provider: 'fake' }, () => matched.push('account'));
    bot.on('message.received', { account: ['leads'], role: ['agent'] }, () => matched.push('wrong role'));
    bot.on('message.received', { channel: 'whatsapp', content: ['media', 'text'] }, () =>
      matched.push('channel'),
    );
    bot.on('message.received', { fields: { step: 2 }, status: 'pending' }, () => matched.push('fields'));
    bot.on('message.received', { fields: { step: [/^3/, 'x'] } }, () => matched.push('wrong field'));
    bot.on('message.received', { fields: { constructor: 'x' } }, () => matched.push('no field'));
    bot.on('message.received', { native: 'message.create.*.chat.contact' }, () => matched.push('native'));
    bot.on('message.received', { native: 'message.create.*' }, () => matched.push('native rest'));
    bot.on('message.received', { native: 'message.*.contact' }, () => matched.push('wrong native'));
    bot.on('message.received', { self: false, kind: 'contact', text: /^hello$/y }, () =>
      matched.push('self'),
    );
    bot.on('message.received', { joined: true }, () => matched.push('not joined'));
    bot.on('message.received', { assigned: false }, () => matched.push('unassigned'));
    await bot.start();
    await engine.accept([event]);
    await clock.settle();
    expect(matched).toEqual(['account', 'channel', 'fields', 'native', 'native rest', 'self', 'unassigned']);
  });

  test('names what it does not know: an option, an event, a pattern', () => {
    const { bot } = setUp();
    const accounts = { leads: fakeAdapter() };
    expect(() => createBot({ accounts, sesion: {} } as never)).toThrow(
      /createBot\(\{ sesion \}\): unknown; .*session/,
    );
    expect(() => createBot({} as never)).toThrow(/accounts/);
    expect(() => bot.on('mesage.received' as never, () => {})).toThrow(/"mesage.received".*message.received/);
    expect(() => bot.hears(undefined as never, () => {})).toThrow(/hears: expected/);
  });

  test('logs refused webhooks once a minute with the reason, and tells strangers none', async () => {
    const lines: object[] = [];
    const { bot, fake, clock } = setUp({ log: { ...silentLog, warn: (fields) => lines.push(fields) } });
    const { request } = await fake.says('hi');
    const forged = { ...request, body: new TextEncoder().encode('{}') };
    const reasons: string[] = [];
    bot.onNotice('webhook.refused', ({ reason }) => reasons.push(reason));
    const refused = async (): Promise<object> => {
      const { status, body } = await bot.webhook('leads', forged);
      return { status, body };
    };
    const told = { status: 401, body: 'Refused: nothing proves who calls' };
    expect([await refused(), await refused()]).toEqual([told, told]);
    const reason = expect.stringContaining('not signed with our secret');
    expect(lines).toEqual([{ account: 'leads', status: 401, code: 'ERR_SIGNATURE', reason }]);
    expect(reasons).toEqual([reason, reason]);
    await clock.advance(60_000);
    await refused();
    expect(lines).toHaveLength(2);
  });

  test('names an unknown filter and what may stand there', () => {
    const { bot } = setUp();
    expect(() => bot.on('message.received', { chanel: 'sms' } as never, () => {})).toThrow(
      /filter\.chanel: unknown; .*channel/,
    );
  });

  test('goes through middleware from the outside in, and may stop there', async () => {
    const { bot, fake, clock } = setUp();
    const order: string[] = [];
    bot.incoming(async (turn, next) => {
      order.push('outer');
      if (turn.text !== 'blocked') await next();
      order.push('outer again');
    });
    bot.incoming((_, next) => {
      order.push('inner');
      return next();
    });
    bot.on('message.received', () => order.push('handler'));
    await bot.start();
    await fake.says('hi');
    await fake.says('blocked');
    await clock.settle();
    expect(order).toEqual(['outer', 'inner', 'handler', 'outer again', 'outer', 'outer again']);
  });

  test('waits for its handlers even if a middleware does not', async () => {
    const { bot, fake, clock } = setUp();
    bot.incoming((_, next) => {
      void next();
    });
    bot.on('message.received', async (turn) => {
      await Promise.resolve();
      await turn.say('still here');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['still here']);
  });

  test('says everything a handler said without waiting, before the turn ends', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', (turn) => {
      void turn.say('one');
      void turn.say('two');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['one', 'two']);
  });

  test('survives and logs what failed while no handler waited for it', async () => {
    const lines: string[] = [];
    const log = { ...silentLog, warn: (fields: object) => lines.push(JSON.stringify(fields)) };
    const { bot, fake, clock } = setUp({ log });
    bot.on('message.received', (turn) => {
      void turn.say({ kind: 'system', text: 'cannot be sent' });
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(lines.filter((line) => line.includes('ERR_UNSUPPORTED'))).toHaveLength(1);
    expect(lines.join()).not.toContain('cannot be sent');
  });

  test('refuses what a handler does after it has returned, and says what to do', async () => {
    const { bot, fake, clock } = setUp();
    const refused: unknown[] = [];
    const late = Promise.withResolvers<void>();
    bot.on('message.received', (turn) => {
      void late.promise.then(() => turn.say('late')).catch((error: Error) => refused.push(error.message));
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    late.resolve();
    await clock.settle();
    expect(refused).toEqual([expect.stringContaining('await everything')]);
    expect(fake.texts).toEqual([]);
  });

  test('logs a failure without its words, and gives them to onError', async () => {
    const lines: string[] = [];
    const record = (fields: object, message: string): void => {
      lines.push(JSON.stringify({ ...fields, message }));
    };
    const log = { debug: record, info: record, warn: record, error: record };
    const { bot, fake, clock } = setUp({ log });
    bot.on('message.received', (turn) => {
      throw new Error(`cannot read ${turn.text}`);
    });
    await bot.start();
    await fake.says('my secret');
    await clock.advance(10_000);
    expect(lines.join('\n')).toContain('dead letter');
    expect(lines.join('\n')).not.toContain('my secret');
    expect(JSON.stringify((await bot.deadLetters.list()).map(({ error }) => error))).not.toContain(
      'my secret',
    );
  });
});

describe('sessions', () => {
  test('keeps a typed state per conversation', async () => {
    const { bot, fake, clock } = setUp({ session: { initial: () => ({ count: 0 }) } });
    bot.on('message.received', (turn) => {
      turn.session.count += 1;
    });
    await bot.start();
    for (let time = 0; time < 3; time += 1) await fake.says('hi', { from: '+31600000001' });
    await fake.says('hi', { from: '+31600000002' });
    await clock.settle();
    expect(await bot.session(fake.conversationWith({ from: '+31600000001' }))).toEqual({ count: 3 });
    expect(await bot.session(fake.conversationWith({ from: '+31600000002' }))).toEqual({ count: 1 });
  });

  test('migrates a session of an earlier version and starts anew without a migration', async () => {
    const clock = virtualClock();
    const engine = memoryEngine({ clock });
    const run = async (session: BotOptions<never, object>['session']): Promise<unknown> => {
      const fake = fakeAdapter();
      const bot = createBot({
        accounts: { leads: fake },
        engine,
        log: silentLog,
        ...(session && { session }),
      });
      return bot.session('leads:c1');
    };
    await engine.writeState({
      scope: 'leads:c1',
      kind: 'session',
      value: '1|{"name":"Noor Visser"}',
      version: 0,
    });
    const migrate = (old: unknown, version: number): object => ({ old, version });
    expect(await run({ initial: () => ({}), version: 2, migrate })).toEqual({
      old: { name: 'Noor Visser' },
      version: 1,
    });
    expect(await run({ initial: () => ({ fresh: true }), version: 2 })).toEqual({ fresh: true });
    expect(await run({ initial: () => ({}), version: 1 })).toEqual({ name: 'Noor Visser' });
  });

  test('expires after the last change', async () => {
    const { bot, fake, clock } = setUp({ session: { initial: () => ({ count: 0 }), expiresAfterMs: 1000 } });
    bot.on('message.received', (turn) => {
      turn.session.count += 1;
    });
    await bot.start();
    await fake.says('hi');
    await clock.advance(1001);
    expect(await bot.session(fake.conversationWith())).toBeUndefined();
  });

  test('can be changed outside of a turn, without losing what a turn wrote', async () => {
    const { bot, fake, clock } = setUp({ session: { initial: () => ({ count: 0 }) } });
    bot.on('message.received', (turn) => {
      turn.session.count += 1;
    });
    await bot.start();
    const id = fake.conversationWith();
    let meanwhile = true;
    const updated = await bot.updateSession(id, async (session) => {
      session.count += 10;
      if (!meanwhile) return;
      meanwhile = false;
      await fake.says('hi');
      await clock.settle();
    });
    expect(updated).toEqual({ count: 11 });
    expect(await bot.session(id)).toEqual({ count: 11 });
  });

  test('tries a turn again when somebody else changed the state it had read', async () => {
    const { bot, fake, clock, engine } = setUp({ session: { initial: () => ({ count: 0 }) } });
    bot.on('message.received', async (turn) => {
      turn.session.count += 1;
      if (turn.attempt === 1) {
        await engine.writeState({
          scope: turn.conversationId,
          kind: 'session',
          value: '1|{"count":10}',
          version: 0,
        });
      }
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(await bot.session(fake.conversationWith())).toEqual({ count: 11 });
  });
});

describe('saying', () => {
  test('sends text, contents and lists of them in order, with quotes and notes', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      await turn.say(['one', { kind: 'text', text: 'two' }]);
      await turn.reply('three');
      await turn.note('only for colleagues');
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['one', 'two', 'three']);
    expect(fake.sent.map(({ content, note }) => [textOf(content), note === true])).toEqual([
      ['one', false],
      ['two', false],
      ['three', false],
      ['only for colleagues', true],
    ]);
    const requests = fake.attempts
      .filter(({ method }) => method === 'messages.send')
      .map(({ request }) => request);
    expect(requests[2]).toMatchObject({ quote: 'hi' });
  });

  test('closes, opens, assigns, sets fields and hands over through the ports', async () => {
    const { bot, fake, clock } = setUp();
    bot.on('message.received', async (turn) => {
      await turn.open();
      await turn.set({ step: 2 });
      await turn.assign('leads:agent-1');
      await turn.handOver({ reason: 'asked for a human' });
      await turn.close();
      await turn.typing();
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.attempts.map(({ method }) => method)).toEqual([
      'conversations.setStatus',
      'conversations.setFields',
      'conversations.assign',
      'conversations.handOver',
      'conversations.setStatus',
      'messages.typing',
    ]);
  });

  test('resolves sent() with the message id once the provider has it', async () => {
    const { bot, fake, clock } = setUp();
    const sent: unknown[] = [];
    bot.on('message.received', async (turn) => {
      const said = await turn.say('hi');
      sent.push(await said.sent());
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(sent).toEqual([{ conversationId: fake.conversationWith(), messageIds: [expect.any(String)] }]);
  });

  test('carries out the same key once, outside of turns too', async () => {
    const { bot, fake, clock } = setUp();
    await bot.start();
    const id = fake.conversationWith();
    await bot.say(id, 'reminder', { key: 'appointment-7' });
    await bot.say(id, 'reminder', { key: 'appointment-7' });
    await bot.say(id, 'reminder', { key: 'appointment-8' });
    await clock.settle();
    expect(fake.texts).toEqual(['reminder', 'reminder']);
  });

  test('writes to a person first, by their address', async () => {
    const { bot, fake, clock } = setUp();
    await bot.start();
    const to = { channel: 'whatsapp', value: '+31600000009', name: 'Noor' };
    const said = await bot.say({ account: 'leads', to }, ['hello', 'there'], {
      key: 'welcome',
      release: true,
    });
    await clock.settle();
    const { conversationId } = await said.sent();
    expect(conversationId).toBe(fake.conversationWith({ from: '+31600000009' }));
    expect(fake.texts).toEqual(['hello', 'there']);
  });

  test('lets outgoing middleware change or keep a message', async () => {
    const { bot, fake, clock } = setUp();
    bot.outgoing(async (outgoing, next) => {
      if (outgoing.content.kind === 'text') {
        if (outgoing.content.text === 'keep this') return;
        outgoing.content = { kind: 'text', text: `${outgoing.content.text}!` };
      }
      await next();
    });
    bot.on('message.received', async (turn) => {
      await turn.say('hello');
      const kept = await turn.say('keep this');
      expect(kept.effects).toEqual([]);
    });
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['hello!']);
  });

  test('tells its own messages as message.sent, once, though the provider echoes them', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter({ echoes: true });
    const bot = createBot({ accounts: { leads: fake }, engine: memoryEngine({ clock }), log: silentLog });
    fake.deliverTo((request) => bot.webhook('leads', request));
    const sent: unknown[] = [];
    bot.on('message.sent', (turn) => sent.push([turn.text, turn.message.author.self]));
    bot.on('message.received', (turn) => turn.say('pong'));
    await bot.start();
    await fake.says('ping');
    await clock.settle();
    expect(sent).toEqual([['pong', true]]);
  });

  test('tells a message that was given up as message.failed', async () => {
    const { bot, fake, clock } = setUp();
    const failed: unknown[] = [];
    bot.on('message.failed', (turn) => failed.push(turn.event.reason));
    await bot.start();
    fake.failNext('rejected', { method: 'messages.send' });
    await bot.say(fake.conversationWith(), 'hi');
    await clock.settle();
    expect(failed).toHaveLength(1);
  });

  test('takes a number, or the label, under a numbered list for the button', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter({ accepts: { text: {} } });
    const bot = createBot({ accounts: { leads: fake }, engine: memoryEngine({ clock }), log: silentLog });
    fake.deliverTo((request) => bot.webhook('leads', request));
    const pressed: unknown[] = [];
    bot.hears('menu', (turn) => turn.say(MENU));
    bot.hears(['FOOD_PIZZA', 'FOOD_SALAD'], (turn) => pressed.push(turn.choice?.value));
    await bot.start();
    await fake.says('2');
    await fake.says('menu');
    for (const answer of ['2', '1.', ' salad ', '3', '0']) await fake.says(answer);
    await clock.settle();
    expect(fake.texts).toEqual([
      'What would you like?\n1. Pizza\n2. Salad\nOur menu: https://example.com/menu',
    ]);
    expect(pressed).toEqual(['FOOD_SALAD', 'FOOD_PIZZA', 'FOOD_SALAD']);
  });

  test('takes an answer for the button in what opened the conversation, and in what left later', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter({ accepts: { text: {} } });
    const bot = createBot({ accounts: { leads: fake }, engine: memoryEngine({ clock }), log: silentLog });
    fake.deliverTo((request) => bot.webhook('leads', request));
    const pressed: unknown[] = [];
    bot.on('message.received', (turn) => pressed.push(turn.choice?.value ?? turn.text));
    bot.hears('later', (turn) => turn.say(choices('Dessert?', { ICE: 'Ice' }), { after: '1h' }));
    await bot.start();
    const from = '+31611111111';
    const to = { channel: 'whatsapp', value: from };
    const answers = async (text: string): Promise<void> => {
      await fake.says(text, { from });
      await clock.settle();
    };
    await bot.say({ account: 'leads', to }, choices('Food?', { PIZZA: 'Pizza', SALAD: 'Salad' }));
    await clock.settle();
    await answers('2');
    const conversation = fake.conversationWith({ from });
    await bot.say(conversation, choices('Drink?', { TEA: 'Tea' }), { after: '2h' });
    await answers('later');
    await answers('1');
    await clock.advance(3_600_000);
    await answers('1');
    await clock.advance(3_600_000);
    await answers('1');
    expect(pressed).toEqual(['SALAD', 'later', 'PIZZA', 'ICE', 'TEA']);
  });

  test('takes the answer also where the provider was asked whether the message had arrived', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter({ accepts: { text: {} } });
    const engine = memoryEngine({ clock, lookUpAfterMs: 100 });
    const bot = createBot({ accounts: { leads: fake }, engine, log: silentLog });
    fake.deliverTo((request) => bot.webhook('leads', request));
    const pressed: unknown[] = [];
    bot.on('message.received', (turn) => pressed.push(turn.choice?.value));
    await bot.start();
    fake.failNext('lost answer', { method: 'conversations.open' });
    const from = '+31611111111';
    const to = { channel: 'whatsapp', value: from };
    const said = await bot.say({ account: 'leads', to }, choices('Food?', { PIZZA: 'Pizza' }));
    await clock.advance(1000);
    await said.sent();
    await fake.says('1', { from });
    await clock.settle();
    expect([fake.texts, pressed]).toEqual([['Food?\n1. Pizza'], ['PIZZA']]);
  });

  test('knows the label of a pressed button of which the provider tells the value only', async () => {
    const { bot, fake, clock } = setUp();
    const pressed: unknown[] = [];
    bot.hears('menu', (turn) => turn.say(choices('Food?', { FOOD_PIZZA: 'Pizza', FOOD_SALAD: 'Salad' })));
    bot.hears('Pizza', (turn) => pressed.push([turn.text, turn.choice]));
    bot.fallback((turn) => pressed.push([turn.text, turn.choice]));
    await bot.start();
    for (const value of ['FOOD_PIZZA', 'menu']) await fake.says({ kind: 'choice', value });
    await clock.settle();
    for (const value of ['FOOD_PIZZA', 'FOOD_SOUP']) await fake.says({ kind: 'choice', value });
    await clock.settle();
    expect(pressed).toEqual([
      ['FOOD_PIZZA', { value: 'FOOD_PIZZA' }],
      ['Pizza', { value: 'FOOD_PIZZA', label: 'Pizza' }],
      ['FOOD_SOUP', { value: 'FOOD_SOUP' }],
    ]);
  });

  test('takes a label typed under real buttons for the button, but not a number', async () => {
    const { bot, fake, clock } = setUp();
    const pressed: unknown[] = [];
    bot.hears('menu', (turn) => turn.say(choices('Food?', { FOOD_PIZZA: 'Pizza', FOOD_SALAD: 'Salad' })));
    bot.hears('FOOD_PIZZA', (turn) => pressed.push([turn.text, turn.choice]));
    bot.fallback((turn) => pressed.push(turn.text));
    await bot.start();
    await fake.says('menu');
    await clock.settle();
    for (const answer of ['1', 'pizza']) await fake.says(answer);
    await clock.settle();
    expect(pressed).toEqual(['1', ['pizza', { label: 'Pizza', value: 'FOOD_PIZZA' }]]);
    expect(choices('Food?', ['Pizza']).choices).toEqual([{ type: 'reply', label: 'Pizza', value: 'Pizza' }]);
  });

  test('shows in a preview what would be sent and what is lost, and sends nothing', () => {
    const { bot, fake } = setUp();
    const [plan] = bot.preview('leads', MENU);
    expect(plan?.parts).toEqual([MENU]);
    expect(fake.attempts).toEqual([]);
  });
});

describe('control', () => {
  const sanne = { role: 'agent' as const, id: 'leads:sanne', name: 'Sanne' };
  const wroteSanne = (conversationId: string) =>
    anEvent('message.sent', {
      conversationId,
      message: aMessage({ conversationId, direction: 'out', author: sanne }),
    });

  test('withholds what the bot says after a hand-over, and nothing else, until the turn resumes', async () => {
    const { bot, fake, clock } = setUp();
    const withheld: unknown[] = [];
    bot.hears('person', async (turn) => {
      await turn.say('One moment, I am calling a colleague.');
      await turn.handOver({ reason: 'asked for a person' });
      withheld.push((await turn.say('too late')).withheld);
    });
    bot.hears('bot', (turn) => turn.resume());
    bot.fallback({ control: 'bot' }, (turn) => turn.say('What did you say?'));
    bot.on('message.received', async (turn) => {
      withheld.push((await turn.say(`heard ${turn.text}`)).withheld);
      await turn.note(`note ${turn.text}`);
    });
    await bot.start();
    for (const text of ['hi', 'person', 'hello?', 'bot', 'hi again']) await fake.says(text);
    await clock.settle();
    expect(fake.texts).toEqual([
      'heard hi',
      'What did you say?',
      'One moment, I am calling a colleague.',
      'heard bot',
      'heard hi again',
      'What did you say?',
    ]);
    expect(fake.sent.filter(({ note }) => note)).toHaveLength(5);
    expect(withheld).toEqual([undefined, 'human', 'human', 'human', undefined, undefined]);
  });

  test('is taken by a colleague who writes, also from what was decided before and has not left', async () => {
    const { bot, fake, clock, engine } = setUp();
    const reasons: string[] = [];
    bot.onNotice('effect.withheld', ({ reason }) => reasons.push(reason));
    bot.on('message.received', (turn) => turn.say('bot speaking'));
    await bot.start();
    fake.failNext('rate limited', { method: 'messages.send', retryAfterMs: 10_000 });
    await fake.says('hi');
    await clock.advance(1000);
    await engine.accept([wroteSanne(fake.conversationWith())]);
    await clock.advance(20_000);
    await fake.says('thank you, Sanne');
    await clock.settle();
    expect(fake.texts).toEqual([]);
    expect(reasons).toHaveLength(1);
    await bot.say(fake.conversationWith(), 'the application itself may always speak');
    await clock.settle();
    expect(fake.texts).toHaveLength(1);
  });

  test('is given back when the conversation is closed, and a day after the colleague went quiet', async () => {
    const { bot, fake, clock, engine } = setUp();
    bot.on('message.received', (turn) => turn.say('bot speaking'));
    await bot.start();
    const id = fake.conversationWith();
    await engine.accept([wroteSanne(id)]);
    await fake.says('first');
    await clock.settle();
    const closed = aConversation({ id, status: 'closed', updatedAt: '2026-02-01T00:00:00.000Z' });
    await engine.accept([anEvent('conversation.updated', { conversationId: id, conversation: closed })]);
    await fake.says('second');
    await clock.settle();
    expect(fake.texts).toHaveLength(1);
    await engine.accept([wroteSanne(id)]);
    await fake.says('third');
    await clock.advance(24 * 3_600_000 + 1);
    await fake.says('fourth');
    await clock.settle();
    expect(fake.texts).toHaveLength(2);
  });

  test('is not taken by our own echo, by a bot, or where nobody can tell us from a colleague', async () => {
    const { bot, fake, clock, engine } = setUp();
    bot.on('message.received', (turn) => turn.say('bot speaking'));
    await bot.start();
    const conversationId = fake.conversationWith();
    for (const author of [
      { role: 'agent' as const, id: 'leads:bot' },
      { role: 'bot' as const, id: 'leads:other' },
      { role: 'agent' as const },
    ]) {
      const message = aMessage({ conversationId, direction: 'out', author });
      await engine.accept([anEvent('message.sent', { conversationId, message })]);
    }
    await fake.says('hi');
    await clock.settle();
    expect(fake.texts).toEqual(['bot speaking']);
  });
});

describe('a check of what leaves', () => {
  test('is asked before each attempt, and its reason withholds the message', async () => {
    const { bot, fake, clock, engine } = setUp();
    const reasons: string[] = [];
    const asked: string[] = [];
    bot.leaving((effect) => {
      asked.push(effect.lane);
      return reasons[0];
    });
    await bot.start();
    fake.failNext('rate limited', { retryAfterMs: 1000 });
    const to = { channel: 'whatsapp', value: '+31612345678' };
    await bot.say({ account: 'leads', to }, 'hello', { key: 'a' });
    await clock.settle();
    reasons.push('nobody is to get anything');
    await clock.advance(1000);
    expect(asked).toEqual(['leads:+31612345678', 'leads:+31612345678']);
    expect(fake.texts).toEqual([]);
    expect(await engine.effect('key:leads:a.0')).toMatchObject({
      status: 'withheld',
      error: { message: 'nobody is to get anything' },
    });
    expect(await engine.deadLetters.list()).toEqual([]);
    await bot.close();
  });
});

describe('accounts', () => {
  test('runs the same bot on several accounts of one provider, each answer through its own', async () => {
    const clock = virtualClock();
    const fakes = { leads: fakeAdapter(), support: fakeAdapter() };
    const bot = createBot({ accounts: fakes, engine: memoryEngine({ clock }), log: silentLog });
    fakes.leads.deliverTo((request) => bot.webhook('leads', request));
    fakes.support.deliverTo((request) => bot.webhook('support', request));
    bot.on('message.received', (turn) => turn.say(`${turn.adapter.account} hears you`));
    bot.on('message.received', { account: 'support' }, (turn) => turn.say('support only'));
    await bot.start();
    await fakes.leads.says('hi');
    await fakes.support.says('hi');
    await clock.settle();
    expect(fakes.leads.texts).toEqual(['leads hears you']);
    expect(fakes.support.texts).toEqual(['support hears you', 'support only']);
  });

  test('refuses an account name that cannot stand in an id or a path, and an empty list', () => {
    const fake = fakeAdapter();
    expect(() => createBot({ accounts: { 'a/b': fake }, log: silentLog })).toThrow(/accounts\.a\/b/);
    expect(() => createBot({ accounts: {}, log: silentLog })).toThrow(/expected at least one/);
    expect(() => createBot({ accounts: { leads: {} as AdapterDefinition }, log: silentLog })).toThrow(
      /accounts\.leads: expected an adapter/,
    );
  });

  test('answers 404 for an account that does not exist, also one that every object has', async () => {
    const { bot, fake } = setUp();
    const { request } = await fake.says('hi');
    for (const name of ['nobody', 'constructor', '__proto__']) {
      expect((await bot.webhook(name, request)).status).toBe(404);
    }
  });

  test('brings a feed in, and takes a batch again when the engine did not', async () => {
    const clock = virtualClock();
    const fake = fakeAdapter({ feed: true });
    const engine = memoryEngine({ clock });
    const bot = createBot({ accounts: { leads: fake }, engine, log: silentLog });
    const heard: string[] = [];
    bot.on('message.received', (turn) => heard.push(turn.text));
    const accept = engine.accept.bind(engine);
    let refusals = 1;
    engine.accept = (events) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('disk full');
      return accept(events);
    };
    await bot.start();
    await fake.says('hi');
    await clock.settle();
    expect(heard).toEqual([]);
    await clock.advance(5000);
    expect(heard).toEqual(['hi']);
    await bot.close();
  });

  test('keeps how far a feed has come with the engine, for each account apart', async () => {
    const engine = memoryEngine({ clock: virtualClock() });
    const opened = new Map<string, AccountContext>();
    const definition = (name: string): AdapterDefinition => ({
      provider: 'fake',
      open: (account) => {
        opened.set(name, account);
        return { provider: 'fake', account: account.name, api: {}, close: async () => {} };
      },
    });
    const accounts = { leads: definition('leads'), support: definition('support') };
    const bot = createBot({ accounts, engine, log: silentLog });
    const leads = opened.get('leads')?.checkpoint;
    expect(await leads?.read()).toBeUndefined();
    await Promise.all([leads?.write('one'), leads?.write('two')]);
    expect(await leads?.read()).toBe('two');
    expect(await opened.get('support')?.checkpoint?.read()).toBeUndefined();
    await bot.close();
  });

  test('stores what is not plain memory: an engine that answers with promises works the same', async () => {
    const clock = virtualClock();
    const inner = memoryEngine({ clock, random: () => 0 });
    const engine: Engine = {
      name: 'promises',
      durable: true,
      clock,
      keyedTtlMs: inner.keyedTtlMs,
      tokens: inner.tokens,
      deadLetters: inner.deadLetters,
      readState: async (scope, kind): Promise<StateEntry | undefined> => inner.readState(scope, kind),
      writeState: async (write) => inner.writeState(write),
      accept: async (events) => inner.accept(events),
      enqueue: async (effect) => inner.enqueue(effect),
      effect: async (id) => inner.effect(id),
      settled: (id) => inner.settled(id),
      cancel: async (id) => inner.cancel(id),
      setTimer: async (write) => inner.setTimer(write),
      erase: async (scopes) => inner.erase(scopes),
      stats: async () => inner.stats(),
      limiter: (account, rate) => inner.limiter(account, rate),
      drain: (options) => inner.drain(options),
      close: () => inner.close(),
      start: (host) =>
        inner.start({
          ...host,
          turn: (attempt) =>
            host.turn({
              turnId: attempt.turnId,
              event: attempt.event,
              attempt: attempt.attempt,
              last: attempt.last,
              signal: attempt.signal,
              readStates: async (scope, kinds) => attempt.readStates(scope, kinds),
              recorded: async (id) => attempt.recorded(id),
              record: async (effect) => attempt.record(effect),
            }),
        }),
    };
    const fake = fakeAdapter();
    const bot = createBot({
      accounts: { leads: fake },
      engine,
      log: silentLog,
      session: { initial: () => ({ n: 0 }) },
    });
    fake.deliverTo((request) => bot.webhook('leads', request));
    bot.on('message.received', async (turn) => {
      turn.session.n += 1;
      await turn.say(`number ${turn.session.n}`);
    });
    await bot.start();
    await fake.says('a');
    await fake.says('b');
    await clock.settle();
    expect(fake.texts).toEqual(['number 1', 'number 2']);
  });
});

describe('types', () => {
  type SilentAdapter = Adapter & { provider: 'silent'; messages?: undefined };

  test('refuse an un-narrowed say where an account cannot send, and allow it after a question', () => {
    const silent = { provider: 'silent' } as unknown as AdapterDefinition<SilentAdapter>;
    // Never called: only its compilation matters.
    const compile = (): unknown =>
      createBot({ accounts: { leads: fakeAdapter(), news: silent } })
        .on('message.received', async (turn) => {
          // @ts-expect-error an account of this bot has no messages
          await turn.say('hello');
          if (turn.can('say')) await turn.say('hello');
        })
        .on('message.received', { account: 'leads' }, (turn) => turn.say('hello'))
        // @ts-expect-error there is no account of this name
        .on('message.received', { account: 'unknown' }, () => {})
        // @ts-expect-error there is no event of this name
        .on('message.recieved', () => {});
    expect(typeof compile).toBe('function');
  });

  test('compares errors by code, across copies of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'ERR_NOT_FOUND' });
    expect(isParleyError(foreign, 'ERR_NOT_FOUND')).toBe(true);
    expect(isParleyError(foreign, 'ERR_CONFIG')).toBe(false);
    expect(isParleyError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
  });
});
