import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from './report.ts';
import { type Package, publicPackages, ROOT } from './repository.ts';

/** Packs every public package as it would be published, and lets publint and attw look at the result. */
export async function checkPackages(root = ROOT): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pack-'));
  try {
    const waiting = publicPackages(root);
    const problems: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        problems.push(...(await checkPackage(next, folder)));
    };
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkPackage(entry: Package, folder: string): Promise<string[]> {
  const tarball = join(folder, `${entry.folder}.tgz`);
  const packed = await run('pnpm', ['pack', '--out', tarball], entry.directory);
  if (packed.code !== 0) return [`${entry.folder}: pnpm pack failed\n${packed.output}`];
  const contents = await run('tar', ['-tzf', tarball], entry.directory);
  const published = new Set(contents.output.split('\n'));
  const missing = expectedFiles(entry)
    .filter((name) => !published.has(`package/${name}`))
    .map((name) => `${entry.folder}: the published package has no ${name}`);
  const checks = [await run('publint', ['run', tarball, '--strict'], entry.directory)];
  // attw is about imports: a package that is only a command has none.
  if (entry.manifest.exports !== undefined)
    checks.push(
      await run(
        'attw',
        [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'],
        entry.directory,
      ),
    );
  const refused = checks.filter(({ code }) => code !== 0);
  return [...missing, ...refused.map(({ command, output }) => `${entry.folder}: ${command}\n${output}`)];
}

/** What a user must find in it, whatever `files` says. */
function expectedFiles({ manifest }: Package): string[] {
  const entries = Object.values(manifest.exports ?? {}).flatMap(({ types, default: code }) => [types, code]);
  return ['LICENSE', 'README.md', ...entries, ...Object.values(manifest.bin ?? {})]
    .filter((name) => name !== undefined)
    .map((name) => name.replace(/^\.\//, ''));
}

interface Outcome {
  command: string;
  code: number;
  output: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (cause) => {
      const remedy =
        command === 'pnpm'
          ? ' (run this as `npx --yes pnpm@12.21.0 exec node scripts/check-packages.ts`)'
          : '';
      reject(new Error(`cannot run ${command}${remedy}`, { cause }));
    });
    child.on('close', (code) => {
      resolve({ command, code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

if (import.meta.main)
  report(await checkPackages(), `${publicPackages().length} packages are fit to be published`);
