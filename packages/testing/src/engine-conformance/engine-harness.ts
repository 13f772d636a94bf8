import type { Engine } from '@parley/core';

/** What the suite needs the engine's numbers to be: small, so that a real engine is tested in seconds. */
export interface EngineSettings {
  /** Tries of a turn before its event becomes a dead letter. */
  maxAttempts: number;
  maxDeliveryAttempts: number;
  /** Before the second try, and the longest wait. */
  backoffMs: number;
  maxBackoffMs: number;
  /** Then a try is given up. */
  turnTimeoutMs: number;
  /** Between a lost answer and the look whether the effect happened. */
  lookUpAfterMs: number;
  /** For which a redelivery is recognised. */
  dedupeTtlMs: number;
}

export const ENGINE_SETTINGS: EngineSettings = {
  maxAttempts: 3,
  maxDeliveryAttempts: 4,
  backoffMs: 20,
  maxBackoffMs: 40,
  turnTimeoutMs: 400,
  lookUpAfterMs: 20,
  dedupeTtlMs: 1_000,
};

export interface EngineHarness {
  /** Empty, and not started. */
  engine: Engine;
  /** Lets time pass on the engine's clock: `(ms) => clock.advance(ms)`, or a real wait. */
  pass(ms: number): Promise<unknown>;
  /**
   * For a durable engine: cuts `engine` off from its data, as SIGKILL would, and opens another one on the same data, which is
   * not started. Nothing that the old one still does may be seen by the new one.
   */
  crash?(): Promise<Engine>;
  /** For an engine that several processes share: opens another one on the same data, beside the first. */
  another?(): Promise<Engine>;
  close(): Promise<void>;
}
