import { readFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isParleyError, ParleyError } from '@parley/core';
import { loadConfig as c12, type LoadConfigOptions } from 'c12';
import { withoutWords } from './problems.js';

const DATA = ['.json', '.yaml', '.yml'];

/**
 * The value of a config file: parsed, or, for TypeScript and JavaScript, its default export.
 *
 * Only this file: nothing is merged into it from elsewhere, nothing is fetched, the environment stays as it is.
 *
 * @throws ERR_CONFIG with the line where that is known, and never with a piece of the file: it may hold a secret
 */
export async function readConfigFile(file: string): Promise<unknown> {
  const options: LoadConfigOptions = {
    cwd: dirname(file),
    configFile: file,
    rcFile: false,
    packageJson: false,
    dotenv: false,
    envName: false,
    extend: false,
    giget: false,
    // There is one source: it is taken as it is, whatever it is.
    merger: (...sources) => sources.find((source) => source !== undefined && source !== null) ?? {},
  };
  try {
    return await evaluate(file, options);
  } catch (error) {
    throw unreadable(file, Object(error) as object);
  }
}

/** By Node itself; by jiti what Node cannot parse: an ES module in a CommonJS project, an enum. */
async function evaluate(file: string, options: LoadConfigOptions): Promise<unknown> {
  const native = { import: extname(file) === '.json' ? readJson : importDefault };
  try {
    return (await c12({ ...options, jiti: native as unknown as LoadConfigOptions['jiti'] })).config;
  } catch (error) {
    if (isData(file) || !isUnparsable(file, Object(error) as object)) throw error;
    // Its cache would be a copy of the file, and of the secrets in it.
    return (await c12({ ...options, jitiOptions: { fsCache: false } })).config;
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function importDefault(path: string): Promise<unknown> {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return module.default ?? {};
}

function isData(file: string): boolean {
  return DATA.includes(extname(file));
}

/** Not a SyntaxError that the running file threw, as `JSON.parse` does: that one has a frame in it. */
function isUnparsable(file: string, error: object): boolean {
  const { name, message, stack } = error as Partial<Error>;
  if (message?.startsWith('ParseError: ') === true) return true;
  const frames = stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return name === 'SyntaxError' && !frames.some((frame) => frame.includes(file));
}

function unreadable(file: string, error: object): ParleyError {
  const name = basename(file);
  if (isParleyError(error)) return new ParleyError(error.code, `${name}: ${error.message}`);
  const wrong = (problem: string): ParleyError => new ParleyError('ERR_CONFIG', problem);
  const line = lineOf(file, error);
  const place = line === undefined ? name : `${name}:${line}`;
  if (extname(file) === '.json') return wrong(`${place}: expected valid JSON`);
  if (isData(file)) return wrong(`${place}: expected valid YAML${hintFor(error)}`);
  if (isUnparsable(file, error)) return wrong(`${place}: expected valid TypeScript or JavaScript`);
  if (isMissingModule(error)) return wrong(`${name}: ${error.message.split('\n')[0]}`);
  return wrong(`${name}: ${withoutWords(error)}; \`node ${file}\` shows its words`);
}

function isMissingModule(error: object): error is Error {
  return 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

/** The usual slip: npm's names begin with a character that YAML keeps for itself. */
function hintFor(error: object): string {
  if (!isMarked(error)) return '';
  const line = error.mark.buffer.split('\n')[error.mark.line] ?? '';
  return /[:,{[]\s*@/.test(line) ? '; a text that begins with @ needs quotes' : '';
}

/** An error of the YAML parser: where it stopped. */
function isMarked(error: object): error is { mark: { line: number; buffer: string } } {
  return 'mark' in error;
}

function lineOf(file: string, error: object): number | undefined {
  // YAML counts from 0.
  if (isMarked(error)) return error.mark.line + 1;
  const { message = '', stack = '' } = error as Partial<Error>;
  const found = /\(line (\d+) column/.exec(message)?.[1] ?? stack.split(`${file}:`)[1]?.match(/^\d+/)?.[0];
  return found === undefined ? undefined : Number(found);
}
