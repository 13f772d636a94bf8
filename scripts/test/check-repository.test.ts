import { describe, expect, test } from '@jest/globals';
import { checkAdapterFiles } from '../check-adapter-files.ts';
import { checkNames } from '../check-names.ts';
import { summarize } from '../test-summary.ts';
import { manifest, tree } from './tree.ts';

describe('names', () => {
  test('refuses folders and files that say nothing', () => {
    const root = tree({
      'packages/core/src/utils/a.ts': '',
      'packages/core/src/Helpers.ts': '',
      'docs/common/a.md': '',
      'packages/core/node_modules/lib/index.js': '',
    });
    expect(checkNames(root)).toEqual([
      'docs/common: name it after what it does',
      'packages/core/src/Helpers.ts: name it after what it does',
      'packages/core/src/utils: name it after what it does',
    ]);
  });

  test('allows a resource that a provider calls services', () => {
    expect(checkNames(tree({ 'packages/adapter-x/src/client/services.ts': '' }))).toEqual([]);
  });
});

describe('files of adapters', () => {
  const complete = {
    'packages/adapter-x/package.json': manifest('adapter-x'),
    'packages/adapter-x/README.md': '',
    'packages/adapter-x/src/index.ts': 'export const parley = { adapter: x };',
    'packages/adapter-x/src/adapter.ts': "import { receive } from './webhook.js';",
    'packages/adapter-x/src/config.ts': '',
    'packages/adapter-x/src/auth.ts': '',
    'packages/adapter-x/src/client/messages.ts': '',
    'packages/adapter-x/src/wire/message.ts': '',
    'packages/adapter-x/src/from-x.ts': '',
    'packages/adapter-x/src/to-x.ts': '',
    'packages/adapter-x/src/webhook.ts': '',
    'packages/adapter-x/test/conformance.test.ts': '',
  };

  test('passes an adapter with all of them and no feed', () => {
    expect(checkAdapterFiles(tree(complete))).toEqual([]);
  });

  test.each(Object.keys(complete).filter((path) => !path.endsWith('package.json')))('misses %s', (path) => {
    const { [path as keyof typeof complete]: _, ...rest } = complete;
    expect(
      checkAdapterFiles(tree({ 'packages/adapter-x/package.json': manifest('adapter-x'), ...rest })),
    ).toEqual([expect.stringMatching(/^adapter-x: .*missing$/)]);
  });

  test('refuses a port file that the adapter does not use', () => {
    const root = tree({ ...complete, 'packages/adapter-x/src/feed.ts': '' });
    expect(checkAdapterFiles(root)).toEqual([
      'adapter-x: src/feed.ts is there, but src/adapter.ts does not import it',
    ]);
  });

  test('refuses an adapter that no config file finds', () => {
    const root = tree({
      ...complete,
      'packages/adapter-x/src/index.ts': "export { x } from './adapter.js';",
    });
    expect(checkAdapterFiles(root)).toEqual([
      'adapter-x: src/index.ts exports no parley = { adapter: ... }, so that no config file finds it',
    ]);
  });

  test('leaves the kit alone', () => {
    expect(checkAdapterFiles(tree({ 'packages/adapter-kit/package.json': manifest('adapter-kit') }))).toEqual(
      [],
    );
  });
});

describe('the closing line of a test run', () => {
  const green = {
    success: true,
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
  };

  test('says how many passed', () => {
    expect(summarize(green)).toEqual({ lines: ['3 passed, 0 failed'], ok: true });
  });

  test('fails when no test ran', () => {
    expect(summarize({ ...green, numPassedTests: 0 })).toEqual({
      lines: ['0 passed, 0 failed', 'FAILED: no test ran'],
      ok: false,
    });
  });

  test('counts a file that cannot be run as a failure', () => {
    const result = { ...green, success: false, numFailedTests: 1, numRuntimeErrorTestSuites: 1 };
    expect(summarize(result)).toEqual({ lines: ['3 passed, 2 failed'], ok: false });
  });

  test('never lets a run that was ended from outside look like a success', () => {
    expect(summarize(green, 'it hung')).toEqual({
      lines: ['3 passed, 0 failed', 'FAILED: it hung'],
      ok: false,
    });
  });

  test('names skipped tests before it', () => {
    expect(summarize({ ...green, numPendingTests: 2 }).lines).toEqual(['2 skipped', '3 passed, 0 failed']);
  });

  test('fails when jest failed for a reason that is no test', () => {
    expect(summarize({ ...green, success: false }).ok).toBe(false);
  });
});
