import type { Via } from './spec.js';

/** Why a person of the audience gets nothing. The first two are mistakes in the data, the others are as it should be. */
export type Exclusion = 'bad_row' | 'missing_variable' | 'duplicate' | 'opted_out';

/** Where something is in the data: a file and its line, the first being 1, or the place in the campaign file. */
export interface Place {
  source: string;
  line?: number;
}

/** A row that cannot be used. `reason` never holds what the row says. */
export interface BadRow extends Place {
  exclusion: 'bad_row' | 'missing_variable';
  /** What is wrong, and what to do about it. */
  reason: string;
}

/** Who would get what. Nothing was sent, nothing was asked of the provider. */
export interface PlanReport {
  campaign: string;
  account: string;
  provider: string;
  via: Via;
  /** Rows of the audience that were read: `recipients` and all that are `excluded`. */
  rows: number;
  /** Who gets it, each once. */
  recipients: number;
  /**
   * How many messages leave, going by the first recipients: a person may get several, such as an image and then the words. Where messages
   * are prepaid, as at Chat Inc, so many are paid; what else an account pays only its provider knows.
   */
  messages: number;
  excluded: Readonly<Record<Exclusion, number>>;
  /** Mistakes in the data, those in groups of `variables` among them. */
  badRowCount: number;
  /** The first of them, at most 100,000. */
  badRows: readonly BadRow[];
  /** What is allowed, and probably not meant. */
  warnings: readonly string[];
  /** The first three recipients, and what they would get. */
  samples: readonly { to: string; text: string }[];
  /** ISO 8601, UTC. Missing: at once. */
  at?: string;
}
