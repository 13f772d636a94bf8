import { expect, test } from '@jest/globals';
import { checkImports } from '../check-imports.ts';
import { importsIn, packageOf } from '../imports-of.ts';
import { manifest, tree } from './tree.ts';

test('passes what the table allows', () => {
  const root = tree({
    'packages/core/package.json': manifest('core', ['mitt']),
    'packages/core/src/index.ts': "import mitt from 'mitt';\nimport { a } from './model/a.js';",
    'packages/core/src/model/a.ts': "import { randomUUID } from 'node:crypto';\nimport '../index.js';",
    'packages/adapter-x/package.json': manifest('adapter-x', ['@parley/core', 'io-ts', 'fp-ts']),
    'packages/adapter-x/src/index.ts': "import * as t from 'io-ts';\nexport * from '@parley/core';",
    'packages/adapter-x/test/a.test.ts':
      "import 'fast-check';\nimport '../src/index.js';\nimport '@parley/server';",
  });
  expect(checkImports(root)).toEqual([]);
});

test.each([
  ['a package that is not in the table', "import { Pool } from 'undici';", 'core may not import undici'],
  ['a type', "import type { Pool } from 'undici';", 'core may not import undici'],
  ['a type by import()', "export type P = import('undici').Pool;", 'core may not import undici'],
  ['a dynamic import', "await import('undici');", 'core may not import undici'],
  ['a re-export', "export { x } from '@parley/adapter-kit';", 'core may not import @parley/adapter-kit'],
  ['a path into a package', "import 'undici/types/pool.js';", 'core may not import undici/types/pool.js'],
  ['the network', "import { request } from 'node:http';", 'core may not import node:http'],
  ['a bare built-in', "import 'fs';", 'write "node:fs"'],
  [
    'another package by path',
    "import '../../server/src/index.js';",
    '"../../server/src/index.js" leaves src',
  ],
  ['its own tests', "import '../test/a.js';", '"../test/a.js" leaves src'],
  [
    'an allowed package that is not listed',
    "import 'mitt';",
    '"mitt" is not among the dependencies of core/package.json',
  ],
])('refuses %s', (_, line, problem) => {
  const root = tree({
    'packages/core/package.json': manifest('core'),
    'packages/core/src/index.ts': `\n${line}`,
  });
  expect(checkImports(root)).toEqual([`packages/core/src/index.ts:2: ${problem}`]);
});

test('refuses a dependency that the table does not allow, used or not', () => {
  const root = tree({
    'packages/adapter-x/package.json': manifest('adapter-x', ['fastify', '@parley/adapter-y']),
  });
  expect(checkImports(root)).toEqual([
    'adapter-x/package.json: adapter-x may not depend on fastify',
    'adapter-x/package.json: adapter-x may not depend on @parley/adapter-y',
  ]);
});

test('refuses our own code in the emulators, in their tests too', () => {
  const root = tree({
    'packages/emulators/package.json': manifest('emulators', ['@parley/core']),
    'packages/emulators/src/index.ts': "import '@parley/core';",
    'packages/emulators/test/a.test.ts': "import 'chipchat';\nimport '@parley/adapter-web1on1';",
  });
  expect(checkImports(root)).toEqual([
    'emulators/package.json: emulators may not depend on @parley/core',
    'packages/emulators/src/index.ts:1: emulators may not import @parley/core',
    'packages/emulators/test/a.test.ts:2: tests of emulators may not import @parley/adapter-web1on1',
  ]);
});

test('refuses tests that reach into another package by path', () => {
  const root = tree({
    'packages/core/package.json': manifest('core'),
    'packages/core/test/a.test.ts': "import '../../server/src/index.js';",
  });
  expect(checkImports(root)).toEqual([
    'packages/core/test/a.test.ts:1: "../../server/src/index.js" leaves the package',
  ]);
});

test('refuses a package that nobody has put into the table', () => {
  const root = tree({ 'packages/kitchen-sink/package.json': manifest('kitchen-sink') });
  expect(checkImports(root)).toEqual([
    expect.stringContaining('kitchen-sink: the import table has no line for it'),
  ]);
});

test('reads no imports out of comments and strings', () => {
  const text = `// import 'a';\n/** import('b') */\nexport const c = "import 'd'";\nimport 'e/f';`;
  expect(importsIn('x.ts', text)).toEqual([{ module: 'e/f', line: 4 }]);
});

test('knows the package of a module', () => {
  expect(['fp-ts/lib/Either.js', '@parley/core', '@a/b/c', 'mitt'].map(packageOf)).toEqual([
    'fp-ts',
    '@parley/core',
    '@a/b',
    'mitt',
  ]);
});
