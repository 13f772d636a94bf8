import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root of this repository. */
export const ROOT = dirname(import.meta.dirname);

export interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, { types?: string; default?: string }>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface Package {
  /** The folder's name: `core`, `adapter-web1on1`, `bench`. */
  folder: string;
  /** Absolute path. */
  directory: string;
  manifest: Manifest;
}

/** Everything in packages/, in alphabetical order. */
export function publicPackages(root = ROOT): Package[] {
  return packagesAt(root, 'packages/*/package.json').filter((entry) => entry.manifest.private !== true);
}

/** packages/, and what is never published: bench, examples and torture. */
export function allPackages(root = ROOT): Package[] {
  return packagesAt(root, '{packages/*,bench,examples,torture}/package.json');
}

function packagesAt(root: string, pattern: string): Package[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .map((path) => {
      const directory = dirname(join(root, path));
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
      return { folder: directory.slice(directory.lastIndexOf('/') + 1), directory, manifest };
    });
}

/** Absolute paths of a package's TypeScript files in `src` or `test`. */
export function sources(directory: string, part: 'src' | 'test'): string[] {
  const folder = join(directory, part);
  if (!existsSync(folder)) return [];
  return globSync('**/*.ts', { cwd: folder })
    .sort()
    .map((path) => join(folder, path));
}
