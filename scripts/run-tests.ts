import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './repository.ts';
import { type JestResult, summarize } from './test-summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-tests-'));
try {
  const outputFile = join(folder, 'result.json');
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${outputFile}`,
    ...process.argv.slice(2),
  ];
  // Jest's own report goes to stderr; with --json, stdout holds the same JSON as the file.
  const { status } = spawnSync(process.execPath, jest, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const { lines, ok } = summarize(JSON.parse(readFileSync(outputFile, 'utf8')) as JestResult);
  console.log(`\n${lines.join('\n')}`);
  process.exitCode = ok && status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
