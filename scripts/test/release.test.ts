import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { publicPackages, ROOT } from '../repository.ts';
import { tree } from './tree.ts';

const READ = [
  'package.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  '.changeset/*',
  '*/package.json',
  'packages/*/package.json',
];

function versions(root: string): string[] {
  return publicPackages(root).map(({ directory }) => {
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string };
    return manifest.version;
  });
}

test('what is noted for the next release makes one: every package goes to the same new version', () => {
  const files: Record<string, string> = {};
  for (const path of globSync(READ, { cwd: ROOT })) files[path] = readFileSync(join(ROOT, path), 'utf8');
  const root = tree(files);
  const isNoted = globSync('.changeset/*.md', { cwd: root }).length > 0;
  execFileSync(process.execPath, [join(ROOT, 'node_modules/@changesets/cli/bin.js'), 'version'], {
    cwd: root,
    stdio: 'pipe',
  });
  expect(new Set(versions(root)).size).toBe(1);
  expect(versions(root)[0] !== versions(ROOT)[0]).toBe(isNoted);
});
