import type { Describe, Test } from '../adapter-conformance/harness.js';
import { commitCases } from './commit-cases.js';
import { ENGINE_SETTINGS, type EngineHarness, type EngineSettings } from './engine-harness.js';
import { inboxCases } from './inbox-cases.js';
import { outboxCases } from './outbox-cases.js';
import { engineBench } from './scripted-host.js';

export interface EngineConformanceOptions {
  /** The engine's name, for the title. */
  name: string;
  test: Test;
  /** Groups the cases under the name, where the runner has groups. */
  describe?: Describe;
  /** A fresh, empty engine with these settings, not started. Called once per case. */
  setup: (settings: EngineSettings) => EngineHarness | Promise<EngineHarness>;
}

/**
 * Registers the promises of the engine contract that hold within one process as tests of your runner. The suite brings the
 * host: what a turn or a delivery does is decided case by case.
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
  const { name, test, setup } = options;
  const describe: Describe = options.describe ?? ((_name, run) => run());
  describe(`the engine ${name}`, () => {
    for (const { name: sentence, check } of [...inboxCases, ...commitCases, ...outboxCases]) {
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
