import { describe, expect, test } from '@jest/globals';
import type { Content } from '@parley/core';
import fc from 'fast-check';
import { readBotCommand, readFieldLine, set } from '../src/commands.js';
import { fromWeb1on1Content } from '../src/from-web1on1.js';
import { toUpsert } from '../src/open.js';
import {
  toEdit,
  toHandOverCommands,
  toStatusCommands,
  toTelephone,
  toWeb1on1Contact,
  toWeb1on1Message,
} from '../src/to-web1on1.js';

const send = (content: Content, more: object = {}) =>
  toWeb1on1Message({ content, role: 'agent', key: 'turn-1', ...more });
const meta = { parley: 'turn-1' };

describe('what goes to the consumer', () => {
  test.each<[string, Content, object]>([
    ['text', { kind: 'text', text: 'Hi' }, { text: 'Hi', role: 'agent', meta }],
    [
      'html',
      { kind: 'text', text: '<b>Hi</b>', format: 'html' },
      { text: '<b>Hi</b>', contentType: 'text/html', role: 'agent', meta },
    ],
    [
      'a picture, by its address',
      { kind: 'media', url: 'https://media.example/1.png', mimeType: 'image/png' },
      { text: 'https://media.example/1.png', contentType: 'image/png', role: 'agent', meta },
    ],
    [
      'buttons, a link with its address in both places',
      {
        kind: 'choices',
        text: 'Well?',
        choices: [
          { type: 'reply', label: 'Yes', value: 'Y' },
          { type: 'postback', label: 'No', value: 'N' },
          { type: 'link', label: 'Map', url: 'https://garage.example' },
        ],
      },
      {
        text: 'Well?',
        role: 'agent',
        actions: [
          { type: 'reply', text: 'Yes', payload: 'Y' },
          { type: 'postback', text: 'No', payload: 'N' },
          { type: 'link', text: 'Map', uri: 'https://garage.example', payload: 'https://garage.example' },
        ],
        meta,
      },
    ],
    [
      'a carousel without a text of its own',
      {
        kind: 'carousel',
        cards: [
          { title: 'A', description: 'a', mediaUrl: 'https://media.example/a.png' },
          { title: 'B', choices: [{ type: 'postback', label: 'B!', value: 'B' }] },
        ],
      },
      {
        role: 'agent',
        items: [
          { title: 'A', description: 'a', mediaUrl: 'https://media.example/a.png' },
          { title: 'B', actions: [{ type: 'postback', text: 'B!', payload: 'B' }] },
        ],
        meta,
      },
    ],
    [
      'a template, whose meta are its variables',
      { kind: 'template', template: 't1', name: 'service_reminder', variables: { Slot: '9.30 am' } },
      {
        type: 'chat',
        text: 'service_reminder',
        role: 'agent',
        touchpoint: 'whatsapp',
        meta: { template: 't1', Slot: '9.30 am' },
      },
    ],
    [
      'a field, which nobody speaks',
      { kind: 'field', key: 'licenseplate', value: 'GT-482-K', form: 'f1' },
      { type: 'field', text: '.licenseplate GT-482-K', meta: { form: 'f1', parley: 'turn-1' } },
    ],
    [
      'a pressed button',
      { kind: 'choice', value: 'Y' },
      { type: 'postback', text: 'Y', role: 'agent', meta },
    ],
  ])('%s', (_what, content, expected) => {
    expect(send(content)).toStrictEqual(expected);
  });

  test('names the channel and quotes where asked to', () => {
    expect(send({ kind: 'text', text: 'Hi' }, { channel: 'sms', quote: 'Hello?' })).toStrictEqual({
      text: 'Hi',
      role: 'agent',
      touchpoint: 'sms',
      meta: { parley: 'turn-1', quotedMessage: 'Hello?' },
    });
  });

  test('speaks as bot where the account is set to', () => {
    expect(send({ kind: 'text', text: 'Hi' }, { role: 'bot' })).toMatchObject({ role: 'bot' });
  });

  test.each<Content>([
    { kind: 'location', latitude: 52, longitude: 5 },
    { kind: 'system', text: 'x' },
    { kind: 'unknown', type: 'hologram' },
  ])('is never a guess: $kind has no form', (content) => {
    expect(() => send(content)).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
  });

  test('does not let a variable take the place of the template', () => {
    const content: Content = { kind: 'template', template: 't1', variables: { template: 't2' } };
    expect(() => send(content)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  });
});

describe('a note', () => {
  test('is kept from the consumer twice over: by its role and by the side stream', () => {
    expect(send({ kind: 'text', text: 'Careful' }, { note: true, channel: 'whatsapp' })).toStrictEqual({
      text: 'Careful',
      role: 'bot',
      isBackchannel: true,
      meta,
    });
  });

  test('cannot be a template', () => {
    const content: Content = { kind: 'template', template: 't1', variables: {} };
    expect(() => send(content, { note: true })).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
  });
});

test('what is sent reads back as what it was', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .-]{0,20}$/);
  const choice = fc.oneof(
    fc.record({ type: fc.constant('reply' as const), label: word, value: word }),
    fc.record({ type: fc.constant('postback' as const), label: word, value: word }),
    fc.record({ type: fc.constant('link' as const), label: word, url: fc.webUrl() }),
  );
  const choices = fc.array(choice, { minLength: 1, maxLength: 4 });
  const content: fc.Arbitrary<Content> = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: fc.string() }),
    fc.record({
      kind: fc.constant('text' as const),
      text: fc.string(),
      format: fc.constant('html' as const),
    }),
    fc.record({ kind: fc.constant('media' as const), url: fc.webUrl(), mimeType: fc.constant('image/png') }),
    fc.record({ kind: fc.constant('choices' as const), text: fc.string(), choices }),
    fc.record({
      kind: fc.constant('carousel' as const),
      text: word,
      cards: fc.array(fc.record({ title: word, description: word, choices }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('template' as const),
      template: word,
      name: word,
      variables: fc.dictionary(
        word.filter((name) => name !== 'template'),
        fc.string(),
      ),
    }),
    fc.record({ kind: fc.constant('choice' as const), value: fc.string() }),
    fc.record({
      kind: fc.constant('field' as const),
      key: fc.stringMatching(/^[A-Za-z0-9_.-]+$/),
      value: fc.string().filter((value) => !/[\n\r\u2028\u2029]/.test(value)),
      form: word,
    }),
  );
  fc.assert(
    fc.property(content, (sent) => {
      const body = JSON.parse(JSON.stringify({ id: 'm1', ...send(sent) }));
      expect(fromWeb1on1Content(body)).toEqual(sent);
    }),
  );
});

describe('a command', () => {
  test('sets any one-line value, and what the platform reads is that value', () => {
    const value = fc.oneof(
      fc.string().filter((text) => !/[\n\r\u2028\u2029]/.test(text)),
      fc.integer(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^@?[A-Za-z0-9_.-]+$/), value, (key, given) => {
        const { type, text = '' } = set(key, given);
        expect(type).toBe('command');
        expect(text.slice(`/set ${key} `.length)).toBe(String(given));
      }),
    );
  });

  test('keeps 0 and false, which are no empty value', () => {
    expect(set('step', 0).text).toBe('/set step 0');
    expect(set('vip', false).text).toBe('/set vip false');
    expect(set('step', '').text).toBe('/set step ');
  });

  test.each(['a b', '', '@', 'a\nb', 'sleutel:1', '@a b'])('refuses the key %j', (key) => {
    expect(() => set(key, 'x')).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  });

  test.each(['a\nb', 'a\rb', 'a\u2028b'])('refuses the value %j, which would end the line', (value) => {
    expect(() => set('key', value)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    expect(() => send({ kind: 'field', key: 'key', value })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    );
  });

  test.each([
    ['>remind tomorrow', { command: 'remind', args: 'tomorrow' }],
    ['> remind', { command: 'remind', args: '' }],
    ['>remind\nmilk\neggs', { command: 'remind', args: 'milk\neggs' }],
    ['>', undefined],
    ['/assign', undefined],
  ])('for bots reads %j', (line, expected) => {
    expect(readBotCommand(line)).toEqual(expected);
  });

  test.each([
    ['.plate GT-482-K', { key: 'plate', value: 'GT-482-K' }],
    ['.plate', { key: 'plate', value: '' }],
    ['. x', undefined],
    ['plate', undefined],
  ])('for fields reads %j', (line, expected) => {
    expect(readFieldLine(line)).toEqual(expected);
  });

  test('of each status: what waits is let go of before anybody is called', () => {
    const texts = (status: 'open' | 'pending' | 'closed') => toStatusCommands(status).map(({ text }) => text);
    expect(texts('open')).toEqual(['/accept']);
    expect(texts('closed')).toEqual(['/leave']);
    expect(texts('pending')).toEqual(['/leave', '/notify']);
  });

  test('hands over to users where they are named, else to whoever the rules say', () => {
    expect(toHandOverCommands(['u1'])).toMatchObject([
      { text: '/leave' },
      { text: '/assign', meta: { users: ['u1'] } },
    ]);
    expect(toHandOverCommands(undefined)).toMatchObject([{ text: '/leave' }, { text: '/notify' }]);
  });
});

describe('opening a conversation', () => {
  const request = {
    to: { channel: 'whatsapp', value: '+31655501234', name: 'Noor Visser', email: 'noor@example.com' },
    contents: [
      { kind: 'field', key: 'licenseplate', value: 'GT-482-K' },
      { kind: 'template', template: 't1', name: 'service_reminder', variables: { Workshop: 'Utrecht' } },
      { kind: 'text', text: 'See you' },
    ] satisfies Content[],
    key: 'open-1',
    release: true,
  };

  test('is the upsert that the documentation shows', () => {
    expect(toUpsert(request, 'o1', 'agent')).toStrictEqual({
      organization: 'o1',
      type: 'contact',
      contact: { profile: { name: 'Noor Visser', email: 'noor@example.com', telephone: '+31655501234' } },
      messages: [
        { type: 'field', text: '.licenseplate GT-482-K', meta: { parley: 'open-1' } },
        {
          type: 'chat',
          text: 'service_reminder',
          role: 'agent',
          touchpoint: 'whatsapp',
          meta: { template: 't1', Workshop: 'Utrecht' },
        },
        { text: 'See you', role: 'agent', meta: { parley: 'open-1' } },
        { type: 'command', text: '/leave', meta: {}, delay: 3000 },
      ],
    });
  });

  test('names no channel for a bare phone number', () => {
    const { messages } = toUpsert(
      {
        ...request,
        to: { channel: 'phone', value: '+31655501234' },
        contents: [{ kind: 'text', text: 'Hi' }],
      },
      'o1',
      'agent',
    );
    expect(messages[0]).not.toHaveProperty('touchpoint');
  });

  test.each([
    [{ channel: 'web', value: 'visitor-1' }, 'ERR_UNSUPPORTED'],
    [{ channel: 'sms', value: '0655501234' }, 'ERR_CONFIG'],
  ])('by %j is refused, without the address in the error', (to, code) => {
    expect(() => toUpsert({ ...request, to }, 'o1', 'agent')).toThrow(
      expect.objectContaining({ code, message: expect.not.stringContaining(to.value) }),
    );
  });

  test('with nothing to say joins, because the platform wants a message', () => {
    const { messages } = toUpsert({ ...request, contents: [], release: false }, 'o1', 'agent');
    expect(messages).toStrictEqual([{ type: 'command', text: '/join', meta: {} }]);
  });
});

test('a phone number is E.164 or refused', () => {
  expect(toTelephone('+31655501234')).toBe('+31655501234');
  for (const wrong of ['31655501234', '+0655501234', '+31 6 5550 1234', '+1', `+${'1'.repeat(16)}`]) {
    expect(() => toTelephone(wrong)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  }
});

test('a changed contact keeps what was not named: the platform replaces nested objects whole', () => {
  const current = {
    id: 'c1',
    profile: { name: 'Noor', email: 'noor@example.com' },
    meta: { crm: '1', vip: 'no' },
  };
  expect(toWeb1on1Contact({ phone: '+31655501234', fields: { vip: 'yes' } }, current)).toStrictEqual({
    profile: { name: 'Noor', email: 'noor@example.com', telephone: '+31655501234' },
    meta: { crm: '1', vip: 'yes' },
  });
  expect(toWeb1on1Contact({ fields: { vip: 'yes' } }, current)).not.toHaveProperty('profile');
});

test('an edit never touches meta', () => {
  expect(toEdit({ kind: 'text', text: 'Better' })).toStrictEqual({ text: 'Better' });
  expect(() => toEdit({ kind: 'template', template: 't1', variables: {} })).toThrow(
    expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
  );
});
