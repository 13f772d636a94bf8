import { expect, test } from '@jest/globals';
import { checkPublicTypes } from '../check-public-types.ts';
import { manifest, tree } from './tree.ts';

test('passes declarations that stay clear of fp-ts and io-ts', () => {
  const root = tree({
    'packages/adapter-x/package.json': manifest('adapter-x'),
    'packages/adapter-x/dist/index.d.ts':
      "export { x } from './x.js';\nexport type { Id } from '@parley/core';",
    'packages/adapter-x/dist/x.d.ts':
      "import type { Dispatcher } from 'undici';\nexport declare const x: Dispatcher;",
    // Private: no public declaration leads here.
    'packages/adapter-x/dist/wire/message.d.ts':
      "import * as t from 'io-ts';\nexport declare const M: t.Type;",
  });
  expect(checkPublicTypes(root)).toEqual([]);
});

test.each([
  ['an import', "import type { Either } from 'fp-ts/lib/Either.js';", 'fp-ts/lib/Either.js'],
  ['a type by import()', "export type B = import('io-ts').Type<string>;", 'io-ts'],
  ['a re-export', "export * from 'io-ts';", 'io-ts'],
])('shows the way through several files to %s', (_, line, module) => {
  const root = tree({
    'packages/core/package.json': manifest('core'),
    'packages/core/dist/index.d.ts': "export * from './a.js';",
    'packages/core/dist/a.d.ts': "import type { B } from './deep/b.js';\nexport declare const a: B;",
    'packages/core/dist/deep/b.d.ts': `import '../index.js';\n${line}`,
  });
  expect(checkPublicTypes(root)).toEqual([
    `packages/core/dist/index.d.ts -> packages/core/dist/a.d.ts -> packages/core/dist/deep/b.d.ts -> ${module}`,
  ]);
});

test('asks for a build where there is none', () => {
  const root = tree({ 'packages/core/package.json': manifest('core') });
  expect(checkPublicTypes(root)).toEqual(['packages/core/dist/index.d.ts is missing: build first (tsc -b)']);
});
