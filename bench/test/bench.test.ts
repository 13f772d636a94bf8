import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../dist/main.js');

describe('the benchmarks', () => {
  test('print one object a line, with the floor, our figure, their ratio and the budget', async () => {
    const { stdout } = await run(process.execPath, [MAIN, '--json', '--quick', '--only', 'inbound']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      name: 'inbound in process',
      unit: 'µs CPU per webhook',
      floor: expect.any(Number),
      ours: expect.any(Number),
      ratio: expect.any(Number),
      budget: 2.5,
      met: expect.any(Boolean),
    });
  });

  test('name a benchmark that does not exist, and those that do', async () => {
    await expect(run(process.execPath, [MAIN, '--only', 'nothing'])).rejects.toMatchObject({
      stderr: expect.stringMatching(/no benchmark "nothing"[\s\S]*http-inbound/) as unknown,
    });
  });
});
