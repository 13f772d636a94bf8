import type { Addressee, Effect, EffectRecord } from '@parley/core';
import { isParleyError } from '@parley/core';
import { ChunkWork, effectIdOf } from './chunk-work.js';
import { contentsFor } from './contents.js';
import { ACCOUNT_WIDE, type Drive } from './drive.js';
import { isWithheld } from './leaving.js';
import { dropLetters, reasonOf } from './letters.js';
import type { Learned } from './outcomes.js';
import { type Reach, reachOf, rememberAddress, rememberConversation } from './reached.js';
import { takeEarly } from './receipts.js';
import { haveOptedOut } from './recipient.js';
import { tell } from './tell.js';
import { Window } from './window.js';

/** Milliseconds until the engine is asked again when it refuses for the moment. */
const AGAIN_MS = 1000;

/** Writes to one person after the other, each once. Returns when the run is over, or no longer ours. */
export async function runByPerson(drive: Drive): Promise<void> {
  if (await drive.reachTime()) {
    await drive.change(({ startedAt }) => ({
      state: 'running',
      startedAt: startedAt ?? drive.parts.store.isoNow(),
    }));
    await tell(drive, 'campaign.started');
    while (drive.header.done < drive.header.chunks && (await drive.allowed())) await sendWhileAllowed(drive);
  }
  if (drive.signal.aborted) return;
  const isDone = drive.header.done >= drive.header.chunks;
  // Before it is over: who goes on with a run that is over tells nothing any more.
  if (isDone) await tell(drive, 'campaign.completed');
  if (!drive.signal.aborted) await drive.end(isDone ? 'completed' : 'canceled');
}

/** Goes through the chunks, with a bounded number of messages under way. When it returns, none is, or the run is another's. */
async function sendWhileAllowed(drive: Drive): Promise<void> {
  const { header, parts } = drive;
  const window = new Window(parts.window);
  const progress = new Progress(drive);
  for (let chunk = header.done; chunk < header.chunks && drive.isAllowed; chunk += 1) {
    const work = await ChunkWork.begin(drive, chunk);
    progress.begun(work);
    for (const place of work.places) {
      await drive.whileOurs(window.enter());
      if (!drive.isAllowed) {
        window.leave();
        break;
      }
      void sendTo(drive, work, place).then((learned) => {
        if (learned !== undefined) progress.learn(work, learned);
        window.leave();
      });
    }
  }
  await drive.whileOurs(window.empty());
  await drive.whileOurs(progress.rest());
}

/** The chunks under way; nothing is kept of those that are done. */
class Progress {
  readonly #drive: Drive;
  readonly #works = new Set<ChunkWork>();
  readonly #finishing = new Set<Promise<void>>();
  /** Done, while one before is not. */
  readonly #finished = new Set<number>();

  /** Percent. */
  #told: number;

  constructor(drive: Drive) {
    this.#drive = drive;
    this.#told = Math.floor((100 * drive.header.done) / drive.header.chunks);
  }

  begun(work: ChunkWork): void {
    this.#works.add(work);
    if (work.isDone) this.#finish(work);
  }

  learn(work: ChunkWork, learned: Learned): void {
    work.learn(learned);
    if (work.isDone) this.#finish(work);
  }

  /** Nothing is under way any more: what was learned is stored, and what has not begun is free to begin later. */
  async rest(): Promise<void> {
    await Promise.all(this.#finishing);
    if (this.#drive.signal.aborted) return;
    for (const work of this.#works) await work.rest();
  }

  #finish(work: ChunkWork): void {
    const finishing = this.#store(work).finally(() => this.#finishing.delete(finishing));
    this.#finishing.add(finishing);
    finishing.catch(() => {});
  }

  async #store(work: ChunkWork): Promise<void> {
    await this.#drive.untilDone(() => work.rest());
    this.#works.delete(work);
    this.#finished.add(work.chunk);
    await this.#drive.untilDone(() => this.#drive.change(({ done }) => this.#doneAfter(done)));
    const { done, chunks } = this.#drive.header;
    for (const chunk of this.#finished) if (chunk < done) this.#finished.delete(chunk);
    const percent = Math.floor((100 * done) / chunks);
    if (percent <= this.#told) return;
    this.#told = percent;
    await tell(this.#drive, 'campaign.progress', percent);
  }

  #doneAfter(done: number): { done: number } | undefined {
    let next = done;
    while (this.#finished.has(next)) next += 1;
    return next === done ? undefined : { done: next };
  }
}

/** What became of one person's message; undefined if that is for another process to find out. Never rejects. */
async function sendTo(drive: Drive, work: ChunkWork, place: number): Promise<Learned | undefined> {
  for (let tries = work.triesOf(place); ; ) {
    try {
      const recipient = await work.recipient(place);
      if (recipient === undefined) return { place, outcome: 'excluded', reason: 'erased' };
      const record = await settled(
        drive,
        effectFor(drive, effectIdOf(drive, work.chunk, place, tries), recipient),
      );
      if (record.status === 'failed') await dropLetters(drive.parts.engine, record);
      if (isWithheld(record)) {
        tries += 1;
        const [hasOptedOut] = await haveOptedOut(drive.parts.suppressions, [recipient]);
        if (hasOptedOut === true) return { place, tries, outcome: 'excluded', reason: 'opted_out' };
        await drive.refresh();
        if (!drive.isAllowed) return { place, tries };
        continue;
      }
      if (isAccountWide(drive, record, tries)) {
        await drive.pauseBecause(reasonOf(record));
        return { place, tries: tries + 1 };
      }
      if (record.status !== 'sent') return { place, ...outcomeOf(record) };
      drive.hasSent = true;
      if ((await work.recipient(place)) === undefined) return { place, outcome: 'sent' };
      await remember(drive, work.chunk, place, recipient, record);
      const { conversationId, messageId } = record;
      if (conversationId === undefined || messageId === undefined) return { place, outcome: 'sent' };
      return { place, outcome: 'sent', ...(await takeEarly(drive.parts.store, conversationId, messageId)) };
    } catch (error) {
      if (drive.signal.aborted || isParleyError(error, 'ERR_ABORTED')) return undefined;
      if (isParleyError(error, 'ERR_NOT_FOUND')) return { place, outcome: 'excluded', reason: 'erased' };
      if (isParleyError(error, 'ERR_UNSUPPORTED') || isParleyError(error, 'ERR_CONFIG'))
        return { place, outcome: 'failed', reason: error.message };
      await drive.pause(AGAIN_MS);
    }
  }
}

async function settled(drive: Drive, effect: Effect): Promise<EffectRecord> {
  const { engine } = drive.parts;
  const record = await engine.enqueue(effect);
  return record.status === 'queued' ? engine.settled(effect.id) : record;
}

function effectFor(drive: Drive, id: string, recipient: Addressee): Effect {
  const { header, adapter, parts } = drive;
  const { to, name } = recipient;
  const limits = adapter.messages?.accepts ?? { text: {} };
  const { contents, offered } = contentsFor(header.template, header.provider, limits, recipient);
  return {
    id,
    keyed: true,
    account: header.account,
    lane: `${header.account}:${to.value}`,
    action: { kind: 'open', request: { to: { ...to, ...(name !== undefined && { name }) }, contents } },
    createdAt: parts.store.isoNow(),
    ...(offered !== undefined && { offered }),
  };
}

/** So many refusals of what the account may not do, each after a resume, are about the person: others may get it. */
const REFUSED_FOR_GOOD = 3;

/** True if everybody would be refused so. */
function isAccountWide({ hasSent }: Drive, { status, error }: EffectRecord, tries: number): boolean {
  if (status !== 'failed' || error === undefined) return false;
  if (error.code === 'ERR_AUTHENTICATION') return true;
  if (tries + 1 >= REFUSED_FOR_GOOD) return false;
  // Options do not become wrong in the middle: once somebody has got it, it is about the person.
  return error.code === 'ERR_CONFIG' ? !hasSent : ACCOUNT_WIDE.has(error.code);
}

function outcomeOf(record: EffectRecord): Omit<Learned, 'place'> {
  const { status, error } = record;
  switch (status) {
    case 'failed':
      return { outcome: 'failed', reason: reasonOf(record) };
    case 'withheld':
      return { outcome: 'canceled', reason: 'withheld' };
    default:
      return { outcome: 'unknown', reason: error?.message ?? 'The provider never answered' };
  }
}

/** So that receipts and answers find the run, from whichever account they come. */
async function remember(
  drive: Drive,
  chunk: number,
  place: number,
  { to }: Addressee,
  { conversationId, messageId }: EffectRecord,
): Promise<void> {
  const { store, attributionDays } = drive.parts;
  const reach: Reach = reachOf(drive.header, chunk, place, store.isoNow());
  if (conversationId !== undefined) reach.conversationId = conversationId;
  const remembering = [rememberAddress(store.state, to.value, reach, attributionDays)];
  if (conversationId !== undefined) {
    const inConversation = { ...reach, to: to.value, ...(messageId !== undefined && { messageId }) };
    remembering.push(rememberConversation(store.state, conversationId, inConversation));
  }
  await Promise.all(remembering);
}
