import { describe, expect, test } from '@jest/globals';
import type { Event } from '@parley/core';
import { choices, createBot, memoryEngine, silentLog, textOf } from '@parley/core';
import { captureWebhooks, emulatorClock, eventually } from '@parley/testing';
import { type CrispApi, type CrispEventPayload, crisp, crispPayload } from '../src/index.js';
import { type Stage, startStage } from './account.js';

async function withStage(
  run: (stage: Stage) => Promise<void>,
  options: Parameters<typeof startStage>[0] = {},
): Promise<void> {
  const stage = await startStage(options);
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

const text = (words: string) => ({ kind: 'text' as const, text: words });

describe('conversations', () => {
  test('change status, routing and back', async () => {
    await withStage(async ({ emulator, open }) => {
      const ada = emulator.visitor();
      ada.say('hello');
      const { conversations } = open();
      const id = `leads:${ada.sessionId}`;
      const sam = `leads:${emulator.operator({ email: 'sam@shop.test' }).userId}`;
      for (const status of ['closed', 'pending', 'open'] as const) {
        await conversations.setStatus(id, status);
        expect(await conversations.get(id)).toMatchObject({ status });
      }
      await conversations.assign(id, [sam]);
      expect(await conversations.get(id)).toMatchObject({ assigneeId: sam });
      await conversations.assign(id, []);
      expect(await conversations.get(id)).not.toHaveProperty('assigneeId');
      await expect(conversations.assign(id, ['leads:self'])).rejects.toThrow(/option operator/);
    });
  });

  test('are handed over with a note that mentions whom it is for, and never repeats itself', async () => {
    await withStage(async ({ emulator, open }) => {
      const ada = emulator.visitor();
      ada.say('a human, please');
      const { conversations } = open();
      const { userId } = emulator.operator({ email: 'sam@shop.test' });
      const id = `leads:${ada.sessionId}`;
      await conversations.handOver(id, { reason: 'Wants a human', to: [`leads:${userId}`] });
      await conversations.handOver(id, { reason: 'Wants a human' });
      expect(await conversations.get(id)).toMatchObject({ status: 'pending' });
      expect(await conversations.get(id)).not.toHaveProperty('assigneeId');
      const notes =
        emulator.conversation(ada.sessionId)?.messages.filter(({ type }) => type === 'note') ?? [];
      expect(notes.map(({ content, mentions }) => [content, mentions])).toEqual([
        ['Wants a human', [userId]],
        ['Wants a human', []],
      ]);
      expect(ada.received).toEqual([]);
    });
  });

  test('keep their data when some are written, whether the platform merges or replaces', async () => {
    for (const metaData of ['merge', 'replace'] as const) {
      await withStage(
        async ({ emulator, open }) => {
          const ada = emulator.visitor();
          ada.tell({ data: { plan: 'pro', orders: 3 } });
          const { conversations } = open();
          const id = `leads:${ada.sessionId}`;
          await conversations.setFields(id, { step: 2, plan: '' });
          expect((await conversations.get(id)).fields).toEqual({ orders: 3, step: 2 });
        },
        { metaData },
      );
    }
  });

  test('are found again by the address of the person: the newest, and nobody else’s', async () => {
    await withStage(async ({ emulator, open }) => {
      const { conversations } = open();
      const to = { channel: 'email', value: 'Ada@client.test', name: 'Ada Loop' };
      const first = await conversations.open({ to, contents: [text('one')], key: 'a' });
      expect(first).toMatchObject({ created: true, conversation: { name: 'Ada Loop' } });
      emulator.clock.advance(1_000);
      emulator.visitor({ email: 'eve@client.test' }).say('my friend is ada@client.test');
      const again = await conversations.open({ to, contents: [text('two')], key: 'b', release: true });
      expect([again.created, again.conversation.id]).toEqual([false, first.conversation.id]);

      const phone = { channel: 'sms', value: '+31655501234' };
      const known = await conversations.open({ to: phone, contents: [], key: 'c' });
      expect(await conversations.open({ to: phone, contents: [], key: 'd' })).toMatchObject({
        created: false,
        conversation: { id: known.conversation.id },
      });
      await expect(
        conversations.open({ to: { ...phone, value: '06555' }, contents: [], key: 'e' }),
      ).rejects.toMatchObject({
        code: 'ERR_CONFIG',
      });
      await expect(
        conversations.open({ to: { channel: 'fax', value: '1' }, contents: [], key: 'f' }),
      ).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    });
  });

  test('are found again by the address, the newest of however many there are', async () => {
    await withStage(async ({ emulator, open }) => {
      const { api, conversations } = open();
      const to = { channel: 'email', value: 'many@client.test' };
      const write = (session: string) => {
        emulator.clock.advance(1_000);
        const body = { type: 'text', from: 'user', origin: 'email', content: 'hello' } as const;
        return api.messages.send({ session, body });
      };
      const sessions: string[] = [];
      for (let count = 0; count < 45; count += 1) {
        const { session_id: session } = await api.conversations.create();
        await api.conversations.updateMeta({ session, body: { email: to.value } });
        await write(session);
        sessions.push(session);
      }
      for (const place of [3, 44, 20]) {
        await write(sessions[place] ?? '');
        const requests = emulator.journal.entries.length;
        const opened = await conversations.open({ to, contents: [text('hi')], key: `${place}` });
        expect(opened.conversation.id).toBe(`leads:${sessions[place]}`);
        expect(emulator.journal.entries.length - requests).toBeLessThan(5);
      }
    });
  });

  test('of one person are opened once, by however many at once', async () => {
    await withStage(async ({ emulator, open }) => {
      const { conversations } = open();
      const to = { channel: 'email', value: 'ada@client.test' };
      const opened = await Promise.all(
        ['a', 'b', 'c'].map((key) => conversations.open({ to, contents: [text(key)], key })),
      );
      expect(new Set(opened.map(({ conversation }) => conversation.id)).size).toBe(1);
      expect(opened.map(({ created }) => created)).toEqual([true, false, false]);
      expect(emulator.conversations().length).toBe(1);
    });
  });

  test('that are opened in part are not begun again before it is known what was said', async () => {
    for (const route of [
      'POST /v1/website/:w/conversation/:s/message',
      'PATCH /v1/website/:w/conversation/:s/routing',
    ]) {
      await withStage(
        async ({ emulator, open }) => {
          const { conversations, messages } = open();
          const to = { channel: 'email', value: 'ada@client.test' };
          const request = { to, contents: [text('one'), text('two')], key: 'k', release: true };
          const since = new Date(emulator.clock.now()).toISOString();
          if (route.startsWith('POST')) emulator.faults.next({ kind: 'slow', delayMs: 0, route });
          emulator.faults.next({ kind: 'status', status: 429, route });
          const unknown = { code: 'ERR_OUTCOME_UNKNOWN' };
          await expect(conversations.open(request, { retry: false })).rejects.toMatchObject(unknown);
          await expect(conversations.findOpened(request, since)).rejects.toMatchObject({
            code: 'ERR_UNAVAILABLE',
          });
          emulator.clock.advance(16_000);
          const { conversation } =
            (await conversations.findOpened(request, since)) ?? (await conversations.open(request));
          emulator.clock.advance(16_000);
          const said = await Array.fromAsync(messages.list(conversation.id));
          expect(said.map(({ content }) => textOf(content))).toEqual(['two', 'one']);
        },
        { messageDelayMs: 5_000 },
      );
    }
  });

  test('whose opening was lost on the way are looked up by what was said', async () => {
    await withStage(async ({ emulator, open }) => {
      const { conversations, messages } = open();
      const since = new Date(emulator.clock.now() - 1).toISOString();
      const request = {
        to: { channel: 'email', value: 'ada@client.test' },
        contents: [text('one'), text('two')],
        key: 'k',
      };
      const tooSoon = { code: 'ERR_UNAVAILABLE', retryAfterMs: expect.any(Number) };
      await expect(conversations.findOpened(request, since)).rejects.toMatchObject(tooSoon);
      emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/website/:w/conversation/:s/message' });
      await expect(conversations.open(request)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
      await expect(conversations.findOpened(request, since)).rejects.toMatchObject(tooSoon);
      emulator.clock.advance(16_000);
      // Now it certainly did not go out.
      expect(await conversations.findOpened(request, since)).toBeUndefined();
      const { conversation } = await conversations.open(request);
      expect(emulator.conversations().length).toBe(1);
      expect(await conversations.findOpened(request, since)).toMatchObject({
        created: true,
        conversation: { id: conversation.id },
      });
      const said = await Array.fromAsync(messages.list(conversation.id));
      expect(said.map(({ content }) => textOf(content))).toEqual(['two', 'one']);
    });
  });

  test('are listed by status, contact and change', async () => {
    await withStage(async ({ emulator, open }) => {
      const { conversations, contacts } = open();
      const ada = emulator.visitor({ email: 'ada@client.test' });
      ada.say('hello');
      emulator.clock.advance(10_000);
      const since = new Date(emulator.clock.now()).toISOString();
      const eve = emulator.visitor({ email: 'eve@client.test' });
      eve.say('hello');
      await conversations.setStatus(`leads:${eve.sessionId}`, 'closed');
      const ids = async (query: Parameters<typeof conversations.list>[0]) =>
        (await Array.fromAsync(conversations.list(query))).map(({ id }) => id);
      expect(await ids({ status: 'closed' })).toEqual([`leads:${eve.sessionId}`]);
      expect(await ids({ status: 'open' })).toEqual([`leads:${ada.sessionId}`]);
      emulator.clock.advance(1_000);
      const spam = emulator.visitor();
      spam.say('buy now');
      emulator.operator({ email: 'sam@shop.test' }).block(spam.sessionId);
      expect(await ids({ status: 'closed' })).toEqual([`leads:${spam.sessionId}`, `leads:${eve.sessionId}`]);
      expect(await ids({ status: 'open' })).toEqual([`leads:${ada.sessionId}`]);
      expect(await ids({ updatedSince: since })).toEqual([
        `leads:${spam.sessionId}`,
        `leads:${eve.sessionId}`,
      ]);
      const contactId = (await contacts.find({ email: 'ada@client.test' }))?.id ?? '';
      expect(await ids({ contactId })).toEqual([`leads:${ada.sessionId}`]);
    });
  });

  test('of a plugin’s account for all websites are listed, opened and read with their website', async () => {
    await withStage(async ({ emulator, open }) => {
      const other = emulator.addWebsite();
      const { websiteId } = emulator.credentials;
      const { conversations, contacts, messages } = open({ website: undefined });
      const to = { channel: 'email', value: 'ada@client.test' };
      await expect(conversations.open({ to, contents: [], key: '1' })).rejects.toThrow(/"organization"/);
      const opened = [];
      for (const organization of [websiteId, other]) {
        const { conversation } = await conversations.open({
          to,
          contents: [text('hi')],
          key: '2',
          organization,
        });
        expect(conversation).toMatchObject({
          organization,
          id: expect.stringContaining(`leads:${organization}/session_`),
        });
        expect(await Array.fromAsync(messages.list(conversation.id))).toMatchObject([
          { conversationId: conversation.id },
        ]);
        opened.push(conversation.id);
      }
      expect((await Array.fromAsync(conversations.list())).map(({ id }) => id).toSorted()).toEqual(
        opened.toSorted(),
      );
      const people = await Array.fromAsync(contacts.list());
      expect(people.map(({ organization }) => organization)).toEqual([websiteId, other]);
      expect(await contacts.get(people[1]?.id ?? '')).toMatchObject({
        email: 'ada@client.test',
        organization: other,
      });
    });
  });
});

describe('messages', () => {
  test('are changed, removed, and typed as a program', async () => {
    await withStage(async ({ emulator, open }) => {
      const ada = emulator.visitor();
      ada.say('hello');
      const { messages } = open({ author: { nickname: 'Parcel bot' } });
      const conversationId = `leads:${ada.sessionId}`;
      const { id = '' } = await messages.send({ conversationId, content: text('Hi'), key: '1' });
      expect(emulator.conversation(ada.sessionId)?.messages[1]).toMatchObject({
        automated: true,
        user: { type: 'participant', nickname: 'Parcel bot' },
      });
      await messages.edit(id, text('Hello'));
      expect(await messages.get(id)).toMatchObject({ content: text('Hello'), author: { self: true } });
      await messages.typing(conversationId, true);
      await messages.delete(id);
      await expect(messages.get(id)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
    });
  });

  test('that were accepted and are not stored yet are neither found nor missing', async () => {
    await withStage(
      async ({ emulator, open }) => {
        const ada = emulator.visitor();
        const { messages } = open();
        const conversationId = `leads:${ada.sessionId}`;
        const since = new Date(emulator.clock.now()).toISOString();
        const request = { conversationId, content: text('slow'), key: '1' };
        const { id } = await messages.send(request);
        const again = { code: 'ERR_UNAVAILABLE', retryAfterMs: expect.any(Number) };
        await expect(messages.find(request, since)).rejects.toMatchObject(again);
        emulator.clock.advance(10_000);
        await expect(messages.find(request, since)).rejects.toMatchObject(again);
        emulator.clock.advance(3_000);
        expect(await messages.find(request, since)).toMatchObject({ id });
        await expect(messages.find({ ...request, key: 'never sent' }, since)).rejects.toMatchObject(again);
        emulator.clock.advance(3_000);
        expect(await messages.find({ ...request, key: 'never sent' }, since)).toBeUndefined();
      },
      { messageDelayMs: 12_000 },
    );
  });
});

test('contacts are created, changed and removed, with their data', async () => {
  await withStage(async ({ emulator, open }) => {
    const { contacts } = open();
    const created = await contacts.create({
      name: 'Ada Loop',
      email: 'ada@client.test',
      phone: '+31655501234',
      fields: { plan: 'pro' },
    });
    expect(created).toMatchObject({ name: 'Ada Loop', email: 'ada@client.test', fields: { plan: 'pro' } });
    const changed = await contacts.update(created.id, { locale: 'nl', fields: { orders: 3 } });
    expect(changed).toMatchObject({ name: 'Ada Loop', locale: 'nl', fields: { plan: 'pro', orders: 3 } });
    expect(await contacts.find({ phone: '+31655501234' })).toMatchObject({ id: created.id });
    expect(await contacts.get('leads:ada@client.test')).toMatchObject({ id: created.id });
    await contacts.delete(created.id);
    expect(await contacts.find({ email: 'ada@client.test' })).toBeUndefined();
    expect(emulator.people()).toEqual([]);
  });
});

/** On hooks and socket at once. */
function botFor({ credentials }: Stage['emulator'], engine = memoryEngine()) {
  const { origin, tier, identifier, key, websiteId: website, hookSecret: secret } = credentials;
  const leads = crisp({ origin, tier, identifier, key, website, secret, realtime: true });
  return createBot({ accounts: { leads }, engine, log: silentLog });
}

describe('a bot', () => {
  /** On the socket alone. */
  async function withSocket(
    run: (parts: { stage: Stage; bot: ReturnType<typeof botFor> }) => Promise<void>,
    options: Parameters<typeof startStage>[0] = {},
  ): Promise<void> {
    await withStage(async (stage) => {
      const bot = botFor(stage.emulator, memoryEngine({ clock: emulatorClock(stage.emulator) }));
      try {
        await run({ stage, bot });
      } finally {
        await bot.close();
      }
    }, options);
  }

  async function withBot(
    run: (parts: { stage: Stage; bot: ReturnType<typeof botFor>; events: Event[] }) => Promise<void>,
  ): Promise<void> {
    await withStage(async (stage) => {
      const { emulator } = stage;
      const bot = botFor(emulator);
      const capture = await captureWebhooks('/webhooks/leads');
      emulator.subscribe({ url: capture.url });
      const events: Event[] = [];
      for (const name of ['message.received', 'message.sent', 'note.created', 'provider.event'] as const) {
        bot.on(name, (turn) => events.push(turn.event));
      }
      const forwarding = (async () => {
        for (;;) {
          const request = await capture.next().catch(() => undefined);
          if (request === undefined) return;
          await bot.webhook('leads', request);
        }
      })();
      try {
        await run({ stage, bot, events });
      } finally {
        await bot.drain();
        await bot.close();
        await capture.close();
        await forwarding;
      }
    });
  }

  test('hears its own words once, and does not answer itself', async () => {
    await withBot(async ({ stage: { emulator }, bot, events }) => {
      bot.on('message.received', (turn) => turn.say(`You said ${turn.text}`));
      await bot.start();
      await emulator.rtm.connected();
      const ada = emulator.visitor();
      for (const words of ['one', 'two']) {
        ada.say(words);
        await ada.next();
      }
      const sent = () => events.filter(({ name }) => name === 'message.sent');
      await eventually(
        () => sent().length >= 2 && emulator.hooks.pending === 0,
        () => `it heard itself ${sent().length} times`,
      );
      ada.say('bye');
      await ada.next();
      await eventually(
        () => sent().length >= 3 && emulator.hooks.pending === 0,
        () => `it heard itself ${sent().length} times`,
      );
      await bot.drain();
      expect(ada.received.map(({ content }) => content)).toEqual([
        'You said one',
        'You said two',
        'You said bye',
      ]);
      expect(sent().map((event) => event.name === 'message.sent' && event.message.author.self)).toEqual([
        true,
        true,
        true,
      ]);
    });
  });

  test('says once what was accepted without an answer, however long it takes to be stored', async () => {
    await withSocket(
      async ({ stage: { emulator }, bot }) => {
        bot.on('message.received', (turn) => turn.say('hi'));
        await bot.start();
        await emulator.rtm.connected();
        emulator.faults.next({ kind: 'drop-after', route: 'POST /v1/website/:w/conversation/:s/message' });
        const ada = emulator.visitor();
        ada.say('hello');
        const isFound = () =>
          emulator.journal.entries.some(
            ({ method, path, status }) => method === 'GET' && path.includes('/message/') && status === 200,
          );
        await eventually(
          () => isFound() || ada.received.length > 1 || emulator.clock.advance(100) !== undefined,
          () => 'it was never found',
        );
        emulator.clock.advance(60_000);
        expect(ada.received.map(({ content }) => content)).toEqual(['hi']);
      },
      { messageDelayMs: 12_000 },
    );
  });

  test('is told of a changed note as a note, and of a text that nobody can tell as neither', async () => {
    await withSocket(async ({ stage: { emulator }, bot }) => {
      const events: Event[] = [];
      for (const name of ['message.updated', 'note.created', 'provider.event'] as const) {
        bot.on(name, (turn) => events.push(turn.event));
      }
      const now = emulator.clock.now();
      emulator.clock.set(now - 3_600_000);
      const { sessionId } = emulator.visitor();
      const sam = emulator.operator({ email: 'sam@shop.test' });
      const before = sam.note(sessionId, 'owes us');
      const said = sam.say(sessionId, 'Good mornign');
      const unreadable = sam.note(sessionId, 'is a cheat');
      emulator.clock.set(now);
      await bot.start();
      await emulator.rtm.connected();
      const heard = (name: Event['name'], words: string) =>
        eventually(
          () => events.find((event) => event.name === name && JSON.stringify(event).includes(`"${words}"`)),
          () => `no ${name} with "${words}" came: ${events.map((event) => event.name).join()}`,
        );
      const note = { message: { note: true, author: { role: 'agent', id: `leads:${sam.userId}` } } };
      const after = sam.note(sessionId, 'is angry');
      await heard('note.created', 'is angry');
      sam.edit(sessionId, after, 'is furious');
      expect(await heard('message.updated', 'is furious')).toMatchObject(note);
      const reads = () => emulator.journal.entries.filter(({ path }) => path.includes('/message/')).length;
      expect(reads()).toBe(0);
      sam.edit(sessionId, before, 'owes us 5 euro');
      expect(await heard('message.updated', 'owes us 5 euro')).toMatchObject(note);
      sam.edit(sessionId, said, 'Good morning');
      const edited = await heard('message.updated', 'Good morning');
      expect(edited).toMatchObject({ message: { direction: 'out', author: note.message.author } });
      expect(edited).not.toHaveProperty('message.note');
      expect(reads()).toBe(2);

      const route = 'GET /v1/website/:w/conversation/:s/message/:f';
      emulator.faults.next({ kind: 'status', status: 403, route, times: 1 });
      sam.edit(sessionId, unreadable, 'is a thief');
      await heard('provider.event', 'is a thief');
    });
  });

  test('falls silent when an operator takes over', async () => {
    await withBot(async ({ stage: { emulator }, bot, events }) => {
      bot.on('message.received', (turn) => turn.say('I am a bot'));
      await bot.start();
      await emulator.rtm.connected();
      const ada = emulator.visitor();
      ada.say('hello');
      await ada.next();
      emulator.operator({ email: 'sam@shop.test' }).say(ada.sessionId, 'Sam here, let me look');
      await eventually(
        () => events.some((event) => event.name === 'message.sent' && event.message.author.role === 'agent'),
        () => 'the operator was not heard',
      );
      ada.say('thank you');
      await eventually(
        () =>
          events.filter(({ name }) => name === 'message.received').length >= 2 &&
          emulator.hooks.pending === 0,
        () => 'the visitor was not heard',
      );
      expect(ada.received.map(({ content }) => content)).toEqual(['I am a bot', 'Sam here, let me look']);

      // Closed, it is the bot's again; the visitor's next words open it.
      emulator.operator({ email: 'sam@shop.test' }).setState(ada.sessionId, 'resolved');
      await emulator.hooks.settled();
      ada.say('one more thing');
      expect(await ada.next()).toMatchObject({ content: 'Sam here, let me look' });
      expect(await ada.next()).toMatchObject({ content: 'I am a bot' });
      await bot.drain();
    });
  });

  test('hears a visitor who goes back to an earlier choice, each time once', async () => {
    await withBot(async ({ stage: { emulator }, bot, events }) => {
      bot.hears('hello', (turn) => turn.say(choices('When?', { am: 'Morning', pm: 'Afternoon' })));
      await bot.start();
      await emulator.rtm.connected();
      const ada = emulator.visitor();
      ada.say('hello');
      const { fingerprint } = await ada.next();
      const chosen = () =>
        events.flatMap((event) =>
          event.name === 'message.received' && event.message.content.kind === 'choice'
            ? [event.message.content.value]
            : [],
        );
      const given: string[] = [];
      for (const value of ['am', 'pm', 'am', 'pm']) {
        emulator.clock.advance(1_000);
        ada.choose(value, fingerprint);
        given.push(value);
        await eventually(
          () => chosen().length >= given.length && emulator.hooks.pending === 0,
          () => `heard ${chosen().join()}`,
        );
      }
      ada.say('bye');
      await eventually(
        () =>
          events.some(
            (event) => event.name === 'message.received' && textOf(event.message.content) === 'bye',
          ),
        () => 'the last words were not heard',
      );
      expect(chosen()).toEqual(given);
    });
  });

  test('gets what has no neutral word with its type', async () => {
    await withBot(async ({ stage: { emulator }, bot, events }) => {
      await bot.start();
      await emulator.rtm.connected();
      emulator.visitor().rate(5, 'Great');
      const rating = () => events.map((event) => crispPayload(event, 'session:sync:rating')).find(Boolean);
      await eventually(
        () => rating() !== undefined,
        () => 'no rating came',
      );
      expect(rating()?.rating).toEqual({ stars: 5, comment: 'Great' });
      expect(events.some((event) => crispPayload(event, 'plugin:event') !== undefined)).toBe(false);
    });
  });
});

test('the compiler knows what every method takes and gives', () => {
  const compiled = async (
    api: CrispApi,
    payload: CrispEventPayload<'session:set_routing'>,
  ): Promise<void> => {
    const conversation = await api.conversations.get({ session: 's', website: 'w' });
    const session: string = conversation.session_id;
    const exists: boolean = await api.people.exists({ person: 'a@b.c' });
    const { total }: { total?: number } = await api.people.getStatistics();
    const tags: string[] = await api.campaigns.listTags();
    await api.conversations.setState({ session, body: { state: 'resolved' } });
    await api.messages.update({ session, fingerprint: total ?? 1, body: { content: 'x' } });
    await api.plans.setBillPeriod({ body: { period: 'yearly' } });
    for await (const person of api.each('people.list', { query: { search_text: tags[0] } }))
      void person.people_id;
    const routed: string | null = payload.routing_id;
    // @ts-expect-error a session is needed
    await api.conversations.get({});
    // @ts-expect-error there is no such state
    await api.conversations.setState({ session, body: { state: 'frozen' } });
    // @ts-expect-error a body is needed
    await api.people.updateSubscription({ person: 'p' });
    // @ts-expect-error a fingerprint is a number
    await api.messages.get({ session, fingerprint: 'x' });
    // @ts-expect-error this is no list
    api.each('conversations.get');
    // @ts-expect-error there is no such parameter
    await api.conversations.getState({ session, page: 2 });
    void [exists, routed];
  };
  expect(compiled).toEqual(expect.any(Function));
});
