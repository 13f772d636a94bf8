import type { EffectRecord } from '../effect.js';
import type { Engine } from '../engine.js';
import type { ErrorCode } from '../errors.js';
import { ParleyError } from '../errors.js';
import type { Loss } from '../plan.js';
import type { Said } from './types.js';

/** What was said, with the way to ask what became of it. */
export class SaidEffects implements Said {
  readonly effects: readonly EffectRecord[];
  readonly losses: readonly Loss[];
  readonly #engine: Engine;

  constructor(engine: Engine, effects: readonly EffectRecord[], losses: readonly Loss[]) {
    this.#engine = engine;
    this.effects = effects;
    this.losses = losses;
  }

  async sent(): Promise<readonly EffectRecord[]> {
    const settled: EffectRecord[] = [];
    for (const record of this.effects) {
      settled.push(record.status === 'queued' ? await this.#engine.settled(record.effect.id) : record);
    }
    for (const record of settled) {
      if (record.status === 'sent') continue;
      const code = (record.error?.code ?? 'ERR_UNAVAILABLE') as ErrorCode;
      const why = record.error?.message ?? `it is ${record.status}`;
      throw new ParleyError(code, `Not sent: ${why}`, { account: record.effect.account });
    }
    return settled;
  }
}
