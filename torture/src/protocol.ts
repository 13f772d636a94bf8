import type { EngineName } from './engine.js';
import type { Counters } from './handler.js';
import type { Manner } from './words.js';

/** What a process of the bot is told at its start. */
export interface BotSetup {
  engine: EngineSetup;
  provider: { origin: string; token: string; secret: string; rate: number };
  /** 0: any free one. */
  port: number;
  verbose: boolean;
}

export interface EngineSetup {
  name: EngineName;
  /** A file for sqlite, an address for postgres, nothing for memory. */
  place: string;
  turnTimeoutMs: number;
}

/**
 * What a kill waits for, so that it falls where it may hurt:
 * - `acknowledged`: a webhook has just been answered with 200
 * - `turn`: a turn has just begun
 * - `handled`: a turn's handler has just ended, and its commit is to come
 * - `send`: the sending of a reply has just begun
 * - `sent`: the provider has just answered it, and that is to be stored
 */
export type Moment = 'acknowledged' | 'turn' | 'handled' | 'send' | 'sent';

export const MOMENTS: readonly [Moment, ...Moment[]] = ['acknowledged', 'turn', 'handled', 'send', 'sent'];

/** When a process is to end itself by SIGKILL: from inside, since from outside a kill comes a little later at best. */
export interface Death {
  at: Moment;
  /** In a turn of a message of this manner only; in any without. */
  manner?: Manner;
  /** So many turns of the event loop later: between two steps of what the moment begins. */
  loops: number;
}

export type Question =
  | { question: 'stats' }
  | { question: 'deadLetters' }
  | { question: 'sessions'; conversationIds: string[] }
  | { question: 'count outside'; conversationId: string }
  /** Is not answered. */
  | ({ question: 'die' } & Death);

export type Asked = Question & { id: number };

export type SessionReport = Counters | null;

export type FromBot =
  | { kind: 'serves'; origin: string }
  /** This message is in the process's hands: its turn, or the sending of its reply, has begun. */
  | { kind: 'touched'; by: 'turn' | 'send' | 'lookUp'; name: string }
  | { kind: 'reached'; moment: Moment; manner?: Manner }
  /** A handler has begun, or ended in whatever way. */
  | { kind: 'handling'; begun: boolean }
  | { kind: 'ticket'; name: string; ticket: string }
  | { kind: 'unknown'; why: string }
  | { kind: 'failed'; why: string }
  | { kind: 'answer'; id: number; value?: unknown; error?: string };
