import { setTimeout } from 'node:timers/promises';
import type { Addressee } from '@parley/core';
import { suppressionKey, toAddress } from './address.js';
import { HEARD_WITHIN_MS } from './driver.js';
import { learn, outcomeAt } from './outcomes.js';
import { addressesPlace } from './person.js';
import { conversationPlace, forgetAddress, reachesOfAddress } from './reached.js';
import { isOver, type RunHeader } from './run-header.js';
import { change, type StateAccess } from './state-access.js';
import { RunStore } from './store.js';

/** What is left to do once a person is taken out of runs. */
export interface ErasedFromRuns {
  /** In so many runs the person was. */
  runs: number;
  /** Under these something may wait for them in the engine: hand them to its `erase`. */
  scopes: string[];
}

/**
 * Takes a person out of all runs that are kept: who they were, what became of their message, and what attribution knows. Who has not been
 * written to yet gets nothing. For a process that has no bot; see `Broadcast.erase`. If a run of theirs is not over, it takes two seconds
 * longer: until whoever sends knows.
 *
 * That the address is on the suppression list stays, so that nobody writes to it again.
 *
 * @param state an engine, or a running bot's operations with a clock
 * @throws ERR_CONFIG if there can be no such address
 */
export function eraseFromRuns(state: StateAccess, address: string): Promise<ErasedFromRuns> {
  return eraseAddress(new RunStore(state), address, [], () => setTimeout(HEARD_WITHIN_MS));
}

/**
 * As `eraseFromRuns`.
 *
 * @param accounts of the bot; those of the runs count in any case
 * @param heard resolves when whoever drives these runs knows that they were changed
 */
export async function eraseAddress(
  store: RunStore,
  address: string,
  accounts: readonly string[],
  heard: (runs: readonly string[]) => Promise<unknown>,
): Promise<ErasedFromRuns> {
  const value = toAddress(address);
  const key = suppressionKey(value);
  const written = new Set([address.trim(), value, key]);
  const senders = new Set(accounts);
  let runs = 0;
  const goingOn: string[] = [];
  for (const { id } of await store.list()) {
    const header = await store.header(id);
    if (header === undefined) continue;
    senders.add(header.account);
    const forms: string[] = [];
    for (let chunk = 0; chunk < header.chunks; chunk += 1)
      forms.push(...(await eraseInChunk(store, header, chunk, key)));
    if (forms.length === 0) continue;
    for (const form of forms) written.add(form);
    await store.changeHeader(id, ({ erasures = 0 }) => ({ erasures: erasures + 1 }));
    runs += 1;
    if (!isOver(header)) goingOn.push(id);
  }
  // Whoever sends must not remember them anew.
  if (goingOn.length > 0) await heard(goingOn);
  for (const form of written) await forgetReaches(store.state, form);
  return {
    runs,
    scopes: [...senders].flatMap((account) => [...written].map((form) => `${account}:${form}`)),
  };
}

async function forgetReaches(state: StateAccess, address: string): Promise<void> {
  for (const { conversationId } of await reachesOfAddress(state, address)) {
    if (conversationId === undefined) continue;
    for (const place of [conversationPlace(conversationId), addressesPlace(conversationId)])
      await change(state, place, (known) => (known === undefined ? undefined : { value: null }));
  }
  await forgetAddress(state, address);
}

/** The forms in which the address stood there. */
async function eraseInChunk(
  store: RunStore,
  header: RunHeader,
  chunk: number,
  key: string,
): Promise<string[]> {
  const recipients = await store.recipients(header, chunk);
  const places = recipients.flatMap(({ to, also }, place) =>
    suppressionKey(to.value) === key || also === key ? [place] : [],
  );
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
