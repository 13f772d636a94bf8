import { expect, test } from '@jest/globals';
import { checkPublicTypes } from '../check-public-types.ts';
import { manifest, tree } from './tree.ts';

const kit = {
  'packages/adapter-kit/package.json': manifest('adapter-kit'),
  'packages/adapter-kit/dist/index.d.ts':
    "export * from './http.js';\nexport { decode } from './decode.js';\nexport type { Codec as Shape } from './codec.js';",
  'packages/adapter-kit/dist/http.d.ts': 'export interface Http { get(): Promise<unknown> }',
  'packages/adapter-kit/dist/decode.d.ts':
    "import type { Decoder } from 'io-ts';\nexport declare function decode(d: Decoder): void;",
  'packages/adapter-kit/dist/codec.d.ts': "export type Codec = import('io-ts').Type;",
};

test('passes declarations that stay clear of fp-ts and io-ts', () => {
  const root = tree({
    ...kit,
    'packages/adapter-x/package.json': manifest('adapter-x'),
    'packages/adapter-x/dist/index.d.ts': "export { x } from './x.js';",
    'packages/adapter-x/dist/x.d.ts':
      "import type { Dispatcher } from 'undici';\nexport declare const x: Dispatcher;",
    'packages/adapter-x/dist/wire/message.d.ts':
      "import * as t from 'io-ts';\nexport declare const M: t.Type;",
  });
  expect(checkPublicTypes(root)).toEqual([]);
});

test('shows the way to fp-ts through several files', () => {
  const root = tree({
    'packages/core/package.json': manifest('core'),
    'packages/core/dist/index.d.ts': "export * from './a.js';",
    'packages/core/dist/a.d.ts': "import type { B } from './deep/b.js';\nexport declare const a: B;",
    'packages/core/dist/deep/b.d.ts': "export type B = import('fp-ts/lib/Either.js').Either<string, number>;",
  });
  expect(checkPublicTypes(root)).toEqual([
    'packages/core/dist/index.d.ts -> packages/core/dist/a.d.ts -> packages/core/dist/deep/b.d.ts -> fp-ts/lib/Either.js',
  ]);
});

test.each([
  [
    'a function of the kit that takes a codec',
    "export { decode } from '@parley/adapter-kit';",
    'decode.d.ts',
  ],
  ['a type of the kit under another name', "import type { Shape } from '@parley/adapter-kit';", 'codec.d.ts'],
])('follows %s into the kit', (_, line, file) => {
  const root = tree({
    ...kit,
    'packages/adapter-x/package.json': manifest('adapter-x'),
    'packages/adapter-x/dist/index.d.ts': line,
  });
  expect(checkPublicTypes(root)).toEqual([
    `packages/adapter-x/dist/index.d.ts -> packages/adapter-kit/dist/index.d.ts -> packages/adapter-kit/dist/${file} -> io-ts`,
  ]);
});

test('takes from the kit only what is named', () => {
  const root = tree({
    ...kit,
    'packages/adapter-x/package.json': manifest('adapter-x'),
    'packages/adapter-x/dist/index.d.ts':
      "import type { Http } from '@parley/adapter-kit';\nexport declare const x: Http;",
  });
  expect(checkPublicTypes(root)).toEqual([]);
});

test('asks for a build where there is none', () => {
  const root = tree({ 'packages/core/package.json': manifest('core') });
  expect(checkPublicTypes(root)).toEqual(['packages/core/dist/index.d.ts is missing: build first (tsc -b)']);
});
