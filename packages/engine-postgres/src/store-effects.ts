import { insertJobs, nextPlace } from './jobs.js';
import type { PgEffect } from './pg-effect.js';
import type { Tables } from './schema.js';

/** Milliseconds for which a settled effect is remembered that nobody gave a key: for who waits for it, or asks a moment later. */
export const SETTLED_TTL_MS = 15 * 60_000;

/** An effect on its way into the database: the columns of `EFFECT_INPUT`. */
export interface EffectInput {
  id: string;
  /** The job of the turn that decided it: it is kept as long as that may run again. */
  turn: string | undefined;
  job: string;
  lane: string;
  body: string;
  keyed: boolean;
  step: boolean;
  /** Epoch milliseconds. */
  due: number | undefined;
  expires: number;
}

export const EFFECT_INPUT = `(id text, turn uuid, job uuid, lane text, body text, keyed boolean, step boolean, due bigint,
  expires bigint)`;

export function effectInput(
  { effect, job }: PgEffect,
  turn: string | undefined,
  now: number,
  keyedTtlMs: number,
): EffectInput {
  const { id, lane, keyed = false, action, notBefore } = effect;
  const at = notBefore === undefined ? 0 : Date.parse(notBefore);
  return {
    id,
    turn,
    job,
    lane,
    body: JSON.stringify(effect),
    keyed,
    step: action.kind === 'step',
    due: at > now ? at : undefined,
    expires: now + (keyed ? keyedTtlMs : SETTLED_TTL_MS),
  };
}

/**
 * Parts of a WITH: `stored` are the effects of the part called `from` that no other one with the same id precedes, and
 * `leaving` gives each of them a job, but for those that never leave (steps) or leave later. `$now` is an expression.
 */
export function storeEffects(tables: Tables, from: string, now: string): string {
  return `stored AS (
      INSERT INTO ${tables.effect} AS e (id, turn_job, lane, body, keyed, status, due_at, expires_at)
      SELECT id, turn, lane, body, keyed, CASE WHEN step THEN 'sent' ELSE 'queued' END, due, expires FROM ${from}
      ON CONFLICT (id) DO UPDATE SET body = excluded.body, status = excluded.status, due_at = excluded.due_at,
        expires_at = excluded.expires_at, attempts = 0, message_id = NULL, conversation_id = NULL, error = NULL
      WHERE e.keyed AND e.status <> 'queued' AND e.expires_at <= ${now}
      RETURNING id
    ), ${nextPlace(tables)}, leaving AS (
      ${insertJobs(tables, 'outbox', {
        id: 'i.job',
        data: 'to_jsonb(i.id)',
        place: 'place.at',
        lane: 'i.lane',
        acceptedAt: now,
      })}
      FROM ${from} i JOIN stored USING (id), place
      WHERE NOT i.step AND i.due IS NULL
    )`;
}

/** The lanes that these go into at once. */
export function lanesOf(inputs: readonly EffectInput[]): string[] {
  return inputs.filter(({ step, due }) => !step && due === undefined).map(({ lane }) => lane);
}
