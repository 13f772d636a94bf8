import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { importsOf, isRelative, packageOf } from './imports-of.ts';
import { report } from './report.ts';
import { type Package, publicPackages, ROOT } from './repository.ts';

/** What people who use Parley must never meet in a signature. */
const INTERNAL = ['fp-ts', 'io-ts'];

/**
 * Follows the imports of each package's built declarations and reports every path from an entry point to fp-ts or io-ts.
 * What one package takes from another is reported once, at the package that declares it.
 */
export function checkPublicTypes(root = ROOT): string[] {
  return publicPackages(root)
    .flatMap(typesEntries)
    .flatMap((path) => {
      if (!existsSync(path)) return [`${relative(root, path)} is missing: build first (tsc -b)`];
      return pathsToInternal(path, { root, seen: new Set(), trail: [] });
    });
}

function typesEntries({ directory, manifest }: Package): string[] {
  return Object.values(manifest.exports ?? {}).flatMap(({ types }) =>
    types === undefined ? [] : [join(directory, types)],
  );
}

interface Walk {
  root: string;
  seen: Set<string>;
  /** How we got here. */
  trail: readonly string[];
}

function pathsToInternal(path: string, walk: Walk): string[] {
  if (walk.seen.has(path) || !existsSync(path)) return [];
  walk.seen.add(path);
  const trail = [...walk.trail, relative(walk.root, path)];
  return importsOf(path).flatMap(({ module }) => {
    if (isRelative(module))
      return pathsToInternal(resolve(dirname(path), module.replace(/\.js$/, '.d.ts')), { ...walk, trail });
    return INTERNAL.includes(packageOf(module)) ? [[...trail, module].join(' -> ')] : [];
  });
}

if (import.meta.main) report(checkPublicTypes(), `no public declaration reaches ${INTERNAL.join(' or ')}`);
