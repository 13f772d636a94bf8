import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { report } from './report.ts';
import { ROOT } from './repository.ts';

const REFUSED_FOLDERS = ['utils', 'helpers', 'common', 'lib', 'services'];
/** Not `services`: a provider may have a resource of that name. */
const REFUSED_FILES = ['utils', 'util', 'helpers', 'helper', 'common', 'lib'];
const GENERATED = ['node_modules', 'dist', 'coverage', '.git'];

/** Folders and files whose name says nothing about what is inside. */
export function checkNames(root = ROOT): string[] {
  return globSync('**/*', {
    cwd: root,
    withFileTypes: true,
    exclude: (entry) => GENERATED.includes(entry.name),
  })
    .filter((entry) => isRefused(entry.name, entry.isDirectory()))
    .map((entry) => `${relative(root, join(entry.parentPath, entry.name))}: name it after what it does`)
    .sort();
}

function isRefused(name: string, folder: boolean): boolean {
  const stem = name.replace(/\..*$/, '').toLowerCase();
  return (folder ? REFUSED_FOLDERS : REFUSED_FILES).includes(stem);
}

if (import.meta.main) report(checkNames(), 'every file and folder has a name of its own');
