import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './report.ts';
import { publicPackages, ROOT } from './repository.ts';

/** The files of an adapter in reading order; one of each group. `<p>` is the provider's name. */
const READING_ORDER: readonly (readonly string[])[] = [
  ['README.md'],
  ['src/index.ts'],
  ['src/adapter.ts'],
  ['src/config.ts'],
  ['src/auth.ts', 'src/auth'],
  ['src/client.ts', 'src/client'],
  ['src/wire'],
  ['src/from-<p>.ts', 'src/from-<p>'],
  ['src/to-<p>.ts', 'src/to-<p>'],
  ['test/conformance.test.ts'],
];

/** Files that are there if, and only if, the adapter has the port. */
const PORTS = { webhook: 'src/webhook.ts', feed: 'src/feed.ts' };

/** Sees to it that every adapter can be read in the same order, so that who knows one knows all. */
export function checkAdapterFiles(root = ROOT): string[] {
  return publicPackages(root)
    .filter(({ folder }) => folder.startsWith('adapter-') && folder !== 'adapter-kit')
    .flatMap(({ folder, directory }) => {
      const provider = folder.slice('adapter-'.length);
      const problems = [
        ...missingFiles(directory, provider),
        ...portFiles(directory),
        ...whatConfigNeeds(directory),
      ];
      return problems.map((text) => `${folder}: ${text}`);
    });
}

function missingFiles(directory: string, provider: string): string[] {
  return READING_ORDER.map((group) => group.map((name) => name.replace('<p>', provider)))
    .filter((group) => !group.some((name) => existsSync(join(directory, name))))
    .map((group) => `${group.join(' or ')} is missing`);
}

function portFiles(directory: string): string[] {
  const adapter = join(directory, 'src/adapter.ts');
  if (!existsSync(adapter)) return [];
  const text = readFileSync(adapter, 'utf8');
  return Object.entries(PORTS).flatMap(([port, file]) => {
    const mentioned = new RegExp(`from '\\./${port}\\.js'`).test(text);
    const present = existsSync(join(directory, file));
    if (mentioned && !present) return [`src/adapter.ts has the port ${port}, but ${file} is missing`];
    if (present && !mentioned) return [`${file} is there, but src/adapter.ts does not import it`];
    return [];
  });
}

/** `use: '@parley/adapter-x'` in a config file takes the factory from there. */
function whatConfigNeeds(directory: string): string[] {
  const index = join(directory, 'src/index.ts');
  if (!existsSync(index) || /^export const parley = \{ adapter:/m.test(readFileSync(index, 'utf8')))
    return [];
  return ['src/index.ts exports no parley = { adapter: ... }, so that no config file finds it'];
}

if (import.meta.main) report(checkAdapterFiles(), 'every adapter has the same files');
