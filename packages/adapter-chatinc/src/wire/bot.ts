import type { Maybe } from './maybe.js';

/** The kinds of step that are documented; what else a step has depends on its kind. */
export interface ChatIncStep {
  type: string;
  id?: string;
  name?: string;
  /** What other steps go on to it by. */
  entry?: string;
  message?: string;
  /** The entry of the next step, empty at the end; by option for a step that offers some. */
  exit?: string | Record<string, string>;
  options?: (string | { title: string; description?: string })[];
  questions?: ChatIncQuestion[];
  header?: string;
  innerTitle?: string;
  imageUrl?: string;
  tag?: unknown;
  [field: string]: unknown;
}

export interface ChatIncQuestion {
  /** Whole numbers from 1, in order. */
  id: number;
  name?: string;
  message?: string;
  options?: string[];
  validate?: string;
}

export interface ChatIncJourney {
  journeyId: string;
  /** The first step's entry, or a word that starts it. */
  entry?: Maybe<string>;
  steps?: Maybe<ChatIncStep[]>;
  [field: string]: unknown;
}

export interface ChatIncJourneyInput {
  journeyId: string;
  entry: string;
  steps: readonly ChatIncStep[];
}

export interface ChatIncInputGroupInput {
  id: string;
  name?: string;
  description?: string;
}

/** Answers of a group; their form is not documented. */
export interface ChatIncInput {
  number?: Maybe<string>;
  input?: unknown;
  [field: string]: unknown;
}

export interface ChatIncTask {
  tag?: unknown;
  type: 'template' | 'journey' | 'flow' | 'message';
  typeId?: string;
  messageId?: string;
  runAt?: string;
  /** Minutes without a word from the person, as text. */
  runAfter?: string;
  overridingTag?: unknown;
}

export interface ChatIncTaskGroupInput {
  taskGroupId: string;
  group: readonly ChatIncTask[];
}

/** A product of the catalog: its fields, and pictures by URL or as bytes. */
export type ChatIncProductInput = Record<
  string,
  string | { filename: string; type: string; bytes: Uint8Array }
>;
