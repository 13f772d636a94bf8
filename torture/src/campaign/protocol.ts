import type { RunStatus } from '@parley/broadcast';

/** What a process of the bot is started with. */
export interface CampaignSetup {
  /** The engine's file. */
  file: string;
  /** The audience, a CSV file. */
  audience: string;
  /** Who has opted out before. */
  optedOut: readonly string[];
  provider: { origin: string; token: string; organization: string };
  /** Requests a second that the account may send. */
  rate: number;
  lookUpAfterMs: number;
  /** Undefined: it may live until the run has ended. */
  death?: Death;
}

/**
 * When the process ends itself by SIGKILL: as a message leaves, as its answer is here, or so many milliseconds after it has begun to
 * run, though not after more messages.
 */
export type Death = { message: number } & (
  | { at: 'request' | 'answer'; loops: number }
  | { at: 'time'; afterMs: number }
);

export interface CampaignReport {
  kind: 'report';
  status: RunStatus;
  /** How many recipients of each outcome the export holds. */
  exported: Record<string, number>;
  /** Effects that are still stored as pending, and dead letters. */
  leftOver: number;
}

export const CAMPAIGN = 'torture';
export const TEMPLATE = '64c0ab12f0e1d20013bb7702';
