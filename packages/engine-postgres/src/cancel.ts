import type { EffectRecord } from '@parley/core';
import type { Run } from './database.js';
import { EFFECT_COLUMNS, type EffectRow, recordOf } from './pg-effect.js';
import type { Tables } from './schema.js';

/** Withholds an effect whose delivery has not begun. Undefined if it has, or nothing is known of it. */
export async function cancelEffect(
  run: Run,
  { effect, outbox }: Tables,
  id: string,
): Promise<EffectRecord | undefined> {
  const [row] = await run<EffectRow>(
    `WITH waiting AS (
      SELECT id, lane, due_at FROM ${effect} WHERE id = $1 AND status = 'queued' FOR UPDATE
    ), ended AS (
      DELETE FROM ${outbox} j USING waiting w
      WHERE j.name = 'outbox' AND j.policy = 'key_strict_fifo' AND NOT j.blocked AND j.singleton_key = w.lane
        AND j.data = to_jsonb(w.id)
        AND (j.state = 'created' OR (j.state = 'retry' AND (j.output->>'idle')::int > j.retry_count))
      RETURNING w.id
    )
    UPDATE ${effect} SET status = 'withheld', due_at = NULL
    WHERE id = (SELECT id FROM waiting WHERE due_at IS NOT NULL UNION SELECT id FROM ended)
    RETURNING ${EFFECT_COLUMNS}`,
    [id],
  );
  return row && recordOf(row);
}
