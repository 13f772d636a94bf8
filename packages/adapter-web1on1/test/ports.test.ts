import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Content, OpenRequest } from '@parley/core';
import type { Consumer } from '@parley/emulators';
import type { Web1on1Adapter } from '../src/index.js';
import { type Stage, startStage } from './account.js';

let stage: Stage;
let adapter: Web1on1Adapter;
let noor: Consumer;
let conversationId: string;

beforeEach(async () => {
  stage = await startStage();
  adapter = stage.open();
  noor = await stage.emulator.contact({
    telephone: '+31655501234',
    name: 'Noor Visser',
    channel: 'whatsapp',
  });
  conversationId = `leads:${noor.conversationId}`;
});
afterEach(() => stage.close());

const text = (words: string): Content => ({ kind: 'text', text: words });
const posted = () => stage.emulator.journal.requests({ method: 'POST', path: /messages$/ });
/** The conversation as the platform has it. */
const stored = () => stage.emulator.conversations.get(noor.conversationId);

describe('a message', () => {
  test('reaches the consumer, and its event id is the one of its echo', async () => {
    const sent = await adapter.messages.send({ conversationId, content: text('Hi!'), key: 'turn-1' });
    expect(await noor.next()).toMatchObject({ text: 'Hi!', role: 'agent', meta: { parley: 'turn-1' } });
    expect(sent).toEqual({
      id: expect.stringMatching(/^leads:[0-9a-f]{24}$/),
      at: expect.stringMatching(/Z$/),
      eventId: `leads:message.create:${sent.id?.slice('leads:'.length)}`,
    });
  });

  test('as agent accepts the conversation', async () => {
    await adapter.messages.send({ conversationId, content: text('Hi!'), key: 'turn-1' });
    const conversation = await adapter.conversations.get(conversationId);
    expect(conversation).toMatchObject({ status: 'open', kind: 'contact', channel: 'whatsapp' });
    expect(conversation.participants).toContainEqual(expect.objectContaining({ self: true, accepted: true }));
  });

  test('as bot does not reach the consumer', async () => {
    const quiet = stage.open({ role: 'bot' });
    await quiet.messages.send({ conversationId, content: text('Thinking'), key: 'turn-1' });
    expect(noor.received).toHaveLength(0);
    expect(stored()?.status).not.toBe('active');
  });

  test('that is a note does not reach the consumer', async () => {
    await adapter.messages.send({ conversationId, content: text('Careful'), note: true, key: 'turn-1' });
    expect(noor.received).toHaveLength(0);
    const [note] = await Array.fromAsync(adapter.messages.list(conversationId));
    expect(note).toMatchObject({ note: true, author: { role: 'bot', self: true }, content: text('Careful') });
  });

  test('is found again by its key, when its answer was lost', async () => {
    const request = { conversationId, content: text('Once'), key: 'turn-7' };
    const since = new Date(stage.emulator.clock.now()).toISOString();
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v2/conversations/:id/messages' });
    await expect(adapter.messages.send(request)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(posted()).toHaveLength(1);
    const found = await adapter.messages.find(request, since);
    const [only] = stage.emulator.messages.list().filter(({ text: words }) => words === 'Once');
    expect(found?.id).toBe(`leads:${only?.id}`);
    expect(await adapter.messages.find({ ...request, key: 'turn-8' }, since)).toBeUndefined();
  });

  test('that is a template is found again by template, variables and author', async () => {
    const content: Content = {
      kind: 'template',
      template: 't1',
      name: 'reminder',
      variables: { Slot: '9.30' },
    };
    const request = { conversationId, content, key: 'turn-7' };
    const since = new Date(stage.emulator.clock.now()).toISOString();
    await adapter.messages.send(request);
    expect(await noor.next()).toMatchObject({ text: 'reminder', meta: { template: 't1', Slot: '9.30' } });
    expect(await adapter.messages.find(request, since)).toBeDefined();
    const { adminToken, adminRefreshToken, adminEmail } = stage.emulator.credentials;
    const somebodyElse = stage.open({
      token: adminToken,
      refreshToken: adminRefreshToken,
      email: adminEmail,
    });
    expect(await somebodyElse.messages.find(request, since)).toBeUndefined();
    const other = { ...request, content: { ...content, variables: { Slot: '10.30' } } };
    expect(await adapter.messages.find(other, since)).toBeUndefined();
  });

  test('is not repeated when the server says 500: it may have gone out', async () => {
    stage.emulator.faults.next({ kind: 'status', status: 500, route: 'POST /v2/conversations/:id/messages' });
    await expect(
      adapter.messages.send({ conversationId, content: text('Hi'), key: 'k' }),
    ).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(posted()).toHaveLength(1);
  });

  test('waits out a 429 and then goes out once', async () => {
    stage.emulator.faults.next({ kind: 'status', status: 429, headers: { 'retry-after': '0' } });
    await adapter.messages.send({ conversationId, content: text('Hi'), key: 'k' });
    expect(posted().map(({ status }) => status)).toEqual([429, 201]);
    expect(noor.received).toHaveLength(1);
  });

  test('that the server refuses with an error inside a 200 is an error', async () => {
    stage.emulator.faults.next({ kind: 'error-in-ok' });
    await expect(
      adapter.messages.send({ conversationId, content: text('Hi'), key: 'k' }),
    ).rejects.toMatchObject({ code: 'ERR_REJECTED' });
  });

  test('whose answer cannot be read was sent all the same, and is looked for, not repeated', async () => {
    const body = { message: 'stored' };
    const route = 'POST /v2/conversations/:id/messages';
    stage.emulator.faults.next({ kind: 'status-after', status: 201, route, body });
    const request = { conversationId, content: text('Hi'), key: 'turn-9' };
    const since = new Date(stage.emulator.clock.now()).toISOString();
    await expect(adapter.messages.send(request)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(await adapter.messages.find(request, since)).toBeDefined();
    expect(posted()).toHaveLength(1);
  });

  test('to a conversation that does not exist is ERR_NOT_FOUND', async () => {
    await expect(
      adapter.messages.send({ conversationId: `leads:${'0'.repeat(24)}`, content: text('Hi'), key: 'k' }),
    ).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  test('to a conversation of another account is refused before it is sent', async () => {
    await expect(
      adapter.messages.send({
        conversationId: `support:${noor.conversationId}`,
        content: text('Hi'),
        key: 'k',
      }),
    ).rejects.toMatchObject({ code: 'ERR_CONFIG' });
    expect(posted()).toHaveLength(0);
  });

  test('is listed newest first, and read alone', async () => {
    noor.say('First');
    stage.emulator.clock.advance(1000);
    await adapter.messages.send({ conversationId, content: text('Second'), key: 'k' });
    const messages = await Array.fromAsync(adapter.messages.list(conversationId));
    expect(messages.map(({ content }) => content)).toEqual([text('Second'), text('First')]);
    expect(messages.map(({ direction }) => direction)).toEqual(['out', 'in']);
    expect(await Array.fromAsync(adapter.messages.list(conversationId, { limit: 1 }))).toHaveLength(1);
    expect(await adapter.messages.get(messages[0]?.id ?? '')).toEqual(messages[0]);
  });

  test('is edited and deleted', async () => {
    const { id = '' } = await adapter.messages.send({ conversationId, content: text('Helo'), key: 'k' });
    await adapter.messages.edit(id, text('Hello'));
    expect((await adapter.messages.get(id)).content).toEqual(text('Hello'));
    const { adminToken: token } = stage.emulator.credentials;
    await stage.open({ token, refreshToken: undefined, email: undefined }).messages.delete(id);
    await expect(adapter.messages.get(id)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  test('gives up when its signal fires', async () => {
    await expect(
      adapter.messages.send(
        { conversationId, content: text('Hi'), key: 'k' },
        { signal: AbortSignal.abort() },
      ),
    ).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(posted()).toHaveLength(0);
  });
});

describe('a conversation', () => {
  test('is taken, let go of, and put into the queue', async () => {
    await adapter.conversations.setStatus(conversationId, 'open');
    expect((await adapter.conversations.get(conversationId)).status).toBe('open');
    await adapter.conversations.setStatus(conversationId, 'closed');
    expect((await adapter.conversations.get(conversationId)).status).toBe('closed');
    await adapter.conversations.setStatus(conversationId, 'open');
    await adapter.conversations.setStatus(conversationId, 'pending');
    expect((await adapter.conversations.get(conversationId)).status).toBe('pending');
  });

  test('is assigned: into the inbox of an agent', async () => {
    const sam = await stage.emulator.agent({ name: 'Sam' });
    await adapter.conversations.assign(conversationId, [`leads:${sam.userId}`]);
    const { participants } = await adapter.conversations.get(conversationId);
    expect(participants).toContainEqual(
      expect.objectContaining({ id: `leads:${sam.userId}`, role: 'agent', invited: true }),
    );
    await expect(adapter.conversations.assign(conversationId, [])).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
  });

  test('has an assignee once an agent has accepted it', async () => {
    const sam = await stage.emulator.agent({ name: 'Sam' });
    sam.accept(noor.conversationId);
    expect((await adapter.conversations.get(conversationId)).assigneeId).toBe(`leads:${sam.userId}`);
  });

  test('keeps fields, as texts, and loses those that are emptied', async () => {
    await adapter.conversations.setFields(conversationId, { step: 3, vip: false, note: 'two words' });
    expect((await adapter.conversations.get(conversationId)).fields).toEqual({
      step: '3',
      vip: 'false',
      note: 'two words',
    });
    await adapter.conversations.setFields(conversationId, { step: '' });
    expect((await adapter.conversations.get(conversationId)).fields).not.toHaveProperty('step');
    expect(posted()).toHaveLength(2);
  });

  test.each([
    ['to whoever the rules say', false],
    ['to a colleague', true],
  ])('is handed over %s, with a note, and waits then', async (_whom, named) => {
    const sam = await stage.emulator.agent({ name: 'Sam' });
    await adapter.messages.send({ conversationId, content: text('One moment'), key: 'k' });
    const to = named ? [`leads:${sam.userId}`] : undefined;
    await adapter.conversations.handOver(conversationId, { reason: 'Wants a human', ...(to && { to }) });
    const conversation = await adapter.conversations.get(conversationId);
    expect(conversation.status).toBe('pending');
    expect(conversation.participants).toContainEqual(
      expect.objectContaining({ self: true, accepted: false }),
    );
    if (named) expect(conversation.participants).toContainEqual(expect.objectContaining({ invited: true }));
    expect(noor.received.map(({ text: words }) => words)).toEqual(['One moment']);
    const messages = await Array.fromAsync(adapter.messages.list(conversationId));
    expect(messages).toContainEqual(expect.objectContaining({ content: text('Wants a human'), note: true }));
  });

  test('is listed by status, contact and time of change', async () => {
    const other = await stage.emulator.contact({ telephone: '+31655509999', channel: 'sms' });
    await adapter.conversations.setStatus(conversationId, 'open');
    const ids = async (query: Parameters<typeof adapter.conversations.list>[0]) =>
      (await Array.fromAsync(adapter.conversations.list(query))).map(({ id }) => id);
    expect(await ids({ status: 'open' })).toEqual([conversationId]);
    expect(await ids({ contactId: `leads:${other.contactId}` })).toEqual([`leads:${other.conversationId}`]);
    expect(await ids({})).toHaveLength(2);
    const later = new Date(stage.emulator.clock.now() + 60_000).toISOString();
    expect(await ids({ updatedSince: later })).toEqual([]);
  });
});

describe('opening', () => {
  const request: OpenRequest = {
    to: { channel: 'whatsapp', value: '+31655507777', name: 'Kim de Boer', email: 'kim@example.com' },
    contents: [
      { kind: 'field', key: 'licenseplate', value: 'GT-482-K' },
      { kind: 'template', template: 't1', name: 'service_reminder', variables: { Workshop: 'Utrecht' } },
    ],
    key: 'open-1',
  };

  test('creates a person that is not known, and finds one that is', async () => {
    const first = await adapter.conversations.open(request);
    const second = await adapter.conversations.open(request);
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.conversation.id).toBe(first.conversation.id);
    expect(first.conversation.organization).toBe(stage.emulator.credentials.organization);
    const kim = await stage.emulator.contact({ telephone: '+31655507777', channel: 'whatsapp' });
    expect(kim.received).toMatchObject([{ text: 'service_reminder' }, { text: 'service_reminder' }]);
  });

  test('lets go afterwards, when asked to', async () => {
    const { conversation } = await adapter.conversations.open({ ...request, release: true });
    expect(conversation.status).toBe('open');
    stage.emulator.clock.advance(3000);
    expect((await adapter.conversations.get(conversation.id)).status).toBe('closed');
  });

  test.each([
    ['a template', request],
    ['words', { ...request, contents: [text('Hi')] }],
  ])('with %s is found again, when its answer was lost', async (_what, lost) => {
    const since = new Date(stage.emulator.clock.now()).toISOString();
    expect(await adapter.conversations.findOpened(lost, since)).toBeUndefined();
    stage.emulator.faults.next({ kind: 'drop-after', route: 'POST /v2/conversations' });
    await expect(adapter.conversations.open(lost)).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' });
    expect(await adapter.conversations.findOpened(lost, since)).toMatchObject({ created: true });
  });

  test('that never arrived is not found with a person who is known', async () => {
    const since = new Date(stage.emulator.clock.now()).toISOString();
    const to = { channel: 'whatsapp', value: '+31655501234' };
    expect(await adapter.conversations.findOpened({ ...request, to }, since)).toBeUndefined();
  });

  test('needs an organization where neither option nor token names one', async () => {
    const opaque = stage.open({ token: 'b'.repeat(32), refreshToken: undefined, email: undefined });
    await expect(opaque.conversations.open(request)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('organization'),
    });
  });
});

describe('a contact', () => {
  test('is created, found by phone and by e-mail, changed without losing the rest, and deleted', async () => {
    const created = await adapter.contacts.create({
      name: 'Kim de Boer',
      phone: '+31655507777',
      email: 'kim@example.com',
      fields: { crm: '4711', plate: 'GT-482-K' },
    });
    expect(created).toMatchObject({
      name: 'Kim de Boer',
      identities: [
        { account: 'leads', channel: 'phone', value: '+31655507777' },
        { account: 'leads', channel: 'email', value: 'kim@example.com' },
      ],
    });
    expect(await adapter.contacts.find({ phone: '+31655507777' })).toMatchObject({ id: created.id });
    expect(await adapter.contacts.find({ email: 'kim@example.com' })).toMatchObject({ id: created.id });
    expect(await adapter.contacts.find({ email: 'nobody@example.com' })).toBeUndefined();
    await adapter.contacts.update(created.id, { locale: 'nl-NL', fields: { crm: '4712' } });
    expect(await adapter.contacts.get(created.id)).toMatchObject({
      name: 'Kim de Boer',
      phone: '+31655507777',
      locale: 'nl-NL',
      fields: { crm: '4712', plate: 'GT-482-K' },
    });
    expect((await Array.fromAsync(adapter.contacts.list())).map(({ id }) => id)).toContain(created.id);
    const { adminToken: token } = stage.emulator.credentials;
    await stage.open({ token, refreshToken: undefined, email: undefined }).contacts.delete(created.id);
    await expect(adapter.contacts.get(created.id)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' });
  });
});

describe('after close()', () => {
  test('every call that would leave rejects', async () => {
    await adapter.close();
    const calls = [
      () => adapter.conversations.get(conversationId),
      () => Array.fromAsync(adapter.conversations.list()),
      () => adapter.conversations.setStatus(conversationId, 'open'),
      () => adapter.messages.send({ conversationId, content: text('Hi'), key: 'k' }),
      () => Array.fromAsync(adapter.messages.list(conversationId)),
      () => adapter.contacts.find({ phone: '+31655501234' }),
      () => adapter.api.users.list(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await adapter.close();
  });
});
