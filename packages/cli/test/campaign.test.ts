import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunStatus } from '@parley/broadcast';
import { type ChatIncEmulator, startChatInc, startWeb1on1, type Web1on1Emulator } from '@parley/emulators';
import { eventually } from '@parley/testing';
import { type BotFolder, path } from './bot-folder.js';
import { CAMPAIGN_PACKAGES, campaignFolder, crowd, gotAt, phone, writeCampaign } from './campaign-folder.js';
import { buildParley, type Running } from './run-parley.js';

const SOON = { approvalDelayMs: 0, sentWithinMs: 0, deliveredWithinMs: 0, readWithinMs: 0 };
const AFTER_A_DAY = "at: '2099-01-01T09:00:00Z'";

let promo: ChatIncEmulator;
let shop: Web1on1Emulator;
let bots: BotFolder;

beforeAll(() => buildParley(...CAMPAIGN_PACKAGES), 60_000);
beforeEach(async () => {
  promo = await startChatInc({
    ...SOON,
    sendErrorRate: 0,
    deliveryErrorRate: 0,
    deliveredRate: 1,
    readRate: 1,
  });
  shop = await startWeb1on1();
  const engine = { use: path('../../engine-sqlite/dist/index.js'), file: 'bot.db' };
  bots = campaignFolder('sqlite:bot.db', engine, { promo, shop });
});
afterEach(async () => {
  bots.close();
  await promo.close();
  await shop.close();
});

const campaign = (...args: string[]) => bots.parley('campaign', ...args);
const json = async (...args: string[]) => JSON.parse((await campaign(...args, '--json')).stdout);

/** Also while whoever has the file is about to open it, or to close it. */
async function untilState(state: string): Promise<void> {
  await eventually(
    async () => (await campaign('status', 'may-1', '--json')).stdout.includes(`"state":"${state}"`),
    () => `the run is not ${state}`,
    40_000,
  );
}

/** Resolves when the command has said this on stderr. */
function heard({ child }: Running, words: RegExp): Promise<void> {
  let said = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (words.test(said)) resolve();
    });
  });
}

/** Begins a command, and waits until its run is in this state. */
async function begun(state: string, ...args: string[]) {
  const command = bots.begin('campaign', ...args);
  await untilState(state);
  return command;
}

describe('parley campaign plan', () => {
  test('tells who gets what and who not, by line; nothing is sent or kept', async () => {
    const mistakes = [`${phone(1)},Again`, 'nobody,Nobody', `${phone(9)},`];
    writeCampaign(bots, { people: [...crowd(3), ...mistakes] });
    const { code, stdout, stderr } = await campaign('plan', 'may.yaml');
    expect([code, stderr]).toEqual([
      1,
      'parley: 2 bad rows: correct them, or leave them out with --skip-bad\n',
    ]);
    expect(stdout).toMatch(/^account +promo \(chatinc, a campaign of the provider's\)$/m);
    expect(stdout).toMatch(
      /^rows +6\nexcluded +3\n {2}bad rows +1\n {2}missing values +1\n {2}duplicates +1$/m,
    );
    expect(stdout).toMatch(/^recipients +3\nmessages +3$/m);
    expect(stdout).toContain('people.csv:6: the phone number holds something else than digits');
    expect(stdout).toContain('people.csv:7: has no value for {contact.name}');
    expect(stdout).toContain(`${phone(0)}\n    Hello Person 0, we are open again.`);
    expect((await campaign('plan', 'may.yaml', '--skip-bad')).code).toBe(0);
    expect(await json('plan', 'may.yaml', '--account', 'shop')).toMatchObject({
      provider: 'web1on1',
      via: 'person',
      recipients: 3,
    });
    expect(existsSync(join(bots.folder, 'bot.db'))).toBe(false);
    expect([promo.journal.entries, shop.journal.entries]).toEqual([[], []]);
  });

  test('names everything that is wrong with the campaign, each with its place', async () => {
    writeCampaign(bots, { people: crowd(1) });
    const file = join(bots.folder, 'may.yaml');
    const buttons = '  buttons: [{ type: telephone, label: Call }]\naudiance: []';
    writeFileSync(file, readFileSync(file, 'utf8').replace('audience:', `${buttons}\naudience:`));
    const { code, stdout, stderr } = await campaign('plan', 'may.yaml');
    expect([code, stdout]).toEqual([1, '']);
    const [heading, ...problems] = stderr.trimEnd().split('\n');
    expect(heading).toBe('parley: may.yaml:');
    expect(problems.map((line) => line.split(': ').slice(0, 2).join())).toEqual([
      '  line 8,audiance',
      '  line 7,template.buttons[0].type',
    ]);
  });

  test('an account that is not there is named, and nobody writes to a folder that is not there', async () => {
    writeCampaign(bots, { people: crowd(1) });
    const { code, stderr } = await campaign('plan', 'may.yaml', '--account', 'nobody');
    expect([code, stderr]).toEqual([1, 'parley: may: account: the bot has no account "nobody"\n']);
    expect(await campaign('plan', 'june.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^parley: The campaign file .*june\.yaml: there is no such file\n$/),
    });
  });
});

describe('parley campaign run, with no bot running', () => {
  test('asks first: where nobody can answer, nothing happens', async () => {
    writeCampaign(bots, { people: crowd(2) });
    expect(await campaign('run', 'may.yaml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --yes'),
    });
    expect(promo.journal.entries).toEqual([]);
  });

  test('a wrong --wait plans nothing that a later command would send, and resumes nothing', async () => {
    writeCampaign(bots, { people: crowd(2), more: AFTER_A_DAY });
    const usage = { code: 2, stderr: expect.stringContaining('--wait must be a whole number') };
    expect(await campaign('run', 'may.yaml', '--yes', '--wait', 'ten')).toMatchObject(usage);
    expect(existsSync(join(bots.folder, 'bot.db'))).toBe(false);
    expect(await campaign('run', 'may.yaml', '--yes', '--detach')).toMatchObject({ code: 0 });
    expect(await campaign('pause', 'may-1')).toMatchObject({ code: 0 });
    expect(await campaign('resume', 'may-1', '--wait', '1.5')).toMatchObject(usage);
    expect(await json('status', 'may-1')).toMatchObject({ state: 'paused' });
  });

  test('an engine that only this process would see is refused', async () => {
    writeCampaign(bots, { people: crowd(1) });
    const { code, stderr } = await bots.parley('campaign', 'run', 'may.yaml', '--yes', '--engine', 'memory');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('The engine in memory is seen by its own process only'),
    ]);
  });

  test('sends once for each intent, and reports what became of it', async () => {
    promo.notOnWhatsApp = [phone(2)];
    writeCampaign(bots, { people: [...crowd(5), `${phone(0)},Twice`] });
    const first = await campaign('run', 'may.yaml', '--yes');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^may-1 +completed$/m);
    expect(first.stdout).toMatch(/^recipients +5$/m);
    expect(first.stdout).toMatch(/^ {2}duplicates +1$/m);
    expect(first.stderr).toMatch(/^completed {2}5 of 5 {2}/m);
    expect(first.stderr.match(/^completed/gm)).toHaveLength(1);
    const paid = promo.balance();

    const again = await campaign('run', 'may.yaml', '--yes');
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Run may-1 has ended; --intent'),
    });
    expect(promo.balance()).toBe(paid);
    const elsewhere = await campaign('run', 'may.yaml', '--yes', '--account', 'shop');
    expect([elsewhere.code, elsewhere.stderr]).toEqual([
      1,
      expect.stringContaining('Run "may-1" is one of the campaign "may" by the account "promo"'),
    ]);
    expect(gotAt(shop)).toEqual({});
    expect(await campaign('run', 'may.yaml', '--yes', '--intent', 'two')).toMatchObject({ code: 0 });
    expect(promo.received(phone(0)).map(({ text }) => text)).toEqual(
      Array(2).fill('Hello Person 0, we are open again.'),
    );
    expect((await json('status')).map(({ id }: RunStatus) => id)).toEqual(['may-two', 'may-1']);
    // None of it is in what goes to a log.
    expect(first.stderr + again.stderr).not.toMatch(/31612|Person|open again/);
  });

  test('stops at Ctrl-C and says how to go on; then everybody has it exactly once', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(120) });
    const command = bots.begin('campaign', 'run', 'may.yaml', '--yes');
    await eventually(
      () => Object.keys(gotAt(shop)).length > 10,
      () => 'nothing is sent',
      20_000,
    );
    // As from a terminal through npx: once to each process, and once more passed on.
    command.child.kill('SIGINT');
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /The run stops here: \d+ of 120 so far\. Go on with: parley campaign resume may-1\n$/,
    );
    expect(Object.keys(gotAt(shop)).length).toBeLessThan(120);

    const resumed = await campaign('resume', 'may-1', '--json');
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      state: 'completed',
      recipients: 120,
      counts: { sent: 120, failed: 0 },
      unknown: 0,
    });
    const got = Object.entries(gotAt(shop));
    expect(got.map(([, texts]) => texts.length)).toEqual(Array(120).fill(1));
  });

  test('what the provider has begun goes on at Ctrl-C, and is followed again; receipts are waited for', async () => {
    const hour = 3_600_000;
    Object.assign(promo.switches, { sentWithinMs: hour, deliveredWithinMs: hour, readWithinMs: hour });
    writeCampaign(bots, { people: crowd(3) });
    const command = await begun('running', 'run', 'may.yaml', '--yes');
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /chatinc goes on with the run: \d of 3 so far\. Follow it again with: parley campaign resume may-1\n$/,
    );
    promo.clock.advance(hour);
    const following = bots.begin('campaign', 'resume', 'may-1', '--wait', '5');
    await untilState('completed');
    promo.clock.advance(2 * hour);
    const followed = await following.ended;
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/^sent +3\ndelivered +3 \(100\.0 %\)\nread +3 \(100\.0 %\)$/m);
  });

  test('says so when the provider does not answer, and goes on when it does', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(3) });
    shop.faults.next({ kind: 'drop-before', times: 1_000_000 });
    const command = bots.begin('campaign', 'run', 'may.yaml', '--yes');
    await heard(command, /^web1on1 does not answer, or wants us to wait/m);
    shop.faults.clear();
    expect(await command.ended).toMatchObject({ code: 0 });
    expect(Object.values(gotAt(shop)).flat()).toHaveLength(3);
  });

  test('what the provider refuses pauses it with the reason, and resumed it is paid once', async () => {
    writeCampaign(bots, { people: crowd(3) });
    promo.faults.next({ kind: 'status', status: 401, route: 'POST /v1/run/campaign' });
    const before = promo.balance();
    const refused = await campaign('run', 'may.yaml', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^parley: run may-1 is paused: .* answered 401.*\. Once that is put right: parley campaign resume may-1$/m,
    );
    expect(await json('status', 'may-1')).toMatchObject({ state: 'paused', waiting: 3 });
    expect(promo.balance()).toBe(before);
    const meanwhile = await campaign('run', 'may.yaml', '--yes');
    expect(meanwhile.stderr).toMatch(/^parley: run may-1 is paused: .* answered 401/m);
    expect(meanwhile.stderr).not.toContain('goes on');
    expect(await campaign('resume', 'may-1')).toMatchObject({ code: 0 });
    expect(await json('status', 'may-1')).toMatchObject({ state: 'completed', counts: { sent: 3 } });
    expect(promo.balance()).toBe(before - 3);
    const again = await campaign('run', 'may.yaml', '--yes');
    expect(again.stderr).toContain('Run may-1 has ended; --intent <another> runs the campaign once more\n');
  });

  test('counts failures by their reason', async () => {
    shop.faults.next({
      kind: 'status',
      status: 422,
      body: { name: 'Invalid', message: 'no such number' },
      times: 2,
    });
    writeCampaign(bots, { account: 'shop', people: crowd(4) });
    const { code, stdout } = await campaign('run', 'may.yaml', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sent +2\n.*\n.*\nfailed +2\n {2}2 +\S.*$/m);
  });

  test('a run that waits for its time is paused, goes on, and is canceled', async () => {
    writeCampaign(bots, { people: crowd(2), more: AFTER_A_DAY });
    const left = await campaign('run', 'may.yaml', '--yes', '--detach');
    expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining('sends it once it runs') });
    expect((await campaign('pause', 'may-1')).stdout).toBe('may-1: paused\n');
    expect(await campaign('run', 'may.yaml', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run may-1 is paused: parley campaign resume may-1'),
    });
    expect((await campaign('resume', 'may-1', '--detach')).stdout).toBe('may-1: planned\n');
    expect((await campaign('cancel', 'may-1')).stdout).toBe('may-1: canceled\n');
    const late = await campaign('resume', 'may-1', '--detach');
    expect([late.code, late.stderr]).toEqual([
      1,
      'parley: Run "may-1" was canceled; run it with another intent\n',
    ]);
    expect(promo.balance()).toBe(1_000_000);
    expect((await campaign('status', 'june-1')).stderr).toContain('There is no run "june-1"');
  });
});

describe('parley campaign export', () => {
  test('gives everybody with their fate, and no formula to a spreadsheet', async () => {
    writeCampaign(bots, { account: 'shop', people: [`${phone(0)},=1+1`, `${phone(1)},"Doe, Jo"`] });
    await campaign('run', 'may.yaml', '--yes');
    const csv = `address,channel,name,status,reason,answer
${phone(0)},whatsapp,'=1+1,sent,,
${phone(1)},whatsapp,"Doe, Jo",sent,,
`;
    expect(await campaign('export', 'may-1')).toEqual({ code: 0, stdout: csv, stderr: '' });
    expect(await campaign('export', 'may-1', '--out', 'may.csv')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(join(bots.folder, 'may.csv'), 'utf8')).toBe(csv);
    const again = await campaign('export', 'may-1', '--out', 'may.csv');
    expect(again.stderr).toBe('parley: may.csv: there is a file already; name another\n');
    const lines = (await campaign('export', 'may-1', '--format', 'json')).stdout.trimEnd().split('\n');
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      to: { channel: 'whatsapp', value: phone(1) },
      name: 'Doe, Jo',
      status: 'sent',
    });
    expect(await campaign('export', 'june-1', '--out', 'june.csv')).toMatchObject({ code: 1 });
    expect(existsSync(join(bots.folder, 'june.csv'))).toBe(false);
  });
});

describe('while the bot runs', () => {
  test('it does the sending, and the command watches', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(40) });
    await bots.startBot();
    const { code, stdout } = await campaign('run', 'may.yaml', '--yes', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ state: 'completed', counts: expect.objectContaining({ sent: 40 }) }),
    ]);
    expect(Object.values(gotAt(shop)).flat()).toHaveLength(40);
  });

  test('at Ctrl-C the run goes on in the bot', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(60) });
    await bots.startBot();
    const command = await begun('running', 'run', 'may.yaml', '--yes');
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /The run goes on in the bot: \d+ of 60 so far\. See: parley campaign status may-1\n$/,
    );
    await untilState('completed');
    expect(Object.values(gotAt(shop)).flat()).toHaveLength(60);
  });

  test('if the bot dies, the command says so, waits for the next one, and goes on watching', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(60) });
    const bot = await bots.startBot();
    const command = await begun('running', 'run', 'may.yaml', '--yes', '--json');
    const saysSo = heard(command, /The process that sends has ended: waiting for it to come back\n/);
    await bot.end('SIGKILL');
    await saysSo;
    await bots.startBot();
    const { code, stdout } = await command.ended;
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ state: 'completed' })]);
    expect(Object.values(gotAt(shop)).map((texts) => texts.length)).toEqual(Array(60).fill(1));
  });

  test('if the bot dies and nobody waits for it, the command says what becomes of the run', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(60) });
    const bot = await bots.startBot();
    const command = await begun('running', 'run', 'may.yaml', '--yes');
    const saysSo = heard(command, /waiting for it to come back\n/);
    await bot.end('SIGKILL');
    await saysSo;
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/The run goes on when it is back, or with: parley campaign resume may-1\n$/);
  });

  test('runs are paused, resumed and canceled in it', async () => {
    writeCampaign(bots, { account: 'shop', people: crowd(2), more: AFTER_A_DAY });
    await bots.startBot();
    const watching = await begun('scheduled', 'run', 'may.yaml', '--yes', '--json');
    expect((await campaign('pause', 'may-1')).stdout).toBe('may-1: paused\n');
    expect((await campaign('resume', 'may-1', '--detach')).stdout).toBe('may-1: scheduled\n');
    expect((await campaign('cancel', 'may-1')).stdout).toBe('may-1: canceled\n');
    const { code, stdout } = await watching.ended;
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      expect.objectContaining({
        state: 'canceled',
        canceled: 2,
        counts: expect.objectContaining({ sent: 0 }),
      }),
    ]);
    expect(gotAt(shop)).toEqual({});
  });
});
