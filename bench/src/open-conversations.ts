import type { BenchOptions } from './benchmarks.js';
import { receiveAll, startCountingBot } from './bots.js';
import { cpuMicros, interleave, scaled } from './measure.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { signedWebhooks } from './webhooks.js';

const FEW = 10;
const BATCH = 500;

/**
 * An event of a bot that has 40,000 conversations open, against the same with ten. Both bots have handled as many events
 * before, so that only the conversations differ. Above 1 is what memory costs that no longer fits the processor's caches; work
 * that grows with the number of conversations would show as a multiple.
 */
export async function openConversations({ effort }: BenchOptions): Promise<Measured[]> {
  const many = scaled(40_000, effort, 40);
  const calls = scaled(8000, effort, 10);
  await using withFew = await startCountingBot();
  await using withMany = await startCountingBot();
  for (let done = 0; done < many; done += BATCH) {
    const size = Math.min(BATCH, many - done);
    await receiveAll(withFew, signedWebhooks(size, FEW));
    await receiveAll(withMany, signedWebhooks(size, size, done));
  }
  const { floor, ours } = await interleave(scaled(9, effort, 1), {
    floor: async () => {
      const requests = signedWebhooks(calls, FEW);
      return (await cpuMicros(() => receiveAll(withFew, requests))) / calls;
    },
    ours: async () => {
      const requests = signedWebhooks(calls, many);
      return (await cpuMicros(() => receiveAll(withMany, requests))) / calls;
    },
  });
  const name = `${many.toLocaleString('en')} open conversations`;
  const note = `the floor has ${FEW}`;
  return [judged({ name, unit: 'µs CPU per webhook', floor, ours, note }, 'ratio <= budget', 1.25)];
}
