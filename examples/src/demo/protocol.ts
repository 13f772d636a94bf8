import type { CrispOptions } from '@parley/adapter-crisp';
import type { Web1on1Options } from '@parley/adapter-web1on1';
import type { EngineStats } from '@parley/core';
import type { Appointment, ReminderTemplate } from '../appointment-reminder.js';

/** Where the bot finds its providers, and where one of them finds the bot; the other one is listened to. */
export interface Wiring {
  leads: Web1on1Options;
  support: CrispOptions;
  /** The port of the webhooks; 0 takes a free one. */
  port: number;
}

export type Question =
  | { question: 'stats' }
  | { question: 'remind'; appointment: Appointment; template: ReminderTemplate };

/** What the demo tells the bot's process. */
export type ToBot =
  | { kind: 'serve'; wiring: Wiring }
  | ({ kind: 'asked'; id: number } & Question)
  | { kind: 'workshop'; id: number; answer: string };

/** What the bot's process tells the demo. */
export type FromBot =
  /** It has its file; `left` is what the process before it has left there. */
  | { kind: 'open'; left: EngineStats }
  | { kind: 'refused'; inUse: boolean; why: string }
  | { kind: 'serves'; origin: string }
  | { kind: 'says'; text: string }
  | { kind: 'answer'; id: number; value?: unknown; error?: string }
  /** Answered with `workshop`, or never. */
  | { kind: 'workshop?'; id: number };
