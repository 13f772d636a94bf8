// The process that one benchmark runs in. Started by main.ts, tied to a core.
import { BENCHMARKS } from './benchmarks.js';
import type { Cores } from './cores.js';

export interface MeasureOrder {
  name: string;
  effort: number;
  cores: Cores | undefined;
}

process.once('message', ({ name, effort, cores }: MeasureOrder) => {
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) throw new Error(`There is no benchmark "${name}"`);
  benchmark({ effort, cores }).then(
    (measured) => {
      process.send?.(measured);
      process.disconnect();
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
