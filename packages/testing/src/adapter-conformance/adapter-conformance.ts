import type { Case } from './case.js';
import type { AdapterHarness, Describe, Test } from './harness.js';
import { receivingCases } from './receiving-cases.js';
import { recordCases } from './record-cases.js';
import { sendingCases } from './sending-cases.js';
import { traits } from './traits.js';

export interface AdapterConformanceOptions {
  /** The adapter's name, for the title. */
  name: string;
  test: Test;
  /** Groups the cases under the name, where the runner has groups. */
  describe?: Describe;
  /** A fresh emulator with an adapter against it. Called once per case, and once to see which ports there are. */
  setup: () => Promise<AdapterHarness>;
}

export interface AdapterConformance {
  /** The cases that are registered. */
  readonly cases: readonly string[];
  /** The cases about ports, or powers of the emulator, that are not there. */
  readonly absent: readonly string[];
}

/** Every promise an adapter makes, as sentences. */
export const ADAPTER_CASES: readonly Case[] = [...recordCases, ...sendingCases, ...receivingCases, ...traits];

/**
 * Registers the promises of the adapter contract as tests of your runner. An adapter's own file is ten lines:
 *
 * ```ts
 * await adapterConformance({ name: 'web1on1', test, describe, setup: () => web1on1Harness() });
 * ```
 *
 * Which cases apply follows from the ports the adapter has, so it is awaited at the top of the test file (an ES module).
 */
export async function adapterConformance(options: AdapterConformanceOptions): Promise<AdapterConformance> {
  const { name, test, setup } = options;
  const describe: Describe = options.describe ?? ((_name, run) => run());
  const harness = await setup();
  const [there, absent] = [true, false].map((wanted) =>
    ADAPTER_CASES.filter(({ applies }) => applies(harness.adapter, harness) === wanted),
  ) as [Case[], Case[]];
  await harness.close();

  describe(`the adapter ${name}`, () => {
    for (const { name: sentence, check } of there) {
      test(sentence, async () => {
        const fresh = await setup();
        try {
          await check(fresh);
        } finally {
          await fresh.close();
        }
      });
    }
  });
  return { cases: there.map((one) => one.name), absent: absent.map((one) => one.name) };
}
