import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BENCHMARKS, ON_ALL_CORES } from './benchmarks.js';
import type { Cores } from './cores.js';
import { findCores, nodeOn } from './cores.js';
import type { MeasureOrder } from './measured-process.js';
import type { Measured } from './result.js';
import { toJsonLine, toTable } from './table.js';

const QUICK = 0.2;

const HELP = `Measures Parley against the least that any library would have to spend. About a minute.

  --only <name>  one of ${Object.keys(BENCHMARKS).join(', ')}; may be repeated
  --quick        a fifth of the work: a first look, not figures to rely on
  --effort <n>   any other share of the work, 1 being all of it
  --json         one object a line instead of a table
  --help         this text`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      effort: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const names = values.only ?? Object.keys(BENCHMARKS);
  const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown !== undefined) throw new Error(`There is no benchmark "${unknown}".\n\n${HELP}`);

  const effort = Number(values.effort ?? (values.quick ? QUICK : 1));
  if (!(effort > 0 && effort <= 1)) throw new Error('--effort: expected a number above 0, at most 1');

  const cores = findCores();
  const lines: Measured[] = [];
  for (const name of names) {
    if (!values.json && process.stderr.isTTY) process.stderr.write(`measuring ${name} ...\r\u001b[K`);
    const measured = await inProcessOfItsOwn({ name, effort, cores });
    if (values.json) for (const line of measured) console.log(toJsonLine(line));
    lines.push(...measured);
  }
  if (!values.json) console.log(`${toTable(lines)}\n\n${circumstances(cores)}`);
  return 0;
}

/** So that no benchmark inherits the heap, or what the compiler has learnt, from the one before. */
async function inProcessOfItsOwn(order: MeasureOrder): Promise<Measured[]> {
  const [command, args] = nodeOn(
    ON_ALL_CORES.has(order.name) ? undefined : order.cores?.measured,
    fileURLToPath(new URL(`./measured-process${extname(import.meta.url)}`, import.meta.url)),
    [],
  );
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let measured: Measured[] | undefined;
  child.on('message', (message: Measured[]) => {
    measured = message;
  });
  child.send(order);
  const [code] = await exit;
  if (measured === undefined) throw new Error(`The benchmark "${order.name}" ended with exit code ${code}`);
  return measured;
}

function circumstances(cores: Cores | undefined): string {
  const machine = `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores.`;
  const tied =
    cores === undefined
      ? 'Not tied to a core: there is no taskset here, or one core only.'
      : `What is measured is tied to core ${cores.measured}, what it talks to is on core ${cores.others}.`;
  return `Medians of interleaved rounds, in CPU time. ${machine}\n${tied} What each floor is: bench/README.md.`;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
