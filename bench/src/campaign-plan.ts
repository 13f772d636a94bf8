import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPlanner } from '@parley/broadcast';
import { memoryEngine } from '@parley/core';
import { anAccount, fakeAdapter } from '@parley/testing';
import type { BenchOptions } from './benchmarks.js';
import { scaled } from './measure.js';
import { judged, type Measured } from './result.js';

const MEGABYTE = 2 ** 20;

/**
 * A campaign to the people of a CSV file, one in a hundred of its rows bad, planned in this process: the most memory that the
 * process ever has, and how long it takes. The floor is the process before.
 */
export async function campaignPlan({ effort }: BenchOptions): Promise<Measured[]> {
  const rows = 100 * scaled(10_000, effort, 1);
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const file = join(folder, 'people.csv');
  try {
    await pipeline(Readable.from(people(rows)), createWriteStream(file));
    const engine = memoryEngine();
    const shop = fakeAdapter().open(anAccount({ name: 'shop' }));
    const planner = openPlanner(engine, { shop });
    const floor = peakMegabytes();
    const begun = performance.now();
    const { badRows, recipients } = await planner.plan({
      name: 'big',
      account: 'shop',
      template: { body: 'Hello {contact.first_name} of {contact.city}.', language: 'en' },
      audience: [{ file }],
    });
    const seconds = (performance.now() - begun) / 1000;
    if (recipients !== rows - badRows.length || badRows.length !== rows / 100)
      throw new Error('The plan is not what the file says');
    const note = `${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s, ${badRows.length} bad lines named`;
    const figures = { name: 'plan of a campaign', unit: 'MB at most', floor, ours: peakMegabytes(), note };
    return [judged(figures, 'ours <= budget', 200)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* people(rows: number): Generator<string> {
  yield 'phone,first_name,city\n';
  for (let from = 0; from < rows; from += 100) {
    const good = Array.from({ length: 99 }, (_, index) => `+316${10_000_000 + from + index},Noor,Utrecht`);
    yield [...good, '12,Noor,Utrecht', ''].join('\n');
  }
}

function peakMegabytes(): number {
  return (process.resourceUsage().maxRSS * 1024) / MEGABYTE;
}
