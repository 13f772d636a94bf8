import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { configsOf, load } from './config-file.js';
import { deadLinks } from './dead-links.js';
import { build, compile, examplesOf, run } from './example.js';
import { parsePage, readPage } from './page.js';

const root = dirname(dirname(import.meta.dirname));
const minutes = 60_000;

function page(...lines: string[]) {
  return parsePage('docs/sample.md', lines.join('\n'));
}

describe('the documentation', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })
    .sort()
    .map((path) => readPage(root, join(root, path)));
  const examples = pages.flatMap(examplesOf);
  const workbench = { root, folder: join(import.meta.dirname, '.blocks/pages') };

  test('has no dead link', () => {
    expect(deadLinks(root, pages)).toEqual([]);
  });

  test(
    'has examples that compile and run',
    async () => {
      // A reader has the packages built.
      expect(await build(root)).toBe('');
      expect(await compile(workbench, examples)).toEqual([]);
      for (const example of examples.filter(({ runs }) => runs))
        expect(await run(workbench, example)).toBeUndefined();
    },
    5 * minutes,
  );

  test.each(pages.flatMap(configsOf))(
    'has a config file that can be loaded: $place',
    async (config) => {
      expect(await build(root)).toBe('');
      expect(await load(workbench, config)).toBe('');
    },
    5 * minutes,
  );

  test('names the tests of each promise as they are called', () => {
    const source = readFileSync(join(root, 'packages/core/test/invariants.test.ts'), 'utf8');
    const called = [...source.matchAll(/^describe\((['"])(.+)\1,/gm)].map(([, , name]) => name);
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const named = [...page.matchAll(/^ +\*(\d+: .+)\*$/gm)].map(([, name]) => name);
    expect(called).toHaveLength(12);
    expect(named).toEqual(called);
  });
});

describe('the check of the documentation', () => {
  const workbench = { root, folder: join(import.meta.dirname, '.blocks/samples') };

  afterAll(async () => {
    await compile(workbench, []);
  });

  test('finds dead links and dead anchors, and leaves the rest alone', () => {
    const sample = page(
      '# One heading',
      '[a](../scripts) [b](#one-heading) [c](https://example.com) [d](../LICENSE)',
      '| [e](missing.md) |',
      '`[f](missing.md)` [g](#another-heading)',
    );
    expect(deadLinks(root, [sample])).toEqual([
      'docs/sample.md:3: missing.md',
      'docs/sample.md:4: #another-heading',
    ]);
  });

  test('finds an example that does not compile, and names its line in the page', async () => {
    const sample = page(
      'text',
      '```ts',
      'const a = 1;',
      '```',
      'text',
      '```ts continue',
      'export const b: string = a;',
      '```',
    );
    expect(await compile(workbench, examplesOf(sample))).toEqual([
      expect.stringMatching(/^docs\/sample\.md:7: error TS2322/),
    ]);
  });

  test('compiles against the packages', async () => {
    const sample = page('```ts', "import { nothing } from '@parley/core';", 'nothing();', '```');
    expect(await compile(workbench, examplesOf(sample))).toEqual([
      expect.stringMatching(/^docs\/sample\.md:2: error TS2305/),
    ]);
  });

  test('finds a config file that cannot be loaded', async () => {
    const [config] = configsOf(
      page('```yaml', '# parley.config.yaml', 'accounts: { leads: { use: none } }', '```'),
    );
    if (config === undefined) throw new Error('no config file was found');
    expect(await load(workbench, config)).toMatch(
      /^docs\/sample\.md:2: parley\.config\.yaml: .* not installed/,
    );
  });

  test('finds an example that ends with an error', async () => {
    const [example] = examplesOf(
      page('```ts run', 'const question: number = 6 * 7;', 'throw new Error(`${question}`);', '```'),
    );
    if (example === undefined) throw new Error('no example was found');
    expect(await compile(workbench, [example])).toEqual([]);
    expect(await run(workbench, example)).toMatch(/^docs\/sample\.md:2 ended with 1\n[^]*Error: 42/);
  });
});
