import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, test } from '@jest/globals';
import { campaignFolder } from './campaign-folder.js';
import type { ToldPlan } from './plan-process.js';

const ROWS = 1_000_000;
const MEGABYTE = 2 ** 20;

const folder = campaignFolder();
afterAll(() => folder.remove());

/** Of a hundred rows one is bad, by turns in each of four ways. */
function* people(): Generator<string> {
  const bad = ['12,Noor,Utrecht', '+31612345678,"Noor,Utrecht', '+31612345678,Noor', '4.47E+11,Noor,Utrecht'];
  yield 'phone,first_name,city\n';
  for (let from = 0; from < ROWS; from += 100) {
    const rows = Array.from({ length: 99 }, (_, index) => `+316${10_000_000 + from + index},Noor,Utrecht`);
    yield [...rows, bad[(from / 100) % 4], ''].join('\n');
  }
}

async function planned(file: string): Promise<ToldPlan> {
  const onSources = ['--import', join(import.meta.dirname, '../../../scripts/on-sources.ts')];
  const child = fork(join(import.meta.dirname, 'plan-process.ts'), [file], { execArgv: onSources });
  const exit = once(child, 'exit');
  let told: ToldPlan | undefined;
  child.on('message', (message) => {
    told = message as ToldPlan;
  });
  await exit;
  if (told === undefined) throw new Error('The plan came to nothing');
  return told;
}

test('a million rows, every hundredth of them bad, are planned in 200 MB, and every bad line is named', async () => {
  const file = folder.write('people.csv');
  await pipeline(Readable.from(people()), createWriteStream(file));
  const { report, grownBytes } = await planned(file);
  expect(report).toMatchObject({
    rows: ROWS,
    recipients: 990_000,
    badRowCount: 10_000,
    excluded: { bad_row: 10_000, missing_variable: 0, duplicate: 0, opted_out: 0 },
  });
  expect(report.badRows.map(({ line }) => line)).toEqual(
    Array.from({ length: 10_000 }, (_, index) => (index + 1) * 100 + 1),
  );
  expect(grownBytes / MEGABYTE).toBeLessThan(200);
}, 300_000);
