import type { Counts } from './check.js';

/** The last line on stdout. */
export interface Figures extends Counts {
  engine: string;
  messages: number;
  distinct: number;
  webhooks: number;
  kills: number;
  recoveryMsMax: number;
  stepErrors: number;
  unknown: number;
  deadLetters: number;
  leftOver: number;
  undelivered: number;
  overLimit: number;
  impatient: number;
  crashes: number;
  cutShort: number;
  cuts: number;
  restarts: number;
  seconds: number;
}

/** Says what goes on, to whoever watches. */
export type Progress = (line: string) => void;
