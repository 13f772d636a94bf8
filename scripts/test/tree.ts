import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Writes files into a new temporary folder and returns its path: a small repository to check. */
export function tree(files: Record<string, string | object>): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-tree-'));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** The package.json of a package in such a repository. */
export function manifest(folder: string, dependencies: readonly string[] = []): object {
  return {
    name: `@parley/${folder}`,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    dependencies: Object.fromEntries(dependencies.map((name) => [name, '1.0.0'])),
  };
}
