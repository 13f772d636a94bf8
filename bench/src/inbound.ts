import type { BenchOptions } from './benchmarks.js';
import { receiveAll, startCountingBot } from './bots.js';
import { cpuMicros, interleave, scaled } from './measure.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { WEB1ON1 } from './web1on1-wire.js';
import { verifyAndParseAll, type Wire } from './wire.js';

const CONVERSATIONS = 2000;
/** So many in a row that collecting the garbage they leave is paid for several times over, by both. */
const CALLS = 16_000;

/** A signed webhook of 2 KB, until its handler has run and its turn is committed, against verifying and parsing it. */
export function inbound(options: BenchOptions): Promise<Measured[]> {
  return inboundOf(WEB1ON1, 'inbound in process', options);
}

/** The same at another provider. */
export async function inboundOf(wire: Wire, name: string, { effort }: BenchOptions): Promise<Measured[]> {
  const calls = scaled(CALLS, effort, 10);
  await using counting = await startCountingBot(undefined, wire);
  const { floor, ours } = await interleave(scaled(9, effort, 1), {
    floor: async () => {
      const requests = wire.webhooks(calls, CONVERSATIONS);
      return (await cpuMicros(() => verifyAndParseAll(wire, requests))) / calls;
    },
    ours: async () => {
      const requests = wire.webhooks(calls, CONVERSATIONS);
      return (await cpuMicros(() => receiveAll(counting, requests))) / calls;
    },
  });
  return [judged({ name, unit: 'µs CPU per webhook', floor, ours }, 'ratio <= budget', 2.5)];
}
