import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './repository.ts';
import { type JestResult, summarize } from './test-summary.ts';

/** A run that takes longer is stuck. */
const LIMIT_MS = 15 * 60_000;
/** How long jest may take to end after its last test: longer, and a test has left something open. */
const GRACE_MS = 10_000;

interface Ended {
  code: number | null;
  /** Why it was ended from outside, if it was. */
  reason?: string;
}

/** Runs jest, which writes its result to a file, and sees to it that it ends. */
function runJest(outputFile: string): Promise<Ended> {
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  args.push(
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${outputFile}`,
    ...process.argv.slice(2),
  );
  return new Promise((resolve, reject) => {
    // Jest's own report goes to stderr; with --json, stdout holds the same JSON as the file. In a group of its own, so
    // that its workers can be ended with it.
    const jest = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    let reason: string | undefined;
    const end = (why: string): void => {
      reason = why;
      if (jest.pid !== undefined) process.kill(-jest.pid, 'SIGKILL');
    };
    const limit = setTimeout(() => end(`ended after ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
    let grace: NodeJS.Timeout | undefined;
    const watch = setInterval(() => {
      if (grace === undefined && existsSync(outputFile))
        grace = setTimeout(
          () => end('all tests ended, but jest did not: one has left something open'),
          GRACE_MS,
        );
    }, 500);
    const interrupted = (): void => end('interrupted');
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    jest.on('error', reject);
    jest.on('close', (code) => {
      clearTimeout(limit);
      clearTimeout(grace);
      clearInterval(watch);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ code, ...(reason !== undefined && { reason }) });
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'parley-tests-'));
try {
  const outputFile = join(folder, 'result.json');
  const { code, reason } = await runJest(outputFile);
  process.exitCode = 1;
  if (existsSync(outputFile)) {
    const { lines, ok } = summarize(JSON.parse(readFileSync(outputFile, 'utf8')) as JestResult, reason);
    console.log(`\n${lines.join('\n')}`);
    if (ok && code === 0) process.exitCode = 0;
  } else {
    console.log(`\nFAILED: ${reason ?? 'jest ended without a result'}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
