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
    const child = execFile(process.execPath, command, { timeout: 170_000 }, (_error, stdout, stderr) => {
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
  cutShort: 0,
};

describe('the torture', () => {
  test.each([
    ['memory', '--no-kills', '--messages', '100', '--conversations', '40'],
    ['sqlite', '--kill-every-ms', '2000', '--messages', '300', '--conversations', '60'],
    ['postgres', '--kill-every-ms', '2500', '--messages', '300', '--conversations', '80'],
  ])(
    'finds one reply to each message on %s, in order, whatever dies or fails',
    async (engine, ...args) => {
      const { code, figures, stderr } = await torture('--engine', engine, ...args);
      const distinct = Number(args[args.indexOf('--messages') + 1]);
      expect(figures).toMatchObject({
        ...FAULTLESS,
        engine,
        messages: distinct,
        distinct,
        replies: distinct,
      });
      expect(figures.webhooks).toBeGreaterThan(distinct);
      if (engine !== 'memory') expect(figures.kills).toBeGreaterThan(0);
      if (engine === 'postgres') expect(figures.cuts).toBeGreaterThan(0);
      expect(stderr).toContain('status 500');
      expect(code).toBe(0);
    },
    180_000,
  );

  test('finds that everybody in a campaign got it once, and that the report says so, whatever dies or fails', async () => {
    const args = ['--recipients', '1000', '--kills', '8', '--look-up-after-ms', '200'];
    const { code, figures } = await torture('campaign', ...args);
    expect(figures).toMatchObject({
      recipients: 1000,
      reached: 1000,
      doubled: 0,
      lost: 0,
      strangers: 0,
      reportErrors: 0,
      unknown: 0,
      leftOver: 0,
      crashes: 0,
      kills: 8,
    });
    expect(code).toBe(0);
  }, 180_000);

  test('names an option that is wrong', async () => {
    const { code, stderr } = await torture('--engine', 'memory');
    expect(code).toBe(2);
    expect(stderr).toContain('add --no-kills');
  });
});
