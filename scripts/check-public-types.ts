import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { importsOf, isRelative, type ModuleReference, packageOf } from './imports-of.ts';
import { report } from './report.ts';
import { publicPackages, ROOT } from './repository.ts';

/** What people who use Parley must never meet in a signature. */
const INTERNAL = ['fp-ts', 'io-ts'];

/**
 * Packages for people who write adapters: their own declarations may name io-ts. What an adapter passes on from them
 * may not.
 */
const FOR_ADAPTER_AUTHORS = ['adapter-kit'];

type Names = readonly string[] | '*';

/**
 * Follows the imports of each public package's built declarations, also into other Parley packages, and reports
 * every path that ends at fp-ts or io-ts.
 *
 * Through a list of re-exports (`index.d.ts`) only the names are followed that are asked for; any other file counts whole.
 */
export function checkPublicTypes(root = ROOT): string[] {
  const packages = publicPackages(root);
  const entries = new Map(packages.map((entry) => [entry.manifest.name, typesEntries(entry)]));
  return packages
    .filter((entry) => !FOR_ADAPTER_AUTHORS.includes(entry.folder))
    .flatMap((entry) => typesEntries(entry))
    .flatMap((path) => {
      if (!existsSync(path)) return [`${relative(root, path)} is missing: build first (tsc -b)`];
      return follow(path, '*', { root, entries, seen: new Set(), trail: [] });
    });
}

function typesEntries(entry: {
  directory: string;
  manifest: { exports?: Record<string, { types?: string }> };
}): string[] {
  return Object.values(entry.manifest.exports ?? {}).flatMap(({ types }) =>
    types === undefined ? [] : [join(entry.directory, types)],
  );
}

interface Walk {
  root: string;
  /** Declarations of each package of this repository, by package name. */
  entries: ReadonlyMap<string, readonly string[]>;
  seen: Set<string>;
  /** How we got here. */
  trail: readonly string[];
}

function follow(path: string, names: Names, walk: Walk): string[] {
  const key = `${path} ${names === '*' ? '*' : [...names].sort().join()}`;
  if (walk.seen.has(key) || !existsSync(path)) return [];
  walk.seen.add(key);
  const deeper = { ...walk, trail: [...walk.trail, relative(walk.root, path)] };
  return importsOf(path).flatMap((reference) => {
    const wanted = wantedFrom(reference, names);
    return wanted === undefined ? [] : enter(path, reference.module, wanted, deeper);
  });
}

/** Which names of the referenced module matter to somebody who wants `names` of this file; undefined: none. */
function wantedFrom(reference: ModuleReference, names: Names): Names | undefined {
  if (reference.exports === undefined || names === '*') return reference.names;
  if (reference.exports === '*') return names;
  const passedOn = Object.entries(reference.exports).filter(([, exported]) => names.includes(exported));
  if (passedOn.length === 0) return undefined;
  return passedOn.some(([local]) => local === '*') ? '*' : passedOn.map(([local]) => local);
}

function enter(from: string, module: string, names: Names, walk: Walk): string[] {
  if (isRelative(module))
    return follow(resolve(dirname(from), module.replace(/\.js$/, '.d.ts')), names, walk);
  const name = packageOf(module);
  if (INTERNAL.includes(name)) return [`${walk.trail.join(' -> ')} -> ${module}`];
  return (walk.entries.get(name) ?? []).flatMap((path) => follow(path, names, walk));
}

if (import.meta.main) report(checkPublicTypes(), `no public declaration reaches ${INTERNAL.join(' or ')}`);
