import { type Addressee, type Campaign, isParleyError, type RecipientResult } from '@parley/core';
import { suppressionKey } from './address.js';
import type { Drive } from './drive.js';
import { note } from './native-effect.js';
import type { Native } from './native-runner.js';
import { type Learned, learn, outcomeAt } from './outcomes.js';
import { reachOf, rememberAddress } from './reached.js';
import { isOver } from './run-header.js';
import { statusOf } from './run-status.js';

const FIRST_LOOK_MS = 2000;
const LATER_LOOK_MS = 5 * 60_000;
/** After so long without anything new, nothing more is expected. */
const QUIET_MS = 48 * 3_600_000;
/** Addresses that are written down at once. */
const AT_ONCE = 50;

/** Asks how far a campaign has come that the provider sends, also for a while after everybody has got it. */
export async function followCampaign(native: Native): Promise<void> {
  const { drive, port } = native;
  const { store } = drive.parts;
  await rememberEverybody(drive);
  const places = new Places();
  const { native: earlier } = drive.header;
  // Whoever paused it may have ended before it was resumed.
  let applied = earlier?.paused === true ? undefined : 'go';
  // Once it has ended, every start of the bot goes on with the same two days.
  let changedAt = (isOver(drive.header) ? earlier?.newsAt : undefined) ?? store.now();
  let askedAt = changedAt;
  for (let wait = FIRST_LOOK_MS; !drive.signal.aborted; wait = Math.min(wait * 1.5, LATER_LOOK_MS)) {
    const { wanted, native: progress } = drive.header;
    const id = progress?.campaignId ?? '';
    const shall = wanted === 'go' ? 'go' : 'pause';
    if (!isOver(drive.header) && shall !== applied) {
      if (shall === 'pause') await note(drive, { paused: true });
      await drive.untilDone(async () => (shall === 'go' ? port.resume?.(id) : port.pause?.(id)));
      if (drive.signal.aborted) return;
      if (shall === 'go') await note(drive, { paused: undefined });
      applied = shall;
    }
    if (!isOver(drive.header) && wanted === 'cancel') return drive.end('canceled');
    const campaign = await ask(drive, () => port.find(native.draft, { signal: drive.signal }));
    if (drive.signal.aborted) return;
    if (campaign !== undefined) {
      // Who fails late need be in no total. The longer nothing was new, the more seldom everybody is asked for.
      const now = store.now();
      const isDue = now - askedAt >= askedAt - changedAt;
      if (isDue) askedAt = now;
      if (await learnAll(native, campaign, places, isDue)) {
        changedAt = store.now();
        askedAt = changedAt;
        wait = FIRST_LOOK_MS;
        await note(drive, { newsAt: changedAt });
      }
    }
    if (store.now() - changedAt >= QUIET_MS) break;
    await drive.pause(wait);
  }
  if (!drive.signal.aborted && !isOver(drive.header)) await drive.end('completed');
}

/**
 * True if something is known that was not before.
 *
 * @param isDue asks for single people also without news
 */
async function learnAll(
  { drive, port, draft }: Native,
  campaign: Campaign,
  places: Places,
  isDue: boolean,
): Promise<boolean> {
  const before = drive.header.native?.counts;
  const { counts } = campaign;
  const names = ['sent', 'delivered', 'read', 'failed'] as const;
  const isNew = names.some((name) => counts[name] !== before?.[name]) || before === undefined;
  if (isNew) await drive.change(({ native }) => ({ native: { ...native, counts } }));
  let learned: boolean | undefined;
  // Until everybody's fate is known also without news: totals need not tell of those who cannot be reached.
  if (port.results !== undefined && (isNew || isDue || !isOver(drive.header))) {
    learned = await ask(drive, () => learnResults(drive, places, port.results?.(draft, campaign.id) ?? []));
  }
  if (!isOver(drive.header) && (await isEverybodyDone(drive, campaign))) await drive.end('completed');
  return isNew || learned === true;
}

/** What fails of a run that has ended costs no more than what it would have told: it is asked for again with the next look. */
async function ask<T>(drive: Drive, work: () => Promise<T>): Promise<T | undefined> {
  if (!isOver(drive.header)) return drive.untilDone(work);
  try {
    return await work();
  } catch (error) {
    if (!isParleyError(error)) throw error;
    return undefined;
  }
}

async function isEverybodyDone({ header, parts }: Drive, { state }: Campaign): Promise<boolean> {
  if (state === 'running' || state === 'paused') return false;
  return state === 'done' || (await statusOf(parts.store, header)).waiting === 0;
}

/** Answers may come to any account. */
async function rememberEverybody(drive: Drive): Promise<void> {
  const { store, attributionDays } = drive.parts;
  while (drive.header.done < drive.header.chunks && !drive.signal.aborted) {
    const { header } = drive;
    const chunk = header.done;
    const recipients = await store.recipients(header, chunk);
    const outcomes = await store.outcomes(header, chunk);
    const at = header.startedAt ?? store.isoNow();
    const remember = async (recipient: Addressee, place: number): Promise<void> => {
      if (outcomes !== undefined && outcomeAt(outcomes, place) === 'excluded') return;
      await rememberAddress(
        store.state,
        recipient.to.value,
        reachOf(header, chunk, place, at),
        attributionDays,
      );
    };
    for (let first = 0; first < recipients.length; first += AT_ONCE) {
      const some = recipients.slice(first, first + AT_ONCE);
      await Promise.all(some.map((recipient, index) => remember(recipient, first + index)));
    }
    await drive.change(({ done }) => ({ done: Math.max(done, chunk + 1) }));
  }
}

/** Where in the run an address is; read when it is first asked. */
class Places {
  #byAddress: Map<string, { chunk: number; place: number }> | undefined;
  readonly sizes: number[] = [];

  async of(drive: Drive): Promise<ReadonlyMap<string, { chunk: number; place: number }>> {
    if (this.#byAddress !== undefined) return this.#byAddress;
    const found = new Map<string, { chunk: number; place: number }>();
    for (let chunk = 0; chunk < drive.header.chunks; chunk += 1) {
      const recipients = await drive.parts.store.recipients(drive.header, chunk);
      this.sizes[chunk] = recipients.length;
      for (const [place, { to }] of recipients.entries())
        found.set(suppressionKey(to.value), { chunk, place });
    }
    this.#byAddress = found;
    return found;
  }
}

/** True if something of it was not known before. */
async function learnResults(
  drive: Drive,
  places: Places,
  results: AsyncIterable<RecipientResult> | Iterable<RecipientResult>,
): Promise<boolean> {
  const known = await places.of(drive);
  const byChunk = new Map<number, Learned[]>();
  let isNew = false;
  for await (const { to, status, reason, answer } of results) {
    const at = known.get(suppressionKey(to.value));
    if (at === undefined) continue;
    const learned: Learned = { place: at.place, afterSent: true };
    if (status !== undefined) learned.outcome = status;
    else if (reason === 'not_on_channel') learned.outcome = 'failed';
    if (reason !== undefined) learned.reason = reason;
    if (answer !== undefined) learned.answer = answer.label;
    const list = byChunk.get(at.chunk);
    if (list === undefined) byChunk.set(at.chunk, [learned]);
    else list.push(learned);
  }
  for (const [chunk, learned] of byChunk) {
    const size = places.sizes[chunk] ?? 0;
    await drive.parts.store.changeOutcomes(drive.header, chunk, size, (outcomes) => {
      const after = learn(outcomes, learned);
      isNew ||= after !== undefined;
      return after;
    });
  }
  return isNew;
}
