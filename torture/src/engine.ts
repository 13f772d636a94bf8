import type { Engine } from '@parley/core';
import { memoryEngine } from '@parley/core';
import { postgres } from '@parley/engine-postgres';
import { sqlite } from '@parley/engine-sqlite';
import type { EngineSetup } from './protocol.js';

interface EngineFacts {
  /** How many processes share its storage, if not said otherwise; 1: no more can. */
  processes: number;
  durable: boolean;
  /** Its storage is a server. */
  shared: boolean;
}

export type EngineName = 'memory' | 'sqlite' | 'postgres';

/** The engines that a run can be about. */
export const ENGINES: Readonly<Record<EngineName, EngineFacts>> = {
  sqlite: { processes: 1, durable: true, shared: false },
  postgres: { processes: 4, durable: true, shared: true },
  memory: { processes: 1, durable: false, shared: false },
};

/** Milliseconds before a failed turn or send is tried again, doubling: short, so that a run is not spent waiting. */
const BACKOFF_MS = 200;

/** The engine as its users open it, but for times that would make a run long. */
export async function openEngine({ name, place, turnTimeoutMs }: EngineSetup): Promise<Engine> {
  const times = { turnTimeoutMs, backoffMs: BACKOFF_MS };
  switch (name) {
    case 'memory':
      return memoryEngine(times);
    case 'sqlite':
      return sqlite(place, times);
    case 'postgres':
      return postgres({ connectionString: place, ...times });
  }
}
