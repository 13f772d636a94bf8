import type {
  Adapter,
  Conversation,
  Effect,
  Engine,
  Event,
  Id,
  Message,
  Said,
  Sayable,
  SendOptions,
} from '@parley/core';

/** The part of a turn that broadcasts look at. */
export interface IncomingTurn {
  readonly event: Event;
  readonly adapter: Adapter;
  readonly message: Message | undefined;
  readonly conversation: Pick<Conversation, 'contactId' | 'contactPhone' | 'contactEmail'> | undefined;
  readonly conversationId: Id | undefined;
  readonly text: string;
  readonly choice: { value: string; label?: string } | undefined;
  readonly signal: AbortSignal;
}

/** The part of a bot that broadcasts are built on. */
export interface BroadcastBot {
  readonly accounts: Readonly<Record<string, Adapter>>;
  readonly engine: Engine;
  readonly state: 'created' | 'running' | 'draining' | 'closed';
  incoming(middleware: (turn: IncomingTurn, next: () => Promise<void>) => unknown): unknown;
  leaving(check: (effect: Effect) => Promise<string | undefined>): unknown;
  say(conversationId: Id, content: Sayable, options?: SendOptions): Promise<Said>;
}
