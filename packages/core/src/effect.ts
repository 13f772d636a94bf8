import type { CampaignDraft, HandOverRequest, OpenRequest, RunRequest } from './adapter.js';
import type { Content } from './model/content.js';
import type { ConversationStatus, FieldValue } from './model/conversation.js';
import type { Id } from './model/id.js';
import type { Offered } from './offered.js';

/**
 * Something a turn (or the application) does to the outside. Plain JSON, stored before it leaves.
 *
 * `id` is its key: `(turn, handler, ordinal)` inside a turn, so that a re-run finds what the first run decided.
 */
export interface Effect {
  id: string;
  account: string;
  /** Effects of one lane leave one after the other, in the order they were stored: a conversation, or an address. */
  lane: string;
  action: EffectAction;
  /** True: a handler decided it. */
  ofTurn?: true;
  /** True: the application chose the id, to have the same intent carried out once; so it is remembered afterwards. */
  keyed?: true;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** ISO 8601, UTC: it joins the end of its lane then, and holds nothing up before. */
  notBefore?: string;
  /** The buttons that it shows: once it has left, they are what an answer in its conversation presses. */
  offered?: Offered;
}

export type EffectAction =
  | {
      kind: 'message';
      conversationId: Id;
      content: Content;
      note?: true;
      channel?: string;
      quote?: string;
    }
  | { kind: 'open'; request: Omit<OpenRequest, 'key'> }
  | { kind: 'typing'; conversationId: Id; on: boolean }
  | { kind: 'status'; conversationId: Id; status: ConversationStatus }
  | { kind: 'assign'; conversationId: Id; assigneeIds: Id[] }
  | { kind: 'fields'; conversationId: Id; fields: Record<string, FieldValue> }
  | { kind: 'handOver'; conversationId: Id; request: HandOverRequest }
  /** Makes a campaign at the provider. */
  | { kind: 'campaign'; draft: CampaignDraft }
  /** Sends it. */
  | { kind: 'run'; request: RunRequest }
  /** The recorded result of an outside call (`turn.step`). Never leaves; `result` is its JSON. */
  | { kind: 'step'; name: string; result: string };

/** How one attempt to carry out an effect ended, for the engine to act on. */
export type Delivery =
  | { kind: 'sent'; at: string; messageId?: Id; conversationId?: Id; eventId?: Id }
  /** Nothing happened out there; worth another attempt, after `afterMs` if the provider said so. */
  | { kind: 'retry'; error: EffectError; afterMs?: number }
  /** It may have happened. The engine asks `lookUp` and never repeats it blindly. */
  | { kind: 'unknown'; error: EffectError }
  /** It did not happen and never will. */
  | { kind: 'failed'; error: EffectError }
  | { kind: 'withheld'; reason: string };

/** What looking for an effect with an unknown outcome has found. */
export type LookUp =
  | { kind: 'sent'; at: string; messageId?: Id; conversationId?: Id }
  /** It certainly did not happen. */
  | { kind: 'absent' }
  /** The provider cannot be asked just now: look again, after `afterMs` if it said so. */
  | { kind: 'retry'; afterMs?: number }
  /** Nobody can know. */
  | { kind: 'unknown' };

/** An error as it is stored: its code and its words, both safe to print. */
export interface EffectError {
  code: string;
  message: string;
}

export type EffectStatus = 'queued' | 'sent' | 'unknown' | 'failed' | 'withheld';

/** An effect with what became of it. */
export interface EffectRecord {
  readonly effect: Effect;
  readonly status: EffectStatus;
  readonly attempts: number;
  readonly messageId?: Id;
  readonly conversationId?: Id;
  /** Why it is `failed`, `unknown` or `withheld`; missing for one that was cancelled or erased. */
  readonly error?: EffectError;
}
