import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

interface Ended {
  code: number;
  /** The last line on stdout, read. */
  figures: Record<string, unknown>;
  stderr: string;
}

/** Runs the command from its sources. */
function torture(...args: string[]): Promise<Ended> {
  const hook = join(import.meta.dirname, '../../scripts/on-sources.ts');
  const main = join(import.meta.dirname, '../src/main.ts');
  return new Promise((resolve) => {
    const command = ['--import', hook, main, ...args];
    const child = execFile(process.execPath, command, { timeout: 120_000 }, (_error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      const figures = (last.startsWith('{') ? JSON.parse(last) : {}) as Record<string, unknown>;
      resolve({ code: child.exitCode ?? -1, figures, stderr });
    });
  });
}

const FAULTLESS = {
  lost: 0,
  doubled: 0,
  misordered: 0,
  strays: 0,
  counterErrors: 0,
  reminderErrors: 0,
  stepErrors: 0,
  unknown: 0,
  deadLetters: 0,
  leftOver: 0,
  undelivered: 0,
  overLimit: 0,
  impatient: 0,
  crashes: 0,
};

const SHORT = ['--messages', '200', '--conversations', '40'];

describe('the torture', () => {
  test('finds one reply to each message on the memory engine, in order, whatever the provider does', async () => {
    const { code, figures, stderr } = await torture('--engine', 'memory', '--no-kills', ...SHORT);
    expect(figures).toMatchObject({ ...FAULTLESS, engine: 'memory', distinct: 200, replies: 200, kills: 0 });
    expect(figures.messages).toBeGreaterThan(200);
    expect(stderr).toContain('status 500');
    expect(code).toBe(0);
  });

  test('names an option that is wrong', async () => {
    const { code, stderr } = await torture('--engine', 'memory');
    expect(code).toBe(2);
    expect(stderr).toContain('add --no-kills');
  });
});
