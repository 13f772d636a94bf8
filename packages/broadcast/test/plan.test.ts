import { afterAll, describe, expect, test } from '@jest/globals';
import type { Addressee, CampaignLimits } from '@parley/core';
import { isParleyError } from '@parley/core';
import { virtualClock } from '@parley/testing';
import { planCampaign, refusalOf } from '../src/plan.js';
import type { PlanReport } from '../src/plan-report.js';
import type { CampaignSpec } from '../src/spec.js';
import type { PlannedAdapter } from '../src/validate.js';
import { campaignFolder } from './campaign-folder.js';

const folder = campaignFolder();
afterAll(() => folder.remove());

const clock = virtualClock('2026-05-01T09:00:00Z');

/** Sends person by person, and shows everything. */
const talking: PlannedAdapter = {
  provider: 'pigeon',
  conversations: { open: () => Promise.reject(new Error('planning sends nothing')) },
  messages: {
    accepts: { text: {}, media: { caption: true }, choices: { types: ['reply', 'link'] }, template: {} },
  },
};

const LIMITS: CampaignLimits = {
  addresses: ['phone'],
  placeholders: true,
  approval: true,
  bodyMaxLength: 60,
  image: true,
  buttons: {
    max: 3,
    labelMaxLength: 10,
    types: ['reply', 'link', 'phone'],
    maxOfType: { phone: 1 },
    together: [['reply'], ['link', 'phone']],
  },
};

/** Has campaigns, and cannot write to one person. */
function broadcasting(limits: Partial<CampaignLimits> = {}): PlannedAdapter {
  return { provider: 'tower', campaigns: { accepts: { ...LIMITS, ...limits } } };
}

interface Changes extends Partial<Omit<CampaignSpec, 'template'>> {
  template?: Partial<CampaignSpec['template']>;
}

function aCampaign({ template, ...changes }: Changes = {}): CampaignSpec {
  return {
    name: 'may',
    account: 'leads',
    audience: [{ contacts: [{ phone: '+31600000001', first_name: 'Noor' }] }],
    template: { body: 'Hello {contact.first_name}, good morning.', language: 'en', ...template },
    ...changes,
  };
}

interface Planned {
  recipients: Addressee[];
  report: PlanReport;
}

async function planned(
  spec: CampaignSpec,
  adapter: PlannedAdapter | undefined = talking,
  suppressed: readonly string[] = [],
): Promise<Planned> {
  const isSuppressed = async (addresses: readonly string[]) =>
    addresses.map((each) => suppressed.includes(each));
  const plan = await planCampaign(spec, { adapter, clock, isSuppressed });
  const recipients: Addressee[] = [];
  for await (const batch of plan.recipients) recipients.push(...batch);
  return { recipients, report: plan.report() };
}

async function problemsOf(spec: CampaignSpec, adapter?: PlannedAdapter | null): Promise<readonly string[]> {
  try {
    const parts = { adapter: adapter === null ? undefined : (adapter ?? talking), clock };
    const isSuppressed = async (addresses: readonly string[]) => addresses.map(() => false);
    const plan = await planCampaign(spec, { ...parts, isSuppressed });
    for await (const _ of plan.recipients);
    return [];
  } catch (error) {
    if (!isParleyError(error, 'ERR_CONFIG')) throw error;
    return error.problems ?? [];
  }
}

describe('a plan', () => {
  test('says who gets what, once each, with the values that the template needs and no others', async () => {
    const people = folder.write(
      'people.csv',
      'Phone;E-mail;Name;First Name;Secret',
      '+31600000001;noor@example.com;Noor de Wit;Noor;x',
      '0031 6 0000 0002;;;Piet;x',
      '31600000001;;;Somebody else;x',
    );
    const { recipients, report } = await planned(aCampaign({ audience: [{ file: people }] }));
    expect(recipients).toEqual([
      {
        to: { channel: 'whatsapp', value: '+31600000001' },
        name: 'Noor de Wit',
        also: 'noor@example.com',
        values: { 'contact.first_name': 'Noor' },
      },
      { to: { channel: 'whatsapp', value: '+31600000002' }, values: { 'contact.first_name': 'Piet' } },
    ]);
    expect(report).toEqual({
      campaign: 'may',
      account: 'leads',
      provider: 'pigeon',
      via: 'person',
      rows: 3,
      recipients: 2,
      messages: 2,
      excluded: { bad_row: 0, missing_variable: 0, duplicate: 1, opted_out: 0 },
      badRowCount: 0,
      badRows: [],
      warnings: [expect.stringMatching(/^template\.approved\.pigeon: names no template/)],
      samples: [
        { to: '+31600000001', text: 'Hello Noor, good morning.' },
        { to: '+31600000002', text: 'Hello Piet, good morning.' },
      ],
    });
  });

  test('names every row that cannot be used by its line, and never by what it says', async () => {
    const people = folder.write(
      'bad.csv',
      'phone,first_name',
      '+31600000001,Noor',
      '12345,Wrongnumber',
      '+31600000002,',
      '+31600000003,"never closed',
      '+31600000004,Too,many',
      '4.477E+11,Spreadsheet',
      ',Nobody',
      '+31600000005,Piet',
    );
    const { recipients, report } = await planned(aCampaign({ audience: [{ file: people }] }));
    expect(recipients.map(({ to }) => to.value)).toEqual(['+31600000001', '+31600000005']);
    expect(report).toMatchObject({
      rows: 8,
      recipients: 2,
      excluded: { bad_row: 5, missing_variable: 1, duplicate: 0, opted_out: 0 },
      badRowCount: 6,
    });
    expect(report.badRows.map(({ line, exclusion }) => [line, exclusion])).toEqual([
      [3, 'bad_row'],
      [4, 'missing_variable'],
      [5, 'bad_row'],
      [6, 'bad_row'],
      [7, 'bad_row'],
      [8, 'bad_row'],
    ]);
    expect(report.badRows.every(({ source }) => source.endsWith('bad.csv'))).toBe(true);
    expect(JSON.stringify(report.badRows)).not.toMatch(/12345|Wrong|Spread|Nobody/);
    expect(refusalOf(report)).toMatchObject({
      code: 'ERR_CONFIG',
      problems: [
        expect.stringMatching(/bad\.csv:3: there can be no such phone number/),
        expect.stringMatching(/bad\.csv:4: has no value for \{contact\.first_name\}: fill it in/),
        ...Array.from({ length: 4 }, () => expect.any(String)),
        '6 bad rows: correct them, or skip them with skipBad',
      ],
    });
    expect(refusalOf(report, { skipBad: true })).toBeUndefined();
  });

  test('leaves out who has opted out, by any address of the row', async () => {
    const contacts = [
      { phone: '+31600000001', email: 'A@example.com', first_name: 'a' },
      { phone: '+31600000002', email: 'b@example.com', first_name: 'b' },
      { phone: '+31600000003', email: '', first_name: 'c' },
    ];
    const spec = aCampaign({ audience: [{ contacts }] });
    const { recipients, report } = await planned(spec, talking, ['a@example.com', '+31600000003']);
    expect(recipients.map(({ to }) => to.value)).toEqual(['+31600000002']);
    expect(report.excluded.opted_out).toBe(2);
  });

  test('takes each person once from all sources of the audience', async () => {
    const file = folder.write('more.csv', 'mobile,first_name', '+31600000001,Again', '+31600000009,New');
    const spec = aCampaign({ audience: [...aCampaign().audience, { file }] });
    const { report } = await planned(spec);
    expect(report).toMatchObject({ rows: 3, recipients: 2, excluded: { duplicate: 1 } });
  });

  test('counts the messages that leave: an image is one of its own where it cannot be in another', async () => {
    const template = {
      imageUrl: 'https://example.com/may.png',
      buttons: [{ type: 'reply', label: 'Yes', value: 'yes' }] as const,
    };
    const byPerson = await planned(aCampaign({ template }), talking);
    expect(byPerson.report).toMatchObject({ recipients: 1, messages: 2 });
    const native = await planned(aCampaign({ template }), broadcasting());
    expect(native.report).toMatchObject({ via: 'native', recipients: 1, messages: 1 });
  });

  test('shows what fills a template that was approved, not the body, which nobody gets', async () => {
    const approved = { pigeon: { id: 'tpl-1', variables: { Name: 'contact.first_name' } } };
    const { report } = await planned(aCampaign({ template: { approved } }), talking);
    expect(report.samples).toEqual([{ to: '+31600000001', text: '[template tpl-1]\nName: Noor' }]);
    expect(report.messages).toBe(1);
  });

  test('names no person of a file whose first line does not name the columns', async () => {
    const file = folder.write('nohead.csv', 'Noor de Wit,0612345678', 'Piet,0612345679');
    const sources = [{ file }, { file, phone: 'Mobile' }];
    for (const source of sources) {
      const problems = await problemsOf(aCampaign({ audience: [source] }));
      expect(problems.join()).toMatch(/the first line has to name the columns/);
      expect(problems.join()).not.toMatch(/Noor|0612345678/);
    }
  });

  test('says that a file is not there', async () => {
    const file = `${folder.write('there.csv')}.not`;
    expect(await problemsOf(aCampaign({ audience: [{ file }] }))).toEqual([
      expect.stringMatching(/^audience\[0\] \(.*there\.csv\.not\): there is no such file$/),
    ]);
  });

  test('warns of buttons that reviewers may refuse', async () => {
    const replies = ['One', 'Two', 'Three', 'Four that is too long for some'].map(
      (label) => ({ type: 'reply', label, value: label }) as const,
    );
    const links = ['Here', 'There'].map(
      (label) => ({ type: 'link', label, url: 'https://example.com' }) as const,
    );
    const warningsOf = async (buttons: CampaignSpec['template']['buttons']) => {
      const limits = { max: 10, labelMaxLength: 30, types: ['reply', 'link'] } as const;
      const adapter = broadcasting({ buttons: limits });
      return (await planned(aCampaign({ template: { buttons } }), adapter)).report.warnings;
    };
    expect(await warningsOf(replies)).toEqual([
      'template.buttons[3].label: more than 20 characters may be refused: shorten it',
      'template.buttons: more than 3 that answer may be refused: leave some out',
    ]);
    expect(await warningsOf(links)).toEqual([
      'template.buttons: more than 1 link may be refused: leave one out',
    ]);
    expect(await warningsOf([...replies.slice(0, 3), ...links.slice(0, 1)])).toEqual([]);
  });

  test('writes to a person once, whichever address a row has; two phones with one e-mail address are two people', async () => {
    const audience: CampaignSpec['audience'] = [
      {
        contacts: [
          { phone: '+31600000001', email: 'noor@example.com' },
          { phone: '', email: 'Noor@Example.com' },
          { phone: '+31600000009', email: 'noor@example.com' },
          { phone: '+31600000009', email: '' },
          { phone: '', email: 'piet@example.com' },
          { phone: '+31600000002', email: 'piet@example.com' },
        ],
      },
    ];
    const template = { body: 'Hello, good morning.' };
    const { report, recipients } = await planned(aCampaign({ audience, template }), talking);
    expect(recipients.map(({ to }) => to.value)).toEqual([
      '+31600000001',
      '+31600000009',
      'piet@example.com',
    ]);
    expect(report).toMatchObject({ rows: 6, recipients: 3, excluded: { duplicate: 3 } });
    expect(report.warnings).toContainEqual(expect.stringMatching(/^audience: rows left out .*: 2\. /));
  });

  test('joins groups by phone number or e-mail address', async () => {
    const orders = folder.write('orders.csv', 'e-mail,Order Number', 'NOOR@example.com,7');
    const spec = aCampaign({
      audience: [
        { contacts: [{ phone: '+31600000001', email: 'noor@example.com' }, { phone: '+31600000002' }] },
      ],
      template: { body: 'Order {order.order_number}, {sum.total}.' },
      variables: {
        order: { file: orders, email: 'E-mail' },
        sum: {
          rows: [
            { phone: '31600000001', total: '€ 5' },
            { phone: '31600000002', total: '€ 6' },
          ],
        },
      },
    });
    const { recipients, report } = await planned(spec);
    expect(recipients.map(({ values }) => values)).toEqual([
      { 'order.order_number': '7', 'sum.total': '€ 5' },
    ]);
    expect(report.badRows).toEqual([
      {
        source: 'audience[0].contacts[1]',
        exclusion: 'missing_variable',
        reason: 'has no value for {order.order_number}: fill it in, or leave the person out',
      },
    ]);
  });

  test('names the bad rows of groups, and rows that contradict each other', async () => {
    const orders = folder.write(
      'orders.csv',
      'phone,n',
      '+31600000001,1',
      'x,2',
      '+31600000001,3',
      '+31600000001,1',
    );
    const spec = aCampaign({
      template: { body: 'Order {order.n}.' },
      variables: { order: { file: orders } },
    });
    const { report } = await planned(spec);
    expect(report).toMatchObject({ recipients: 1, badRowCount: 2, excluded: { bad_row: 0 } });
    expect(report.badRows.map(({ line }) => line)).toEqual([3, 4]);
    expect(refusalOf(report)?.problems).toHaveLength(3);
  });

  test('gives nobody the values of somebody who only shares their e-mail address', async () => {
    const home = 'home@x.example';
    const people = ['+31600000001', '+31600000002', '+31600000003'];
    const spec = aCampaign({
      audience: [{ contacts: people.map((phone) => ({ phone, email: home })) }],
      template: { body: 'Your code is {order.code}.' },
      variables: {
        order: {
          rows: [
            { phone: '+31600000001', email: home, code: 'A1' },
            { phone: '+31600000002', email: home, code: 'B2' },
          ],
        },
      },
    });
    const { recipients, report } = await planned(spec);
    expect(recipients.map(({ to, values }) => [to.value, values['order.code']])).toEqual([
      ['+31600000001', 'A1'],
      ['+31600000002', 'B2'],
    ]);
    expect(report.badRows).toMatchObject([
      { source: 'audience[0].contacts[2]', exclusion: 'missing_variable' },
    ]);
  });

  test('takes a row of a group by the e-mail address where it names no other phone number', async () => {
    const spec = aCampaign({
      audience: [
        {
          contacts: [
            { phone: '+31600000001', email: 'noor@x.example' },
            { phone: '+31600000002', email: 'piet@x.example' },
          ],
        },
      ],
      template: { body: 'Your code is {order.code}.' },
      variables: {
        order: {
          rows: [
            { phone: '', email: 'noor@x.example', code: 'A1' },
            { phone: '+31600000009', email: 'piet@x.example', code: 'B2' },
          ],
        },
      },
    });
    const { recipients, report } = await planned(spec);
    expect(recipients.map(({ values }) => values['order.code'])).toEqual(['A1']);
    expect(report.excluded).toMatchObject({ missing_variable: 1 });
  });

  test('reads columns and keys that every object has a word for', async () => {
    const people = folder.write('odd.csv', 'phone,__proto__,constructor', '+31600000001,a,b');
    const template = { body: 'A {contact.__proto__} and {contact.constructor}.' };
    const { recipients } = await planned(aCampaign({ audience: [{ file: people }], template }));
    expect(Object.entries(recipients[0]?.values ?? {})).toEqual([
      ['contact.__proto__', 'a'],
      ['contact.constructor', 'b'],
    ]);
    expect(await problemsOf(aCampaign({ template: { body: 'A {constructor.name}.' } }))).toEqual([
      'template: {constructor.name} names no group: there are contact',
    ]);
  });

  test('cuts its recipients into batches', async () => {
    const contacts = Array.from({ length: 5 }, (_, index) => ({
      phone: `+3160000000${index}`,
      first_name: 'x',
    }));
    const isSuppressed = async (addresses: readonly string[]) => addresses.map(() => false);
    const spec = aCampaign({ audience: [{ contacts }] });
    const plan = await planCampaign(spec, { adapter: talking, clock, isSuppressed, batchSize: 2 });
    expect(() => plan.report()).toThrow(expect.objectContaining({ code: 'ERR_CONFLICT' }));
    const sizes: number[] = [];
    for await (const batch of plan.recipients) sizes.push(batch.length);
    expect(sizes).toEqual([2, 2, 1]);
  });

  test('is for its time, unless that has passed', async () => {
    const later = await planned(aCampaign({ at: '2026-05-01T12:00:00+02:00' }));
    expect(later.report.at).toBe('2026-05-01T10:00:00.000Z');
    const past = await planned(aCampaign({ at: '2026-05-01T10:59:00+02:00' }));
    expect(past.report.at).toBeUndefined();
  });

  test('writes by e-mail where that is what there is, or what is asked for', async () => {
    const contacts = [
      { phone: '+31600000001', email: 'a@Example.com', first_name: 'a' },
      { phone: '', email: 'b@example.com', first_name: 'b' },
    ];
    const { recipients } = await planned(aCampaign({ audience: [{ contacts }] }));
    expect(recipients.map(({ to }) => to)).toEqual([
      { channel: 'whatsapp', value: '+31600000001' },
      { channel: 'email', value: 'b@example.com' },
    ]);
    const mailed = await planned(aCampaign({ audience: [{ contacts }], channel: 'email' }));
    expect(mailed.recipients.map(({ to }) => to.value)).toEqual(['a@example.com', 'b@example.com']);
    const texted = await planned(aCampaign({ audience: [{ contacts }], channel: 'sms' }));
    expect(texted.recipients.map(({ to }) => to.channel)).toEqual(['sms']);
    expect(texted.report.badRows[0]?.reason).toBe('has no phone number');
  });

  test('has the values of an approved template, where there is one for the provider', async () => {
    const approved = { pigeon: { id: 'tpl', variables: { Name: 'contact.first_name' } } };
    const template = { body: 'Hello {contact.other}, good morning.', approved };
    const { recipients } = await planned(aCampaign({ template }));
    expect(recipients[0]?.values).toEqual({ 'contact.first_name': 'Noor' });
    expect(
      await problemsOf(aCampaign({ template: { ...template, approved: { web: { id: 'x' } } } })),
    ).toEqual(['audience[0].contacts: there is no column for {contact.other}: there are phone, first_name']);
  });

  test('leaves out whose values make no link', async () => {
    const contacts = ['https://example.com/a', 'javascript:alert(1)', 'a b', 'x'].map((link, index) => ({
      phone: `+3160000000${index}`,
      link,
    }));
    const buttons = [{ type: 'link', label: 'More', url: '{contact.link}' }] as const;
    const { report } = await planned(
      aCampaign({ audience: [{ contacts }], template: { body: 'Hi.', buttons } }),
    );
    expect(report).toMatchObject({ recipients: 1, excluded: { bad_row: 3 } });
    expect(report.samples[0]?.text).toBe('Hi.\n[More: https://example.com/a]');
  });
});

describe('a campaign is refused', () => {
  test('with all that is wrong with it at once, before anybody is read', async () => {
    const people = folder.write('people.csv', 'phone,first_name', 'not a number,Noor');
    const spec = aCampaign({
      template: {
        body: '{} {contact.age} {order.x} {nobody.y}',
        buttons: [
          { type: 'reply', label: 'Yes', value: 'y' },
          { type: 'phone', label: 'yes', phone: '020 123' },
        ],
        imageUrl: 'http://example.com/a.png',
      },
      audience: [{ file: people }, { file: '/nowhere.csv' }],
      variables: { order: { rows: [{ x: '1' }] } },
    });
    expect(await problemsOf(spec, broadcasting())).toEqual([
      'audience[1] (/nowhere.csv): there is no such file',
      'template.body: {} names no field: a placeholder is {group.field}',
      'template.imageUrl: expected a public https address, without placeholders',
      'template.buttons[1].label: another button has it too: an answer could not be told from the other',
      'template.buttons[1].phone: expected a phone number such as +31201234567',
      'template.buttons: reply and phone buttons do not go together: reply, or link with phone',
      expect.stringMatching(
        /people\.csv: there is no column for \{contact\.age\}: there are phone, first_name$/,
      ),
      'variables.order.rows: there is no column of phone numbers or e-mail addresses: it says whose the values are',
      'template: {nobody.y} names no group: there are contact, order',
    ]);
  });

  test.each([
    ['of an account that the bot does not have', {}, null, 'account: the bot has no account "leads"'],
    [
      'without a word',
      { template: { body: ' ' } },
      talking,
      'template.body: is empty: write what people shall read',
    ],
    ['without an audience', { audience: [] }, talking, 'audience: there is nobody in it'],
    [
      'with nobody in the audience',
      { audience: [{ contacts: [] }] },
      talking,
      'audience: there is nobody in it',
    ],
    [
      'with a body that is too long',
      { template: { body: 'x'.repeat(61) } },
      broadcasting(),
      'template.body: is 61 characters long: at most 60',
    ],
    [
      'with a body that is too long once its placeholders are called what the provider calls them',
      { template: { body: 'Hello {contact.first_name}' } },
      broadcasting({ bodyLengthOf: ({ body }) => body.length + 35 }),
      'template.body: is 61 characters long as tower gets it: at most 60',
    ],
    [
      'with values where everybody gets the same',
      {},
      broadcasting({ placeholders: false }),
      'template.body: campaigns of tower say the same to everybody: leave out the placeholders',
    ],
    [
      'with an image where there is none',
      { template: { imageUrl: 'https://example.com/a.png' } },
      broadcasting({ image: false }),
      'template.imageUrl: campaigns of tower have no image: leave it out',
    ],
    [
      'by e-mail where people have phones',
      { channel: 'email' },
      broadcasting(),
      'channel: campaigns of tower reach people by phone',
    ],
    [
      'as a campaign of a provider that has none',
      { via: 'native' },
      talking,
      'via: pigeon has no campaigns of its own: leave via out, or write via: person',
    ],
    [
      'person by person where nobody can be written to',
      { via: 'person' },
      broadcasting(),
      'account: tower cannot write to a person first, so it cannot send person by person',
    ],
    [
      'with an approved template where campaigns have their own',
      { template: { approved: { tower: { id: 'x' } } } },
      broadcasting(),
      'template.approved.tower: a campaign of the provider has a template of its own: leave it out, or write via: person',
    ],
    [
      'with an approved template whose variables cannot be told apart',
      { template: { body: 'A {contact.x} {order.x}.', approved: { pigeon: { id: 'x' } } } },
      talking,
      'template.approved.pigeon.variables: two placeholders of the body have the same field: say which variable is which',
    ],
    [
      'with an approved template whose variable names no field',
      { template: { approved: { pigeon: { id: 'x', variables: { Name: 'first_name' } } } } },
      talking,
      'template.approved.pigeon.variables.Name: expected group.field, for example order.first_name',
    ],
  ] as const)('%s', async (_, changes, adapter, problem) => {
    expect(await problemsOf(aCampaign(changes), adapter)).toContain(problem);
  });

  const reply = (label: string) => ({ type: 'reply', label, value: label }) as const;
  const link = (url: string) => ({ type: 'link', label: 'More', url }) as const;
  const phone = (label: string) => ({ type: 'phone', label, phone: '+31201234567' }) as const;
  test.each([
    [
      'too many',
      [reply('a'), reply('b'), reply('c'), reply('d')],
      'template.buttons: there are 4: at most 3',
    ],
    [
      'too many of a kind',
      [phone('a'), phone('b')],
      'template.buttons: there are 2 phone buttons: at most 1',
    ],
    ['a long label', [reply('abcdefghijk')], 'template.buttons[0].label: is 11 characters long: at most 10'],
    [
      'a kind that is not there',
      [{ type: 'flow', label: 'a', flow: 'f' } as const],
      'template.buttons[0].type: tower has no flow buttons: it has reply, link, phone',
    ],
    [
      'kinds that do not go together',
      [phone('a'), reply('b')],
      'template.buttons: phone and reply buttons do not go together: reply, or link with phone',
    ],
    [
      'a placeholder in a label',
      [reply('{a.b}')],
      /buttons\[0\]\.label: placeholders are not replaced in labels/,
    ],
    ['what is no link', [link('example.com')], /buttons\[0\]\.url: expected a link such as/],
    ['a script', [link('javascript:alert(1)')], /buttons\[0\]\.url: expected a link such as/],
    ['a site of the data', [link('https://{contact.phone}.example.com')], /not in the name of the site/],
    [
      'a site that the data ends',
      [link('https://example.com{contact.phone}')],
      /not in the name of the site/,
    ],
    ['a user in the link', [link('https://example.com@{contact.phone}/')], /not in the name of the site/],
    ['a link of nobody', [link('https://example.com/{}')], /buttons\[0\]\.url: \{\} names no field/],
  ] as const)('with buttons: %s', async (_, buttons, problem) => {
    const problems = await problemsOf(aCampaign({ template: { buttons } }), broadcasting());
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(typeof problem === 'string' ? literally(problem) : problem),
      ]),
    );
  });

  test.each([
    ['is empty', [], /the file is empty: its first line names the columns/],
    [
      'has no line with names',
      ['+31600000001,Noor', '+31600000002,Piet'],
      /the first line holds an address: it has to name the columns/,
    ],
    [
      'has no line with names but e-mail addresses',
      ['noor@example.com,Noor'],
      /the first line holds an address/,
    ],
    [
      'names a column twice',
      ['phone,First Name,first_name', '1,a,b'],
      /the columns 2 and 3 have the same name/,
    ],
    ['has an open quote in its first line', ['phone,"first_name', '1,a'], /line 1: a quote/],
    [
      'has no column of addresses',
      ['who,first_name', '1,a'],
      /there is no column of phone numbers \(phone\) or e-mail addresses \(email\)/,
    ],
    ['has nobody in it', ['phone,first_name'], /^audience: there is nobody in it$/],
  ])('if its file %s', async (_, lines, problem) => {
    const file = folder.write('wrong.csv', ...lines);
    const problems = await problemsOf(aCampaign({ audience: [{ file }] }));
    expect(problems[0]).toMatch(problem);
    expect(problems.join()).not.toMatch(/316|@|Noor/);
  });

  test('if it names a column that is not there', async () => {
    const file = folder.write('people.csv', 'mobile,first_name', '+31600000001,Noor');
    expect(await problemsOf(aCampaign({ audience: [{ file, phone: 'Cell' }] }))).toEqual([
      expect.stringMatching(/there is no column "Cell" for phone: there are mobile, first_name$/),
      expect.stringMatching(/there is no column of phone numbers/),
    ]);
  });

  test('if nobody is left', async () => {
    const { report } = await planned(aCampaign(), talking, ['+31600000001']);
    expect(report.recipients).toBe(0);
    expect(refusalOf(report)?.problems).toEqual(['audience: nobody is left to write to']);
  });
});

describe('a campaign goes', () => {
  const both: PlannedAdapter = { ...talking, ...broadcasting() };

  test('as one of the provider, where it has some', async () => {
    expect((await planned(aCampaign(), broadcasting())).report.via).toBe('native');
    expect((await planned(aCampaign(), both)).report.via).toBe('native');
    expect((await planned(aCampaign({ via: 'person' }), both)).report.via).toBe('person');
  });

  test('person by person where the campaigns of the provider cannot say it, and warns of that', async () => {
    const adapter = { ...talking, ...broadcasting({ addresses: ['email'] }), provider: 'both' };
    const { report } = await planned(aCampaign(), adapter);
    expect(report.via).toBe('person');
    expect(report.warnings).toEqual([
      expect.stringMatching(/^template\.approved\.both: names no template.*within 24 hours/),
      'goes person by person, not as a campaign of both: audience[0].contacts: there is no column of e-mail addresses (email): name the one that has them',
    ]);
  });

  test('person by person where it has an approved template for that', async () => {
    const template = { approved: { tower: { id: 'x' } } };
    expect((await planned(aCampaign({ template }), both)).report.via).toBe('person');
  });

  test.each([
    [
      'begins with a placeholder',
      { body: '{contact.first_name}, good morning.' },
      /^template\.body: begins or ends/,
    ],
    [
      'ends with a placeholder',
      { body: 'Good morning {contact.first_name}' },
      /^template\.body: begins or ends/,
    ],
    [
      'has two placeholders in a row',
      { body: 'A {contact.first_name} {contact.phone} b' },
      /follow each other/,
    ],
    [
      'has other braces',
      { body: 'Hello {name} and all.' },
      /^template\.body: holds braces that are no placeholder/,
    ],
    [
      'has a link without a lock',
      { body: 'Hi.', buttons: [{ type: 'link', label: 'a', url: 'http://example.com' }] },
      /^template\.buttons\[0\]\.url: http is refused/,
    ],
  ] as const)('with a warning if it %s', async (_, template, warning) => {
    const { report } = await planned(aCampaign({ template }), broadcasting());
    expect(report.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('with a warning of what the channel cannot show', async () => {
    const plain = { ...talking, messages: { accepts: { text: {} } } };
    const buttons = [{ type: 'reply', label: 'Yes', value: 'y' }] as const;
    const { report } = await planned(aCampaign({ template: { buttons } }), plain);
    expect(report.warnings).toEqual([
      'template: the channel cannot show these buttons: they go out as a list',
    ]);
  });
});

function literally(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
