import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

/** Runs the benchmarks from their sources. */
function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const hook = join(import.meta.dirname, '../../scripts/on-sources.ts');
  const main = join(import.meta.dirname, '../src/main.ts');
  return promisify(execFile)(process.execPath, ['--import', hook, main, ...args]);
}

const MEASURED = {
  unit: expect.any(String),
  floor: expect.any(Number),
  ours: expect.any(Number),
  ratio: expect.any(Number),
  met: expect.any(Boolean),
};

describe('the benchmarks', () => {
  test('print one object a line, with the floor, our figure, their ratio and the budget', async () => {
    const { stdout } = await bench('--json', '--effort', '0.001');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({ ...MEASURED, name: 'inbound in process', budget: 2.5 }),
      expect.objectContaining({ ...MEASURED, name: 'inbound over HTTP', budget: 0.75 }),
      expect.objectContaining({ ...MEASURED, name: 'say outside a turn', budget: 1.6 }),
      expect.objectContaining({ ...MEASURED, name: 'say inside a turn', budget: 1.6 }),
      expect.objectContaining({ ...MEASURED, name: 'Crisp, inbound in process', budget: 2.5 }),
      expect.objectContaining({ ...MEASURED, name: 'Crisp, say outside a turn', budget: 1.6 }),
      expect.objectContaining({ ...MEASURED, name: 'Crisp, say inside a turn', budget: 1.6 }),
      expect.objectContaining({ ...MEASURED, name: 'idle conversation', budget: 1024 }),
      expect.objectContaining({ ...MEASURED, name: '40 open conversations', budget: 1.25 }),
      expect.objectContaining({ ...MEASURED, name: 'inbound with SQLite', budget: 6 }),
      expect.objectContaining({ ...MEASURED, name: 'SQLite, durable events', budget: 5000 }),
      expect.objectContaining({ ...MEASURED, name: 'SQLite, accept to handler', budget: 5 }),
      expect.objectContaining({ ...MEASURED, name: 'SQLite, heap after 1 million events', budget: 1.25 }),
      expect.objectContaining({ ...MEASURED, name: 'PostgreSQL, four processes', budget: 600 }),
      expect.objectContaining({ ...MEASURED, name: 'PostgreSQL, accept to handler', budget: 20 }),
      expect.objectContaining({ ...MEASURED, name: 'PostgreSQL, after SIGKILL', budget: 15 }),
      expect.objectContaining({ ...MEASURED, name: 'plan of a campaign', budget: 200 }),
    ]);
  });

  test('print a table with what each budget says and where it was measured', async () => {
    const { stdout } = await bench('--effort', '0.001', '--only', 'inbound');
    expect(stdout).toMatch(/^name +floor +ours +unit +ratio +budget/);
    expect(stdout).toMatch(/inbound in process .* at most 2\.5x +(?:met|MISSED)\n/);
    expect(stdout).toContain(`Node ${process.version}`);
  });

  test('name a benchmark that does not exist, and those that do', async () => {
    await expect(bench('--only', 'nothing')).rejects.toMatchObject({
      stderr: expect.stringMatching(/no benchmark "nothing"[\s\S]*http-inbound/) as unknown,
    });
  });
});
