import { execFile } from 'node:child_process';
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Block, Page } from './page.js';

const exec = promisify(execFile);

/** A program out of a page: a `ts` block with the `ts continue` blocks that follow it. */
export interface Example {
  /** `docs/errors.md:12` */
  place: string;
  /** Its lines stand where they stand in the page, so that a compiler's line is the page's line. */
  code: string;
  runs: boolean;
}

export function examplesOf(page: Page): Example[] {
  const groups: Block[][] = [];
  for (const block of page.blocks.filter(({ language }) => language === 'ts')) {
    const previous = groups.at(-1);
    if (block.marks.includes('continue') && previous !== undefined) previous.push(block);
    else groups.push([block]);
  }
  return groups.map((group) => ({
    place: `${page.path}:${group[0]?.line}`,
    code: atTheirLines(group),
    runs: group.some(({ marks }) => marks.includes('run')),
  }));
}

function atTheirLines(blocks: readonly Block[]): string {
  const lines: string[] = [];
  for (const block of blocks) {
    while (lines.length < block.line - 1) lines.push('');
    lines.push(...block.code.split('\n'));
  }
  return `${lines.join('\n')}\n`;
}

/** Where the examples are written to; inside docs/, so that packages are found as a reader's project would find them. */
export interface Workbench {
  root: string;
  folder: string;
}

/** Builds the packages. Returns the compiler's complaints. */
export async function build(root: string): Promise<string> {
  return (
    await succeedOrNot(
      join(root, 'node_modules/.bin/tsc'),
      ['-b', ...globSync('packages/*', { cwd: root })],
      root,
    )
  ).stdout;
}

/** Writes the examples down and compiles all of them at once. Returns the compiler's complaints, by page and line. */
export async function compile({ root, folder }: Workbench, examples: readonly Example[]): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { noEmit: true, composite: false, declaration: false, declarationMap: false };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: options, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  for (const example of examples) writeFileSync(join(folder, fileName(example)), example.code);
  if (examples.length === 0) return [];
  const { stdout } = await succeedOrNot(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', '.', '--pretty', 'false'],
    folder,
  );
  const pages = new Map(examples.map((example) => [fileName(example), example.place.replace(/:\d+$/, '')]));
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(/^(\S+?\.ts)\((\d+),\d+\)/, (_, file: string, at) => `${pages.get(file)}:${at}`),
    );
}

/** Runs an example that `compile` has written, as a program of its own. Returns what went wrong, if anything. */
export async function run({ folder }: Workbench, example: Example): Promise<string | undefined> {
  const { code, stdout, stderr } = await succeedOrNot(process.execPath, [fileName(example)], folder);
  return code === 0 ? undefined : `${example.place} ended with ${code}\n${stdout}${stderr}`;
}

function fileName(example: Example): string {
  return `${example.place.replaceAll(/[^A-Za-z0-9]+/g, '-')}.ts`;
}

interface Outcome {
  /** `timeout` after a minute. */
  code: number | 'timeout';
  stdout: string;
  stderr: string;
}

async function succeedOrNot(program: string, args: readonly string[], cwd: string): Promise<Outcome> {
  try {
    return { code: 0, ...(await exec(program, args, { cwd, timeout: 60_000, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const { code, killed, stdout, stderr } = error as {
      code?: unknown;
      killed?: boolean;
      stdout?: string;
      stderr?: string;
    };
    if (stdout === undefined || stderr === undefined) throw error;
    return { code: killed === true || typeof code !== 'number' ? 'timeout' : code, stdout, stderr };
  }
}
