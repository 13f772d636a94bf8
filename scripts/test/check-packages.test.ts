import { expect, test } from '@jest/globals';
import { checkPackages } from '../check-packages.ts';
import { tree } from './tree.ts';

const manifest = {
  name: '@parley/sample',
  version: '1.0.0',
  license: 'MIT',
  type: 'module',
  files: ['dist'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

const sound = {
  'packages/sample/package.json': manifest,
  'packages/sample/README.md': '# sample',
  'packages/sample/LICENSE': 'MIT',
  'packages/sample/dist/index.js': 'export const a = 1;',
  'packages/sample/dist/index.d.ts': 'export declare const a: 1;',
};

test('passes a package that can be published', async () => {
  expect(await checkPackages(tree(sound))).toEqual([]);
});

test('asks no declarations of a package that is only a command', async () => {
  const { exports: _, ...rest } = manifest;
  const problems = await checkPackages(
    tree({
      'packages/sample/package.json': { ...rest, bin: { sample: './dist/main.js' } },
      'packages/sample/README.md': '# sample',
      'packages/sample/LICENSE': 'MIT',
    }),
  );
  expect(problems.join('\n')).toMatch(/^sample: the published package has no dist\/main\.js/);
  expect(problems.join('\n')).not.toMatch(/attw/);
});

test('refuses a package without its licence', async () => {
  const { 'packages/sample/LICENSE': _, ...rest } = sound;
  expect(await checkPackages(tree(rest))).toEqual(['sample: the published package has no LICENSE']);
});

test('refuses an entry point that is not published', async () => {
  const broken = { ...manifest, exports: { '.': { types: './dist/index.d.ts', default: './dist/main.js' } } };
  const problems = await checkPackages(tree({ ...sound, 'packages/sample/package.json': broken }));
  expect(problems.join('\n')).toMatch(/main\.js/);
});

test('refuses declarations that Node cannot resolve', async () => {
  const problems = await checkPackages(
    tree({ ...sound, 'packages/sample/dist/index.d.ts': "export { a } from './a';" }),
  );
  expect(problems.join('\n')).toMatch(/sample: attw/);
});
