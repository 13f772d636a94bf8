import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from '../src/index.js';
import { createProject, type Project } from './project.js';

let project: Project;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const DATA = {
  engine: { use: '@acme/engine-slate', file: 'bot.db' },
  accounts: { leads: { use: '@acme/adapter-pigeon', loft: 'north' } },
};

test.each([
  ['parley.config.json', JSON.stringify(DATA)],
  ['parley.config.mjs', `export default ${JSON.stringify(DATA)}`],
  ['parley.config.js', `export default ${JSON.stringify(DATA)}`],
  ['parley.config.ts', `const data: object = ${JSON.stringify(DATA)}; export default data`],
  [
    'parley.config.yaml',
    `
engine: { use: '@acme/engine-slate', file: bot.db }
accounts:
  leads:
    use: '@acme/adapter-pigeon'
    loft: north
`,
  ],
])('reads %s', async (name, text) => {
  project.write(name, text);
  const { accounts, engine } = await loadConfig({ cwd: project.directory });
  expect(engine.name).toBe(`${project.directory}/bot.db`);
  expect(Object.keys(accounts)).toEqual(['leads']);
});
