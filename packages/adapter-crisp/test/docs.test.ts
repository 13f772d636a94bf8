import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { anAccount } from '@parley/testing';
import { crisp, EVENTS } from '../src/index.js';
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

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

test('the README names every port, and what each of them does', async () => {
  const website = '3f2b1c9e-6a54-4d1e-9c77-0f5a2b8d4e61';
  const adapter = crisp({ tier: 'user', identifier: 'id', key: 'key', website }).open(anAccount());
  await adapter.close();
  const { conversations, messages, contacts, campaigns } = adapter;
  for (const [port, methods] of Object.entries({ conversations, messages, contacts, campaigns })) {
    const line = readme.split('\n').find((each) => each.startsWith(`| \`${port}\` |`)) ?? '';
    const named = [...line.matchAll(/`(\w+)`/g)].map(([, name]) => name).slice(1);
    const theirs = Object.entries(methods ?? {}).filter(([, method]) => typeof method === 'function');
    expect([port, new Set(named)]).toEqual([port, new Set(theirs.map(([name]) => name))]);
  }
  for (const port of Object.keys(adapter).filter((key) => typeof Reflect.get(adapter, key) === 'object')) {
    expect(readme).toContain(`| \`${port}\` |`);
  }
});

test('the README names every neutral event that Crisp brings', () => {
  const ours = new Set(Object.values(EVENTS).flatMap((line) => (line.split(' -> ')[1] ?? '').split('|')));
  ours.delete('provider');
  expect([...ours].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
