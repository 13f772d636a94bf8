import type { Adapter } from '../adapter.js';
import type { Engine, StateEntry, StateWrite } from '../engine.js';
import type { Conversation } from '../model/conversation.js';
import type { Event } from '../model/event.js';

/** Milliseconds after which a conversation that a human has gone quiet in is the bot's again. */
const HUMAN_FOR_MS = 24 * 3_600_000;

/**
 * Who speaks to the contact. No record: the bot. With a record a human does: the bot has called for one
 * (`takenAt` missing), or one has written at `takenAt`, in epoch milliseconds of the engine's clock.
 */
export interface HumanControl {
  takenAt?: number;
}

/** The kind of state of a conversation that this is. */
export const CONTROL = 'control';

export function readControl(entry: StateEntry | undefined): HumanControl | undefined {
  return entry === undefined ? undefined : (JSON.parse(entry.value) as HumanControl);
}

/**
 * Who speaks after this event: a colleague who writes to the contact takes over, and a conversation that was closed
 * after one had it is the bot's again. A provider that cannot tell us from our colleagues never takes over.
 */
export function controlAfter(heard: Heard, before: HumanControl | undefined): HumanControl | undefined {
  if (isColleague(heard)) return { takenAt: heard.surroundings.engine.clock.now() };
  if (
    before?.takenAt !== undefined &&
    heard.event.name === 'conversation.updated' &&
    heard.conversation?.status === 'closed'
  ) {
    return undefined;
  }
  return before;
}

/** What is looked at only where it matters: most events decide nothing. */
interface Heard {
  readonly event: Event;
  readonly conversation: Conversation | undefined;
  readonly adapter: Adapter;
  readonly surroundings: { readonly engine: Pick<Engine, 'clock'> };
}

function isColleague(heard: Heard): boolean {
  const { event, adapter } = heard;
  if (event.name !== 'message.sent' || heard.conversation?.kind === 'team') return false;
  const { author } = event.message;
  const me = adapter.selfId?.();
  return (
    author.role === 'agent' &&
    author.self !== true &&
    author.id !== undefined &&
    me !== undefined &&
    author.id !== me
  );
}

/** What to store, or undefined if nothing changed. */
export function controlWrite(
  conversationId: string,
  control: HumanControl | undefined,
  stored: StateEntry | undefined,
  now: number,
): StateWrite | undefined {
  const value = control === undefined ? undefined : JSON.stringify(control);
  if (value === stored?.value) return undefined;
  return {
    scope: conversationId,
    kind: CONTROL,
    value,
    version: stored?.version ?? 0,
    expiresAt: now + HUMAN_FOR_MS,
  };
}
