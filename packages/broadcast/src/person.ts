import type { Contact, Id } from '@parley/core';
import { isParleyError } from '@parley/core';
import type { IncomingTurn } from './broadcast-bot.js';
import { reachesOfConversation } from './reached.js';
import { change, type Place, read, type StateAccess } from './state-access.js';

/** What a contact's record says may change: it is asked for again after so long. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** ... and where it says nothing yet, sooner. */
const NOTHING_KEPT_MS = 3_600_000;

export function addressesPlace(conversationId: Id): Place {
  return { scope: conversationId, kind: 'addresses' };
}

/**
 * The phone numbers and e-mail addresses of the person who writes: those that a campaign reached, and those of the contact, who is
 * asked for once for each conversation. A provider that cannot be asked now is asked again with the next message.
 */
export async function addressesOf(state: StateAccess, turn: IncomingTurn): Promise<readonly string[]> {
  const { conversationId } = turn;
  if (conversationId === undefined) return [];
  const known = await read<string[]>(state, addressesPlace(conversationId));
  if (known !== undefined) return distinct([...(await reachedOf(state, turn)), ...known]);
  try {
    return await addressesNow(state, turn);
  } catch (error) {
    if (!isParleyError(error)) throw error;
    return reachedOf(state, turn);
  }
}

/**
 * As `addressesOf`, as they are now.
 *
 * @throws what the provider says if it cannot be asked
 */
export async function addressesNow(state: StateAccess, turn: IncomingTurn): Promise<readonly string[]> {
  const { conversationId, adapter } = turn;
  if (conversationId === undefined || adapter.contacts === undefined) return reachedOf(state, turn);
  const told = await toldBy(turn, conversationId);
  const expiresAt = state.clock.now() + (told.length > 0 ? KEPT_MS : NOTHING_KEPT_MS);
  await change<string[]>(state, addressesPlace(conversationId), () => ({ value: told, expiresAt }));
  return distinct([...(await reachedOf(state, turn)), ...told]);
}

/** Where campaigns have reached them: the one that this event answers, and those of this conversation. */
export async function reachedOf(
  state: StateAccess,
  { event, conversationId }: Pick<IncomingTurn, 'event' | 'conversationId'>,
): Promise<string[]> {
  if (conversationId === undefined) return [];
  const answered = 'campaign' in event && event.campaign !== undefined ? [event.campaign.to.value] : [];
  const reached = await reachesOfConversation(state, conversationId);
  return [...answered, ...reached.map(({ to }) => to)];
}

/** What the provider tells of whoever writes. A message need not say who its author is: then its conversation does. */
async function toldBy(turn: IncomingTurn, conversationId: Id): Promise<string[]> {
  const { adapter, message, signal } = turn;
  const author = message?.author.role === 'contact' ? message.author.id : undefined;
  const asked =
    author === undefined
      ? await unlessGone(adapter.conversations?.get(conversationId, { signal }))
      : undefined;
  const conversation = asked ?? turn.conversation;
  const contactId = conversation?.contactId ?? author;
  const contact =
    contactId === undefined ? undefined : await unlessGone(adapter.contacts?.get(contactId, { signal }));
  return addressesIn(conversation, contact);
}

/** What is gone tells nothing. */
async function unlessGone<T>(found: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isParleyError(error, 'ERR_NOT_FOUND')) return undefined;
    throw error;
  }
}

function addressesIn(conversation: IncomingTurn['conversation'], contact: Contact | undefined): string[] {
  const { contactPhone, contactEmail } = conversation ?? {};
  const { phone, email, identities = [] } = contact ?? {};
  const written = [contactPhone, contactEmail, phone, email, ...identities.map(({ value }) => value)];
  // A provider's own ids on the web are nobody's address elsewhere.
  return distinct(written.filter((value) => value !== undefined && /^\+\d|@/.test(value)) as string[]);
}

function distinct(addresses: readonly string[]): string[] {
  return [...new Set(addresses)];
}
