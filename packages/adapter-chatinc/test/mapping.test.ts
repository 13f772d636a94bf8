import { describe, expect, test } from '@jest/globals';
import { parseJson } from '@parley/adapter-kit';
import fc from 'fast-check';
import { checkCampaign, fillIn, placeholdersOf } from '../src/check-campaign.js';
import { DETAILS, readDetails } from '../src/client/details.js';
import { readCsv } from '../src/csv-read.js';
import { toCsv } from '../src/csv-write.js';
import { fromTemplateStatus, ratesOf, readCounters, readRecipient } from '../src/index.js';
import { fromChatIncLanguage, toChatIncLanguage } from '../src/language.js';
import { bodyLengthOf, namesOf } from '../src/names.js';
import { fromChatIncNumber, toChatIncNumber } from '../src/numbers.js';
import { toCampaignInput, toChatIncCampaign } from '../src/to-chatinc.js';
import { findCampaignId } from '../src/wire/campaign-id.js';
import { CampaignCodec, ContactCodec, DetailsRowCodec } from '../src/wire/codecs.js';
import { CAMPAIGNS, CONTACTS } from '../src/wire/lists.js';
import { readList } from '../src/wire/unwrap.js';

const digits = { numberFormat: 'digits', defaultCountryCode: undefined } as const;
const csv = { numberHeader: 'number', lineEnding: '\n', delimiter: ',' } as const;
const config = { ...digits, csv };

describe('a phone number', () => {
  test.each([
    ['+44 7700 900101', '447700900101'],
    ['447700900101', '447700900101'],
    ['00447700900101', '447700900101'],
    ['+44 (7700) 900-101', '447700900101'],
    ['+44 (0)7700 900101', '447700900101'],
    ['447700900101.0', '447700900101'],
    [' 447700900101.00', '447700900101'],
  ])('%s goes out as %s', (written, sent) => {
    expect(toChatIncNumber(written, digits, 'number')).toBe(sent);
    expect(toChatIncNumber(written, { ...digits, numberFormat: 'e164' }, 'number')).toBe(`+${sent}`);
  });

  test.each([
    '082 123 4567',
    '12345',
    '1234567890123456',
    '2.78E+10',
    '447700900101.5',
    '',
    'number',
    '+44 7700 9OO101',
  ])('"%s" is refused, and is not in the error', (written) => {
    const send = () => toChatIncNumber(written, digits, 'contacts[3].number');
    expect(send).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    expect(send).toThrow(/contacts\[3\]\.number: expected 7 to 15 digits/);
    if (written.length > 6) expect(send).not.toThrow(written);
  });

  test('in its national form needs to be told the country', () => {
    const southAfrica = { ...digits, defaultCountryCode: '27' };
    expect(toChatIncNumber('082 123 4567', southAfrica, 'number')).toBe('27821234567');
  });

  test('comes back as it was, whatever its form', () => {
    const number = fc.bigInt({ min: 1_000_000n, max: 999_999_999_999_999n }).map(String);
    fc.assert(
      fc.property(number, fc.constantFrom('digits', 'e164'), (plain, numberFormat) => {
        const sent = toChatIncNumber(plain, { ...digits, numberFormat }, 'number');
        expect(fromChatIncNumber(sent)).toBe(`+${plain}`);
      }),
    );
  });
});

describe('a language', () => {
  test.each([
    ['en-US', 'enUS', 'en_US'],
    ['en_US', 'enUS', 'en_US'],
    ['enUS', 'enUS', 'en_US'],
    ['pt-br', 'ptBR', 'pt_BR'],
    ['en', 'en', 'en'],
  ])('%s goes out as %s, or as %s', (tag, compact, underscore) => {
    expect(toChatIncLanguage(tag, 'compact')).toBe(compact);
    expect(toChatIncLanguage(tag, 'underscore')).toBe(underscore);
  });

  test.each([
    ['en_US', 'en-US'],
    ['enUS', 'en-US'],
    ['en-US', 'en-US'],
    ['en', 'en'],
  ])('%s comes in as %s', (locale, tag) => {
    expect(fromChatIncLanguage(locale)).toBe(tag);
  });
});

describe('the status of a template', () => {
  test.each([
    ['APPROVED', 'approved'],
    ['approved', 'approved'],
    ['', 'pending'],
    [undefined, 'pending'],
    [null, 'pending'],
    ['IN_REVIEW', 'pending'],
    ['REJECTED', 'rejected'],
    ['FLAGGED', 'paused'],
    ['PENDING_DELETION', 'disabled'],
    ['LIMIT_EXCEEDED', 'unknown'],
    ['constructor', 'unknown'],
  ])('%s is %s', (word, status) => {
    expect(fromTemplateStatus(word)).toBe(status);
  });
});

describe('counters', () => {
  const campaign = { campaignId: 'c_1' };

  test.each<[string, object, object]>([
    [
      'as they are documented',
      { totalSent: 3, totalDelivered: 2, totalRead: 0 },
      { sent: 3, delivered: 2, read: 0 },
    ],
    ['as text', { totalSent: '3', totalRead: '' }, { sent: 3 }],
    ['in another spelling', { 'Total Sent': 3, send_errors: 1 }, { sent: 3, sendErrors: 1 }],
    [
      'one level down',
      { results: { SendErrors: 2, NumbersNotOnWhatsApp: 1 } },
      { sendErrors: 2, notOnWhatsApp: 1 },
    ],
    ['in the runs only', { runs: [{ sent: 2 }, { sent: '3', read: 1 }, 'x'] }, { sent: 5, read: 1 }],
    ['that make no sense', { totalSent: -1, totalRead: 'many', totalDelivered: null }, {}],
    ['that are not there', {}, {}],
  ])('are read %s', (_how, fields, counters) => {
    expect(readCounters({ ...campaign, ...fields })).toEqual(counters);
  });

  test('make rates, but not of nothing', () => {
    expect(ratesOf({ sent: 4, delivered: 2, read: 1 })).toEqual({ deliveryRate: 0.5, readRate: 0.5 });
    expect(ratesOf({ sent: 0, delivered: 0, read: 0 })).toEqual({});
    expect(ratesOf({ sent: 4 })).toEqual({});
  });
});

describe('a recipient', () => {
  const buttons = [{ text: 'Yes please', input: 'deliver' }, { text: 'Not yet' }];
  const read = (row: object) => readRecipient({ number: '447700900101', ...row }, buttons);

  test.each<[string, object, object]>([
    ['a column for the state', { action: '', status: 'Delivered' }, { status: 'delivered' }],
    ['a state in another column', { State: 'READ' }, { status: 'read' }],
    ['columns that say yes', { sent: 'true', delivered: 'true', read: 'false' }, { status: 'delivered' }],
    ['columns that say when', { Sent: '2024-05-01 10:00', Read: '' }, { status: 'sent' }],
    ['a state as its action', { action: 'delivered' }, { status: 'delivered' }],
    ['no number on WhatsApp', { status: 'notOnWhatsApp' }, { status: 'failed', reason: 'not_on_channel' }],
    ['a send error', { status: 'send_error' }, { status: 'failed', reason: 'send_error' }],
    ['a failure without a reason', { status: 'failed' }, { status: 'failed' }],
    [
      'a button by its label',
      { action: ' yes PLEASE ' },
      { press: { text: 'Yes please', input: 'deliver' } },
    ],
    ['a button by its input', { action: 'deliver' }, { press: { text: 'Yes please', input: 'deliver' } }],
    [
      'a button that came back without its input',
      { action: 'not yet' },
      { press: { text: 'Not yet', input: 'Not yet' } },
    ],
    ['something else', { action: 'opted out', status: '???' }, { action: 'opted out' }],
    ['nothing', { action: '' }, {}],
  ])('is read from a row with %s', (_what, row, recipient) => {
    expect(read(row)).toEqual({ number: '+447700900101', ...recipient });
  });

  test('without a number is none', () => {
    expect(readRecipient({ number: '', action: '' }, [])).toBeUndefined();
  });
});

describe('a list', () => {
  const one = { campaignId: 'c_1', title: 'One' };
  const two = { campaignId: 'c_2', title: 'Two' };

  test.each<[string, unknown]>([
    [
      'as it is documented',
      [
        { status: 'success', campaigns: one },
        { status: 'success', campaigns: two },
      ],
    ],
    ['an array of envelopes of arrays', [{ status: 'success', campaigns: [one, two] }]],
    ['an envelope', { status: 'success', campaigns: [one, two] }],
    ['other words', { data: [one, two] }],
    ['bare', [one, two]],
    ['templates', [{ templateId: 'c_1', title: 'One' }, two]],
  ])('is read, %s', (_form, body) => {
    const { items, rejected } = readList(body, CAMPAIGNS, CampaignCodec, 'list');
    expect(items.map(({ campaignId, title }) => [campaignId, title])).toEqual([
      ['c_1', 'One'],
      ['c_2', 'Two'],
    ]);
    expect(rejected).toEqual([]);
  });

  test('of one is one', () => {
    expect(readList(one, CAMPAIGNS, CampaignCodec, 'list').items).toEqual([one]);
    expect(readList({ campaigns: one }, CAMPAIGNS, CampaignCodec, 'list').items).toEqual([one]);
  });

  test('keeps the good ones beside one that cannot be read', () => {
    const { items, rejected } = readList([one, { campaignId: 7 }, 'x'], CAMPAIGNS, CampaignCodec, 'list');
    expect(items).toEqual([one]);
    expect(rejected).toHaveLength(2);
  });

  test('that is none is not taken for an empty one', () => {
    for (const body of [undefined, null, 'x', 42, {}, { status: 'success' }]) {
      expect(() => readList(body, CAMPAIGNS, CampaignCodec, 'list')).toThrow(
        expect.objectContaining({ code: 'ERR_UNEXPECTED_PAYLOAD' }),
      );
    }
    expect(readList({ campaigns: [] }, CAMPAIGNS, CampaignCodec, 'list').items).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['records', [{ number: '447700900101' }]],
    ['numbers', [447700900101]],
    ['texts', ['447700900101']],
    [
      'an audience with them in it',
      { status: 'success', audience: { id: 'x', contacts: [{ number: 447700900101 }] } },
    ],
  ])('of contacts is read from %s', (_form, body) => {
    expect(readList(body, CONTACTS, ContactCodec, 'contacts').items).toEqual([{ number: '447700900101' }]);
  });
});

/** In pieces of a size, which may cut a letter in two. */
async function* pieces(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('details', () => {
  const row = { number: '447700900101', action: 'Yes' };
  const read = (body: string, rejected: unknown[] = [], size = 7) =>
    Array.fromAsync(readDetails(pieces(body, size), (error) => rejected.push(error)));

  test.each<[string, string]>([
    ['JSON', '[{"number":"447700900101","action":"Yes"}]'],
    ['numbers that are numbers', '[{"number":447700900101,"Action":"Yes"}]'],
    ['an envelope', '{"status":"success","results":[{"number":"447700900101","action":"Yes"}]}'],
    [
      'a row with a list in it',
      '[{"number":"447700900101","action":"Yes","data":[{"number":"447700900102"}]}]',
    ],
    ['one row', '{"number":"447700900101","action":"Yes"}'],
    ['CSV', 'number,action\n447700900101,Yes\n'],
    ['CSV with quotes in it', '"Phone","Action"\r\n"447700900101","Yes"\r\n'],
    ['CSV that is quoted as JSON', JSON.stringify('number;action\n447700900101;Yes')],
  ])('are read from %s', async (_form, body) => {
    expect(await read(body)).toEqual([expect.objectContaining(row)]);
  });

  test('may be empty', async () => {
    for (const body of ['', ' ', '[]', 'number,action\n', '"number"', '""'])
      expect(await read(body)).toEqual([]);
  });

  test.each([
    'https://files.example.net/x.csv?token=abc',
    '{"url":"https://files.example.net/x.csv?token=abc"}',
  ])('that are a link are refused, without what it is signed with: %s', async (body) => {
    await expect(read(body)).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_PAYLOAD',
      message: expect.stringMatching(/https:\/\/files\.example\.net\/x\.csv\?…$/),
    });
  });

  test('keep the good rows', async () => {
    const rejected: unknown[] = [];
    expect(await read('[{"number":true},{"number":"447700900101","action":"Yes"}]', rejected)).toEqual([row]);
    expect(rejected).toHaveLength(1);
  });

  test.each([
    '<html></html>',
    '{"status":"success"}',
    '[oops',
    'just words',
    '[{"number":"447700900101"}',
    '[{"number":"447700900101"}] and more',
    '"number\\n447700900101',
    '"number\\n447700900101" and more',
    '"number\\n44770\\ud83',
  ])('that are something else are refused, and not quoted: %s', async (body) => {
    for (const size of [1, 7, 1_000]) {
      await expect(read(body, [], size)).rejects.toMatchObject({
        code: 'ERR_UNEXPECTED_PAYLOAD',
        message: expect.not.stringMatching(/4477|oops|words|html/),
      });
    }
  });

  test('are what a list says that is read whole, in whatever pieces they come', async () => {
    const row = fc.record(
      {
        number: fc.oneof(fc.constantFrom('447700900101', ''), fc.integer()),
        action: fc.string({ unit: 'grapheme' }),
        tags: fc.array(fc.string()),
        proto: fc.constant({ number: '1' }),
      },
      { requiredKeys: ['number'] },
    );
    const list = fc.array(row, { maxLength: 5 });
    const body = fc.oneof(
      list,
      row,
      fc.record({ status: fc.constant('success'), results: list, other: list }),
      fc.array(fc.record({ status: fc.constant('success'), campaigns: fc.oneof(list, row) })),
      fc.record({ data: fc.record({ rows: list }), meta: fc.array(fc.integer()) }),
      fc.array(list, { maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.integer({ min: 1, max: 40 }), async (value, size) => {
        const text = JSON.stringify(value).replaceAll('"proto"', '"__proto__"');
        const whole = readList(parseJson(text, 'details'), DETAILS, DetailsRowCodec, 'details');
        const rejected: unknown[] = [];
        expect(await read(text, rejected, size)).toEqual(whole.items);
        expect(rejected).toHaveLength(whole.rejected.length);
      }),
    );
  });

  test('that are quoted are what the quotes hold, in whatever pieces they come', async () => {
    const action = fc
      .string({ unit: 'grapheme' })
      .map((text) => text.replaceAll(/["\s,\uFEFF]/g, 'x'))
      .map((text) => `<${text}\u{1F600}\\>`);
    await fc.assert(
      fc.asyncProperty(fc.array(action), fc.integer({ min: 1, max: 40 }), async (actions, size) => {
        const table = ['number,action', ...actions.map((each) => `447700900101,${each}`)].join('\n');
        const escaped = JSON.stringify(table).replaceAll(
          /[^\x20-\x7E]/g,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        for (const text of [JSON.stringify(table), escaped]) {
          expect((await read(text, [], size)).map((each) => each.action)).toEqual(actions);
        }
      }),
    );
  });
});

describe('the id of a new campaign', () => {
  test.each<[unknown, string | undefined]>([
    [{ status: 'success', campaignId: 'c_1' }, 'c_1'],
    [{ campaign: { campaignId: 'c_1' } }, 'c_1'],
    [{ campaigns: { campaignId: 'c_1' } }, 'c_1'],
    [{ data: { campaignId: 'c_1' } }, 'c_1'],
    [{ id: 'c_1' }, 'c_1'],
    [[{ campaignId: 'c_1' }], 'c_1'],
    [{ id: 'c_2', campaignId: 'c_1' }, 'c_1'],
    [{ status: 'success' }, undefined],
    [undefined, undefined],
    ['c_1', undefined],
  ])('in %j is %s', (answer, id) => {
    expect(findCampaignId(answer)).toBe(id);
  });
});

describe('a campaign is checked', () => {
  const ok = { title: 'May', message: 'Hello {order.first_name}, it is ready.' };
  const input = (text: string) => ({ text, type: 'input' }) as const;
  const phone = (text: string) => ({ text, type: 'phone', phoneNumber: '+442079460018' }) as const;
  const url = (text: string) => ({ text, type: 'url', url: 'https://example.net/{order.id}' }) as const;

  test.each<[string, object, RegExp]>([
    ['no title', { title: ' ' }, /title: expected/],
    ['no message', { message: ' ' }, /message: expected a text/],
    ['too long a message', { message: 'x'.repeat(1025) }, /at most 1024 characters, not 1025/],
    ['a placeholder without a name', { message: 'Hello {}, hi' }, /empty \{\} has no values/],
    ['phone beside input', { buttons: [input('A'), phone('B')] }, /phone and url go only with each other/],
    [
      'url beside journey',
      { buttons: [{ text: 'A', type: 'journey', journeyId: 'j' }, url('B')] },
      /only with each other/,
    ],
    ['two phones', { buttons: [phone('A'), phone('B')] }, /at most 1 of type phone, not 2/],
    ['three urls', { buttons: [url('A'), url('B'), url('C')] }, /at most 2 of type url, not 3/],
    ['eleven buttons', { buttons: 'ABCDEFGHIJK'.split('').map(input) }, /at most 10 buttons, not 11/],
    ['a long label', { buttons: [input('x'.repeat(26))] }, /buttons\[0\]\.text: expected 1 to 25/],
    ['labels that are the same', { buttons: [input('Yes'), input('yes ')] }, /different labels/],
    ['a button of no type', { buttons: [{ text: 'A' }] }, /buttons\[0\]\.type: expected/],
    ['a journey without an id', { buttons: [{ text: 'A', type: 'journey' }] }, /journeyId: expected/],
    [
      'a national phone number',
      { buttons: [{ text: 'A', type: 'phone', phoneNumber: '020' }] },
      /expected E\.164/,
    ],
    ['half an address', { buttons: [{ text: 'A', type: 'url', url: 'example.net' }] }, /url: expected/],
  ])('and refused for %s', (_what, fields, words) => {
    const check = () => checkCampaign({ ...ok, ...fields }, 'chatinc');
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
    expect(check).toThrow(words);
  });

  test.each<[string, object, RegExp]>([
    ['four that answer', { buttons: 'ABCD'.split('').map(input) }, /more than 3 that answer/],
    ['two pages', { buttons: [url('A'), url('B')] }, /more than 1 of type url/],
    ['a label of 21 signs', { buttons: [input('x'.repeat(21))] }, /more than 20 characters/],
    ['a placeholder at the end', { message: 'Hello {order.first_name}' }, /begin or end/],
    ['a placeholder at the begin', { message: '{order.first_name}, hello.' }, /begin or end/],
    ['two side by side', { message: 'Hello {order.a} {order.b}!' }, /side by side/],
    ['another brace', { message: 'Hello {name}!' }, /belongs to no placeholder/],
  ])('and warned of for %s', (_what, fields, words) => {
    expect(checkCampaign({ ...ok, ...fields }, 'chatinc')).toEqual([expect.stringMatching(words)]);
  });

  test('by the rules that are chosen', () => {
    const mixed = { ...ok, buttons: [input('A'), input('B'), phone('C')] };
    const scattered = { ...ok, buttons: [input('A'), phone('C'), input('B')] };
    expect(checkCampaign(mixed, 'whatsapp')).toEqual([]);
    expect(() => checkCampaign(scattered, 'whatsapp')).toThrow(/in one block/);
    expect(checkCampaign(scattered, 'off')).toEqual([]);
    expect(checkCampaign(ok, 'chatinc')).toEqual([]);
  });
});

describe('the body of a new campaign', () => {
  const campaign = {
    title: 'May',
    message: 'Hello {order.first_name}.',
    exampleValues: { 'order.first_name': 'Amara' },
  };
  const options = { whatsAppTemplateType: 'UTILITY', languageCode: 'en-US' } as const;
  const style = {
    optionsStyle: 'nested',
    languageCodeStyle: 'compact',
    timestampUnit: 's',
    sendMessageExample: true,
  } as const;
  const wire = { whatsAppTemplateType: 'UTILITY', languageCode: 'enUS' };
  const base = {
    title: 'May',
    message: campaign.message,
    messageExample: 'Hello Amara.',
    templateType: 'UTILITY',
  };

  test('has its options where they are wanted', () => {
    expect(toChatIncCampaign(campaign, options, style)).toEqual({ ...base, options: wire });
    expect(toChatIncCampaign(campaign, options, { ...style, optionsStyle: 'flat' })).toEqual({
      ...base,
      ...wire,
    });
    expect(toChatIncCampaign(campaign, options, { ...style, optionsStyle: 'both' })).toEqual({
      ...base,
      ...wire,
      options: wire,
    });
  });

  test('has no sample where none is wanted, or a value is missing', () => {
    const { messageExample: _, ...rest } = base;
    const without = { ...style, sendMessageExample: false };
    expect(toChatIncCampaign(campaign, options, without)).toEqual({ ...rest, options: wire });
    expect(toChatIncCampaign({ ...campaign, exampleValues: {} }, options, style)).toEqual({
      ...rest,
      options: wire,
    });
  });

  test('has times in the unit that is wanted', () => {
    const timeToRun = new Date('2025-06-02T12:00:00Z');
    expect(toChatIncCampaign(campaign, { timeToRun }, style)).toMatchObject({
      options: { timeToRun: 1748865600 },
    });
    expect(toChatIncCampaign(campaign, { timeToRun }, { ...style, timestampUnit: 'ms' })).toMatchObject({
      options: { timeToRun: 1748865600000 },
    });
  });

  test('gives older buttons their type, and an input button its input', () => {
    const buttons = [
      { text: 'A', flowId: 'f' },
      { text: 'B', type: 'input' as const },
    ];
    expect(toChatIncCampaign({ ...campaign, buttons }, {}, style)).toMatchObject({
      buttons: [
        { text: 'A', type: 'journey', flowId: 'f' },
        { text: 'B', type: 'input', input: 'B' },
      ],
    });
  });
});

describe('placeholders', () => {
  test('are found and filled in, and what has no value stays', () => {
    const text = 'A {order.first_name}, {order.first_name} {b-2.c_3} {x} {}';
    expect(placeholdersOf(text)).toEqual(['order.first_name', 'b-2.c_3']);
    expect(fillIn(text, { 'order.first_name': 'Amara' })).toBe('A Amara, Amara {b-2.c_3} {x} {}');
  });

  test('of a draft get fields of their own, the same on every attempt', () => {
    const body = '{order.name} {user.name} {order.2nd-line} {user.number} {order.name} {order.__proto__}';
    const draft = { key: 'k', title: 'May', template: { body, language: 'en' }, example: {} };
    const names = namesOf(draft, true);
    expect([...names.fields]).toEqual([
      ['order.name', 'name'],
      ['user.name', 'user_name'],
      ['order.2nd-line', '_2nd_line'],
      ['user.number', 'user_number'],
      ['order.__proto__', 'order___proto__'],
    ]);
    expect(namesOf({ ...draft }, true)).toEqual(names);
    expect(namesOf({ ...draft, key: 'l' }, true).group).not.toBe(names.group);
    expect(names.title).toMatch(/^May \([0-9a-z]{8}\)$/);
    expect(namesOf(draft, false).title).toBe('May');
  });

  test('make the body as long as its limit counts it', () => {
    const template = { body: 'Hello {order.name} of {user.name}, {x} {order.name}', language: 'en' };
    const draft = { key: 'k', title: 'May', template, example: {} };
    expect(bodyLengthOf(template)).toBe(toCampaignInput(draft, namesOf(draft, true)).message.length);
  });
});

describe('a file', () => {
  const written = async (rows: Parameters<typeof toCsv>[0], fields: string[] = [], own = {}) => {
    const file = await toCsv(rows, { fields, config: { ...config, ...own } });
    const text = Buffer.concat(await Array.fromAsync(file.bytes())).toString();
    return { text, warnings: file.warnings };
  };
  const once = async function* <T>(rows: T[]) {
    yield* rows;
  };

  test('has a header, the number first, and quotes where they are needed', async () => {
    const rows = [
      { first_name: 'Piet, jr.', number: '+44 7700 900102' },
      { number: '447700900103', first_name: 'the "one"\nand only' },
    ];
    expect((await written(rows, ['first_name'])).text).toBe(
      'number,first_name\n447700900102,"Piet, jr."\n447700900103,"the ""one""\nand only"\n',
    );
    const style = { csv: { numberHeader: 'phone', lineEnding: '\r\n', delimiter: ';' } };
    expect((await written(['447700900102'], [], style)).text).toBe('phone\r\n447700900102\r\n');
  });

  test('has each number once: of rows that can be read again the last one counts', async () => {
    const rows = [
      { number: '447700900101', a: '1' },
      { number: '447700900102', a: '2' },
      { number: '+447700900101', a: '3' },
    ];
    for (const source of [rows, () => rows, () => once(rows)]) {
      const { text, warnings } = await written(source, ['a']);
      expect(text).toBe('number,a\n447700900102,2\n447700900101,3\n');
      expect(warnings).toEqual([expect.stringContaining('1 numbers')]);
    }
  });

  test('of rows that can be read once takes a number once, and refuses a second row with values', async () => {
    expect(await written(once(['447700900101', '+447700900101']))).toEqual({
      text: 'number\n447700900101\n',
      warnings: ['1 rows repeat a number: left out'],
    });
    const twice = once([
      { number: '447700900101', a: '1' },
      { number: '447700900101', a: '2' },
    ]);
    await expect(written(twice, ['a'])).rejects.toThrow(/row 2, number: expected/);
  });

  test.each<[string, unknown, RegExp]>([
    ['a number from a spreadsheet', { number: '2.78E+10', a: 'x' }, /row 2, number: expected 7 to 15/],
    ['no number', { a: 'x' }, /row 2, number: expected a phone number/],
    ['a missing value', { number: '447700900102' }, /row 2, a: expected a value/],
  ])('names the row with %s before anything is written', async (_what, row, words) => {
    const rows = [{ number: '447700900101', a: 'x' }, row] as { number: string }[];
    await expect(toCsv(rows, { fields: ['a'], config })).rejects.toThrow(words);
  });

  test.each([['number'], ['first name'], ['2nd'], ['a,b']])('has no column called %s', async (field) => {
    await expect(toCsv([], { fields: [field], config })).rejects.toThrow(/fields\[0\]: expected/);
  });

  test('says when it is read what it said when it was written', async () => {
    const number = fc.integer({ min: 1_000_000, max: 2_000_000_000 }).map(String);
    const value = fc.string({ unit: 'grapheme' }).map((text) => text.trim().replaceAll(/\r/g, ''));
    const rows = fc.uniqueArray(fc.record({ number, a: value, b: value }), {
      selector: (row) => row.number,
      minLength: 1,
    });
    const style = fc.record({
      numberHeader: fc.constantFrom('number', 'Phone Number', 'msisdn'),
      lineEnding: fc.constantFrom('\n', '\r\n'),
      delimiter: fc.constantFrom(',', ';', '\t'),
    });
    await fc.assert(
      fc.asyncProperty(rows, style, fc.boolean(), async (given, own, marked) => {
        const { text } = await written(given, ['a', 'b'], { csv: own });
        expect(await Array.fromAsync(readCsv(once([`${marked ? '\uFEFF' : ''}${text}`]), 'file'))).toEqual(
          given,
        );
      }),
    );
  });

  test('with a quote that is never closed is refused long before its end', async () => {
    let read = 0;
    const endless = async function* () {
      yield 'number,a\n1,"';
      for (; read < 100; read += 1) yield 'x'.repeat(2 ** 18);
    };
    await expect(Array.fromAsync(readCsv(endless(), 'file'))).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_PAYLOAD',
    });
    expect(read).toBeLessThan(50);
  });

  test('without a column of numbers is refused, and not quoted', async () => {
    await expect(Array.fromAsync(readCsv(once(['name,secret\nNoor,123\n']), 'file'))).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_PAYLOAD',
      message: 'file: expected a column called number',
    });
    await expect(
      Array.fromAsync(readCsv(once(['number,a\n1,"x" secret "\n']), 'file')),
    ).rejects.toMatchObject({
      code: 'ERR_UNEXPECTED_PAYLOAD',
      message: expect.not.stringContaining('secret'),
    });
  });
});
