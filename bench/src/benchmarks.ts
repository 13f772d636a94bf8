import { campaignPlan } from './campaign-plan.js';
import type { Cores } from './cores.js';
import { crisp } from './crisp.js';
import { httpInbound } from './http-inbound.js';
import { idleMemory } from './idle-memory.js';
import { inbound } from './inbound.js';
import { openConversations } from './open-conversations.js';
import { outbound } from './outbound.js';
import { postgresEngine } from './postgres-engine.js';
import type { Measured } from './result.js';
import { sqliteInbound } from './sqlite-inbound.js';

export interface BenchOptions {
  /** 1 for figures to rely on, less for a shorter run. */
  effort: number;
  /** Undefined: nothing is tied to a core. */
  cores: Cores | undefined;
}

export type Benchmark = (options: BenchOptions) => Promise<Measured[]>;

/** In the order of the report. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  inbound,
  'http-inbound': httpInbound,
  outbound,
  crisp,
  memory: idleMemory,
  conversations: openConversations,
  sqlite: sqliteInbound,
  postgres: postgresEngine,
  'campaign-plan': campaignPlan,
};

/** Those that are about several processes: nothing is tied to a core. */
export const ON_ALL_CORES: ReadonlySet<string> = new Set(['postgres']);
