import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ParleyError } from '@parley/core';

const NAMES = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map((ending) => `parley.config.${ending}`);

/**
 * The config file to read: the one that is named, or the only `parley.config.*` in the folder.
 *
 * @throws ERR_CONFIG if there is none, or more than one
 */
export function findFile(cwd: string, named: string | undefined): string {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw new ParleyError('ERR_CONFIG', `There is no config file ${path}.`);
  }
  const found = NAMES.filter((name) => existsSync(join(cwd, name)));
  const [only, ...others] = found;
  if (only === undefined)
    throw new ParleyError(
      'ERR_CONFIG',
      `There is no config file in ${cwd}; expected one of ${NAMES.join(', ')}.`,
    );
  if (others.length > 0)
    throw new ParleyError('ERR_CONFIG', `There are ${found.join(' and ')} in ${cwd}; keep one, or name one.`);
  return join(cwd, only);
}
