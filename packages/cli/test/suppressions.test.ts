import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type BotFolder, path } from './bot-folder.js';
import { CAMPAIGN_PACKAGES, campaignFolder, crowd, gotAt, phone, writeCampaign } from './campaign-folder.js';
import { buildParley } from './run-parley.js';

let shop: Web1on1Emulator;
let bots: BotFolder;

beforeAll(() => buildParley(...CAMPAIGN_PACKAGES), 60_000);
beforeEach(async () => {
  shop = await startWeb1on1();
  bots = campaignFolder(
    'sqlite:bot.db',
    { use: path('../../engine-sqlite/dist/index.js'), file: 'bot.db' },
    { shop },
  );
});
afterEach(async () => {
  bots.close();
  await shop.close();
});

const campaign = (...args: string[]) => bots.parley('campaign', ...args);
const suppressions = (...args: string[]) => campaign('suppressions', ...args);
const json = async (...args: string[]) => JSON.parse((await campaign(...args, '--json')).stdout);
const write = (name: string, lines: readonly string[]) =>
  writeFileSync(join(bots.folder, name), lines.join('\n'));
const phones = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => phone(from + index));
const listed = async (): Promise<string[]> => {
  const { stdout } = await suppressions('list', '--json');
  const entries = stdout.split('\n').filter((line) => line !== '');
  return entries.map((line) => (JSON.parse(line) as { address: string }).address).toSorted();
};

/** Each of these is done in a folder where a bot runs and in one where none does. */
const HOSTS = [
  ['while the bot runs', () => bots.startBot()],
  ['with no bot running', async () => {}],
] as const;

describe('parley campaign suppressions', () => {
  test.each(HOSTS)('keeps an address from campaigns until it is removed, %s', async (_, start) => {
    await start();
    expect(await suppressions('add', '+31 (0)6 1234 0001', '--why', 'by-mail')).toEqual({
      code: 0,
      stdout: 'added: 1\n',
      stderr: '',
    });
    expect(await suppressions('add', '0612340001', '--country', 'NL')).toMatchObject({
      stdout: 'added: 0\n',
    });
    expect((await suppressions('check', phone(1))).stdout).toMatch(
      /^on the list since \d{4}-.*Z: by-mail\n$/,
    );
    expect(await json('suppressions', 'check', phone(1))).toEqual({
      suppressed: true,
      address: phone(1),
      at: expect.any(String),
      why: 'by-mail',
    });
    writeCampaign(bots, { account: 'shop', people: crowd(3) });
    expect(await json('plan', 'may.yaml')).toMatchObject({ recipients: 2, excluded: { opted_out: 1 } });
    await campaign('run', 'may.yaml', '--yes');
    expect(Object.keys(gotAt(shop)).toSorted()).toEqual([phone(0), phone(2)]);

    expect(await suppressions('remove', phone(1))).toEqual({ code: 0, stdout: 'removed: 1\n', stderr: '' });
    expect(await suppressions('remove', phone(1))).toEqual({
      code: 1,
      stdout: 'removed: 0\n',
      stderr: 'parley: the address is not on the list\n',
    });
    expect((await suppressions('check', phone(1))).stdout).toBe('not on the list\n');
    expect(await json('suppressions', 'check', phone(1))).toEqual({ suppressed: false });
    expect(await json('plan', 'may.yaml')).toMatchObject({ recipients: 3 });
  });

  test('takes a file, names its bad rows by line, and adds nothing unless these may be left out', async () => {
    const rows = ['Phone;E-mail', '06 1234 0001;noor@x.nl', 'Noor;', `${phone(2)};`, ';piet', `${phone(1)};`];
    write('people.csv', rows);
    const options = ['add', '--file', 'people.csv', '--country', 'NL'];
    const refused = await suppressions(...options);
    expect(refused).toEqual({
      code: 1,
      stdout: `rows      5
bad rows  2
added     0
bad rows
  people.csv:3: the phone number holds something else than digits
  people.csv:5: the e-mail address is not one
`,
      stderr: 'parley: 2 bad rows: correct them, or leave them out with --skip-bad\n',
    });
    // Not even a file for the list.
    expect(existsSync(join(bots.folder, 'bot.db'))).toBe(false);
    const { code, stdout, stderr } = await suppressions(...options, '--skip-bad', '--why', 'crm', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 5,
      added: 3,
      badRowCount: 2,
      badRows: [{ source: 'people.csv', line: 3 }, { line: 5 }],
    });
    expect(await listed()).toEqual([phone(1), phone(2), 'noor@x.nl']);
  });

  test('lists CSV that it takes itself, also an address that a spreadsheet would run', async () => {
    for (const address of [phone(1), '=1+1@x.nl', '__proto__@x.nl'])
      await suppressions('add', address, '--why', 'crm');
    const { stdout } = await suppressions('list');
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).toBe('address,at,why');
    expect(lines.map((line) => line.replace(/\d{4}-.*Z/, 'TIME')).toSorted()).toEqual([
      "'=1+1@x.nl,TIME,crm",
      `${phone(1)},TIME,crm`,
      '__proto__@x.nl,TIME,crm',
    ]);
    write('again.csv', [heading ?? '', ...lines]);
    expect(await json('suppressions', 'add', '--file', 'again.csv')).toMatchObject({ rows: 3, added: 0 });
  });

  test.each(HOSTS)('loses nobody to commands that add at the same time, %s', async (_, start) => {
    await start();
    await suppressions('add', phone(0));
    const files = [0, 1, 2].map((index) => phones(500 * index, 1000));
    for (const [index, people] of files.entries()) write(`${index}.csv`, ['phone', ...people]);
    const added = await Promise.all(
      files.map((__, index) => json('suppressions', 'add', '--file', `${index}.csv`)),
    );
    expect(added.reduce((sum, report) => sum + report.added, 1)).toBe(2000);
    expect(await listed()).toEqual(phones(0, 2000));
  });

  test.each([
    [['add', '__proto__'], 2, 'address: the phone number holds something else than digits'],
    [['check', 'constructor'], 2, 'address: the phone number holds something else than digits'],
    [
      ['add', '0612340001'],
      2,
      'address: the phone number has no country: write it with + and the country code',
    ],
    [['remove', 'noor@'], 2, 'address: the e-mail address is not one'],
    [['add', '0612340001', '--country', 'nl'], 2, 'country: expected a country of two capital letters'],
    [['add', '+31', '6', '12340001'], 2, 'one address at a time, in quotes if there are blanks in it'],
    [['list', phone(1)], 2, 'list takes no address; for one, ask check'],
    [['add'], 2, 'name an address, or a file of them with --file'],
    [['add', phone(1), '--file', 'people.csv'], 2, 'name an address, or a file of them with --file'],
    [['add', phone(1), '--skip-bad'], 2, '--skip-bad goes with --file'],
    [['add', phone(1), '--why', 'two words'], 2, '--why must be 1 to 40 letters, digits, _ or -'],
    [['add', '--__proto__=1', phone(1)], 2, 'unknown option --__proto__'],
    [['add', '--file', 'none.csv'], 1, 'addresses: file (none.csv): there is no such file'],
    [['check', phone(1)], 1, 'There is no file'],
    [['remove'], 2, 'ADDRESS'],
  ])('%j ends with %d and one line that says why, and shows no address', async (args, expected, reason) => {
    const { code, stdout, stderr } = await suppressions(...args);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/1234|noor/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(join(bots.folder, 'bot.db'))).toBe(false);
  });
});

describe('parley campaign erase', () => {
  const erased = { runs: 1, events: 0, states: 0, timers: 0, deadLetters: 0 };

  test('asks first; then nothing of the person is left in the file but on the suppression list', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(3) });
    await campaign('run', 'may.yaml', '--yes');
    const unasked = await campaign('erase', phone(1));
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') });
    expect(unasked.stderr).not.toContain('1234');
    const { code, stdout, stderr } = await campaign('erase', '+31 6 1234 0001', '--yes');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^runs +1$/m);
    expect(stdout).toMatch(/^effects +1$/m);
    expect(stdout).toMatch(/^suppression list +the address is not on it: a later campaign may write to it$/m);
    expect(readFileSync(join(bots.folder, 'bot.db'), 'latin1')).not.toContain(phone(1));
    const people = (await campaign('export', 'may-1')).stdout.split('\n');
    expect(people.slice(1, 4).map((line) => line.split(',')[0])).toEqual([phone(0), '', phone(2)]);

    await suppressions('add', phone(1));
    const again = await json('erase', phone(1), '--yes');
    expect(again).toEqual({ ...erased, runs: 0, effects: 0, suppressed: true });
    expect(await listed()).toEqual([phone(1)]);
    expect((await campaign('erase', phone(1), '--yes')).stdout).toMatch(
      /^suppression list +the address stays on it, so that no campaign writes to it again$/m,
    );
    expect(await campaign('erase', '__proto__', '--yes')).toMatchObject({ code: 2, stdout: '' });
  });

  test('while the bot runs, who waits in its run gets nothing and is not in its file any more', async () => {
    shop.faults.next({ kind: 'status', times: 10_000 });
    writeCampaign(bots, { account: 'shop', people: crowd(6) });
    const bot = await bots.startBot();
    await campaign('run', 'may.yaml', '--yes', '--detach');
    await eventually(
      async () => JSON.parse((await bots.parley('stats', '--json')).stdout).pendingEffects === 6,
      () => 'nothing waits',
      20_000,
    );
    expect(await json('erase', phone(1), '--yes')).toEqual({ ...erased, effects: 1, suppressed: false });
    shop.faults.clear();
    await eventually(
      async () => (await json('status', 'may-1')).state === 'completed',
      () => 'it does not end',
      40_000,
    );
    expect(await json('status', 'may-1')).toMatchObject({ recipients: 5, counts: { sent: 5 } });
    expect(Object.keys(gotAt(shop)).toSorted()).toEqual([0, 2, 3, 4, 5].map(phone));
    await bot.end('SIGTERM');
    expect(readFileSync(join(bots.folder, 'bot.db'), 'latin1')).not.toContain(phone(1));
  });
});
