import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const PROCESS = new URL('load-process.ts', import.meta.url).pathname;
const ON_SOURCES = new URL('../../../scripts/on-sources.ts', import.meta.url).pathname;

/** What loading the config of `directory` gives under Node itself. */
export async function loadInNode(directory: string): Promise<Record<string, string>> {
  const args = ['--import', ON_SOURCES, PROCESS, directory];
  // Whatever it would keep for a next time is kept in there.
  const env = { ...process.env, TMPDIR: directory };
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
}

/** A folder with a config file in it, as a user has one. */
export interface Project {
  readonly directory: string;
  write(name: string, text: string): void;
  remove(): void;
}

/** `type`: what its package.json says, as `npm init` writes it. */
export function createProject(type: 'module' | 'commonjs' = 'module'): Project {
  const directory = mkdtempSync(join(tmpdir(), 'parley-config-'));
  const write: Project['write'] = (name, text) => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  write('package.json', JSON.stringify({ name: 'project', type }));
  addPackage(write, '@acme/adapter-pigeon', PIGEON);
  addPackage(write, '@acme/engine-slate', SLATE);
  addPackage(write, '@acme/nothing', 'export const pigeon = () => {};');
  addPackage(write, '@acme/broken', "throw new Error('no feathers');");
  return { directory, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function addPackage(write: Project['write'], name: string, code: string): void {
  // ES modules only, under the condition `import`: what `require.resolve` would not find.
  const manifest = { name, type: 'module', exports: { import: './index.mjs' } };
  write(`node_modules/${name}/package.json`, JSON.stringify(manifest));
  write(`node_modules/${name}/index.mjs`, code);
}

/** An adapter that shows in its `api` which options it was given. Like ours, it names a wrong option in `problems`. */
const PIGEON = `
class ParleyError extends Error {
  constructor(problem) {
    super('pigeon: ' + problem);
    Object.assign(this, { code: 'ERR_CONFIG', problems: [problem] });
  }
}
export function pigeon(options) {
  for (const name of Object.keys(options))
    if (!['loft', 'token', 'rings', 'store', 'mute'].includes(name)) throw new ParleyError(name + ': expected loft, token, rings, store or mute');
  if (options.loft === 'TypeError') new URL(options.token);
  return {
    provider: 'pigeon',
    open: (account) => ({
      provider: 'pigeon',
      account: account.name,
      ...(options.mute ? {} : { messages: { accepts: {}, send: async () => ({ at: '' }) } }),
      api: options,
      close: async () => {},
    }),
  };
}
export const parley = { adapter: pigeon };
`;

/** An engine that shows in its `name` where its file is. */
const SLATE = `
import { resolve } from 'node:path';
export const slate = ({ file, ...options }, { directory }) => {
  if (options.chalk === 'green') throw Object.assign(new Error('slate'), { code: 'ERR_CONFIG', problems: ['chalk: expected white'] });
  if (file === 'taken') throw Object.assign(new Error('slate: another process has it'), { code: 'ERR_CONFLICT' });
  return { name: resolve(directory, file), options, start() {}, accept() {}, drain() {}, close() {} };
};
export const parley = { engine: slate };
`;
