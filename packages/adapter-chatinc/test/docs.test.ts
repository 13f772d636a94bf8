import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { allRoutes } from '../src/index.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/providers/chatinc.md'), 'utf8').split(
  '\n',
);
const options = readFileSync(join(import.meta.dirname, '../src/options.ts'), 'utf8');

const REPEATED = { safe: 'yes', unsent: 'if it was not done', never: 'never' };

test('the page lists every route of the table as it is', () => {
  const routes = allRoutes().map(({ name, method, path, kind, bot }) => {
    const cells = [`\`${name}\``, `\`${method} ${path}\``, REPEATED[kind], bot ? 'bot' : ''];
    return `| ${cells.join(' | ')} |`.replace('|  |', '| |');
  });
  const begin = page.findIndex(
    (line, index) => index > page.indexOf('### Routes') && line.startsWith('| --- '),
  );
  const end = page.findIndex((line, index) => index > begin && !line.startsWith('|'));
  expect(page.slice(begin + 1, end)).toEqual(routes);
});

test('the page names every option', () => {
  const names = [...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(30);
  const text = page.join('\n');
  expect(names.filter((name) => !text.includes(`\`${name}`) && !text.includes(`.${name}\``))).toEqual([]);
});
