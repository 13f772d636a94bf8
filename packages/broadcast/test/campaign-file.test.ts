import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isParleyError } from '@parley/core';
import { checkSpec } from '../src/check-spec.js';
import { readCampaign } from '../src/read-campaign.js';
import { campaignFolder } from './campaign-folder.js';

const folder = campaignFolder();
afterAll(() => folder.remove());

/** What is wrong, or nothing if it can be read. */
async function problemsOf(reading: Promise<unknown>): Promise<readonly string[]> {
  try {
    await reading;
    return [];
  } catch (error) {
    if (!isParleyError(error, 'ERR_CONFIG')) throw error;
    return error.problems ?? [error.message];
  }
}

const GOOD = [
  'name: may',
  'title: The May offer',
  'account: leads',
  'at: 2026-05-01T09:00:00+02:00',
  'country: NL',
  'template:',
  '  body: Hello {order.first_name}!',
  '  language: en-US',
  '  category: utility',
  '  imageUrl: https://example.com/may.png',
  '  buttons:',
  '    - { type: reply, label: "Yes", value: yes }',
  '    - { type: link, label: More, url: https://example.com }',
  '  approved:',
  '    web1on1: { id: tpl-1, variables: { Name: order.first_name } }',
  'audience:',
  '  - file: people.csv',
  '    phone: Mobile',
  '  - contacts:',
  '      - { phone: +31612345678, age: 007 }',
  'variables:',
  '  order: { file: data/orders.csv }',
];

describe('a campaign file', () => {
  test('is read with file names beside it, texts as they are written, and its time in UTC', async () => {
    const file = folder.write('may.yaml', ...GOOD);
    expect(await readCampaign(file)).toMatchObject({
      name: 'may',
      at: '2026-05-01T07:00:00.000Z',
      template: { buttons: [{ value: 'yes' }, { type: 'link' }], approved: { web1on1: { id: 'tpl-1' } } },
      audience: [
        { file: join(dirname(file), 'people.csv'), phone: 'Mobile' },
        { contacts: [{ phone: '+31612345678', age: '007' }] },
      ],
      variables: { order: { file: join(dirname(file), 'data/orders.csv') } },
    });
  });

  test('may be JSON', async () => {
    const spec = {
      name: 'may',
      account: 'leads',
      template: { body: 'Hello', language: 'en' },
      audience: [{ contacts: [{ phone: '+31612345678' }] }],
    };
    const file = folder.write('may.json', JSON.stringify(spec));
    expect(await readCampaign(file)).toEqual(spec);
  });

  test('with mistakes is refused with all of them, each with its line', async () => {
    const file = folder.write(
      'wrong.yaml',
      'name: 1st of May',
      'acount: leads',
      'at: 2026-05-01',
      'country: Holland',
      'via: pigeon',
      'template:',
      '  body: Hello',
      '  language: en_US',
      '  category: spam',
      '  buttons:',
      '    - { type: input, label: x }',
      '    - { type: reply, label: x, url: y }',
      'audience:',
      '  file: people.csv',
      'variables:',
      '  contact: { file: people.csv }',
      '  "my group": { rows: { phone: 1 } }',
    );
    expect(await problemsOf(readCampaign(file))).toEqual([
      expect.stringMatching(/^line 2: acount: expected one of name, title, account, .* not known$/),
      'line 1: account: expected it to be there, it is missing',
      'line 1: name: expected a letter, then letters, digits, - or _, at most 40',
      'line 8: template.language: expected a language such as en or en-US',
      'line 9: template.category: expected marketing or utility or authentication',
      'line 11: template.buttons[0].type: expected reply or link or phone or flow',
      'line 12: template.buttons[1].url: expected one of type, label, value; this key is not known',
      'line 12: template.buttons[1].value: expected it to be there, it is missing',
      'line 14: audience: expected a list',
      expect.stringMatching(/^line 16: variables\.contact: expected a group .* columns of the audience$/),
      expect.stringMatching(/^line 17: variables\.my group: expected a group to be of letters/),
      'line 17: variables.my group.rows: expected a list',
      expect.stringMatching(/^line 3: at: expected a date and a time with its zone/),
      'line 5: via: expected native or person',
      expect.stringMatching(/^line 4: country: expected a country/),
    ]);
  });

  test.each([
    ['a key that is there twice', ['name: a', 'name: b'], 'line 2: this key is there twice'],
    ['what is no YAML', ['name: a', '  account: [b'], /^line \d: expected valid YAML or JSON; a text/],
    [
      'a placeholder without quotes',
      ['template: { body: {a.b} }'],
      'line 1: template.body: expected a text; one that begins with { needs quotes in YAML',
    ],
    [
      'null for a text',
      ['name: may', 'title: null', 'audience: [{ contacts: [{ name: ~ }] }]'],
      'line 2: null is no text: leave the key out, or put the word into quotes',
    ],
    ['a list', ['- name'], /^line 1: expected an object with name, title, account/],
    ['nothing', [], /expected an object with name/],
  ])('with %s is refused', async (_, lines, problem) => {
    const problems = await problemsOf(readCampaign(folder.write('wrong.yaml', ...lines)));
    const expected = typeof problem === 'string' ? problem : expect.stringMatching(problem);
    expect(problems).toEqual(expect.arrayContaining([expected]));
  });

  test('of null in JSON is refused too', async () => {
    const file = folder.write('null.json', '{ "name": "may", "title": null }');
    expect(await problemsOf(readCampaign(file))).toEqual([
      'line 1: null is no text: leave the key out, or put the word into quotes',
    ]);
  });

  test('that is not UTF-8 is refused, before people get broken letters', async () => {
    const file = folder.write('latin.yaml', '');
    writeFileSync(file, Buffer.from('name: may\ntitle: Zo\xEB\n', 'latin1'));
    expect(await problemsOf(readCampaign(file))).toEqual([
      'latin.yaml: expected UTF-8: save the file as UTF-8',
    ]);
  });

  test.each([
    '2027-02-30T09:00:00Z',
    '2027-02-29T09:00:00+01:00',
    '2027-13-01T09:00:00Z',
    '2027-04-31T09:00Z',
  ])('at %s, which is no day, is refused', async (at) => {
    const file = folder.write(
      'day.yaml',
      ...GOOD.map((line) => (line.startsWith('at: ') ? `at: ${at}` : line)),
    );
    expect(await problemsOf(readCampaign(file))).toEqual([
      expect.stringMatching(/^line 4: at: expected a date/),
    ]);
  });

  test('that is not there is refused with its name', async () => {
    await expect(readCampaign('/nowhere/may.yaml')).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: 'The campaign file /nowhere/may.yaml: there is no such file',
    });
  });
});

describe('a campaign made in code', () => {
  const good = {
    name: 'may',
    account: 'leads',
    template: { body: 'Hello', language: 'en' },
    audience: [{ contacts: [{ phone: '+31612345678' }] }],
  };

  test('is checked in the same way', () => {
    expect(checkSpec(good)).toEqual(good);
    const wrong = {
      ...good,
      at: new Date(),
      audience: [{ contacts: [{ phone: 31612345678 }] }],
      toString: 1,
    };
    expect(() => checkSpec(wrong)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        problems: [
          expect.stringMatching(/^toString: .* not known$/),
          'audience[0].contacts[0].phone: expected a text; a number needs quotes',
          expect.stringMatching(/^at: expected a date/),
        ],
      }),
    );
  });

  test('may hold undefined where a key may be missing', () => {
    expect(checkSpec({ ...good, at: undefined, variables: undefined })).toEqual(good);
  });

  test.each([undefined, null, 'may', [], 1])('is refused if it is %j', (spec) => {
    expect(() => checkSpec(spec)).toThrow(/^campaign: expected an object with name/);
  });
});
