import type { Attribution } from '@parley/core';
import { suppressionKey } from './address.js';
import type { RunHeader } from './run-header.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** That a campaign wrote to a person, and which recipient of the run it is. */
export interface Reach extends Attribution {
  plan: string;
  chunk: number;
  place: number;
  /** Epoch milliseconds: of the run. */
  expiresAt: number;
  conversationId?: string;
}

/** What a conversation keeps of it, so that receipts find their recipient. */
export interface ConversationReach extends Reach {
  to: string;
  /** The provider's id of the message, once it is known. */
  messageId?: string;
}

/** The latest campaigns that are remembered for a person. */
const MOST = 5;

const DAY_MS = 24 * 3_600_000;

export function reachOf(header: RunHeader, chunk: number, place: number, at: string): Reach {
  const { campaign, id, account, plan, expiresAt } = header;
  return { campaign, run: id, account, at, plan, chunk, place, expiresAt };
}

function addressPlace(address: string): Place {
  return { scope: `reached/${suppressionKey(address)}`, kind: 'campaigns' };
}

export function conversationPlace(conversationId: string): Place {
  return { scope: conversationId, kind: 'campaigns' };
}

/** Remembers it for whoever writes to any account from this address. */
export async function rememberAddress(
  state: StateAccess,
  address: string,
  reach: Reach,
  days: number,
): Promise<void> {
  const expiresAt = Math.max(Date.parse(reach.at), state.clock.now()) + days * DAY_MS;
  await change<Reach[]>(state, addressPlace(address), (known = []) => ({
    value: withReach(known, reach),
    expiresAt,
  }));
}

/** Remembers it for receipts, and for answers in the same conversation. */
export async function rememberConversation(
  state: StateAccess,
  conversationId: string,
  reach: ConversationReach,
): Promise<void> {
  await change<ConversationReach[]>(state, conversationPlace(conversationId), (known = []) => ({
    value: withReach(known, reach),
    expiresAt: Math.max(reach.expiresAt, ...known.map((one) => one.expiresAt)),
  }));
}

function withReach<R extends Reach>(known: readonly R[], reach: R): R[] {
  return [reach, ...known.filter(({ run }) => run !== reach.run)].slice(0, MOST);
}

/** Newest first. */
export async function reachesOfAddress(state: StateAccess, address: string): Promise<readonly Reach[]> {
  return (await read<Reach[]>(state, addressPlace(address))) ?? [];
}

/** Newest first. */
export async function reachesOfConversation(
  state: StateAccess,
  conversationId: string,
): Promise<readonly ConversationReach[]> {
  return (await read<ConversationReach[]>(state, conversationPlace(conversationId))) ?? [];
}

export async function forgetAddress(state: StateAccess, address: string): Promise<void> {
  await change<Reach[]>(state, addressPlace(address), (known) =>
    known === undefined ? undefined : { value: null },
  );
}

export function toAttribution({ campaign, run, account, at }: Reach): Attribution {
  return { campaign, run, account, at };
}

/** True while an answer is still one to it. */
export function isRecent({ at }: Reach, now: number, days: number): boolean {
  return now - Date.parse(at) < days * DAY_MS;
}
