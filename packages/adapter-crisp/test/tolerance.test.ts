import { describe, expect, test } from '@jest/globals';
import { decode } from '@parley/adapter-kit';
import { isParleyError } from '@parley/core';
import fc from 'fast-check';
import { fromCrispConversation, fromCrispMessage, fromCrispProfile } from '../src/from-crisp.js';
import { fromCrispEvent } from '../src/from-crisp-event.js';
import type { Viewpoint } from '../src/ids.js';
import { ConversationCodec, MessageCodec, ProfileCodec } from '../src/wire/codecs.js';

// Of what the platform sends, what it is about is obligatory. Whatever stands in any other field costs nothing but that field.

const view: Viewpoint = { account: 'leads', website: 'w', selfId: 'self', owner: 'me' };
const AT = 1_700_000_120_004;
const ISO = '2023-11-14T22:15:20.004Z';

const said = {
  website_id: 'w',
  session_id: 'session_1',
  inbox_id: null,
  type: 'text',
  from: 'user',
  origin: 'chat',
  content: 'Where is my order?',
  fingerprint: 170_000_012_000_042,
  timestamp: AT,
  stamped: true,
  user: { user_id: 'session_1', nickname: 'Ada', avatar: '', type: 'website' },
  mentions: [],
  automated: false,
};
const conversation = {
  session_id: 'session_1',
  website_id: 'w',
  people_id: 'p',
  state: 'unresolved',
  is_blocked: false,
  topic: 'Parcel',
  assigned: { user_id: 'sam' },
  meta: {
    nickname: 'Ada',
    email: 'ada@client.test',
    phone: '+31655501234',
    subject: '',
    origin: 'email',
    data: { plan: 'pro' },
  },
  created_at: AT,
  updated_at: AT,
};
const profile = {
  people_id: 'p',
  email: 'ada@client.test',
  person: { nickname: 'Ada', phone: '+31655501234', locales: ['nl'] },
  created_at: AT,
  updated_at: AT,
};

/** Anything that JSON can say, the likely oddities first. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, 0, 1, '', 'x', true, false, [], {}, [null], [[]], 1.5, -1, 1e300, '170'),
  // As it is after it was stored: that makes 0 of -0.
  fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value))),
);

/** A record in which some fields, also inner ones, are something odd, or not there. */
function spoiled(record: object, kept: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(record).map(([name, value]): [string, fc.Arbitrary<unknown>] => {
    if (kept.includes(name)) return [name, fc.constant(value)];
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    const inner = isRecord ? spoiled(value as object, []) : fc.constant(value);
    return [name, fc.oneof(inner, odd)];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...kept] });
}

const read = (name: string, data: Record<string, unknown>) =>
  fromCrispEvent({ name, data, at: AT }, view, () => '1');

describe('a message', () => {
  test('is heard, whatever stands in any field but session and fingerprint', () => {
    fc.assert(
      fc.property(spoiled(said, ['session_id', 'fingerprint', 'from', 'type', 'content']), (data) => {
        const [event] = read('message:send', data);
        expect(event).toMatchObject({
          name: 'message.received',
          message: { direction: 'in', content: { kind: 'text', text: said.content } },
        });
        expect(JSON.parse(JSON.stringify(event))).toEqual(event);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['user', { avatar: { url: 'x' }, nickname: 'Ada' }, { author: { role: 'contact', name: 'Ada' } }],
    ['user', { type: 7, nickname: ['x'] }, { author: { role: 'contact' } }],
    ['user', '', { author: { role: 'contact' } }],
    ['user', [], { author: { role: 'contact' } }],
    ['mentions', '', {}],
    ['mentions', [null], {}],
    ['automated', 1, {}],
    ['timestamp', String(AT), { createdAt: ISO }],
    ['timestamp', 1e300, { createdAt: ISO }],
    ['from', '', { direction: 'in' }],
    ['from', 7, { direction: 'in' }],
    ['type', '', { content: { kind: 'text', text: said.content } }],
    ['origin', {}, {}],
    ['website_id', 5, { conversationId: 'leads:session_1' }],
  ])('with the odd %s %j is the visitor’s', (field, value, expected) => {
    const events = read('message:send', { ...said, [field]: value });
    expect(events).toMatchObject([{ name: 'message.received', message: expected }]);
  });

  test('that mentions us among what is no operator is a mention', () => {
    const note = { ...said, type: 'note', from: 'operator', mentions: [null, 7, 'self'] };
    expect(read('message:received', note)).toMatchObject([{ name: 'mention.received' }]);
  });

  test('is refused, and never anything else, without session or fingerprint', () => {
    fc.assert(
      fc.property(fc.constantFrom('session_id', 'fingerprint'), spoiled(said, []), (missing, data) => {
        delete data[missing];
        try {
          read('message:send', data);
          expect('it was read').toBe(`it needs ${missing}`);
        } catch (error) {
          if (!isParleyError(error)) throw error;
          expect(error.code).toBe('ERR_UNEXPECTED_PAYLOAD');
        }
      }),
    );
  });

  test('whose session is an empty text is refused: it would belong to nobody', () => {
    expect(() => read('message:send', { ...said, session_id: '' })).toThrow(/session_id/);
  });

  test('in a list is read, whatever stands in any field but the fingerprint', () => {
    fc.assert(
      fc.property(spoiled(said, ['fingerprint']), (data) => {
        const message = fromCrispMessage(decode(MessageCodec, data, 'message'), view, { id: 'session_1' });
        expect(message.id).toBe(`leads:session_1/${said.fingerprint}`);
        expect(JSON.parse(JSON.stringify(message))).toEqual(message);
      }),
    );
  });
});

test('an acknowledgement tells of every message it names, and leaves out what is no fingerprint', () => {
  const data = { session_id: 'session_1', origin: 7, details: 'x', fingerprints: [1, 'x', '2', null, 1.5] };
  for (const name of ['read:received', 'delivered', 'ignored']) {
    const events = read(`message:acknowledge:${name}`, data);
    expect(events).toMatchObject([{ messageId: 'leads:session_1/1' }, { messageId: 'leads:session_1/2' }]);
  }
  for (const fingerprints of [['x'], [], '', { a: 1 }]) {
    const events = read('message:acknowledge:delivered', { ...data, fingerprints });
    expect(events).toMatchObject([{ name: 'provider.event' }]);
  }
});

test('any event about a session is told, whatever stands in its other fields', () => {
  const names = [
    'message:compose:send',
    'message:acknowledge:ignored',
    'session:set_state',
    'session:set_data',
    'session:set_routing',
    'session:set_origin',
    'people:bind:session',
  ];
  const fields = ['website_id', 'type', 'timestamp', 'automated', 'details', 'state', 'data', 'routing_id'];
  const data = fc.dictionary(fc.constantFrom(...fields, 'origin', 'people_id'), odd);
  fc.assert(
    fc.property(fc.constantFrom(...names), data, (name, rest) => {
      expect(read(name, { ...rest, session_id: 'session_1' })).toHaveLength(1);
    }),
  );
});

test('an event that is nested too deep is refused like any that cannot be read', () => {
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  for (const name of ['plugin:event', 'session:set_data']) {
    expect(() => read(name, { session_id: 'session_1', data: deep })).toThrow(/nested too deep/);
  }
});

describe('a conversation', () => {
  const toConversation = (data: unknown) =>
    fromCrispConversation(decode(ConversationCodec, data, 'conversation'), view);

  test('is read, whatever stands in any field but its id', () => {
    fc.assert(
      fc.property(spoiled(conversation, ['session_id']), (data) => {
        const read = toConversation(data);
        expect(read.id).toMatch(/session_1$/);
        expect(JSON.parse(JSON.stringify(read))).toEqual(read);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['assigned', ''],
    ['assigned', []],
    ['assigned', false],
    ['meta', []],
    ['meta', { ...conversation.meta, data: [], phone: 31_655_501_234 }],
    ['topic', {}],
    ['is_blocked', 0],
    ['people_id', 1],
    ['created_at', ISO],
    ['updated_at', String(AT)],
  ])('with the odd %s %j loses that field alone', (field, value) => {
    expect(toConversation({ ...conversation, [field]: value })).toMatchObject({
      id: 'leads:session_1',
      status: 'open',
      ...(field !== 'people_id' && { contactId: 'leads:p' }),
      ...(field !== 'meta' && { contactName: 'Ada' }),
      ...(field !== 'assigned' && { assigneeId: 'leads:sam' }),
      ...(field !== 'updated_at' && { updatedAt: ISO }),
    });
  });

  test('without an id is refused', () => {
    for (const id of [undefined, null, '', 7]) {
      expect(() => toConversation({ ...conversation, session_id: id })).toThrow(/session_id/);
    }
  });
});

test('a person is read, whatever stands in any field but the id', () => {
  fc.assert(
    fc.property(spoiled(profile, ['people_id']), (data) => {
      const contact = fromCrispProfile(decode(ProfileCodec, data, 'profile'), view, 'w');
      expect(contact.id).toBe('leads:p');
    }),
  );
  const odd = { ...profile, person: { ...profile.person, locales: [null, 'nl'], phone: 31 } };
  expect(fromCrispProfile(decode(ProfileCodec, odd, 'profile'), view, 'w')).toMatchObject({
    name: 'Ada',
    locale: 'nl',
    email: 'ada@client.test',
  });
});
