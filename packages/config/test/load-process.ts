/** Loads the config of a folder in a process of its own: a test runner's modules are not Node's. Prints what came of it. */
import { inspect } from 'node:util';
import { loadConfig } from '../src/index.js';

const [cwd] = process.argv.slice(2);
try {
  const { accounts } = await loadConfig({ cwd });
  const [name] = Object.keys(accounts);
  process.stdout.write(JSON.stringify({ name, provider: accounts[name ?? '']?.provider }));
} catch (error) {
  process.stdout.write(
    JSON.stringify({ message: (error as Error).message, shown: inspect(error, { showHidden: true }) }),
  );
}
