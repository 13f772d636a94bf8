import { describe, expect, test } from '@jest/globals';
import type { Choice, Content } from '@parley/core';
import { textOf } from '@parley/core';
import fc from 'fast-check';
import {
  fromCrispConversation,
  fromCrispMessage,
  fromCrispOrigin,
  fromCrispProfile,
  toE164,
} from '../src/from-crisp.js';
import { fromCrispAnswer, fromCrispContent, typeOfContent } from '../src/from-crisp-content.js';
import { fromCrispEvent } from '../src/from-crisp-event.js';
import {
  idsOf,
  isOwnFingerprint,
  toFingerprint,
  toMessageId,
  toPlaceId,
  type Viewpoint,
} from '../src/ids.js';
import {
  toCrispContent,
  toCrispMessage,
  toCrispOrigin,
  toCrispProfile,
  toMetaData,
} from '../src/to-crisp.js';
import type { CrispMessage } from '../src/wire/message.js';

const WEBSITE = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';
const SESSION = 'session_0d9e8f7a-1b2c-4d3e-8f90-a1b2c3d4e5f6';
const OPERATOR = 'b7a1f0c2-58de-4c39-8a3f-2d6e91c4b705';
const view: Viewpoint = { account: 'leads', website: WEBSITE, selfId: 'self', owner: 'me' };
const place = { website: WEBSITE, id: SESSION };
const AT = 1_700_000_120_004;
const ISO = '2023-11-14T22:15:20.004Z';

const words = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => text.trim() !== '');
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ type: fc.constant('reply' as const), label: words, value: words }),
  fc.record({ type: fc.constant('link' as const), label: words, url: fc.webUrl() }),
);
const link = fc.record({ type: fc.constant('link' as const), label: words, url: fc.webUrl() });
const card = fc.record(
  {
    title: words,
    description: words,
    mediaUrl: fc.webUrl(),
    choices: fc.array(link, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['title'] },
);
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: words }),
  fc.record({
    kind: fc.constant('media' as const),
    url: fc.webUrl(),
    mimeType: fc.constantFrom('image/png', 'application/pdf'),
    name: words,
  }),
  fc.record({
    kind: fc.constant('choices' as const),
    text: words,
    choices: fc.array(choice, { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('carousel' as const), text: words, cards: fc.array(card, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('carousel' as const), cards: fc.array(card, { maxLength: 3 }) }),
);

describe('contents', () => {
  test('come back as they went out', () => {
    fc.assert(
      fc.property(content, (said) => {
        const sent = toCrispContent(said, 7);
        expect(fromCrispContent(sent.type, sent.content)).toEqual(said);
        // An update brings no type.
        expect(fromCrispContent(typeOfContent(sent.content), sent.content)).toEqual(said);
        expect(fromCrispAnswer(sent.content)).toBeUndefined();
      }),
    );
  });

  test('of any shape are read without throwing, as something of the model', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (type, source) => {
        const read = fromCrispContent(type, source);
        expect(typeof read.kind).toBe('string');
        expect(JSON.parse(JSON.stringify(read))).toEqual(read);
        expect(typeof typeOfContent(source)).toBe('string');
      }),
    );
  });

  test.each([
    ['text', 'Hi', { kind: 'text', text: 'Hi' }],
    ['note', 'psst', { kind: 'text', text: 'psst' }],
    [
      'file',
      { name: 'a.pdf', url: 'https://x.test/a.pdf', type: 'application/pdf' },
      { kind: 'media', url: 'https://x.test/a.pdf', mimeType: 'application/pdf', name: 'a.pdf' },
    ],
    [
      'file',
      { url: 'https://x.test/a', type: 'odd' },
      { kind: 'media', url: 'https://x.test/a', mimeType: 'application/octet-stream' },
    ],
    [
      'animation',
      { url: 'https://x.test/a.gif', type: 'image/gif' },
      { kind: 'media', url: 'https://x.test/a.gif', mimeType: 'image/gif' },
    ],
    [
      'audio',
      { url: 'https://x.test/a.mp3', type: 'audio/mp3', duration: 4 },
      { kind: 'media', url: 'https://x.test/a.mp3', mimeType: 'audio/mp3' },
    ],
    [
      'field',
      { id: 'f', text: 'Your plate?', explain: 'Type it' },
      { kind: 'unknown', type: 'field', text: 'Your plate?' },
    ],
    ['event', { namespace: 'state:resolved' }, { kind: 'system', text: 'state:resolved' }],
    ['event', { namespace: 'x', text: 'Resolved' }, { kind: 'system', text: 'Resolved' }],
    ['hologram', { text: 'boo' }, { kind: 'unknown', type: 'hologram', text: 'boo' }],
    ['text', { odd: true }, { kind: 'unknown', type: 'text' }],
  ])('of type %s', (type, source, expected) => {
    expect(fromCrispContent(type, source)).toEqual(expected);
  });

  test('that Crisp has no form for are refused', () => {
    for (const kind of ['choice', 'field', 'location', 'system', 'template', 'unknown']) {
      expect(() => toCrispContent({ kind } as unknown as Content, 7)).toThrow(
        expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
      );
    }
    const cards: Content = {
      kind: 'carousel',
      cards: [{ title: 'A', choices: [{ type: 'reply', label: 'Take', value: 'a' }] }],
    };
    expect(() => toCrispContent(cards, 7)).toThrow(/a card's button is a link/);
  });
});

describe('what we say', () => {
  const text = { kind: 'text', text: 'Hi' } as const;

  test('goes out as an operator, automated, with our fingerprint and the author to show', () => {
    expect(toCrispMessage({ content: text, fingerprint: 7, author: { nickname: 'Bot' } })).toEqual({
      type: 'text',
      content: 'Hi',
      from: 'operator',
      origin: 'chat',
      fingerprint: 7,
      automated: true,
      user: { type: 'participant', nickname: 'Bot' },
    });
  });

  test('quotes in markdown', () => {
    expect(toCrispMessage({ content: text, fingerprint: 7, quote: 'one\ntwo' })).toMatchObject({
      content: '> one\n> two\n\nHi',
    });
  });

  test('is a file that has the name of its address, as people write it', () => {
    const named = (url: string) => {
      const content = { kind: 'media', url, mimeType: 'image/png' } as const;
      return toCrispMessage({ content, fingerprint: 7 }).content;
    };
    for (const [url, name] of [
      ['https://x.test/a/Meine%20Rechnung%20%C3%BC.png?sig=1', 'Meine Rechnung ü.png'],
      ['https://x.test/100%.png', '100%.png'],
      ['https://x.test/a%2Fb.png', 'b.png'],
      ['https://x.test/', 'file'],
    ] as const) {
      expect(named(url)).toEqual({ name, url, type: 'image/png' });
    }
  });

  test('is a note of text, whatever the words came in', () => {
    const media = {
      kind: 'media',
      url: 'https://x.test/a.png',
      mimeType: 'image/png',
      caption: 'Look',
    } as const;
    expect(toCrispMessage({ content: media, fingerprint: 7, note: true })).toMatchObject({
      type: 'note',
      content: 'Look\nhttps://x.test/a.png',
    });
    const place: Content = { kind: 'location', latitude: 1, longitude: 2 };
    expect(() => toCrispMessage({ content: place, fingerprint: 7, note: true })).toThrow(/a note is text/);
  });

  test('says where it was written, and cannot choose another channel', () => {
    for (const [channel, origin] of [
      [undefined, 'chat'],
      ['web', 'chat'],
      ['email', 'email'],
      ['urn:acme:desk:1', 'urn:acme:desk:1'],
    ] as const) {
      expect(toCrispOrigin(channel)).toBe(origin);
    }
    expect(() => toCrispOrigin('whatsapp')).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
    expect(['chat', 'email', 'urn:crisp.im:whatsapp:0', '', null, 'odd'].map(fromCrispOrigin)).toEqual([
      'web',
      'email',
      'whatsapp',
      undefined,
      undefined,
      'odd',
    ]);
  });
});

describe('fingerprints', () => {
  const key = fc.string({ minLength: 1 });

  test('are the same for the same effect, ours alone, and of the size of the platform’s', () => {
    fc.assert(
      fc.property(key, key, key, (owner, session, effect) => {
        const made = toFingerprint(owner, session, effect);
        expect(toFingerprint(owner, session, effect)).toBe(made);
        expect(String(made)).toMatch(/^\d{15}$/);
        expect(isOwnFingerprint(owner, made)).toBe(true);
        expect(isOwnFingerprint(owner, String(made))).toBe(true);
      }),
    );
  });

  test('of others are not taken for ours', () => {
    const others = Array.from({ length: 2_000 }, (_, index) =>
      toFingerprint('somebody else', 's', String(index)),
    );
    expect(others.filter((each) => isOwnFingerprint('me', each)).length).toBeLessThan(5);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 49 - 1 }), (made) => {
        expect(isOwnFingerprint('me', made)).toBe(false);
      }),
    );
    for (const odd of [-1, 0, 1.5, Number.NaN, 2 ** 53, 'x', ''])
      expect(isOwnFingerprint('me', odd)).toBe(false);
  });

  test('of ten thousand messages in one conversation are all different', () => {
    const made = Array.from({ length: 10_000 }, (_, index) =>
      toFingerprint('me', SESSION, `turn-${index}#0`),
    );
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('ids', () => {
  const session = fc.uuid().map((uuid) => `session_${uuid}`);
  const website = fc.uuid();

  test('are read back as they were made, with and without a website', () => {
    fc.assert(
      fc.property(session, fc.option(website, { nil: undefined }), fc.nat(), (id, other, fingerprint) => {
        const where = other === undefined ? { id } : { website: other, id };
        const conversationId = toPlaceId(view, where);
        expect(idsOf('leads').place(conversationId)).toEqual(other === WEBSITE ? { id } : where);
        expect(idsOf('leads').message(toMessageId(conversationId, fingerprint))).toEqual({
          ...where,
          fingerprint,
        });
      }),
    );
  });

  test('hold the website only where it is not the account’s own', () => {
    expect(toPlaceId(view, place)).toBe(`leads:${SESSION}`);
    expect(toPlaceId({ ...view, website: undefined }, place)).toBe(`leads:${WEBSITE}/${SESSION}`);
  });

  test('of people may be e-mail addresses with slashes', () => {
    expect(idsOf('leads').place('leads:a/b@example.com')).toEqual({ id: 'a/b@example.com' });
  });

  test('of another account, and what is no message, are refused', () => {
    expect(() => idsOf('leads').place('other:x')).toThrow(/account "other"/);
    expect(() => idsOf('leads').message(`leads:${SESSION}`)).toThrow(/session\/fingerprint/);
  });
});

describe('a message', () => {
  const base: CrispMessage = {
    website_id: WEBSITE,
    session_id: SESSION,
    fingerprint: 170_000_012_000_042,
    type: 'text',
    from: 'user',
    origin: 'chat',
    content: 'Where is my order?',
    timestamp: AT,
    user: { user_id: SESSION, nickname: 'visitor481516' },
  };
  const read = (changes: Partial<CrispMessage>) => fromCrispMessage({ ...base, ...changes }, view, place);

  test('of the visitor comes in, from somebody whose id it does not tell', () => {
    expect(read({})).toEqual({
      id: `leads:${SESSION}/170000012000042`,
      account: 'leads',
      conversationId: `leads:${SESSION}`,
      direction: 'in',
      author: { role: 'contact', name: 'visitor481516' },
      content: { kind: 'text', text: 'Where is my order?' },
      channel: 'web',
      createdAt: ISO,
    });
  });

  test('of our side goes out: an operator’s, another program’s, our own', () => {
    const user = { user_id: OPERATOR, nickname: 'Sam' };
    expect(read({ from: 'operator', user })).toMatchObject({
      direction: 'out',
      author: { role: 'agent', id: `leads:${OPERATOR}`, name: 'Sam' },
      status: 'sent',
    });
    expect(read({ from: 'operator', automated: true, user: null }).author).toEqual({ role: 'bot' });
    const fingerprint = toFingerprint('me', SESSION, 'k');
    expect(read({ from: 'operator', automated: true, fingerprint }).author).toEqual({
      role: 'bot',
      id: 'leads:self',
      self: true,
    });
    expect(read({ from: 'user', fingerprint }).author.role).toBe('contact');
  });

  test('that is a note is one, whoever is named as its side', () => {
    for (const from of ['operator', 'user']) {
      expect(read({ from, type: 'note' })).toMatchObject({ direction: 'out', note: true });
    }
    expect(read({ from: 'operator', type: 'event', content: { namespace: 'state:resolved' } })).toMatchObject(
      {
        note: true,
        author: { role: 'system' },
        content: { kind: 'system' },
      },
    );
  });

  test('tells how far it got', () => {
    const out = { from: 'operator' };
    expect(read({ ...out, read: 'chat', delivered: 'chat' }).status).toBe('read');
    expect(read({ ...out, read: '', delivered: 'email' }).status).toBe('delivered');
    expect(read({ ...out, ignored: { email: { type: 'bounce' } } }).status).toBe('failed');
    expect(read({ read: 'chat' }).status).toBeUndefined();
  });
});

describe('a conversation', () => {
  test('has state, routing, data and people in our words', () => {
    const source = {
      session_id: SESSION,
      website_id: WEBSITE,
      inbox_id: null,
      people_id: 'e04c6d1b-9f2a-4a7e-b1d3-7c5a8e2f9016',
      state: 'unresolved',
      is_blocked: false,
      assigned: { user_id: OPERATOR },
      meta: { nickname: 'Ada Loop', origin: 'email', data: { plan: 'pro', orders: 3, gone: '', odd: {} } },
      created_at: AT,
      updated_at: AT,
    };
    expect(fromCrispConversation(source, { ...view, selfId: OPERATOR })).toEqual({
      id: `leads:${SESSION}`,
      account: 'leads',
      provider: 'crisp',
      status: 'open',
      kind: 'contact',
      channel: 'email',
      name: 'Ada Loop',
      contactName: 'Ada Loop',
      contactId: 'leads:e04c6d1b-9f2a-4a7e-b1d3-7c5a8e2f9016',
      assigneeId: `leads:${OPERATOR}`,
      participants: [{ id: `leads:${OPERATOR}`, role: 'agent', accepted: true, self: true }],
      fields: { plan: 'pro', orders: 3 },
      organization: WEBSITE,
      createdAt: ISO,
      updatedAt: ISO,
    });
  });

  test('is closed when it is resolved or blocked, and when nobody knows', () => {
    const status = (source: object) => fromCrispConversation({ session_id: SESSION, ...source }, view).status;
    expect(status({ state: 'pending' })).toBe('pending');
    expect(status({ state: 'resolved' })).toBe('closed');
    expect(status({ state: 'unresolved', is_blocked: true })).toBe('closed');
    expect(status({})).toBe('closed');
    expect(status({ state: 'frozen' })).toBe('closed');
  });

  test('keeps its other data when some are written, and empties what is removed', () => {
    expect(toMetaData({ plan: 'pro', odd: {}, step: 1 }, { step: 2, plan: '' })).toEqual({
      plan: '',
      step: 2,
    });
  });
});

test('a person has addresses, and only a whole number is a phone number', () => {
  const source = {
    people_id: 'p',
    email: 'ada@client.test',
    person: { nickname: 'Ada Loop', phone: '+31 6 5550-1234', locales: ['nl'] },
    created_at: AT,
  };
  expect(fromCrispProfile(source, view, undefined, { plan: 'pro' })).toEqual({
    id: 'leads:p',
    account: 'leads',
    name: 'Ada Loop',
    phone: '+31655501234',
    email: 'ada@client.test',
    locale: 'nl',
    identities: [
      { account: 'leads', channel: 'phone', value: '+31655501234' },
      { account: 'leads', channel: 'email', value: 'ada@client.test' },
    ],
    fields: { plan: 'pro' },
    organization: WEBSITE,
    createdAt: ISO,
  });
  expect(['0031 6 5550-1234', '+31655501234'].map(toE164)).toEqual(Array(2).fill('+31655501234'));
  expect(['0612345678', '00', '000655501234', '+', '+31x', null, undefined].map(toE164)).toEqual(
    Array(7).fill(undefined),
  );
  expect(toCrispProfile({ givenName: 'Ada', familyName: 'Loop', locale: 'nl' })).toEqual({
    person: { nickname: 'Ada Loop', locales: ['nl'] },
  });
  expect(toCrispProfile({})).toEqual({});
});

describe('an event', () => {
  const G = { website_id: WEBSITE, session_id: SESSION, inbox_id: null };
  const read = (name: string, data: object, own: Partial<Viewpoint> = {}) =>
    fromCrispEvent({ name, data: data as Record<string, unknown>, at: AT }, { ...view, ...own }, () => '1');
  const said = {
    ...G,
    type: 'text',
    from: 'operator',
    origin: 'chat',
    content: 'Hi',
    fingerprint: 5,
    timestamp: AT,
  };
  const conversationId = `leads:${SESSION}`;
  const messageId = `${conversationId}/5`;

  test.each([
    [
      'session:set_state',
      { state: 'resolved' },
      { name: 'conversation.updated', status: 'closed', changes: { status: 'closed' } },
    ],
    ['session:set_block', { is_blocked: true }, { name: 'conversation.updated', status: 'closed' }],
    [
      'session:set_nickname',
      { nickname: 'Ada' },
      { name: 'conversation.updated', changes: { contactName: 'Ada' } },
    ],
    ['session:set_data', { data: { step: 2, plan: '' } }, { changes: { fields: { step: 2, plan: '' } } }],
    ['session:set_subject', { subject: 'Parcel' }, { changes: { name: 'Parcel' } }],
    ['session:set_origin', { origin: 'email' }, { changes: { channel: 'email' } }],
    ['people:bind:session', { people_id: 'p' }, { changes: { contactId: 'leads:p' } }],
    [
      'session:set_routing',
      { routing_id: OPERATOR },
      { name: 'conversation.assigned', assigneeIds: [`leads:${OPERATOR}`], toSelf: false },
    ],
    [
      'session:set_routing',
      { routing_id: null },
      { name: 'conversation.assigned', assigneeIds: [], toSelf: false },
    ],
    ['session:removed', {}, { name: 'conversation.deleted' }],
    ['session:request:initiated', {}, { name: 'conversation.created' }],
    ['message:removed', { fingerprint: 5 }, { name: 'message.deleted', messageId }],
    ['message:compose:send', { type: 'start', timestamp: AT }, { name: 'typing.started', by: 'contact' }],
    ['message:compose:receive', { type: 'stop', timestamp: AT }, { name: 'typing.stopped', by: 'agent' }],
    [
      'message:compose:receive',
      { type: 'start', timestamp: AT, automated: true },
      { name: 'provider.event' },
    ],
    [
      'session:sync:rating',
      { rating: { stars: 5 } },
      { name: 'provider.event', payload: { ...G, rating: { stars: 5 } } },
    ],
    ['message:acknowledge:read:send', { origin: 'chat', fingerprints: [5] }, { name: 'provider.event' }],
  ])('%s %j', (name, data, expected) => {
    expect(read(name, { ...G, ...data })).toMatchObject([{ ...expected, native: name, conversationId }]);
  });

  test('that unblocks tells no status: what it is after that is not in it', () => {
    expect(read('session:set_block', { ...G, is_blocked: false })[0]).not.toHaveProperty('status');
  });

  test('of what our side wrote goes by the message, not by its own name', () => {
    expect(read('message:received', said)).toMatchObject([
      { name: 'message.sent', message: { direction: 'out' } },
    ]);
    expect(read('message:send', { ...said, type: 'note' })).toMatchObject([{ name: 'note.created' }]);
    expect(read('message:received', { ...said, from: 'user' })).toMatchObject([{ name: 'message.received' }]);
    // The visitor's words open the conversation; ours say nothing about it.
    const [theirs] = read('message:send', { ...said, from: 'user' });
    expect(theirs).toMatchObject({ changes: { status: 'open', channel: 'web' } });
    expect(read('message:received', said)[0]).not.toHaveProperty('changes');
    const { from: _from, ...sideless } = said;
    expect(read('message:send', sideless)).toMatchObject([{ name: 'message.received' }]);
    expect(read('message:received', sideless)).toMatchObject([{ name: 'message.sent' }]);
  });

  test('that mentions us, who are an operator, is a mention', () => {
    const note = { ...said, type: 'note', mentions: [OPERATOR] };
    expect(read('message:received', note, { selfId: OPERATOR })).toMatchObject([
      { name: 'mention.received' },
    ]);
    expect(read('message:received', note)).toMatchObject([{ name: 'note.created' }]);
  });

  test('that assigns to us says so', () => {
    expect(read('session:set_routing', { ...G, routing_id: OPERATOR }, { selfId: OPERATOR })).toMatchObject([
      { toSelf: true },
    ]);
  });

  test('of an acknowledgement is one for each message, whether numbered or written out', () => {
    const receipt = (name: string, more = {}) =>
      read(name, { ...G, origin: 'chat', fingerprints: [5, '6'], ...more });
    expect(receipt('message:acknowledge:read:received')).toMatchObject([
      { name: 'message.read', messageId },
      { name: 'message.read', messageId: `${conversationId}/6` },
    ]);
    expect(receipt('message:acknowledge:delivered').map(({ name }) => name)).toEqual([
      'message.delivered',
      'message.delivered',
    ]);
    expect(
      receipt('message:acknowledge:ignored', { details: { type: 'email', reason: 'bounced' } }),
    ).toMatchObject([
      { name: 'message.failed', reason: 'email: bounced' },
      { name: 'message.failed', reason: 'email: bounced' },
    ]);
    expect(read('message:acknowledge:read:received', { ...G, origin: 'chat' })).toMatchObject([
      { name: 'provider.event' },
    ]);
  });

  test('of a picker that was answered, and a field that was filled in, is what the visitor says', () => {
    const picker = {
      id: 'p',
      text: 'When?',
      choices: [
        { value: 'am', label: 'Morning', selected: false },
        { value: 'pm', label: 'Afternoon', selected: true },
      ],
    };
    const [answer] = read('message:updated', { ...G, fingerprint: 5, content: picker });
    expect(answer).toMatchObject({
      name: 'message.received',
      message: {
        direction: 'in',
        author: { role: 'contact' },
        content: { kind: 'choice', value: 'pm', label: 'Afternoon' },
      },
    });
    const field = { id: 'f', text: 'Plate?', explain: '', value: 'GT-482-K' };
    const [filled] = read('message:updated', { ...G, fingerprint: 5, content: field });
    expect(filled?.name === 'message.received' && textOf(filled.message.content)).toBe('GT-482-K');
  });

  test('of any other change is one of our side', () => {
    const content = { name: 'a.pdf', url: 'https://a.test/a.pdf', type: 'application/pdf' };
    expect(read('message:updated', { ...G, fingerprint: 5, content })).toMatchObject([
      {
        name: 'message.updated',
        message: { id: messageId, author: { role: 'agent' }, content: { kind: 'media', url: content.url } },
      },
    ]);
    const fingerprint = toFingerprint('me', SESSION, 'k');
    expect(read('message:updated', { ...G, fingerprint, content })).toMatchObject([
      { message: { author: { role: 'bot', self: true } } },
    ]);
  });

  test('of a text does not tell whether that is a note', () => {
    expect(read('message:updated', { ...G, fingerprint: 5, content: 'better words' })).toMatchObject([
      { name: 'provider.event', conversationId: `leads:${SESSION}` },
    ]);
  });

  test('about people names them', () => {
    const person = { website_id: WEBSITE, people_id: 'p', email: 'a@b.c' };
    expect(read('people:profile:created', person)).toMatchObject([
      { name: 'contact.created', contactId: 'leads:p' },
    ]);
    expect(read('people:profile:updated', { ...person, update: {} })).toMatchObject([
      { name: 'contact.updated' },
    ]);
    expect(read('people:profile:removed', person)).toMatchObject([{ name: 'contact.deleted' }]);
  });

  test('without what it is about is refused; an unknown one never is', () => {
    for (const [name, data] of [
      ['message:send', { ...said, fingerprint: 'x' }],
      ['message:send', { ...said, session_id: undefined }],
      ['session:set_state', { state: 'resolved' }],
      ['people:profile:created', {}],
    ] as const) {
      expect(() => read(name, data)).toThrow(expect.objectContaining({ code: 'ERR_UNEXPECTED_PAYLOAD' }));
    }
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        expect(read('something:new', data)).toMatchObject([{ name: 'provider.event', payload: data }]);
      }),
    );
  });
});
