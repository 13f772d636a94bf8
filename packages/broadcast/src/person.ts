import type { Contact, Id } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { IncomingTurn } from './broadcast-bot.js';
import { reachesOfConversation } from './reached.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** What a contact's record says may change: it is asked for again after so long. */
const KEPT_MS = 30 * 24 * 3_600_000;

export function addressesPlace(conversationId: Id): Place {
  return { scope: conversationId, kind: 'addresses' };
}

/**
 * The phone numbers and e-mail addresses of the person who writes: those that a campaign reached in this conversation, and those of
 * the contact, who is asked for once for each conversation.
 */
export async function addressesOf(state: StateAccess, turn: IncomingTurn): Promise<readonly string[]> {
  const { conversationId } = turn;
  if (conversationId === undefined) return [];
  const reached = await reachesOfConversation(state, conversationId);
  const known = await read<string[]>(state, addressesPlace(conversationId));
  const ofContact = known ?? (await asked(state, turn, conversationId));
  return [...new Set([...reached.map(({ to }) => to), ...ofContact])];
}

async function asked(state: StateAccess, turn: IncomingTurn, conversationId: Id): Promise<string[]> {
  const { adapter, conversation, message, signal } = turn;
  const author = message?.author.role === 'contact' ? message.author.id : undefined;
  const contactId = conversation?.contactId ?? author;
  if (adapter.contacts === undefined || contactId === undefined) return [];
  let addresses: string[] = [];
  try {
    addresses = addressesIn(await adapter.contacts.get(contactId, { signal }));
  } catch (error) {
    // What passes is asked again with the next message; a contact that is gone has no address.
    if (!isParleyError(error, 'ERR_NOT_FOUND')) return [];
  }
  const expiresAt = state.clock.now() + KEPT_MS;
  await change<string[]>(state, addressesPlace(conversationId), () => ({ value: addresses, expiresAt }));
  return addresses;
}

function addressesIn({ phone, email, identities }: Contact): string[] {
  const written = [phone, email, ...identities.map(({ value }) => value)];
  // A provider's own ids on the web are nobody's address elsewhere.
  return [...new Set(written.filter((value) => value !== undefined && /^\+\d|@/.test(value)))] as string[];
}
