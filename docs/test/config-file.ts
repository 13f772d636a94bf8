import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Workbench } from './example.js';
import type { Page } from './page.js';

/** A config file in a page: a block whose first line is a comment with the file's name. */
export interface ConfigFile {
  /** `docs/configuration.md:8` */
  place: string;
  name: string;
  code: string;
}

export function configsOf(page: Page): ConfigFile[] {
  return page.blocks.flatMap(({ code, line }) => {
    const name = /^(?:#|\/\/) (parley\.config\.\w+)$/m.exec(code.split('\n')[0] ?? '')?.[1];
    return name === undefined ? [] : [{ place: `${page.path}:${line}`, name, code }];
  });
}

/** Every variable is set: what they are called is the reader's business. */
const LOAD = `
import { loadConfig } from '@parley/config';
const env = new Proxy({}, { get: () => 'a value' });
try {
  const { engine } = await loadConfig({ cwd: import.meta.dirname, env });
  await engine.close();
} catch (error) {
  process.stdout.write(error.message);
}
`;

/** Loads it as a bot would. Returns what is wrong with it, if anything. */
export async function load({ folder }: Workbench, { place, name, code }: ConfigFile): Promise<string> {
  const project = join(folder, place.replaceAll(/[^A-Za-z0-9]+/g, '-'));
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, name), code);
  writeFileSync(join(project, 'load.mjs'), LOAD);
  const { stdout } = await promisify(execFile)(process.execPath, [join(project, 'load.mjs')]);
  return stdout === '' ? '' : `${place}: ${stdout}`;
}
