import type { Effect, EffectError, EffectRecord, EffectStatus } from '@parley/core';
import { StoredEffect } from '@parley/core/lanes';
import { v7 as timeOrderedId } from 'uuid';
import type { HeldJob } from './jobs.js';

/** An effect that this process stored or delivers. */
export class PgEffect extends StoredEffect implements HeldJob {
  job: string;
  /** How often its job was fetched before we did. */
  fetches = 0;
  /** True: the database knows that an attempt may be under way. Fetching it says so. */
  begunIsStored = true;
  /** True: an answer of the database was lost, so what we wrote may be there. */
  doubtful = false;

  constructor(effect: Effect, job: string = timeOrderedId()) {
    super(effect, 0);
    this.job = job;
  }
}

/** A row of the table of effects. */
export interface EffectRow {
  id: string;
  body: string;
  status: EffectStatus;
  attempts: number;
  message_id: string | null;
  conversation_id: string | null;
  error: string | null;
}

export const EFFECT_COLUMNS = 'id, body, status, attempts, message_id, conversation_id, error';

export function recordOf(row: EffectRow): EffectRecord {
  return {
    effect: JSON.parse(row.body) as Effect,
    status: row.status,
    attempts: row.attempts,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.conversation_id !== null && { conversationId: row.conversation_id }),
    ...(row.error !== null && { error: JSON.parse(row.error) as EffectError }),
  };
}
