import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { checkSpec, type SpecPath, toPlace } from './check-spec.js';
import type { CampaignSpec } from './spec.js';
import { unreadable } from './table.js';

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
  problems.push(...nullsIn(document, lines));
  if (problems.length > 0)
    throw new ParleyError('ERR_CONFIG', `${source}: ${problems.join('; ')}`, { problems });
  return checkSpec(valueOf(document, source), {
    source,
    directory: dirname(path),
    placeOf: (at) => `line ${lineOf(document, lines, at)}: ${toPlace(at)}`.replace(/: $/, ''),
  });
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ParleyError('ERR_CONFIG', `The campaign file ${path}: ${unreadable(cause)}`, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ParleyError('ERR_CONFIG', `${basename(path)}: expected UTF-8: save the file as UTF-8`);
  }
}

/** Where every value is a text, `null` would be a word that people read. */
function nullsIn(document: Document, lines: LineCounter): string[] {
  const found: string[] = [];
  visit(document, {
    Scalar(key, { type, value, range }) {
      if (key === 'key' || type !== 'PLAIN' || !/^(~|null|Null|NULL)$/.test(String(value))) return;
      const { line } = lines.linePos(range?.[0] ?? 0);
      found.push(`line ${line}: null is no text: leave the key out, or put the word into quotes`);
    },
  });
  return found;
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
