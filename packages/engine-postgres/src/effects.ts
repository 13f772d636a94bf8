import type { Effect, EffectRecord } from '@parley/core';
import { ParleyError } from '@parley/core';
import { Batches } from './batches.js';
import { firstOfEach } from './commit.js';
import type { Database } from './database.js';
import type { HeldJob } from './jobs.js';
import { EFFECT_COLUMNS, type EffectRow, PgEffect, recordOf } from './pg-effect.js';
import type { Tables } from './schema.js';
import type { EffectInput } from './store-effects.js';
import { EFFECT_INPUT, effectInput, lanesOf, storeEffects } from './store-effects.js';

/** Effects that this process stored lately, so that delivering them here needs no second look into the database. */
const MOST_KNOWN = 10_000;

interface Adding {
  readonly input: EffectInput;
  /** The turn's job: refused if it is no longer ours. */
  readonly fence: HeldJob | undefined;
}

type Added = 'stored' | 'known' | 'gone';

export interface EffectsOptions {
  database: Database;
  tables: Tables;
  now: () => number;
  /** How long an effect with a key of the application's is remembered. */
  keyedTtlMs: number;
  /** Something joined these lanes. */
  onLeaving: (lanes: readonly string[]) => void;
}

/** Effects on their way into the database. */
export class Effects {
  readonly #options: EffectsOptions;
  readonly #adding: Batches<Adding, Added>;
  readonly #known = new Map<string, PgEffect>();

  constructor(options: EffectsOptions) {
    this.#options = options;
    this.#adding = new Batches(200, (batch) => this.#addAll(batch));
  }

  /** Stores an effect; one with the same id that is there already wins. Rejects with ERR_CONFLICT if `fence` is not ours. */
  async add(effect: Effect, fence?: HeldJob): Promise<EffectRecord> {
    const record = new PgEffect(effect);
    const input = this.inputOf(record, fence);
    const added = await this.#adding.add({ input, fence });
    if (added === 'gone') {
      throw new ParleyError('ERR_CONFLICT', 'This turn was taken over; what this try still does is refused');
    }
    if (added === 'known') return (await this.find(effect.id)) ?? record;
    if (input.step) record.settle('sent');
    else this.know(record);
    return record;
  }

  inputOf(record: PgEffect, fence: HeldJob | undefined): EffectInput {
    const { now, keyedTtlMs } = this.#options;
    return effectInput(record, fence?.job, now(), keyedTtlMs);
  }

  know(record: PgEffect): void {
    this.#known.set(record.effect.id, record);
    if (this.#known.size <= MOST_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** As this process stored it, if it is not long ago. */
  known(id: string): PgEffect | undefined {
    return this.#known.get(id);
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  async find(id: string): Promise<EffectRecord | undefined> {
    const [row] = await this.read([id]);
    return row && recordOf(row);
  }

  /** What is stored of these effects; those that are unknown or expired are missing. */
  read(ids: readonly string[]): Promise<EffectRow[]> {
    const { database, tables, now } = this.#options;
    return database.run<EffectRow>(
      `SELECT ${EFFECT_COLUMNS} FROM ${tables.effect}
        WHERE id = ANY($1::text[]) AND (status = 'queued' OR NOT keyed OR expires_at > $2::bigint)`,
      [ids, now()],
    );
  }

  async #addAll(batch: readonly Adding[]): Promise<Added[]> {
    const { database, tables, now, onLeaving } = this.#options;
    const inputs = firstOfEach(batch.map(({ input, fence }) => ({ ...input, fetches: fence?.fetches })));
    const rows = await database.run<{ id: string; stored: boolean }>(addEffects(tables), [
      JSON.stringify(inputs),
      now(),
    ]);
    onLeaving(lanesOf(inputs));
    const answers = new Map(rows.map(({ id, stored }) => [id, stored]));
    const jobs = new Set(inputs.map(({ job }) => job));
    return batch.map(({ input }) => {
      const stored = answers.get(input.id);
      if (stored === undefined) return 'gone';
      return stored && jobs.has(input.job) ? 'stored' : 'known';
    });
  }
}

/** One row for each effect that was not refused: of a turn that is not ours, none is stored. */
function addEffects(tables: Tables): string {
  const columns = EFFECT_INPUT.replace(')', ', fetches int)');
  return `WITH input AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS x${columns}
    ), allowed AS MATERIALIZED (
      SELECT * FROM input WHERE fetches IS NULL OR EXISTS (
        SELECT FROM ${tables.inbox} j WHERE j.name = 'inbox' AND j.id = turn AND j.state = 'active' AND j.retry_count = fetches
      )
    ), ${storeEffects(tables, 'allowed', '$2::bigint')}
    SELECT allowed.id, stored.id IS NOT NULL AS stored FROM allowed LEFT JOIN stored USING (id)`;
}
