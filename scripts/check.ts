import { spawnSync } from 'node:child_process';
import { ROOT } from './repository.ts';

interface Step {
  title: string;
  /** A program of node_modules/.bin, or `node`, with its arguments. */
  command: readonly [string, ...string[]];
}

/** Everything that must hold before a change goes in: the quick ones first, the tests last. */
const STEPS: readonly Step[] = [
  { title: 'types', command: ['tsc', '-b'] },
  { title: 'format', command: ['biome', 'check', '--error-on-warnings'] },
  { title: 'lint', command: ['oxlint'] },
  { title: 'unused code and dependencies', command: ['knip', '--no-config-hints'] },
  { title: 'who imports whom', command: ['node', 'scripts/check-imports.ts'] },
  { title: 'names', command: ['node', 'scripts/check-names.ts'] },
  { title: 'files of adapters', command: ['node', 'scripts/check-adapter-files.ts'] },
  { title: 'public types', command: ['node', 'scripts/check-public-types.ts'] },
  { title: 'packages', command: ['node', 'scripts/check-packages.ts'] },
  { title: 'tests', command: ['node', 'scripts/run-tests.ts'] },
];

/** True if the step passed. Its output goes straight through. */
function passes(step: Step, position: string): boolean {
  const [program, ...args] = step.command;
  console.log(`\n=== ${position} ${step.title}: ${step.command.join(' ')}`);
  const began = performance.now();
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) console.error(`${error.message} (run this as \`npx --yes pnpm@12.21.0 test\`)`);
  // After the tests nothing more is said: their last line is the verdict.
  if (status === 0 && step !== STEPS.at(-1))
    console.log(`--- passed in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return status === 0;
}

const failed = STEPS.find((step, index) => !passes(step, `${index + 1}/${STEPS.length}`));
if (failed !== undefined) {
  process.exitCode = 1;
  if (failed !== STEPS.at(-1))
    console.error(
      `\nFAILED: ${failed.title}. To run it alone: npx --yes pnpm@12.21.0 exec ${failed.command.join(' ')}`,
    );
}
