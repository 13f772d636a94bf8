import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlanReport } from '@parley/broadcast';
import { path } from './bot-folder.js';
import { buildParley, runParley } from './run-parley.js';

const ROWS = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'parley-million-'));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const ADAPTERS = {
  chatinc: { apiKey: 'none' },
  crisp: { tier: 'plugin', identifier: 'none', key: 'none', website: '00000000-0000-4000-8000-000000000000' },
  web1on1: { token: 'none' },
};

beforeAll(async () => {
  await buildParley(...Object.keys(ADAPTERS).map((provider) => `adapter-${provider}`), 'engine-sqlite');
  const accounts = Object.entries(ADAPTERS).map(([provider, options]) => [
    provider,
    { use: path(`../../adapter-${provider}/dist/index.js`), ...options },
  ]);
  writeFileSync(
    join(folder, 'parley.config.json'),
    JSON.stringify({ engine: 'sqlite:bot.db', accounts: Object.fromEntries(accounts) }),
  );
  await pipeline(Readable.from(people()), createWriteStream(join(folder, 'people.csv')));
  // An engine that is there, with a list of those who have opted out.
  const { code } = await parley(
    'campaign',
    'suppressions',
    'add',
    '+31612345678',
    '--engine',
    'sqlite:bot.db',
  );
  expect(code).toBe(0);
});

/** Of a hundred rows one is bad, by turns in each of four ways. */
function* people(): Generator<string> {
  const bad = [
    '12,noor,Noor,Utrecht',
    '+31612345678,noor@example.com,"Noor,Utrecht',
    '+31612345678,noor@example.com,Noor',
    '4.47E+11,4.47E+11,Noor,Utrecht',
  ];
  yield 'phone,email,first_name,city\n';
  for (let from = 0; from < ROWS; from += 100) {
    const rows = Array.from(
      { length: 99 },
      (_, index) => `+316${10_000_000 + from + index},noor${from + index}@example.com,Noor,Utrecht`,
    );
    yield [...rows, bad[(from / 100) % 4], ''].join('\n');
  }
}

/** Tells the most memory that the process ever had in its RAM: of this program alone, whatever the one that started it had. */
const TELL_PEAK = `import { readFileSync } from 'node:fs';
process.on('exit', () => process.stderr.write(readFileSync('/proc/self/status', 'utf8').match(/VmHWM.*/)[0]));`;

function parley(...args: string[]) {
  const env = { NODE_OPTIONS: `--import=data:text/javascript;base64,${btoa(TELL_PEAK)}` };
  return runParley(args, { running, cwd: folder, env }).ended;
}

(process.platform === 'linux' ? describe : describe.skip)('a plan for a million rows of CSV', () => {
  test.each([
    ['a campaign of Chat Inc', 'chatinc', 'native', []],
    ['one by one at Web1on1', 'web1on1', 'person', []],
    ['e-mail by Crisp', 'crisp', 'person', ['channel: email']],
  ])('takes less than 200 MB and names every bad line: %s', async (_, account, via, more) => {
    const campaign = `
name: big
account: ${account}
template:
  language: en
  body: Hello {contact.first_name} of {contact.city}, we are open again.
audience:
  - file: people.csv
${more.join('\n')}`;
    writeFileSync(join(folder, 'big.yaml'), campaign);
    const { stdout, stderr } = await parley('campaign', 'plan', 'big.yaml', '--json');
    const report = JSON.parse(stdout) as PlanReport;
    expect(report).toMatchObject({
      via,
      rows: ROWS,
      recipients: 990_000,
      badRowCount: 10_000,
      excluded: { bad_row: 10_000, missing_variable: 0, duplicate: 0, opted_out: 0 },
    });
    expect(report.badRows.map(({ line }) => line)).toEqual(
      Array.from({ length: 10_000 }, (_row, index) => (index + 1) * 100 + 1),
    );
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(stderr) ?? [];
    expect(Number(kilobytes) / 1024).toBeLessThan(200);
  });
});
