import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventLines, routeLines } from './tables.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/providers/crisp.md'), 'utf8').split('\n');

/** The lines of the table under a heading of three columns or more, without its own heading. */
function tableUnder(heading: string): string[] {
  const from = page.findIndex((line) => line === heading);
  const begin = page.findIndex((line, index) => index > from && line.startsWith('| --- '));
  const end = page.findIndex((line, index) => index > begin && !line.startsWith('|'));
  return page.slice(begin + 1, end);
}

test('the page lists every route of the table as it is', () => {
  expect(tableUnder('### Routes')).toEqual(routeLines());
});

test('the page lists every event, and what it becomes', () => {
  expect(tableUnder('## Events')).toEqual(eventLines());
});
