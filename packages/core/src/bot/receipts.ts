import type { Clock } from '../clock.js';
import type { Engine, StateEntry, StateWrite } from '../engine.js';
import { ParleyError } from '../errors.js';
import type { Event } from '../model/event.js';
import type { Id } from '../model/id.js';

/** What the provider told about a message after it had accepted it. */
export interface Receipt {
  status: 'delivered' | 'read' | 'failed';
  /** ISO 8601, UTC. */
  at: string;
  /** Why it failed, in the provider's words. */
  reason?: string;
}

/** Milliseconds for which a receipt is kept: whoever waits for one longer waits for nothing. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** Milliseconds between two looks for a receipt that another process may have stored. */
const LOOK_MS = 1000;

const RANK: Readonly<Record<Receipt['status'], number>> = { failed: 1, delivered: 2, read: 3 };

/** The kind of state of a conversation that a message's receipt is. */
export function receiptKind(messageId: Id): string {
  return ['receipt', messageId].join(':');
}

/** The message that this event is a receipt for, if it is one of the provider's. */
export function receiptFor(event: Event): { messageId: Id; receipt: Receipt } | undefined {
  const { at } = event;
  switch (event.name) {
    case 'message.delivered':
      return { messageId: event.messageId, receipt: { status: 'delivered', at } };
    case 'message.read':
      return { messageId: event.messageId, receipt: { status: 'read', at } };
    case 'message.failed': {
      // One that the provider never had has no id there.
      if (event.native === OWN_FAILURE) return undefined;
      const receipt: Receipt = { status: 'failed', at };
      if (event.reason !== undefined) receipt.reason = event.reason;
      return { messageId: event.messageId, receipt };
    }
    case 'message.updated': {
      const { id: messageId, direction, status } = event.message;
      if (direction !== 'out' || (status !== 'delivered' && status !== 'read' && status !== 'failed')) {
        return undefined;
      }
      return { messageId, receipt: { status, at } };
    }
    default:
      return undefined;
  }
}

/** What `message.failed` is called natively when we gave up, and not the provider. */
export const OWN_FAILURE = 'parley.failed';

/** What to store, or undefined if more is known already: receipts may come in any order. */
export function receiptWrite(
  conversationId: Id,
  messageId: Id,
  receipt: Receipt,
  stored: StateEntry | undefined,
  now: number,
): StateWrite | undefined {
  if (stored !== undefined && RANK[readReceipt(stored).status] >= RANK[receipt.status]) return undefined;
  return {
    scope: conversationId,
    kind: receiptKind(messageId),
    value: JSON.stringify(receipt),
    version: stored?.version ?? 0,
    expiresAt: now + KEPT_MS,
  };
}

function readReceipt(entry: StateEntry): Receipt {
  return JSON.parse(entry.value) as Receipt;
}

type Wake = () => void;

/** Those in this process who wait for receipts. */
export class Receipts {
  readonly #waiting = new Map<Id, Set<Wake>>();

  /** A receipt is about to be stored. */
  came(messageId: Id): void {
    for (const wake of this.#waiting.get(messageId) ?? []) wake();
  }

  /** Resolves when the message has reached the contact's device, or has certainly not. */
  async wait(engine: Engine, conversationId: Id, messageId: Id, signal?: AbortSignal): Promise<Receipt> {
    for (;;) {
      if (signal?.aborted) {
        throw new ParleyError('ERR_ABORTED', 'Nobody waits for the delivery any more', {
          cause: signal.reason,
        });
      }
      const entry = await engine.readState(conversationId, receiptKind(messageId));
      if (entry !== undefined) return readReceipt(entry);
      await this.#next(engine.clock, messageId, signal);
    }
  }

  #next(clock: Clock, messageId: Id, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(messageId) ?? new Set<Wake>();
      this.#waiting.set(messageId, waiting);
      const look = clock.schedule(LOOK_MS, () => wake());
      const wake = (): void => {
        look.cancel();
        signal?.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(messageId);
        resolve();
      };
      waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
