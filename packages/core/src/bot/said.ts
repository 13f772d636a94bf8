import type { EffectRecord } from '../effect.js';
import type { Engine } from '../engine.js';
import type { ErrorCode } from '../errors.js';
import { ParleyError } from '../errors.js';
import type { Id } from '../model/id.js';
import type { Loss } from '../plan.js';
import type { Said, Sent } from './types.js';

/** What was said, with the way to ask what became of it. */
export class SaidEffects implements Said {
  readonly effects: readonly EffectRecord[];
  readonly losses: readonly Loss[];
  readonly withheld: 'human' | undefined;
  readonly #engine: Engine;

  constructor(engine: Engine, effects: readonly EffectRecord[], losses: readonly Loss[], withheld?: 'human') {
    this.#engine = engine;
    this.withheld = withheld;
    this.effects = effects;
    this.losses = losses;
  }

  async sent(): Promise<Sent> {
    const messageIds: Id[] = [];
    let conversationId: Id | undefined;
    for (const queued of this.effects) {
      const record = queued.status === 'queued' ? await this.#engine.settled(queued.effect.id) : queued;
      if (record.status !== 'sent') throw notSent(record);
      const { action } = record.effect;
      conversationId ??=
        record.conversationId ?? ('conversationId' in action ? action.conversationId : undefined);
      if (record.messageId !== undefined) messageIds.push(record.messageId);
    }
    return { conversationId, messageIds };
  }
}

function notSent({ error, status, effect }: EffectRecord): ParleyError {
  if (status === 'withheld') {
    const why = 'Not sent: a human took the conversation before this message left';
    return new ParleyError('ERR_UNSUPPORTED', why, { account: effect.account });
  }
  const code = (error?.code ?? 'ERR_UNAVAILABLE') as ErrorCode;
  return new ParleyError(code, `Not sent: ${error?.message ?? `it is ${status}`}`, {
    account: effect.account,
  });
}
