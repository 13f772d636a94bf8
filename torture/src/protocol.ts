import type { EngineName } from './engine.js';
import type { Counters } from './handler.js';

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

export type Question =
  | { question: 'stats' }
  | { question: 'deadLetters' }
  | { question: 'sessions'; conversationIds: string[] }
  | { question: 'count outside'; conversationId: string };

export type Asked = Question & { id: number };

export type SessionReport = Counters | null;

export type FromBot =
  | { kind: 'serves'; origin: string }
  /** This message is in the process's hands: its turn, or the sending of its reply, has begun. */
  | { kind: 'touched'; by: 'turn' | 'send' | 'lookUp'; name: string }
  /** A handler has ended, or the provider has answered. */
  | { kind: 'reached'; moment: 'handled' | 'sent' }
  | { kind: 'ticket'; name: string; ticket: string }
  | { kind: 'unknown'; why: string }
  | { kind: 'failed'; why: string }
  | { kind: 'answer'; id: number; value?: unknown; error?: string };
