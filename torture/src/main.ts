import { campaignMain } from './campaign/main.js';
import type { Figures } from './figures.js';
import { HELP, readOptions, type TortureOptions } from './options.js';
import { torture } from './run.js';

/** What must be 0 for a run to have gone well. */
const FAULTLESS = [
  'lost',
  'doubled',
  'misordered',
  'strays',
  'counterErrors',
  'reminderErrors',
  'stepErrors',
  'unknown',
  'deadLetters',
  'leftOver',
  'undelivered',
  'overLimit',
  'impatient',
  'crashes',
  'cutShort',
] as const satisfies readonly (keyof Figures)[];

async function main(args: string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  const began = performance.now();
  const progress = (line: string): void =>
    console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  if (args[0] === 'campaign') return campaignMain(args.slice(1), progress, interrupted.signal);
  let options: TortureOptions | 'help';
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`torture: ${error instanceof Error ? error.message : 'wrong arguments'} (--help explains)`);
    return 2;
  }
  if (options === 'help') {
    console.log(HELP);
    return 0;
  }
  const figures = await torture(options, progress, interrupted.signal);
  const wrong = FAULTLESS.filter((name) => figures[name] !== 0);
  if (wrong.length > 0) console.error(`torture: not 0: ${wrong.join(', ')}`);
  console.log(JSON.stringify(figures));
  return wrong.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`torture: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
