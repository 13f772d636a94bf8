import type { Describe, Test } from '../adapter-conformance/harness.js';
import { commitCases } from './commit-cases.js';
import { crashCases } from './crash-cases.js';
import { ENGINE_SETTINGS, type EngineHarness, type EngineSettings } from './engine-harness.js';
import { inboxCases } from './inbox-cases.js';
import { letterCases } from './letter-cases.js';
import { outboxCases } from './outbox-cases.js';
import { engineBench } from './scripted-host.js';
import { sharedCases } from './shared-cases.js';
import { timeCases } from './time-cases.js';

export interface EngineConformanceOptions {
  /** The engine's name, for the title. */
  name: string;
  test: Test;
  /** Groups the cases under the name, where the runner has groups. */
  describe?: Describe;
  /** True: what is stored survives the process. The harness then has `crash`. */
  durable?: boolean;
  /** True: several processes share the data. The harness then has `another`. */
  shared?: boolean;
  /** A fresh, empty engine with these settings, not started. Called once per case. */
  setup: (settings: EngineSettings) => EngineHarness | Promise<EngineHarness>;
}

/**
 * Registers the promises of the engine contract as tests of your runner. The suite brings the host: what a turn or a
 * delivery does is decided case by case.
 *
 * ```ts
 * engineConformance({ name: 'memory', test, describe, setup: (settings) => {
 *   const clock = virtualClock();
 *   const engine = memoryEngine({ ...settings, clock });
 *   return { engine, pass: (ms) => clock.advance(ms), close: () => engine.close() };
 * } });
 * ```
 */
export function engineConformance(options: EngineConformanceOptions): void {
  const { name, test, setup, durable = false, shared = false } = options;
  const describe: Describe = options.describe ?? ((_name, run) => run());
  const cases = [...inboxCases, ...commitCases, ...outboxCases, ...timeCases, ...letterCases];
  if (durable) cases.push(...crashCases);
  if (shared) cases.push(...sharedCases);
  describe(`the engine ${name}`, () => {
    for (const { name: sentence, check } of cases) {
      test(sentence, async () => {
        const harness = await setup(ENGINE_SETTINGS);
        try {
          await check(engineBench(harness));
        } finally {
          await harness.close();
        }
      });
    }
  });
}
