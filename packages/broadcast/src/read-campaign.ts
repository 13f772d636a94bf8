import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { checkSpec, type SpecPath, toPlace } from './check-spec.js';
import type { CampaignSpec } from './spec.js';

/**
 * Reads a campaign file, YAML or JSON. Names of CSV files are relative to it, and absolute in what is returned.
 *
 * Every value is a text: `+31612345678`, `007` and `no` need no quotes.
 *
 * @throws ERR_CONFIG with everything that is wrong in it, each with its line and place
 */
export async function readCampaign(file: string): Promise<CampaignSpec> {
  const path = resolve(file);
  const source = basename(path);
  const lines = new LineCounter();
  // JSON is YAML too. Failsafe: nothing is guessed to be a number, a date or a boolean.
  const document = parseDocument(await textOf(path), { schema: 'failsafe', lineCounter: lines });
  const problems = document.errors.map(
    ({ pos, code }) => `line ${lines.linePos(pos[0]).line}: ${wordsFor(code)}`,
  );
  if (problems.length > 0)
    throw new ParleyError('ERR_CONFIG', `${source}: ${problems.join('; ')}`, { problems });
  return checkSpec(valueOf(document, source), {
    source,
    directory: dirname(path),
    placeOf: (at) => `line ${lineOf(document, lines, at)}: ${toPlace(at)}`.replace(/: $/, ''),
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ParleyError('ERR_CONFIG', `The campaign file ${path} cannot be read`, { cause });
  }
}

function valueOf(document: Document, source: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw new ParleyError('ERR_CONFIG', `${source}: expected fewer aliases (*name)`);
  }
}

function wordsFor(code: string): string {
  return code === 'DUPLICATE_KEY'
    ? 'this key is there twice'
    : 'expected valid YAML or JSON; a text that begins with { or holds ": " needs quotes';
}

/** Of the innermost part of the path that is there. */
function lineOf(document: Document, lines: LineCounter, path: SpecPath): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
