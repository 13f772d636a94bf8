import { afterEach, describe, expect, test } from '@jest/globals';
import { type Accounts, type Bot, createBot, type EventName, silentLog } from '@parley/core';
import { recordChecks } from '../src/adapter-conformance/record-shape.js';
import {
  aContact,
  aConversation,
  aMessage,
  anAccount,
  anEvent,
  eventually,
  type FakeAdapter,
  fakeAdapter,
} from '../src/index.js';

let bot: Bot | undefined;
afterEach(() => bot?.close());

async function answering(fake: FakeAdapter) {
  const made = createBot({ accounts: { leads: fake }, log: silentLog });
  fake.deliverTo((request) => made.webhook('leads', request));
  made.hears('hello', (turn) => turn.say('Hi!'));
  bot = made as unknown as Bot<Accounts>;
  await made.start();
  return made;
}

const says = (fake: FakeAdapter, text: string) =>
  eventually(
    () => fake.texts.includes(text),
    () => `the bot never said "${text}", but ${fake.texts.join(', ') || 'nothing'}`,
  );

describe('the made-up provider', () => {
  test('brings in what people say, and shows what reached them', async () => {
    const fake = fakeAdapter();
    await answering(fake);
    expect(await fake.says('hello')).toMatchObject({ answer: { status: 200 } });
    await says(fake, 'Hi!');
    expect(fake.sent).toMatchObject([{ content: { kind: 'text', text: 'Hi!' }, author: { role: 'bot' } }]);
  });

  test('fails as it is told, and writes down every attempt', async () => {
    const fake = fakeAdapter();
    await answering(fake);
    fake.failNext('rate limited', { retryAfterMs: 1, method: 'messages.send' });
    await fake.says('hello');
    await says(fake, 'Hi!');
    const sends = fake.attempts.filter(({ method }) => method === 'messages.send');
    expect(sends.map(({ outcome }) => outcome)).toEqual(['rate limited', 'done']);
  });

  test('carries nothing out while it is held', async () => {
    const fake = fakeAdapter();
    const made = await answering(fake);
    const release = fake.hold();
    await fake.says('hello');
    await eventually(
      async () => (await made.stats()).pendingEffects === 1,
      () => 'the bot has nothing to send',
    );
    expect(fake.texts).toEqual([]);
    release();
    await says(fake, 'Hi!');
  });

  test('speaks through a feed as well, and tells a batch again that nobody asked past', async () => {
    const fake = fakeAdapter({ feed: true });
    const made = await answering(fake);
    expect(made.accounts.leads.webhook).toBeUndefined();
    await fake.says('hello');
    await says(fake, 'Hi!');

    const alone = fakeAdapter({ feed: true });
    const { feed } = alone.open(anAccount());
    await alone.says('one');
    const first = feed?.events(new AbortController().signal)[Symbol.asyncIterator]();
    const batch = (await first?.next())?.value;
    await first?.return?.();
    const second = feed?.events(new AbortController().signal)[Symbol.asyncIterator]();
    expect((await second?.next())?.value).toEqual(batch);
    await second?.return?.();
  });

  test('tells of messages that went out, under the id that sending has announced', async () => {
    const fake = fakeAdapter({ echoes: true });
    const made = await answering(fake);
    const echoes: string[] = [];
    made.on('message.sent', ({ event }) => echoes.push(event.id));
    await fake.says('hello');
    await eventually(
      () => echoes.length > 0,
      () => 'no echo came',
    );
    await made.drain();
    expect(echoes).toHaveLength(1);
  });
});

test('every builder makes a valid record', () => {
  const check = recordChecks('leads', 'fake');
  const names = {
    'message.received': 1,
    'message.sent': 1,
    'message.delivered': 1,
    'message.read': 1,
    'message.failed': 1,
    'message.updated': 1,
    'message.deleted': 1,
    'note.created': 1,
    'command.received': 1,
    'mention.received': 1,
    'typing.started': 1,
    'typing.stopped': 1,
    'conversation.created': 1,
    'conversation.updated': 1,
    'conversation.assigned': 1,
    'conversation.deleted': 1,
    'contact.created': 1,
    'contact.updated': 1,
    'contact.deleted': 1,
    'timer.fired': 1,
    'template.updated': 1,
    'campaign.created': 1,
    'campaign.started': 1,
    'campaign.paused': 1,
    'campaign.progress': 1,
    'campaign.completed': 1,
    'campaign.failed': 1,
    'provider.event': 1,
  } satisfies Record<EventName, 1>;
  for (const name of Object.keys(names) as EventName[]) {
    expect([name, check.event(anEvent(name))]).toEqual([name, []]);
  }
  expect([
    ...check.message(aMessage()),
    ...check.conversation(aConversation()),
    ...check.contact(aContact()),
  ]).toEqual([]);
  expect(anEvent('message.received', { content: 'good morning' }).message.content).toEqual({
    kind: 'text',
    text: 'good morning',
  });
  expect(anEvent('typing.started').id).not.toBe(anEvent('typing.started').id);
});
