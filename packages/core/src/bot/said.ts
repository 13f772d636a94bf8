import type { EffectRecord } from '../effect.js';
import type { Engine } from '../engine.js';
import type { ErrorCode } from '../errors.js';
import { ParleyError } from '../errors.js';
import type { Id } from '../model/id.js';
import type { Loss } from '../plan.js';
import type { Receipts } from './receipts.js';
import type { Said, Sent } from './types.js';

/** What was said, with the way to ask what became of it. */
export class SaidEffects implements Said {
  readonly effects: readonly EffectRecord[];
  readonly losses: readonly Loss[];
  readonly withheld: 'human' | undefined;
  readonly #engine: Engine;
  readonly #receipts: Receipts;

  constructor(
    { engine, receipts }: { engine: Engine; receipts: Receipts },
    effects: readonly EffectRecord[],
    losses: readonly Loss[],
    withheld?: 'human',
  ) {
    this.#engine = engine;
    this.#receipts = receipts;
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

  async delivered({ signal }: { signal?: AbortSignal } = {}): Promise<Sent> {
    const sent = await this.sent();
    const { conversationId, messageIds } = sent;
    if (conversationId === undefined || messageIds.length < this.effects.length) {
      throw new ParleyError(
        'ERR_UNSUPPORTED',
        'delivered: the provider does not tell the ids of its messages',
      );
    }
    for (const messageId of messageIds) {
      const receipt = await this.#receipts.wait(this.#engine, conversationId, messageId, signal);
      if (receipt.status !== 'failed') continue;
      const why = receipt.reason === undefined ? '' : `: ${receipt.reason}`;
      throw new ParleyError('ERR_REJECTED', `Accepted by the provider, but not delivered${why}`);
    }
    return sent;
  }

  async cancel(): Promise<boolean> {
    let all = this.effects.length > 0;
    // The last one first: what leaves meanwhile is the beginning, not a piece out of the middle.
    for (const { effect } of [...this.effects].reverse()) {
      if (!(await this.#engine.cancel(effect.id))) all = false;
    }
    return all;
  }
}

function notSent({ error, status, effect }: EffectRecord): ParleyError {
  if (status === 'withheld') {
    const why = 'Not sent: it was cancelled, or a human took the conversation first';
    return new ParleyError('ERR_UNSUPPORTED', why, { account: effect.account });
  }
  const code = (error?.code ?? 'ERR_UNAVAILABLE') as ErrorCode;
  return new ParleyError(code, `Not sent: ${error?.message ?? `it is ${status}`}`, {
    account: effect.account,
  });
}
