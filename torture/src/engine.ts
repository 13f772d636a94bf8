import type { Engine } from '@parley/core';
import { memoryEngine } from '@parley/core';
import type { EngineSetup } from './protocol.js';

/** The engines that a run can be about. `processes`: how many share its storage, if not said otherwise; 1: no more can. */
export const ENGINES = {
  memory: { processes: 1, durable: false },
} as const;

export type EngineName = keyof typeof ENGINES;

/** Milliseconds before a failed turn or send is tried again, doubling: short, so that a run is not spent waiting. */
const BACKOFF_MS = 200;

/** The engine as its users open it, but for times that would make a run long. */
export async function openEngine({ turnTimeoutMs }: EngineSetup): Promise<Engine> {
  return memoryEngine({ turnTimeoutMs, backoffMs: BACKOFF_MS });
}
