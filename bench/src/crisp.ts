import type { BenchOptions } from './benchmarks.js';
import { CRISP } from './crisp-wire.js';
import { inboundOf } from './inbound.js';
import { outboundOf } from './outbound.js';
import type { Measured } from './result.js';

/** One hook and one message at Crisp, with the budgets of Web1on1. */
export async function crisp(options: BenchOptions): Promise<Measured[]> {
  return [
    ...(await inboundOf(CRISP, 'Crisp, inbound in process', options)),
    ...(await outboundOf(CRISP, 'Crisp, ', options)),
  ];
}
