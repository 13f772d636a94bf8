import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { allows, type ImportRule, ruleFor } from './import-table.ts';
import { importsOf, isRelative, packageOf } from './imports-of.ts';
import { report } from './report.ts';
import { allPackages, type Package, ROOT, sources } from './repository.ts';

/**
 * Compares what every package imports and depends on with the import table.
 *
 * - `src`: what the table allows and package.json lists as a dependency (not a devDependency), by name or inside `src`;
 * - `test`: anything, but nothing outside the package by path; where the table says so, no other Parley package.
 */
export function checkImports(root = ROOT): string[] {
  return allPackages(root).flatMap((entry) => {
    const rule = ruleFor(entry.folder);
    if (rule === undefined)
      return [`${entry.folder}: the import table has no line for it; add one to scripts/import-table.ts`];
    return [
      ...checkManifest(entry, rule),
      ...sources(entry.directory, 'src').flatMap((path) => checkSource(root, entry, rule, path)),
      ...sources(entry.directory, 'test').flatMap((path) => checkTest(root, entry, rule, path)),
    ];
  });
}

function checkManifest(entry: Package, rule: ImportRule): string[] {
  const { dependencies, peerDependencies, optionalDependencies } = entry.manifest;
  const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  return names
    .filter((name) => !mayImport(rule, name) && !(rule.peers?.includes(name) ?? false))
    .map((name) => `${entry.folder}/package.json: ${entry.folder} may not depend on ${name}`);
}

function checkSource(root: string, entry: Package, rule: ImportRule, path: string): string[] {
  return importsOf(path).flatMap(({ module, line }) => {
    const problem = problemInSource(entry, rule, path, module);
    return problem === undefined ? [] : [`${relative(root, path)}:${line}: ${problem}`];
  });
}

function problemInSource(entry: Package, rule: ImportRule, path: string, module: string): string | undefined {
  if (isRelative(module))
    return isInside(join(entry.directory, 'src'), path, module) ? undefined : `"${module}" leaves src`;
  if (isBuiltin(module)) {
    if (!module.startsWith('node:')) return `write "node:${module}"`;
    return rule.withoutNode?.includes(module) ? `${entry.folder} may not import ${module}` : undefined;
  }
  const name = packageOf(module);
  if (!mayImport(rule, name)) return `${entry.folder} may not import ${module}`;
  const { dependencies, peerDependencies } = entry.manifest;
  if (name in { ...dependencies, ...peerDependencies }) return undefined;
  return `"${name}" is not among the dependencies of ${entry.folder}/package.json`;
}

function checkTest(root: string, entry: Package, rule: ImportRule, path: string): string[] {
  return importsOf(path).flatMap(({ module, line }) => {
    const place = `${relative(root, path)}:${line}`;
    if (isRelative(module))
      return isInside(entry.directory, path, module) ? [] : [`${place}: "${module}" leaves the package`];
    const name = packageOf(module);
    const allowed = name === entry.manifest.name || !isParley(name) || mayImport(rule, name);
    return rule.testsToo && !allowed ? [`${place}: tests of ${entry.folder} may not import ${name}`] : [];
  });
}

function mayImport(rule: ImportRule, name: string): boolean {
  return isParley(name) ? allows(rule.parley, name.slice('@parley/'.length)) : allows(rule.npm, name);
}

function isParley(name: string): boolean {
  return name.startsWith('@parley/');
}

function isBuiltin(module: string): boolean {
  return module.startsWith('node:') || builtinModules.includes(module);
}

function isInside(directory: string, path: string, module: string): boolean {
  return resolve(dirname(path), module).startsWith(directory + sep);
}

if (import.meta.main) report(checkImports(), `${allPackages().length} packages import what the table allows`);
