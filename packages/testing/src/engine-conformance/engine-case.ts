import type { EngineBench } from './scripted-host.js';

/** One promise of the engine contract that needs no restart of the process. */
export interface EngineCase {
  /** A sentence: what the engine does. */
  name: string;
  check(bench: EngineBench): Promise<void>;
}
