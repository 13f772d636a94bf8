import type { StateWrite } from '@parley/core';
import type { CommitOutcome } from '@parley/core/lanes';
import type { Database, Run } from './database.js';
import type { HeldJob } from './jobs.js';
import { stillHeld } from './jobs.js';
import { isTakenBack } from './refusal.js';
import type { Tables } from './schema.js';
import { changeState, STATE_INPUT } from './state.js';
import { EFFECT_INPUT, type EffectInput, storeEffects } from './store-effects.js';
import { TIMER_INPUT, type TimerInput, writeTimers } from './timers.js';

/** Everything that a turn decided. */
export interface TurnCommit extends HeldJob {
  lane: string;
  writes: readonly StateWrite[];
  effects: readonly EffectInput[];
  timers: readonly TimerInput[];
}

/**
 * Ends turns, each with all that it decided. Together in one statement where nobody interferes, which is nearly always; if
 * somebody does, everything is taken back and each turn is tried alone, to learn whose fault it is.
 */
export async function commitTurns(
  database: Database,
  tables: Tables,
  turns: readonly TurnCommit[],
  now: number,
): Promise<CommitOutcome[]> {
  try {
    await endTurns(database.run, tables, turns, now, true);
    return turns.map(() => 'done');
  } catch (error) {
    if (!isTakenBack(error)) throw error;
  }
  const outcomes: CommitOutcome[] = [];
  for (const turn of turns) outcomes.push(await commitTurn(database, tables, turn, now));
  return outcomes;
}

function commitTurn(
  database: Database,
  tables: Tables,
  turn: TurnCommit,
  now: number,
): Promise<CommitOutcome> {
  return database.transaction(async (run) => {
    const { ended, changed } = await endTurns(run, tables, [turn], now, false);
    if (ended === 0) return { keep: false, result: 'gone' };
    if (changed !== turn.writes.length) return { keep: false, result: 'conflict' };
    return { keep: true, result: 'done' };
  });
}

/** `strict`: takes everything back by an error if any of it is refused. */
async function endTurns(
  run: Run,
  tables: Tables,
  turns: readonly TurnCommit[],
  now: number,
  strict: boolean,
): Promise<{ ended: number; changed: number }> {
  const writes = turns.flatMap((turn) => turn.writes);
  const effects = firstOfEach(turns.flatMap((turn) => turn.effects));
  const timers = turns.flatMap((turn) => turn.timers);
  const has = { state: writes.length > 0, effects: effects.length > 0, timers: timers.length > 0, strict };
  const [counts] = await run<{ ended: number; changed: number }>(statementFor(tables, has), [
    JSON.stringify(turns.map(({ job, fetches }) => ({ job, fetches }))),
    now,
    ...(has.state ? [JSON.stringify(writes)] : []),
    ...(has.effects ? [JSON.stringify(effects)] : []),
    ...(has.timers ? [JSON.stringify(timers)] : []),
    ...(strict ? [turns.length, writes.length] : []),
  ]);
  return counts ?? { ended: 0, changed: 0 };
}

interface Parts {
  state: boolean;
  effects: boolean;
  timers: boolean;
  strict: boolean;
}

/** Only the parts that are needed: most turns write no timers, many no state. */
function statementFor(tables: Tables, has: Parts): string {
  let values = 2;
  const value = (): string => {
    values += 1;
    return `$${values}`;
  };
  const parts = [
    `turn AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS x(job uuid, fetches int))`,
    `ended AS (
      DELETE FROM ${tables.inbox} j USING turn WHERE ${stillHeld('inbox', 'j', 'turn')} RETURNING j.id
    )`,
  ];
  if (has.state) {
    parts.push(
      `write AS MATERIALIZED (SELECT * FROM json_to_recordset(${value()}::json) AS x${STATE_INPUT})`,
    );
    parts.push(changeState(tables, 'write', '$2::bigint'));
  }
  if (has.effects) {
    parts.push(
      `effect AS MATERIALIZED (SELECT * FROM json_to_recordset(${value()}::json) AS x${EFFECT_INPUT})`,
    );
    parts.push(storeEffects(tables, 'effect', '$2::bigint'));
  }
  if (has.timers) {
    parts.push(
      `timer AS MATERIALIZED (SELECT * FROM json_to_recordset(${value()}::json) AS x${TIMER_INPUT})`,
    );
    parts.push(writeTimers(tables, 'timer'));
  }
  const ended = `(SELECT count(*)::int FROM ended)`;
  const changed = has.state ? `(SELECT count(*)::int FROM changed)` : '0';
  const fine = has.strict
    ? `1 / CASE WHEN ${ended} = ${value()}::int AND ${changed} = ${value()}::int THEN 1 ELSE 0 END`
    : '1';
  return `WITH ${parts.join(', ')}
    SELECT ${ended} AS ended, ${changed} AS changed, $2::bigint AS now, ${fine} AS fine`;
}

/** A statement cannot store two effects of one id: the first one wins. */
export function firstOfEach<T extends { id: string }>(effects: readonly T[]): T[] {
  const firsts = new Map<string, T>();
  for (const effect of effects) if (!firsts.has(effect.id)) firsts.set(effect.id, effect);
  return firsts.size === effects.length ? [...effects] : [...firsts.values()];
}
