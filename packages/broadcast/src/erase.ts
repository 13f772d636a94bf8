import type { Addressee } from '@parley/core';
import { suppressionKey } from './address.js';
import { learn, outcomeAt } from './outcomes.js';
import { addressesPlace } from './person.js';
import { conversationPlace, forgetAddress, reachesOfAddress } from './reached.js';
import type { RunHeader } from './run-header.js';
import { change } from './state-access.js';
import type { RunStore } from './store.js';

/**
 * Takes a person out of all runs that are kept: who they were and what became of their message. Who has not been written to yet
 * gets nothing. Returns the lanes of the engine in which something may wait for them. That the address is on the suppression list stays, so that nobody writes to it again.
 */
export async function eraseAddress(
  store: RunStore,
  accounts: readonly string[],
  address: string,
): Promise<string[]> {
  const key = suppressionKey(address.trim());
  const written = new Set([address.trim(), key]);
  for (const { id } of await store.list()) {
    const header = await store.header(id);
    if (header === undefined) continue;
    let found = false;
    for (let chunk = 0; chunk < header.chunks; chunk += 1) {
      const values = await eraseInChunk(store, header, chunk, key);
      for (const value of values) written.add(value);
      found ||= values.length > 0;
    }
    if (found) await store.changeHeader(id, ({ erasures = 0 }) => ({ erasures: erasures + 1 }));
  }
  for (const { conversationId } of await reachesOfAddress(store.state, address.trim())) {
    if (conversationId === undefined) continue;
    for (const place of [conversationPlace(conversationId), addressesPlace(conversationId)]) {
      await change(store.state, place, (known) => (known === undefined ? undefined : { value: null }));
    }
  }
  await forgetAddress(store.state, address.trim());
  return accounts.flatMap((account) => [...written].map((value) => `${account}:${value}`));
}

/** The forms in which the address stood there. */
async function eraseInChunk(
  store: RunStore,
  header: RunHeader,
  chunk: number,
  key: string,
): Promise<string[]> {
  const recipients = await store.recipients(header, chunk);
  const places = recipients.flatMap(({ to }, place) => (suppressionKey(to.value) === key ? [place] : []));
  if (places.length === 0) return [];
  // First the outcome: whoever begins this chunk now must not write to nobody.
  await store.changeOutcomes(header, chunk, recipients.length, (outcomes) => {
    const waiting = places.filter((place) => outcomeAt(outcomes, place) === 'waiting');
    const reasons = { ...outcomes.reasons };
    const answers = { ...outcomes.answers };
    for (const place of places) {
      delete reasons[place];
      delete answers[place];
    }
    const without = { ...outcomes, reasons, answers };
    return (
      learn(
        without,
        waiting.map((place) => ({ place, outcome: 'excluded' as const, reason: 'erased' })),
      ) ?? without
    );
  });
  await store.changeRecipients(header, chunk, (known) =>
    known.map((recipient, place): Addressee => (places.includes(place) ? nobody(recipient) : recipient)),
  );
  return places.map((place) => (recipients[place] as Addressee).to.value);
}

function nobody({ to: { channel } }: Addressee): Addressee {
  return { to: { channel, value: '' }, values: {} };
}
